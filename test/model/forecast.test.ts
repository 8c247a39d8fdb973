import { describe, expect, test } from 'vitest';
import { Forecast } from '../../lib/model/forecast.ts';
import { NONE_SKIPPED } from '../../lib/model/skipped.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';

function forecast(quantiles: Record<number, number[]>, targets = ['a'], mean = [0, 0]): Forecast {
  const levels = Object.keys(quantiles).map(Number);
  const numbers = [...mean, ...levels.flatMap((level) => quantiles[level]!)];
  return new Forecast({ targets, horizon: 2, levels }, numbers, 1, true, NONE_SKIPPED);
}

describe('Forecast.interval', () => {
  const some = forecast({ 0.05: [-10, -20], 0.25: [-2, -4], 0.5: [0, 0], 0.75: [3, 6], 0.95: [11, 22] });

  test.each([
    [0.9, [-10, -20], [11, 22]],
    [0.5, [-2, -4], [3, 6]],
    [0.7, [-6, -12], [7, 14]],
    [0.25, [-1, -2], [1.5, 3]],
  ])('gives the quantiles of the central interval %d', (level, lower, upper) => {
    const interval = some.interval(level);
    lower.forEach((value, i) => expect(interval.lower[i]).toBeCloseTo(value, 12));
    upper.forEach((value, i) => expect(interval.upper[i]).toBeCloseTo(value, 12));
  });

  test('gives exactly the stored quantiles at stored levels', () => {
    expect(some.interval(0.9)).toEqual({ lower: some.quantiles[0.05], upper: some.quantiles[0.95] });
    expect(some.interval(0.9).lower).not.toBe(some.quantiles[0.05]);
  });

  test('widens with its level and contains the narrower intervals', () => {
    let last = some.interval(0.001);
    for (let level = 0.01; level <= 0.9; level += 0.01) {
      const { lower, upper } = some.interval(level);
      for (let i = 0; i < 2; i++) {
        expect(lower[i]).toBeLessThanOrEqual(last.lower[i]!);
        expect(upper[i]).toBeGreaterThanOrEqual(last.upper[i]!);
      }
      last = { lower, upper };
    }
  });

  test('refuses a level beyond the outermost quantiles, naming the widest', () => {
    expect(() => some.interval(0.95)).toThrow(gatecastError('invalid-argument', /at most 0\.9 .*0\.95/));
    const lopsided = forecast({ 0.01: [0, 0], 0.5: [1, 1], 0.9: [2, 2] });
    expect(() => lopsided.interval(0.98)).toThrow(gatecastError('invalid-argument', /at most 0\.8 /));
    expect(lopsided.interval(0.8).upper).toEqual(Float64Array.of(2, 2));
    expect(() => forecast({}).interval(0.5)).toThrow(gatecastError('invalid-argument', /quantile levels/));
    expect(() => forecast({ 0.5: [0, 0] }).interval(0.5)).toThrow(gatecastError('invalid-argument', /quantile levels/));
  });

  test('refuses a value that is not a level', () => {
    for (const [name, make] of HOSTILE_VALUES) {
      if (['0.5', '1e-320', 'a revoked proxy'].includes(name)) continue;
      expect(() => some.interval(make() as never), name).toThrow(gatecastError('invalid-argument'));
    }
  });
});

describe('Forecast.target', () => {
  const two = forecast({ 0.25: [1, 2, 3, 4], 0.75: [5, 6, 7, 8] }, ['a', 'b'], [10, 20, 30, 40]);

  test('narrows everything to one target', () => {
    const b = two.target('b');
    expect(b).toMatchObject({ at: 1, ready: true, skipped: NONE_SKIPPED, targets: ['b'], horizon: 2 });
    expect([...b.mean]).toEqual([30, 40]);
    expect(Object.keys(b.quantiles)).toEqual(['0.25', '0.75']);
    expect([...b.interval(0.5).upper]).toEqual([7, 8]);
    expect([...two.target('a').mean]).toEqual([10, 20]);
  });

  test('refuses a name that is not a target, suggesting the nearest', () => {
    expect(() => forecast({}, ['temperature']).target('temprature')).toThrow(
      gatecastError('invalid-argument', /Did you mean "temperature"/),
    );
    for (const [name, make] of HOSTILE_VALUES) {
      if (name === 'a revoked proxy') continue;
      expect(() => two.target(make() as never), name).toThrow(gatecastError('invalid-argument'));
    }
  });
});
