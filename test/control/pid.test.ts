import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pid, type PidOptions } from '../../lib/control/policies/pid.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES, THROWING } from '../support/hostile-values.ts';

const wide = { min: -1e6, max: 1e6 };
const actions = (options: PidOptions<number>, ...measured: number[]) => {
  const take = pid(options).start();
  return measured.map((value) => take(value).action);
};

describe('pid', () => {
  test('equals its terms computed by hand', () => {
    // Errors 10, 8, 7; integrals over half seconds 5, 9, 12.5; measured slopes 0, 4, 2 a second.
    const options = { kp: 2, ki: 0.1, kd: 0.5, setpoint: 10, interval: '500ms', limits: wide, smoothing: 0 };
    const expected = [20 + 0.5, 16 + 0.9 - 2, 14 + 1.25 - 1];
    for (const [k, action] of actions(options, 0, 2, 3).entries()) expect(action).toBeCloseTo(expected[k]!, 12);
  });

  test('smooths the derivative by one time constant', () => {
    // Backward Euler over a ramp of 1 a second: the slope nears 1 by a factor tau / (tau + dt) = 3/4 a step.
    const ramp = Array.from({ length: 20 }, (_, k) => k);
    const seen = actions({ kd: -1, setpoint: 0, interval: '1s', limits: wide, smoothing: '3s' }, ...ramp);
    for (const [k, action] of seen.entries()) expect(action).toBeCloseTo(1 - 0.75 ** k, 12);
  });

  test('treats a negligible proportional gain as none', () => {
    const options = { kp: 1e-320, ki: 1, kd: 1, setpoint: 1, interval: '1s', limits: wide };
    const take = pid(options).start();
    expect([0, 0.5, 0.2].map((value) => take(value))).toMatchObject([
      { action: 1, held: false },
      { action: 1.5, held: false },
      { action: 2.3, held: false },
    ]);
  });

  test('a new setpoint does not kick the derivative', () => {
    const take = pid<[number, number]>({
      kd: 5,
      setpoint: ([wanted]) => wanted,
      measure: ([, y]) => y,
      interval: '1s',
      limits: wide,
    }).start();
    expect([take([0, 1]), take([100, 1]), take([100, 1])].map(({ action }) => action + 0)).toEqual([0, 0, 0]);
  });

  test('reads the measurement from an observation', () => {
    const options = { kp: 2, setpoint: 1, interval: '1s', limits: wide, measure: 1 };
    const take = pid<{ values: ArrayLike<number> }>(options).start();
    expect(take({ values: [7, 4] })).toMatchObject({ action: -6, error: -3, held: false });
    expect(take({ values: Float64Array.of(7, 0) })).toMatchObject({ action: 2 });
    for (const input of [{ values: [7] }, {}, 7]) expect(take(input as never)).toMatchObject({ action: 2, held: true });
  });

  test('feed-forward adds a known need', () => {
    const options = { setpoint: 0, interval: '1s', limits: { min: 0, max: 5 }, feedForward: (y: number) => 2 * y };
    expect(actions(options, 1, 2, 3)).toEqual([2, 4, 5]);
  });

  test('brings a first-order plant to the setpoint without offset, also with limits', () => {
    // dT/dt = (20 + 100 u - T) / 50: holding 70 takes u = 0.5, whatever the gains.
    for (const maxRate of [10, 0.02]) {
      const take = pid({
        kp: 0.1,
        ki: 0.004,
        setpoint: 70,
        interval: '1s',
        limits: { min: 0, max: 0.9, maxRate },
      }).start();
      let temperature = 20;
      let highest = 0;
      let action = 0;
      for (let second = 0; second < 1500; second++) {
        ({ action } = take(temperature));
        temperature += (20 + 100 * action - temperature) / 50;
        highest = Math.max(highest, temperature);
      }
      expect(temperature).toBeCloseTo(70, 3);
      expect(action).toBeCloseTo(0.5, 4);
      expect(highest).toBeLessThan(80);
    }
  });

  test('brings a first-order plant along the closed form', () => {
    // T' = a T + (1 - a) g u and u = kp (r - T): T nears its end by the factor a - (1 - a) g kp a step.
    const [a, g, kp, r] = [0.9, 4, 0.5, 10];
    const take = pid({ kp, setpoint: r, interval: '1s', limits: wide }).start();
    const factor = a - (1 - a) * g * kp;
    const end = (g * kp * r) / (1 + g * kp);
    let temperature = 0;
    for (let k = 0; k < 40; k++) {
      expect(temperature).toBeCloseTo(end * (1 - factor ** k), 12);
      temperature = a * temperature + (1 - a) * g * take(temperature).action;
    }
  });

  test('takes over from the present action without a bump', () => {
    const options = { kp: 2, ki: 0.5, setpoint: 10, interval: '1s', limits: { min: 0, max: 100 }, initial: 40 };
    // Errors 4 and 3: the integral starts at 40 - 8, and gains half an error a step.
    expect(actions(options, 6, 7)).toEqual([8 + 34, 6 + 35.5]);
    expect(actions({ ...options, feedForward: () => 12 }, 6, 7)).toEqual([42, 41.5]);
    // Limited to 41, the integral stays at 32; then 6 + 33.5 is wanted, and 40 as near as the rate allows.
    const slow = { ...options, limits: { min: 0, max: 100, maxRate: 1 } };
    expect(actions(slow, 6, 7, Number.NaN)).toEqual([41, 40, 40]);
    expect(actions(options, Number.NaN, 6)).toEqual([40, 42]);
  });

  test('takes over at the limited rate if there is no integral', () => {
    const limits = { min: 0, max: 100, maxRate: 5 };
    expect(actions({ kp: 2, setpoint: 10, interval: '1s', limits, initial: 40 }, 0, 0, 0, 0, 0)).toEqual([
      35, 30, 25, 20, 20,
    ]);
  });

  test('an odd first reading is no more than a limit of the integral', () => {
    const options = { kp: 2, ki: 1, setpoint: 10, interval: '1s', limits: { min: 0, max: 5 }, initial: 2 };
    // The integral starts at -5 and gains an error of 1 at each step.
    expect(actions(options, -1e300, 9, 9, 9, 9, 9, 9)).toEqual([5, 0, 0, 0, 1, 2, 3]);
  });

  test('a stuck measurement holds and changes nothing until it moves', () => {
    const options = { kp: 1, ki: 0.5, kd: 1, setpoint: 3, interval: '1s', limits: wide, smoothing: 0, stuckAfter: 3 };
    const take = pid(options).start();
    const outputs = [1, 1, 1, 1, 1, 2].map((value) => take(value));
    expect(outputs.map(({ held }) => held)).toEqual([false, false, true, true, true, false]);
    // Errors 2, 2 and 1 were integrated; the slope starts afresh.
    expect(outputs.map(({ action }) => action)).toEqual([3, 4, 4, 4, 4, 1 + 2.5]);
    expect(outputs[3]).toEqual({ action: 4, error: 2, limited: false, held: true });
  });

  test('is never stuck by default', () => {
    const options = { ki: 1, setpoint: 3, interval: '1s', limits: wide };
    expect(actions(options, ...new Array<number>(1000).fill(2)).at(-1)).toBe(1000);
  });

  test('does not wind up: leaves a limit as soon as the error turns', () => {
    const options = { ki: 1, setpoint: 0, interval: '1s', limits: { min: -1, max: 1 } };
    const seen = actions(options, ...new Array<number>(1000).fill(-5), 0.5, 0.5, 0.5, 0.5);
    expect(seen[999]).toBe(1);
    expect(seen.at(-1)!).toBeLessThan(0);
  });

  test('holds for values that are not finite, and continues as if they had not come', () => {
    const options = { kp: 1, ki: 0.5, kd: 1, setpoint: 3, interval: '1s', limits: wide, smoothing: 0 };
    const take = pid(options).start();
    const [, b, c, d, e] = [1, 2, Number.NaN, Number.POSITIVE_INFINITY, 2].map((value) => take(value));
    expect([c, d]).toMatchObject([
      { action: b!.action, error: undefined, held: true },
      { action: b!.action, error: undefined, held: true },
    ]);
    // Errors 2, 1 and 1 were integrated; the slope starts afresh.
    expect(e).toMatchObject({ action: 1 + 0.5 * 4, held: false });
  });

  test('never leaves the limits, whatever is measured, and recovers', () => {
    const odd = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 1e300, -1e300, Number.POSITIVE_INFINITY, 0));
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 50 }), fc.double({ min: 0, max: 3, noNaN: true }), (measured, maxRate) => {
        const limits = { min: -2, max: 3, maxRate };
        const take = pid({ kp: 3, ki: 1, kd: 0.5, setpoint: 1, interval: '100ms', limits }).start();
        let before: number | undefined;
        for (const value of measured) {
          const { action } = take(value);
          expect(action).toBeGreaterThanOrEqual(-2);
          expect(action).toBeLessThanOrEqual(3);
          if (before !== undefined) expect(Math.abs(action - before)).toBeLessThanOrEqual(maxRate * 0.1 + 1e-12);
          before = action;
        }
        const recovered = pid({ kp: 3, setpoint: 1, interval: '100ms', limits: { min: -2, max: 3 } }).start();
        for (const value of measured) recovered(value);
        expect(recovered(0.5).action).toBe(1.5);
      }),
    );
  });

  test('gives no NaN and nothing beyond the limits in 100,000 inputs, whatever the options', () => {
    const odd = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 1e300, -1e300, Number.POSITIVE_INFINITY, 0, 1));
    const gain = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1e-320, 1, -1e308));
    const options = fc.record(
      { kp: gain, ki: gain, kd: gain, setpoint: gain, smoothing: fc.nat(), stuckAfter: fc.integer({ min: 2, max: 5 }) },
      { requiredKeys: ['setpoint'] },
    );
    const limits = fc.constantFrom(
      { min: -1, max: 2, maxRate: 3 },
      { min: 0, max: 0 },
      { min: -Number.MAX_VALUE, max: Number.MAX_VALUE },
    );
    let tried = 0;
    fc.assert(
      fc.property(
        options,
        limits,
        fc.boolean(),
        fc.array(odd, { minLength: 50, maxLength: 50 }),
        (some, range, known, values) => {
          const take = pid({ ...some, interval: '1s', limits: range, ...(known && { initial: 0 }) }).start();
          for (const value of values) {
            const { action, error } = take(value);
            if (!(action >= range.min && action <= range.max)) throw new Error(`${value} gave ${action}`);
            if (Number.isNaN(error)) throw new Error(`${value} gave an error that is NaN`);
            tried++;
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(tried).toBeGreaterThanOrEqual(100_000);
  });

  test('refuses meaningless options', () => {
    const right = { kp: 1, setpoint: 1, interval: '1s', limits: { min: 0, max: 1 } };
    const refused = (options: unknown, message: RegExp) =>
      expect(() => pid(options as PidOptions<number>)).toThrow(gatecastError('invalid-argument', message));
    refused({ ...right, kp: Number.NaN }, /kp.*NaN/);
    refused({ ...right, interval: 0 }, /more than 0 ms.*interval/);
    refused({ ...right, limits: { min: 1, max: 0 } }, /at least min, which is 1.*max.*0/);
    refused({ ...right, limits: { min: 0, max: 1, maxRate: -1 } }, /maxRate/);
    refused({ ...right, measure: 'y' }, /a function.*measure/);
    refused({ ...right, measure: 1.5 }, /whole number.*measure/);
    refused({ ...right, setpoint: '1' }, /setpoint/);
    refused({ ...right, stuckAfter: 1 }, /stuckAfter/);
    refused({ ...right, initial: 2 }, /a number from 0 to 1 for options\.initial but received 2/);
    refused({ kp: 1 }, /setpoint/);
    for (const [name, make] of HOSTILE_VALUES) {
      if (!THROWING.has(name)) refused(make(), /./);
    }
  });
});
