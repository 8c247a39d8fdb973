import fc from 'fast-check';
import { of, type OperatorFunction } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { decide } from '../../lib/control/loop/decide.ts';
import { type LqrActions, type LqrOptions, lqr } from '../../lib/control/policies/lqr.ts';
import type { Policy } from '../../lib/control/policies/policy.ts';
import type { Forecast } from '../../lib/model/forecast.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES, THROWING } from '../support/hostile-values.ts';

const gain = [
  [1, 2, 3],
  [0, -1, 0.5],
];

describe('lqr', () => {
  test('is the gain times how far the states are off, by hand', () => {
    expect(lqr({ gain }).start()([1, 1, 2])).toEqual({ action: [-9, 0], limited: false, held: false });
    expect(lqr({ gain, reference: [1, 0, 4] }).start()(Float64Array.of(1, 1, 2)).action).toEqual([4, 2]);
  });

  test('a scalar integrator costs the golden ratio', () => {
    // x' = x + u with Q = R = 1: the Riccati equation p = 1 + p - p^2 / (1 + p) gives p = (1 + sqrt 5) / 2, K = p / (1 + p).
    const golden = (1 + Math.sqrt(5)) / 2;
    const take = lqr({ gain: [[golden / (1 + golden)]] }).start();
    let [x, cost] = [3, 0];
    for (let k = 0; k < 60; k++) {
      const u = take([x]).action[0]!;
      cost += x * x + u * u;
      x += u;
    }
    expect(cost).toBeCloseTo(golden * 9, 10);
  });

  test('spends on a double integrator what the solution of its Riccati equation says', () => {
    // scipy.linalg.solve_discrete_are for A = [[1, 1], [0, 1]], B = [[0.5], [1]], Q = I, R = 1; x'P x from [3, -1].
    const K = [[0.4344832432759556, 1.0284659329503845]];
    const take = lqr({ gain: K, reference: [10, 0] }).start();
    let [position, speed, cost] = [13, -1, 0];
    for (let k = 0; k < 200; k++) {
      const u = take([position, speed]).action[0]!;
      cost += (position - 10) ** 2 + speed ** 2 + u ** 2;
      [position, speed] = [position + speed + u / 2, speed + u];
    }
    expect(cost).toBeCloseTo(17.18319241335687, 10);
  });

  test('reads states and reference from an input', () => {
    interface Reading {
      x: number[];
      wanted: number[];
    }
    const take = lqr<Reading>({ gain: [[2]], state: ({ x }) => x, reference: ({ wanted }) => wanted }).start();
    expect([1, 5].map((wanted) => take({ x: [2], wanted: [wanted] }).action[0])).toEqual([-2, 6]);
  });

  test('takes the values of an observation for the states', () => {
    const take = lqr<{ at: number; values: ArrayLike<number> }>({ gain: [[2, 1]] }).start();
    expect(take({ at: 0, values: Float64Array.of(3, 1) }).action).toEqual([-7]);
  });

  test('keeps each action in its own limits', () => {
    const limits = [
      { min: -1, max: 2 },
      { min: -10, max: 10, maxRate: 1 },
    ];
    const take = lqr({ gain: [[1], [1]], limits, interval: '2s' }).start();
    expect([0, -5, 5].map((x) => take([x]))).toEqual([
      { action: [0, 0], limited: false, held: false },
      { action: [2, 2], limited: true, held: false },
      { action: [-1, 0], limited: true, held: false },
    ]);
  });

  test('holds all actions for values that are not finite', () => {
    const take = lqr({
      gain,
      limits: [
        { min: 1, max: 9 },
        { min: -9, max: 9 },
      ],
    }).start();
    expect(take([Number.NaN, 0, 0])).toEqual({ action: [1, 0], limited: false, held: true });
    expect(take([-2, -1, 0]).action).toEqual([4, -1]);
    for (const states of [[0, Number.NaN, 0], [Number.POSITIVE_INFINITY, 0, 0], [0, '1' as never, 0], new Array(3)]) {
      expect(take(states)).toEqual({ action: [4, -1], limited: false, held: true });
    }
    expect(take([-2, 1, 0])).toMatchObject({ action: [1, 1], limited: true, held: false });
  });

  test('each start has a fresh memory', () => {
    const policy = lqr({ gain: [[1]], limits: [{ min: -9, max: 9, maxRate: 1 }], interval: '1s' });
    for (let k = 0; k < 2; k++) {
      const take = policy.start();
      expect([-5, -9].map((x) => take([x]).action[0])).toEqual([5, 6]);
    }
  });

  test('leaves its gain and reference as they were', () => {
    const options = { gain: [[1, 2]], reference: [1, 1] };
    const take = lqr(options).start();
    options.gain[0]![0] = 100;
    options.reference[1] = 100;
    expect(take([0, 0]).action).toEqual([3]);
  });

  test('gives no NaN and nothing beyond the limits in 100,000 inputs', () => {
    const odd = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 1e300, -1e300, Number.POSITIVE_INFINITY, 0, 1));
    const states = fc.array(odd, { minLength: 2, maxLength: 2 });
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1, -1e308));
    const row = fc.array(number, { minLength: 2, maxLength: 2 });
    let tried = 0;
    fc.assert(
      fc.property(
        row,
        row,
        fc.option(fc.constant('1s')),
        fc.array(states, { minLength: 50, maxLength: 50 }),
        (K, reference, interval, inputs) => {
          const limits = { min: -2, max: 3, ...(interval && { maxRate: 1 }) };
          const range = interval ? { limits: [limits], interval } : { limits: [limits] };
          const [bounded, free] = [
            lqr({ gain: [K], reference, ...range }).start(),
            lqr({ gain: [K], reference }).start(),
          ];
          for (const input of inputs) {
            const action = bounded(input).action[0]!;
            if (!(action >= -2 && action <= 3)) throw new Error(`${input.join()} gave ${action}`);
            if (!Number.isFinite(free(input).action[0])) throw new Error(`${input.join()} gave what is not finite`);
            tried++;
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(tried).toBeGreaterThanOrEqual(100_000);
  });

  test('refuses meaningless options', () => {
    const refused = (options: unknown, message: RegExp) =>
      expect(() => lqr(options as LqrOptions<number[]>)).toThrow(gatecastError('invalid-argument', message));
    refused({}, /options\.gain/);
    refused({ gain: [] }, /options\.gain/);
    refused({ gain: [[1], [1, 2]] }, /1 numbers, as in its first row, for options\.gain\[1\]/);
    refused({ gain: [[Number.NaN]] }, /options\.gain\[0\]\[0\].*NaN/);
    refused({ gain, reference: [1] }, /3 numbers, one for each state, for options\.reference/);
    refused({ gain, limits: [{ min: 0, max: 1 }] }, /limits for each of 2 actions/);
    refused({ gain: [[1]], limits: [{ min: 1, max: 0 }] }, /options\.limits\[0\]\.max/);
    refused({ gain: [[1]], limits: [{ min: 0, max: 1, maxRate: 1 }] }, /more than 0 ms.*interval.*undefined/);
    refused({ gain: [[1]], interval: 0 }, /more than 0 ms.*interval/);
    refused({ gain: [[1]], state: 1 }, /a function.*state/);
    for (const [name, make] of HOSTILE_VALUES) {
      if (!THROWING.has(name)) refused(make(), /./);
    }
  });

  test('refuses states and references of another length', () => {
    const take = lqr({ gain: [[1, 2]] }).start();
    expect(() => take([1])).toThrow(gatecastError('invalid-shape', /a list of 2 for the states.*length 1/));
    expect(() => take(3 as never)).toThrow(gatecastError('invalid-shape', /a list of 2 for the states.*3/));
    const wanting = lqr({ gain: [[1, 2]], reference: () => [1] }).start();
    expect(() => wanting([1, 2])).toThrow(gatecastError('invalid-shape', /the reference/));
    expect(take([1, 0]).action).toEqual([-1]);
  });

  test('decides on a stream', () => {
    const seen: LqrActions[] = [];
    of([1], [2])
      .pipe(decide(lqr({ gain: [[3]] })))
      .subscribe((decided) => seen.push(decided));
    expect(seen.map(({ action }) => action)).toEqual([[-3], [-6]]);
  });

  test('types', () => {
    expectTypeOf(lqr({ gain })).toExtend<Policy<ArrayLike<number>, LqrActions>>();
    expectTypeOf(decide(lqr({ gain, state: ({ mean }: Forecast) => mean }))).toEqualTypeOf<
      OperatorFunction<Forecast, LqrActions>
    >();
    // @ts-expect-error a gain has rows
    expect(() => lqr({ gain: [1] })).toThrow(gatecastError('invalid-argument', /gain/));
  });
});
