// Against test/goldens/baselines.json: plain loops, explicit windows and grids in NumPy.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { errorsOf, sumOfSquares } from '../../lib/baselines/errors.ts';
import { fitHoltWinters } from '../../lib/baselines/fit-holt-winters.ts';
import { fitLinear } from '../../lib/baselines/fit-linear.ts';
import { fitTheta } from '../../lib/baselines/fit-theta.ts';
import { HoltWinters } from '../../lib/baselines/holt-winters.ts';
import { Last } from '../../lib/baselines/last.ts';
import { Linear } from '../../lib/baselines/linear.ts';
import type { Rule } from '../../lib/baselines/rule.ts';
import { Seasonal } from '../../lib/baselines/seasonal.ts';
import { Theta } from '../../lib/baselines/theta.ts';

const path = new URL('../goldens/baselines.json', import.meta.url);
const golden = JSON.parse(readFileSync(path, 'utf8'));
const quarters = Float64Array.from(golden.quarters);
const wave = Float64Array.from(golden.wave);

function after(rule: Rule, values: Iterable<number>, horizon: number): number[] {
  const row = new Float64Array(rule.size + 2);
  rule.reset(row, 1);
  for (const value of values) rule.observe(row, 1, value);
  return Array.from({ length: horizon }, (_, h) => rule.forecast(row, 1, h + 1));
}
function expectClose(own: readonly number[], other: readonly number[], error = 1e-9): void {
  expect(own).toHaveLength(other.length);
  for (const [i, value] of own.entries()) expect(Math.abs(value / other[i]! - 1)).toBeLessThan(error);
}

describe('Holt-Winters', () => {
  const shares = { period: 4, level: 0.3, trend: 0.05, season: 0.4 };

  test('begins with the first season and gives what plain loops give', () => {
    expectClose(after(new HoltWinters(shares), quarters, 8), golden.holtWinters.plain);
    expectClose(after(new HoltWinters({ ...shares, damping: 0.9 }), quarters, 8), golden.holtWinters.damped);
  });

  test("gives the published forecasts of Holt's method (Hyndman and Athanasopoulos, 1st ed., ch. 7.2)", () => {
    const passengers = [17.5534, 21.8601, 23.8866, 26.9293, 26.8885, 28.8314, 30.0751, 30.9535, 30.1857, 31.5797];
    const all = [...passengers, 32.577569, 33.477398, 39.021581, 41.386432, 41.596552];
    const initial = { level: all[0]!, trend: all[1]! - all[0]!, season: [0] };
    const said = after(new HoltWinters({ level: 0.8, trend: 0.8 * 0.2, initial }), all, 5);
    expect(said.map((one) => one.toFixed(2))).toEqual(['43.76', '45.59', '47.43', '49.27', '51.10']);
  });

  test('fits the shares and the first state as a grid with least squares does', () => {
    const fitted = fitHoltWinters([quarters], { period: 4, damped: false, initial: true });
    const { error, forecast, state } = golden.holtWinters.fitted;
    const { level, trend, season } = fitted.initial!;
    expectClose([level, trend, ...season], state, 1e-6);
    expectClose(after(new HoltWinters(fitted), quarters, 8), forecast, 1e-6);
    expect(sumOfSquares(errorsOf(new HoltWinters(fitted), quarters))).toBeLessThan(error * (1 + 1e-9));
  });

  test('finds parameters near which none is better', () => {
    const cost = (parameters: ConstructorParameters<typeof HoltWinters>[0]) =>
      sumOfSquares(errorsOf(new HoltWinters(parameters), wave, 12));
    const fitted = fitHoltWinters([wave], { period: 12, damped: true });
    for (const name of ['level', 'trend', 'season'] as const) {
      for (const by of [0.97, 1.03]) {
        const near = { ...fitted, [name]: fitted[name]! * by };
        if (near.season! <= 1 - near.level && near.trend! <= near.level) {
          expect(cost(near)).toBeGreaterThan(cost(fitted) * (1 - 1e-4));
        }
      }
    }
  });

  test('goes on without missing values, and without a season is exact on a line', () => {
    const line = Array.from({ length: 60 }, (_, t) => (t % 7 === 3 ? Number.NaN : 5 + 2 * t));
    expectClose(after(new HoltWinters({ level: 0.5, trend: 0.3 }), line, 2), [125, 127], 1e-4);
    const rhythm = Array.from({ length: 60 }, (_, t) => (t % 11 === 10 ? Number.NaN : [1, 5, 3][t % 3]!));
    expectClose(after(new HoltWinters({ period: 3, level: 0.2, season: 0.2 }), rhythm, 4), [1, 5, 3, 1]);
  });
});

describe('Theta', () => {
  test.each(['multiplicative', 'additive'] as const)(
    'at each sample is the whole method on all so far, %s',
    (season) => {
      const rule = new Theta({ share: 0.3, period: 12, season });
      for (const [rows, said] of Object.entries<number[]>(golden.theta[season])) {
        expectClose(after(rule, wave.subarray(0, Number(rows)), 24), said);
      }
    },
  );

  test('without a season, and with an odd one', () => {
    expectClose(after(new Theta({ share: 0.3 }), wave, 3), golden.theta.plain);
    expectClose(after(new Theta({ share: 0.3, period: 7 }), wave, 9), golden.theta.odd);
  });

  test('finds the share, the season and its kind', () => {
    const fitted = fitTheta([wave], 12);
    expect(fitted).toMatchObject({ period: 12, season: 'multiplicative' });
    expect(Math.abs(fitted.share - golden.theta.fitted)).toBeLessThan(1e-3);
    expect(fitTheta([wave.map((value) => value - 50)], 12).season).toBe('additive');
    const noise = wave.map((_, t) => Math.sin(t * t));
    expect(fitTheta([noise], 12).period).toBe(1);
  });

  test('is half the slope of a line on the line, and passes over missing values', () => {
    const line = Array.from({ length: 50 }, (_, t) => (t > 20 && t < 30 ? Number.NaN : 3 * t));
    const [one, two] = after(new Theta({ share: 1 }), line, 2);
    expect([one, two! - one!]).toEqual([3 * 49 + 1.5, 1.5]);
    const rhythm = Array.from({ length: 60 }, (_, t) => (t % 11 === 10 ? Number.NaN : [1, 5, 3][t % 3]!));
    expectClose(after(new Theta({ share: 0.2, period: 3 }), rhythm, 4), [1, 5, 3, 1], 1e-2);
  });
});

describe.each(['nlinear', 'dlinear'] as const)('%s', (kind) => {
  const channels = golden.channels.map((values: number[]) => Float64Array.from(values)) as Float64Array[];
  const lookback = 16;
  const data = {
    training: channels.map((values) => values.subarray(0, 60)),
    validation: channels.map((values) => values.subarray(60 - lookback)),
  };

  test('is the ridge regression over explicit windows', () => {
    const weights = fitLinear(kind, data, lookback, 5)!;
    const said = after(new Linear(kind, weights, { mean: 0, std: 1 }), data.training[0]!, 5);
    expectClose(said, golden.linear[kind].forecast, 1e-7);
  });

  test('forecasts in the unit of the target', () => {
    const weights = fitLinear(kind, data, lookback, 5)!;
    const plain = after(new Linear(kind, weights, { mean: 0, std: 1 }), channels[1]!, 5);
    const other = after(
      new Linear(kind, weights, { mean: 20, std: 3 }),
      channels[1]!.map((x) => 20 + 3 * x),
      5,
    );
    expectClose(
      other.map((value) => (value - 20) / 3),
      plain,
    );
  });

  test('takes whole windows only, whatever is missing', () => {
    const holes = data.training.map((values) => values.with(30, Number.NaN));
    const weights = fitLinear(kind, { ...data, training: holes }, lookback, 5)!;
    const pieces = data.training.flatMap((values) => [values.subarray(0, 30), values.subarray(31)]);
    expect(weights.weights).toEqual(fitLinear(kind, { ...data, training: pieces }, lookback, 5)!.weights);
    expect(fitLinear(kind, { ...data, training: [channels[0]!.subarray(0, 20)] }, lookback, 5)).toBeUndefined();
  });
});

const folder = new URL('../../../shared/data/m4/', import.meta.url);
const present = existsSync(folder);
if (!present) console.warn('The M4 series are not here: the check against the published figures is left out.');

describe.runIf(present)('the hourly series of the M4 competition', () => {
  const read = (name: string) =>
    readFileSync(new URL(name, folder), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => Float64Array.from(line.replaceAll('"', '').split(',').slice(1).filter(Boolean), Number));
  const score = (make: (values: Float64Array) => Rule, every = 1) => {
    const truths = read('Hourly-test.csv');
    let [smape, mase, count] = [0, 0, 0];
    for (const [s, values] of read('Hourly-train.csv').entries()) {
      if (s % every !== 0) continue;
      const said = after(make(values), values, 48).map((one) => Math.max(0, one));
      const naive = values.subarray(24).reduce((sum, value, i) => sum + Math.abs(value - values[i]!), 0);
      const scale = naive / (values.length - 24);
      for (const [h, value] of truths[s]!.entries()) {
        smape += (200 * Math.abs(value - said[h]!)) / (Math.abs(value) + Math.abs(said[h]!)) / 48;
        mase += Math.abs(value - said[h]!) / scale / 48;
      }
      count += 1;
    }
    return [smape / count, mase / count] as const;
  };

  test('give the published figures of the last value and the season', () => {
    const [last, seasonal] = [score(() => new Last()), score(() => new Seasonal(24))];
    expect([last[0].toFixed(2), last[1].toFixed(2)]).toEqual(['43.00', '11.61']);
    expect([seasonal[0].toFixed(2), seasonal[1].toFixed(3)]).toEqual(['13.91', '1.193']);
  });

  // GATECAST_M4=1 scores all series instead of every 23rd. The script gives 18.138 and 2.4545 for all, a stream 18.148.
  test('give the published figures of Theta, 18.14 and 2.455', () => {
    const all = process.env.GATECAST_M4 !== undefined;
    const [smape, mase] = score((values) => new Theta(fitTheta([values], 24)), all ? 1 : 23);
    const [ownSmape, ownMase] = golden.m4[all ? 'all' : 'every23rd'];
    // a stream begins with equal weights in place of a fitted first level, which matters where hardly anything is learned
    expect(Math.abs(smape - ownSmape)).toBeLessThan(0.015);
    expect(Math.abs(mase - ownMase)).toBeLessThan(0.001);
  });
});
