import { describe, expect, test } from 'vitest';
import type { NativeCycle } from '../../lib/control/native-loop/native-cycle.ts';
import { nativeLoop } from '../../lib/control/native-loop/native-loop.ts';
import type { Observation } from '../../lib/control/observation.ts';
import { type PidAction, type PidOptions, pid } from '../../lib/control/policies/pid.ts';
import { SharedRing } from '../../lib/control/native-loop/shared-ring.ts';
import { createRandom } from '../../lib/base/random.ts';
import { systemClock } from '../../lib/control/clock.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const LIMIT = 1e9;
type Options = PidOptions<Observation> & { measure: number };
const gains: Options = { kp: 1, setpoint: 0.5, interval: 2, measure: 1, limits: { min: -LIMIT, max: LIMIT } };

/**
 * A loop of 1000 Hz that a pid runs, on random observations of two values, for so many cycles in which it was asked.
 */
function run(options: Options, count: number, values: (random: () => number) => number[]) {
  const [observations, actions] = [new SharedRing({ width: 2 }), new SharedRing({ width: 1 })];
  const random = createRandom(1);
  const pushed: Observation<Float64Array>[] = [];
  const push = () => {
    const row = { at: systemClock.now(), values: Float64Array.from(values(random)) };
    pushed.push(row);
    observations.push(row);
  };
  push();
  const cycles: NativeCycle[] = [];
  const loop = nativeLoop({
    hz: 1000,
    controller: pid(options),
    observations,
    actions,
    inputs: 2,
    limits: [{ min: -2 * LIMIT, max: 2 * LIMIT }],
    fallback: [7],
    maxAgeMs: 60_000,
  });
  return new Promise<{ cycles: NativeCycle[]; readings: Observation[] }>((resolve, reject) => {
    const timer = setInterval(push, 1);
    const subscription = loop.subscribe({
      next: (cycle) => {
        actions.takeNewest();
        if (cycle.reason !== 'late') cycles.push(cycle); // a late one is not asked
        if (cycles.length < count) return;
        subscription.unsubscribe();
        clearInterval(timer);
        // Which row a cycle took is told by its time, which a ring keeps to a microsecond.
        const nearest = ({ tEvent = 0 }: NativeCycle) =>
          pushed.reduce((best, row) => (Math.abs(row.at - tEvent) < Math.abs(best.at - tEvent) ? row : best));
        resolve({ cycles, readings: cycles.map(nearest) });
      },
      error: reject,
    });
  });
}

const noisy = (random: () => number) => [9, 4 * random() - 2];

describe('a native pid', () => {
  test.each<[string, Partial<Options>, ((random: () => number) => number[])?]>([
    ['of all its terms', { kp: 1.5, ki: 40, kd: 0.02 }],
    ['with a smoothing of its own', { kp: 0.3, kd: 0.5, smoothing: 15 }],
    ['that saturates, so that the integral stands still', { kp: 1, ki: 200, limits: { min: -0.5, max: 0.75 } }],
    ['with a rate', { kp: 2, ki: 10, kd: 0.01, limits: { min: -2, max: 2, maxRate: 30 } }],
    ['that takes over', { kp: 1, ki: 20, initial: 0.25, limits: { min: -1, max: 1, maxRate: 50 } }],
    ['with a feed-forward', { kp: -1, ki: -3, feedForward: 0.125 }],
    ['of gains that are all 0', { kp: 0 }],
    ['that gets stuck and recovers', { kp: 1, ki: 5, kd: 1, stuckAfter: 3 }, (random) => [9, Math.floor(random() * 2)]],
    ['that overflows', { kp: 1e300, ki: 1e300, kd: 1e300 }, (random) => [9, 1e9 * (random() - 0.5)]],
  ])('%s gives the numbers of that in JavaScript, to the bit', async (_, options, values = noisy) => {
    const all = { ...gains, ...options };
    const { cycles, readings } = await run(all, 120, values);
    const decide = pid<Observation>(all).start();
    const answers: PidAction[] = readings.map((reading) => decide(reading));
    const bounded = (value: number) => Math.max(-2 * LIMIT, Math.min(2 * LIMIT, value));
    const wanted = answers.map(({ action, held }) => (held ? ['undecided', 7] : [undefined, bounded(action)]));
    // On a busy machine an answer may come too late; the pid has stepped all the same.
    const told = cycles.map(({ reason, action }, k) => (reason === 'overrun' ? wanted[k] : [reason, action[0]]));
    expect(told).toEqual(wanted);
    expect(new Set(readings).size).toBeGreaterThan(1);
  });

  test('refuses options that are not data, in a sentence', () => {
    const rings = { observations: new SharedRing({ width: 2 }), actions: new SharedRing({ width: 1 }) };
    const rest = { hz: 100, ...rings, inputs: 2, limits: [{ min: -1, max: 1 }], fallback: [0] };
    const cases: [object, RegExp][] = [
      [{ measure: () => 0 }, /the index of the measurement/],
      [{ measure: undefined }, /the index of the measurement/],
      [{ setpoint: () => 0 }, /without functions/],
      [{ feedForward: () => 0 }, /without functions/],
      [{ measure: 2 }, /from 0 to 1 for options\.measure of the pid/],
    ];
    for (const [options, message] of cases) {
      const controller = pid({ ...gains, ...options });
      expect(() => nativeLoop({ ...rest, controller })).toThrow(gatecastError('invalid-argument', message));
    }
    const two = {
      ...rest,
      actions: new SharedRing({ width: 2 }),
      limits: [rest.limits[0]!, rest.limits[0]!],
      fallback: [0, 0],
    };
    expect(() => nativeLoop({ ...two, controller: pid(gains) })).toThrow(
      gatecastError('invalid-argument', /1, as the controller returns/),
    );
  });
});
