import { take } from 'rxjs';
import { expect, test } from 'vitest';
import type { CycleReason } from '../../lib/control/control-cycle.ts';
import { controlLoop } from '../../lib/control/loop/control-loop.ts';
import type { ControlLoopOptions } from '../../lib/control/loop/loop-options.ts';
import type { Observation } from '../../lib/control/observation.ts';
import { VirtualClock } from '../../lib/control/virtual-clock.ts';

/** The same pseudo-random numbers in [0, 1) for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const fuzzed = Number(process.env['GATECAST_CYCLES'] ?? 100_000);

test.each([1, 2])(
  `no action leaves the limits in ${fuzzed} cycles of wrong observations, seed %i`,
  { timeout: 600_000 },
  (seed) => {
    const random = randomNumbers(seed);
    const pick = <T>(...choices: T[]) => choices[Math.floor(random() * choices.length)]!;
    const clock = new VirtualClock(1.8e12);
    const hz = 250;
    const limits = [
      { min: -1, max: 1, maxRate: 25 }, // 0.1 a cycle
      { min: 0, max: 1e6 },
      { min: -1e-3, max: 2e-3, maxRate: 1e-2 },
    ];
    const odd = () => pick(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300, -0, 5e-324);
    const value = () => (random() < 0.2 ? odd() : (random() - 0.5) * 10 ** Math.floor(random() * 12 - 6));
    const values = (n: number) => Array.from({ length: n }, value);
    let stuck: Observation = { at: clock.now(), values: [0, 0] };
    // Faults come in spells, and spells without any let the loop recover.
    let spell = 0;
    let calm = true;
    const observe = () => {
      if (spell-- <= 0) [spell, calm] = [Math.floor(random() * 40), random() < 0.5];
      if (calm) return (stuck = { at: clock.now() - random(), values: [random(), random()] });
      return pick<() => unknown>(
        () => undefined,
        () => stuck,
        () => ({ at: clock.now() - 50 * random(), values: values(2) }),
        () => ({ at: odd(), values: values(2) }),
        () => ({ at: clock.now(), values: values(Math.floor(random() * 4)) }),
        () => {
          throw new Error('no contact');
        },
      )() as Observation;
    };
    const decide: ControlLoopOptions['decide'] = () => {
      if (calm) return [random() - 0.5, 1e5 * random(), 1e-3 * random()];
      if (random() < 0.1) clock.spend(20 * random());
      return random() < 0.1 ? values(Math.floor(random() * 5)) : { action: values(3), iterations: value() };
    };
    const [degradeAfter, recoverAfter] = [3, 5];
    let previous: Float64Array | undefined;
    const sent = new Array<number>(3).fill(0);
    const wrong: unknown[] = [];
    const tally: Record<string, number> = {};
    let [cycleCount, nextSeq, goodInARow, badInARow, status] = [0, 0, 0, 0, 'warming'];
    const loop = controlLoop({
      hz,
      observe,
      decide,
      inputs: [
        { min: -5, max: 5 },
        { min: -1e9, max: 1e9 },
      ],
      fallback: () => (random() < 0.5 ? values(3) : [0, 0, 0]),
      limits,
      degradeAfter,
      recoverAfter,
      clock,
      start: [0, 0, 0],
      stop: [0, 0, 0],
      act: (action) => {
        if (cycleCount < fuzzed && random() < 0.01) throw new Error('no contact'); // stop gets through
        const before = previous;
        previous = action;
        limits.forEach(({ min, max, maxRate = Number.POSITIVE_INFINITY }, i) => {
          const now = action[i]!;
          sent[i]!++;
          if (!(now >= min && now <= max)) wrong.push([cycleCount, i, now]);
          if (before !== undefined && cycleCount < fuzzed && !(Math.abs(now - before[i]!) <= maxRate / hz + 1e-12)) {
            wrong.push([cycleCount, i, before[i], now]);
          }
        });
      },
    });
    const cycle$ = loop.pipe(take(fuzzed));
    cycle$.subscribe(({ seq, missed, tDue, tOut, deadlineMet, source, reason, errors, ...cycle }) => {
      cycleCount++;
      // What a cycle must report, from the schedule and its neighbours.
      if (seq !== nextSeq + missed) wrong.push(['a gap of the schedule', seq, nextSeq, missed]);
      nextSeq = seq + 1;
      if (
        deadlineMet !== tOut <= 1.8e12 + (seq + 1) * (1000 / hz) ||
        Math.abs(tDue - 1.8e12 - (seq * 1000) / hz) > 1e-3
      ) {
        wrong.push(['the deadline', seq, tOut, deadlineMet]);
      }
      const good = source === 'model' && deadlineMet && reason === undefined;
      if (source !== 'model' && reason === undefined) wrong.push(['no reason', seq]);
      if (errors.length > 0 && reason === undefined) wrong.push(['errors without a reason', seq]);
      if (missed > 0) [goodInARow, badInARow] = [0, badInARow + missed];
      if (badInARow >= degradeAfter) status = 'degraded';
      [goodInARow, badInARow] = good ? [goodInARow + 1, 0] : [0, badInARow + 1];
      if (goodInARow >= recoverAfter) status = 'running';
      if (badInARow >= degradeAfter) status = 'degraded';
      if (cycle.status !== status) wrong.push(['the status', seq, cycle.status, status]);
      const kind = reason ?? (deadlineMet ? 'good' : 'late');
      tally[kind] = (tally[kind] ?? 0) + 1;
      tally[cycle.status] = (tally[cycle.status] ?? 0) + 1;
    });
    while (clock.waited) clock.run(clock.now() + 1000);
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(cycleCount).toBe(fuzzed);
    expect(Math.min(...sent)).toBeGreaterThan(0.95 * fuzzed);
    // Everything that can go wrong did.
    const reasons: (CycleReason | 'good')[] = [
      ...(['good', 'missing', 'malformed', 'stale', 'wrong-length', 'not-finite', 'out-of-range'] as const),
      ...(['observe-threw', 'bad-action', 'overrun', 'act-threw'] as const),
    ];
    for (const each of [...reasons, 'running', 'degraded']) expect(tally[each], each).toBeGreaterThan(fuzzed / 10_000);
  },
);
