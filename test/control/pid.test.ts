import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pid, type PidOptions } from '../../lib/control/pid.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES, THROWING } from '../support/hostile-values.ts';

const wide = { min: -1e6, max: 1e6 };
const actions = (options: PidOptions<number>, ...measured: number[]) => {
  const take = pid(options).start();
  return measured.map((value) => take(value).action);
};

describe('pid', () => {
  test('is what its terms come to by hand', () => {
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

  test('takes a proportional gain of next to nothing for none', () => {
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

  test('feed-forward adds what is known to be needed', () => {
    const options = { setpoint: 0, interval: '1s', limits: { min: 0, max: 5 }, feedForward: (y: number) => 2 * y };
    expect(actions(options, 1, 2, 3)).toEqual([2, 4, 5]);
  });

  test('takes a first-order plant to the setpoint without offset, also through limits', () => {
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

  test('does not wind up: leaves a limit as soon as the error turns', () => {
    const options = { ki: 1, setpoint: 0, interval: '1s', limits: { min: -1, max: 1 } };
    const seen = actions(options, ...new Array<number>(1000).fill(-5), 0.5, 0.5, 0.5, 0.5);
    expect(seen[999]).toBe(1);
    expect(seen.at(-1)!).toBeLessThan(0);
  });

  test('holds over what is not finite, and goes on as if it had not been', () => {
    const options = { kp: 1, ki: 0.5, kd: 1, setpoint: 3, interval: '1s', limits: wide, smoothing: 0 };
    const take = pid(options).start();
    const [, b, c, d, e] = [1, 2, Number.NaN, Number.POSITIVE_INFINITY, 2].map((value) => take(value));
    expect([c, d]).toMatchObject([
      { action: b!.action, error: undefined, held: true },
      { action: b!.action, error: undefined, held: true },
    ]);
    // Errors 2, 1 and 1 were integrated; the slope begins anew.
    expect(e).toMatchObject({ action: 1 + 0.5 * 4, held: false });
  });

  test('never leaves the limits, whatever is measured, and finds back', () => {
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

  test('refuses what cannot be meant', () => {
    const right = { kp: 1, setpoint: 1, interval: '1s', limits: { min: 0, max: 1 } };
    const refused = (options: unknown, message: RegExp) =>
      expect(() => pid(options as PidOptions<number>)).toThrow(gatecastError('invalid-argument', message));
    refused({ ...right, kp: Number.NaN }, /kp.*NaN/);
    refused({ ...right, interval: 0 }, /more than 0 ms.*interval/);
    refused({ ...right, limits: { min: 1, max: 0 } }, /at least min, which is 1.*max.*0/);
    refused({ ...right, limits: { min: 0, max: 1, maxRate: -1 } }, /maxRate/);
    refused({ ...right, measure: 1 }, /a function.*measure/);
    refused({ ...right, setpoint: '1' }, /setpoint/);
    refused({ kp: 1 }, /setpoint/);
    for (const [name, make] of HOSTILE_VALUES) {
      if (!THROWING.has(name)) refused(make(), /./);
    }
  });
});
