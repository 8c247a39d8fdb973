// Forecasts that are drawn path by path, by networks whose weights are set by hand so that the distribution is known.
import { describe, expect, test } from 'vitest';
import { countsUpTo } from '../../lib/base/negative-binomial.ts';
import type { StateDict } from '../../lib/base/tensor.ts';
import type { Forecast } from '../../lib/model/forecast.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { Loss } from '../../lib/model/heads/heads.ts';
import { parameterShapes } from '../../lib/network/network-spec.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel } from '../support/models.ts';

const inverseSoftplus = (value: number) => value + Math.log(-Math.expm1(-value));

/** So small that tanh is linear to 1e-3. */
const SMALL = 0.01;

/** Of one value, by default: a scale of 20 and 3, two layers' worth of nothing but one unit. */
function describeDrawn(changes: Parameters<typeof describeModel>[0] = {}) {
  const { network, ...others } = changes;
  return describeModel({
    inputs: [{ name: 'x' }],
    targets: ['x'],
    horizon: 6,
    anchor: 'none',
    loss: 'gaussian',
    paths: { count: 4000, seed: 3 },
    ...others,
    network: { hiddenSize: 1, numLayers: 1, headSize: 2, ...network },
  });
}

/** A network of zeros with these changes. */
function drawn(changes: Parameters<typeof describeModel>[0], set: (weights: StateDict) => void, std = 3): Forecaster {
  const description = describeDrawn(changes);
  const names = description.inputs.map(({ name }) => name);
  const weights: StateDict = {};
  for (const [name, shape] of parameterShapes(description.network)) {
    weights[name] = { shape, data: new Float32Array(shape.reduce((a, b) => a * b)) };
  }
  set(weights);
  const scaler = new Scaler(names, Array(names.length).fill(20), Array(names.length).fill(std));
  return Forecaster.from({ description, weights, scaler });
}

/** The next scaled value is `factor` times this one, with a normal error of this deviation: a GRU without memory. */
const autoregressive = (factor: number, deviation: number) => (weights: StateDict) => {
  weights['weight_ih_l0']!.data.set([0, 0, SMALL]); // gates r, z, n
  weights['bias_ih_l0']!.data.set([0, -30, 0]); // z = 0: h = n = tanh(SMALL x)
  weights['head.weight']!.data.set([factor / SMALL, 0]);
  weights['head.bias']!.data.set([0, inverseSoftplus(deviation - 1e-4)]);
};

/** The values of all paths at a step. */
function at(forecast: Forecast, step: number, target = 0): Float64Array {
  const { samples, horizon, targets, pathCount } = forecast;
  return Float64Array.from({ length: pathCount }, (_, p) => samples![(p * targets.length + target) * horizon + step]!);
}

const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const covariance = (a: Float64Array, b: Float64Array) => {
  const [x, y] = [meanOf(a), meanOf(b)];
  return meanOf(a.map((value, i) => (value - x) * (b[i]! - y)));
};

describe('a linear autoregression of order 1', () => {
  const [factor, deviation, first, std] = [0.7, 0.4, 26, 3];
  const model = drawn({}, autoregressive(factor, deviation), std);
  const forecast = model.createState().step(first)!;
  const count = 4000;

  test('has paths with the mean, the variance and the covariance of its closed form at each step', () => {
    for (let h = 1; h <= 6; h++) {
      const values = at(forecast, h - 1);
      const variance = ((std * deviation) ** 2 * (1 - factor ** (2 * h))) / (1 - factor ** 2);
      const mean = 20 + factor ** h * (first - 20);
      expect(Math.abs(meanOf(values) - mean), `${h}`).toBeLessThan(4 * Math.sqrt(variance / count) + 0.005);
      expect(Math.abs(covariance(values, values) / variance - 1), `${h}`).toBeLessThan(4 * Math.sqrt(2 / count));
      if (h === 6) break;
      const both = covariance(values, at(forecast, h)) / (factor * variance);
      expect(Math.abs(both - 1), `${h} with the next`).toBeLessThan(0.15);
    }
  });

  test('has the mean and the quantiles of its paths', () => {
    const values = at(forecast, 2).sort();
    expect(forecast.mean[2]).toBeCloseTo(meanOf(values), 9);
    expect(forecast.quantiles[0.5]![2]).toBeCloseTo((values[1999]! + values[2000]!) / 2, 9);
    expect(forecast.quantiles[0.1]![2]).toBeGreaterThan(values[390]!);
    expect(forecast.quantiles[0.1]![2]).toBeLessThan(values[410]!);
    expect(forecast.distribution).toBeUndefined();
    expect([forecast.pathCount, forecast.beside.length, forecast.loss]).toEqual([4000, 4000, 'gaussian']);
  });

  test('draws the same paths from the same samples, and others from others and with another seed', () => {
    const run = (one: Forecaster, samples: number[]) => {
      const state = one.createState();
      return samples.map((sample) => state.step(sample)!).at(-1)!.samples!;
    };
    const other = drawn({ paths: { count: 4000, seed: 4 } }, autoregressive(factor, deviation));
    expect(run(model, [first])).toEqual(forecast.samples);
    expect(run(model, [22, first])).not.toEqual(forecast.samples);
    expect(run(other, [first])).not.toEqual(forecast.samples);
    expect(model.fingerprint).not.toBe(other.fingerprint);
    // The noise of two streams at the same value is independent.
    const [a, b] = [run(model, [22, first]), forecast.samples!];
    const step = (of: Float64Array) => Float64Array.from({ length: count }, (_, p) => of[p * 6]!);
    const correlation = covariance(step(a), step(b)) / covariance(step(b), step(b));
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(count));
  });

  test('keeps its paths within bounds', () => {
    const bounded = drawn({ bounds: [{ min: 21, max: 26 }] }, autoregressive(factor, deviation));
    const { samples, mean } = bounded.createState().step(first)!;
    expect(samples!.every((value) => value >= 21 && value <= 26)).toBe(true);
    expect([samples!.includes(21), samples!.includes(26)]).toEqual([true, true]);
    expect(mean.every((value) => value > 21 && value < 26)).toBe(true);
  });
});

test('a network that knows nothing but its last value walks at random, on the scale of each stream', () => {
  const scale = { samples: 1000, inputs: ['x'] };
  const model = drawn({ anchor: 'last', scale }, (weights) =>
    weights['head.bias']!.data.set([0, inverseSoftplus(0.1)]),
  );
  const state = model.createState();
  const samples = Array.from({ length: 10 }, (_, i) => 5000 + (i % 2 ? 300 : -300)); // deviation 300
  const forecast = samples.map((sample) => state.step(sample)!).at(-1)!;
  const spread = 0.1 * 300;
  for (let h = 1; h <= 6; h++) {
    const values = at(forecast, h - 1);
    expect(Math.abs(meanOf(values) - samples.at(-1)!)).toBeLessThan(4 * spread * Math.sqrt(h / 4000));
    expect(Math.abs(covariance(values, values) / (h * spread ** 2) - 1)).toBeLessThan(0.12);
  }
});

test("Student's t and the negative binomial distribution are drawn as their parameters say", () => {
  const set =
    (...outputs: number[]) =>
    (weights: StateDict) =>
      weights['head.bias']!.data.set(outputs);
  const student = drawn(
    { loss: 'student-t', network: { headSize: 3 }, paths: { count: 10_000, seed: 1 }, horizon: 2 },
    set(0.5, inverseSoftplus(0.3 - 1e-4), inverseSoftplus(2)), // 4 degrees of freedom
  );
  const values = at(student.createState().step(20)!, 1);
  const share = (of: (value: number) => boolean) => values.filter(of).length / values.length;
  // Abramowitz and Stegun, 1964, table 26.10: of 4 degrees of freedom, the quantiles of 0.75, 0.9, 0.95, 0.99, 0.995
  for (const [p, t] of [
    [0.75, 0.741],
    [0.9, 1.533],
    [0.95, 2.132],
    [0.99, 3.747],
    [0.995, 4.604],
  ] as const) {
    const bound = 4 * Math.sqrt((p * (1 - p)) / values.length) + 0.001;
    expect(Math.abs(share((value) => value <= 21.5 + 0.9 * t) - p)).toBeLessThan(bound);
    expect(Math.abs(share((value) => value >= 21.5 - 0.9 * t) - p)).toBeLessThan(bound);
  }

  const counts = drawn(
    { loss: 'negative-binomial', paths: { count: 10_000, seed: 1 }, horizon: 2 },
    set(inverseSoftplus(0.2), inverseSoftplus(1)),
  );
  const drawnCounts = at(counts.createState().step(20)!, 1);
  const [mean, alpha] = [21 * (0.2 + 1e-6), 1 / Math.sqrt(21) + 1e-4];
  expect(drawnCounts.every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
  for (const k of [0, 1, 3, 6, 12]) {
    const found = drawnCounts.filter((value) => value <= k).length / 10_000;
    expect(Math.abs(found - countsUpTo(k, mean, alpha))).toBeLessThan(4 * 0.5 * 0.01);
  }
});

test('two targets are drawn from one state, with noise of their own', () => {
  const inputs = [{ name: 'x' }, { name: 'y' }];
  const model = drawn({ inputs, targets: ['y', 'x'], network: { headSize: 4 } }, (weights) =>
    weights['head.bias']!.data.set([1, inverseSoftplus(0.5), -1, inverseSoftplus(0.1)]),
  );
  const forecast = model.createState().step([20, 20])!;
  const [y, x] = [at(forecast, 3, 0), at(forecast, 3, 1)];
  expect(meanOf(y)).toBeCloseTo(23, 0);
  expect(meanOf(x)).toBeCloseTo(17, 1);
  const correlation = covariance(x, y) / Math.sqrt(covariance(x, x) * covariance(y, y));
  expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(4000));
  expect(forecast.target('x').samples!.length).toBe(4000 * 6);
  expect(meanOf(forecast.target('x').mean)).toBeCloseTo(17, 1);
});

test('each step of a path reads its own step of a plan', () => {
  const plan = Array.from({ length: 6 }, (_, h) => ({ name: `p+${h + 1}`, of: 'p', ahead: h + 1 }));
  const model = drawn(
    { inputs: [{ name: 'x' }, { name: 'p' }, ...plan], gap: 'hold', network: { inputSize: 3 } },
    (weights) => {
      weights['weight_ih_l0']!.data.set([0, 0, SMALL], 6); // the new value is made from the plan of the next step
      weights['bias_ih_l0']!.data.set([0, -30, 0]);
      weights['head.weight']!.data.set([1 / SMALL, 0]);
      weights['head.bias']!.data.set([0, inverseSoftplus(0.01)]);
    },
  );
  const values = [20, 21, 22, 19, 20, 23, 18, 20];
  const forecast = model.createState().step(values)!;
  for (let h = 0; h < 6; h++) expect(forecast.mean[h]).toBeCloseTo(values[2 + h]!, 1);
});

test.each([false, true])(
  'a lag looks back on the values of the stream, then on those of its own path; scale: %s',
  (own) => {
    const scale = { samples: 1000, inputs: ['x'] };
    const model = drawn({ lags: [3], network: { inputSize: 2 }, horizon: 7, ...(own && { scale }) }, (weights) => {
      weights['weight_ih_l0']!.data.set([0, SMALL], 4); // the next value is that of three steps before it
      weights['bias_ih_l0']!.data.set([0, -30, 0]);
      weights['head.weight']!.data.set([1 / SMALL, 0]);
      weights['head.bias']!.data.set([0, inverseSoftplus(0.0002)]);
    });
    const state = model.createState();
    const first = state.step(24)!;
    expect(first.mean[0]).toBeCloseTo(24, 1); // before there are three values, the newest stands for the third
    for (const value of [17, 20, 23]) state.step(value);
    const forecast = state.step(21)!;
    [20, 23, 21, 20, 23, 21, 20].forEach((value, h) => expect(forecast.mean[h]).toBeCloseTo(value, 1));
  },
);

test('the calendar goes on along a path', () => {
  const calendar = { zone: 'UTC', parts: ['hour'] } as const;
  const model = drawn({ interval: 3_600_000, calendar, network: { inputSize: 7 } }, (weights) => {
    weights['weight_ih_l0']!.data.set([0, SMALL], 14); // the sine of the day
    weights['bias_ih_l0']!.data.set([0, -30, 0]);
    weights['head.weight']!.data.set([1 / SMALL, 0]);
    weights['head.bias']!.data.set([0, inverseSoftplus(0.01)]);
  });
  const forecast = model.createState().step({ at: 0, values: [20] })!;
  for (let h = 0; h < 6; h++) {
    const sine = Math.SQRT2 * Math.sin((2 * Math.PI * h) / 24);
    expect(forecast.mean[h]).toBeCloseTo(20 + 3 * sine, 1);
  }
});

test('nothing but finite numbers comes from weights at their limit', () => {
  for (const loss of ['gaussian', 'student-t', 'negative-binomial'] satisfies Loss[]) {
    const headSize = loss === 'student-t' ? 3 : 2;
    const model = drawn({ loss, paths: { count: 50, seed: 0 }, network: { headSize } }, (weights) => {
      for (const { data } of Object.values(weights)) data.fill(1e6);
    });
    const state = model.createState();
    for (const sample of [20, 1e20, -1e20, 0]) {
      const { numbers } = state.step(sample)!;
      expect(numbers.every(Number.isFinite)).toBe(true);
    }
  }
});

test.each([
  [{ loss: 'mse', network: { headSize: 1 } }, /a loss that gives a distribution for description.loss/],
  [{ memory: 'window' }, /'carried' with paths for description.memory/],
  [{ paths: { count: 1, seed: 0 } }, /description.paths.count/],
  [{ paths: { count: 10_001, seed: 0 } }, /description.paths.count/],
  [{ paths: { count: 10_000, seed: 0 }, horizon: 101 }, /at most 9900 for description.paths.count/],
  [{ paths: { count: 100, seed: -1 } }, /description.paths.seed/],
  [{ lags: [3, 3], network: { inputSize: 3 } }, /different lags for description.lags/],
  [{ lags: [1], network: { inputSize: 2 } }, /description.lags/],
  [{ lags: [2] }, /2 for description.network.inputSize/],
  [{ network: { headSize: 12 } }, /2 for description.network.headSize/],
] as const)('a description that does not fit is refused: %o', (changes, message) => {
  expect(() => drawn(changes as never, () => {})).toThrow(gatecastError('invalid-argument', message));
});
