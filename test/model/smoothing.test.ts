// The smoothing of the model esrnn against its equations, written out here with lists and no rings.
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { Smoothing, type SmoothingForm } from '../../lib/model/esrnn/smoothing.ts';
import { makeEsrnnModel } from '../support/models.ts';

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The level, the seasons and the spread after all values, on the scale that is smoothed. */
function reference(values: readonly number[], { periods, level: a, season: g, log }: SmoothingForm) {
  const lag = periods[0] ?? 1;
  const start = Math.max(8, 2 * lag, ...periods);
  const y = values.map((value) => (log ? Math.log(value) : value));
  const first = y.slice(0, start);
  let level = mean(first);
  const seasons = periods.map((period) => new Array<number>(period).fill(0));
  const seasonOf = (n: number) => seasons.reduce((sum, season) => sum + season[n % season.length]!, 0);
  periods.forEach((period, k) => {
    const found = Array.from({ length: period }, (_, phase) => {
      const rest = first.flatMap((value, n) => (n % period === phase ? [value - level - seasonOf(n)] : []));
      return (k === 0 ? 1 : 0.5) * mean(rest);
    });
    seasons[k] = found;
  });
  for (let n = start; n < y.length; n++) {
    const error = y[n]! - level - seasonOf(n);
    level += a * error;
    for (const season of seasons) season[n % season.length]! += g * error;
  }
  const differences = y.slice(lag).map((value, i) => Math.abs(value - y[i]!));
  return { y, level, seasonOf, spread: mean(differences) };
}

const forms: SmoothingForm[] = [
  { periods: [], level: 0.3, season: 0, log: false, window: 4, block: 1 },
  { periods: [5], level: 0.2, season: 0.1, log: false, window: 12, block: 3 },
  { periods: [4, 12], level: 0.1, season: 0.3, log: true, window: 30, block: 5 },
  { periods: [3, 7], level: 0.4, season: 0.05, log: true, window: 2, block: 2 },
];

describe.each(forms)('smoothing as in %o', (form) => {
  const random = createRandom(3);
  const values = Array.from({ length: 60 }, (_, n) => 20 + 5 * Math.sin(n / 2) + 3 * random());

  test('has the level, the seasons and the spread of its equations, after every sample', () => {
    const smoothing = new Smoothing(form, 9);
    const row = new Float64Array(smoothing.size + 2).fill(7); // the numbers of others
    row.fill(0, 1, 1 + smoothing.size);
    for (let n = 0; n < values.length; n++) {
      smoothing.take(row, 1, n, values[n]!);
      if (n + 1 < smoothing.start) continue;
      const { level, seasonOf, spread } = reference(values.slice(0, n + 1), form);
      expect(smoothing.level(row, 1)).toBeCloseTo(level, 10);
      expect(smoothing.spread(row, 1)).toBeCloseTo(spread, 10);
      for (let step = 1; step <= 15; step++)
        expect(smoothing.season(row, 1, n + step)).toBeCloseTo(seasonOf(n + step), 10);
    }
    expect([row[0], row.at(-1)]).toEqual([7, 7]);
  });

  test('gives the network what is left, the seasons ahead and the spread', () => {
    const smoothing = new Smoothing(form, 9);
    const row = new Float64Array(smoothing.size);
    const out = new Float32Array(smoothing.width);
    values.forEach((value, n) => smoothing.take(row, 0, n, value));
    smoothing.write(row, 0, values.length, out, 0);
    const { y, level, seasonOf, spread } = reference(values, form);
    const left = y.map((value, n) => (value - seasonOf(n) - level) / spread).toReversed();
    const blocks = Array.from({ length: form.window / form.block }, (_, k) =>
      mean(left.slice(k * form.block, (k + 1) * form.block)),
    );
    const ahead = Array.from(
      { length: Math.min(9, form.periods.at(-1) ?? 0) },
      (_, h) => seasonOf(values.length + h) / spread / 2,
    );
    const noise = 1 + Math.log(form.log ? spread : spread / (Math.abs(level) + spread)) / 3;
    const expected = [...blocks, ...ahead, noise];
    expect(out).toHaveLength(expected.length);
    expected.forEach((value, i) => expect(out[i]).toBeCloseTo(Math.max(-10, Math.min(10, value)), 5));
  });
});

test('in the cold start, the network reads nothing and the level is the last value', () => {
  const smoothing = new Smoothing(forms[1]!, 2);
  const row = new Float64Array(smoothing.size);
  const out = new Float32Array(smoothing.width).fill(1);
  for (let n = 0; n + 1 < smoothing.start; n++) {
    smoothing.take(row, 0, n, n * n);
    smoothing.write(row, 0, n + 1, out, 0);
    expect(out.every((value) => value === 0)).toBe(true);
    expect([smoothing.level(row, 0), smoothing.season(row, 0, n + 1)]).toEqual([n * n, 0]);
  }
});

test.each([
  ['the same value', () => 5],
  ['zeros', () => 0],
  ['values that are not positive', (n: number) => (n % 3 === 0 ? 7 : -n)],
  ['values that leap over all magnitudes', (n: number) => (n % 2 === 0 ? 1e20 : 1e-20)],
  ['leaps to the other side', (n: number) => (n < 20 ? 1 : n % 5 === 0 ? -1e23 : 1e23)],
  ['values near the least', (n: number) => n * 5e-324],
])('of %s, all numbers are finite, and quantiles ascend', (_, valueOf) => {
  for (const log of [true, false]) {
    for (const loss of ['quantile', 'mae'] as const) {
      const model = makeEsrnnModel({ smoothing: { log }, loss });
      const state = model.createState();
      for (let n = 0; n < 60; n++) {
        const said = state.step([valueOf(n), valueOf(n + 1)])!;
        expect(said.numbers.every(Number.isFinite)).toBe(true);
        const of = model.description.levels.map((level) => said.quantiles[level]![0]!);
        expect(of).toEqual(of.toSorted((a, b) => a - b));
      }
      model.dispose();
    }
  }
});

test('what a forecast adds is in spreads: it scales with the values', () => {
  const model = makeEsrnnModel({ smoothing: { log: true } });
  const [one, thousand] = [model.createState(), model.createState()];
  for (let n = 0; n < 40; n++) {
    const values = [10 + Math.sin(n), 20 + Math.cos(n / 3)];
    const small = one.step(values)!.numbers;
    const large = thousand.step(values.map((value) => 1024 * value))!.numbers;
    if (n >= 8) large.forEach((value, i) => expect(value / (1024 * small[i]!)).toBeCloseTo(1, 4));
  }
});
