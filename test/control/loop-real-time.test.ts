import { describe, expect, test } from 'vitest';
import { systemClock } from '../../lib/control/clock.ts';
import type { ControlCycle } from '../../lib/control/control-cycle.ts';
import { controlLoop } from '../../lib/control/loop/control-loop.ts';

test('in real time every miss under a blocked event loop is flagged', async () => {
  const period = 5;
  const began = process.hrtime.bigint();
  const acts: number[] = []; // [ms since `began`], by a clock of its own
  const elapsed = () => Number(process.hrtime.bigint() - began) / 1e6;
  // What comes between the two looks makes the difference less.
  const epoch = Math.max(...Array.from({ length: 1000 }, () => systemClock.now() - elapsed()));
  const block = (ms: number) => {
    for (const until = elapsed() + ms; elapsed() < until; );
  };
  const cycles: ControlCycle[] = [];
  let blocked = 0;
  await new Promise<void>((resolve) => {
    const subscription = controlLoop({
      hz: 1000 / period,
      observe: () => ({ at: systemClock.now(), values: [0] }),
      inputs: 1,
      decide: (_, { seq }) => {
        if (seq % 17 === 3) block(1.5 * period); // a planner that overruns
        return [0];
      },
      act: () => void acts.push(elapsed()),
      limits: [{ min: -1, max: 1 }],
      fallback: 'hold',
    }).subscribe((cycle) => {
      cycles.push(cycle);
      if (cycles.length % 10 === 5) {
        blocked++;
        setImmediate(() => block((2 + (blocked % 3)) * period)); // something else that holds the event loop
      }
      if (cycles.length === 150) {
        subscription.unsubscribe();
        resolve();
      }
    });
  });
  expect(acts).toHaveLength(150);
  const origin = cycles[0]!.tDue - cycles[0]!.seq * period - epoch;
  const unflagged: unknown[] = [];
  let last = -1;
  cycles.forEach(({ seq, missed, deadlineMet }, i) => {
    // By the independent clock: every place on the schedule has its action inside its period, or is flagged.
    const slot = Math.floor((acts[i]! - origin - 0.05) / period);
    if (slot > seq && deadlineMet) unflagged.push(['late', seq, slot]);
    if (seq - last - 1 !== missed) unflagged.push(['missed', seq, last, missed]);
    if (acts[i]! < origin + seq * period - 0.05) unflagged.push(['early', seq]);
    last = seq;
  });
  expect(unflagged).toEqual([]);
  // A block of two periods or more leaves a place on the schedule empty.
  const gaps = acts.filter((time, i) => i > 0 && time - acts[i - 1]! > 2 * period).length;
  expect(gaps).toBeGreaterThanOrEqual(blocked - 1);
  const flagged = cycles.filter(({ missed, deadlineMet }) => missed > 0 || !deadlineMet).length;
  expect(flagged).toBeGreaterThanOrEqual(gaps);
  expect(cycles.filter(({ reason }) => reason === 'overrun').length).toBeGreaterThan(0);
});

describe('the system clock', () => {
  test('counts from the epoch, wakes once and never early, and can be cancelled', async () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000);
    for (const ahead of [-5, 0, 0.01, 0.5, 3, 12]) {
      const until = systemClock.now() + ahead;
      let within = true;
      const woken = await new Promise<number>((resolve) => {
        systemClock.wait(until, () => {
          expect(within).toBe(false);
          resolve(systemClock.now());
        });
        within = false;
      });
      expect(woken).toBeGreaterThanOrEqual(until);
    }
    let calls = 0;
    const callOffs = [0, 1, 5].map((ahead) => systemClock.wait(systemClock.now() + ahead, () => calls++));
    for (const callOff of callOffs) callOff();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(0);
  });
});
