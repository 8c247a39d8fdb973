import { factorize, solve } from './cholesky.ts';
import type { LinearWeights } from './linear.ts';
import { WindowSums } from './window-sums.ts';

/**
 * The penalties that are tried, as shares of the mean diagonal of the normal equations, until a smaller one does worse.
 */
const PENALTIES = [1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6] as const;

/** How many values the trend of DLinear is the centred mean of. */
const TREND = 25;

/** The values to fit to. Each channel has mean 0 and deviation 1 in the rows to learn from, and NaN where missing. */
export interface LinearData {
  readonly training: readonly Float64Array[];
  /** Further rows, which choose the penalty. They may begin with `lookback` of the training rows, as inputs only. */
  readonly validation: readonly Float64Array[];
}

/**
 * Fits NLinear or DLinear in closed form: ridge regression over all windows of all channels, the penalty chosen by the
 * squared error on the validation windows. Undefined if there is no whole window to learn from, or to choose by.
 *
 * Without `biased`, the bias is 0: it would be on the scale of the values, which not all streams may share.
 *
 * NLinear reads the values less the last one. DLinear has two sets of weights, for the trend and for the rest; as both
 * are linear in the values, they are one set with another penalty: with the trend A x, the least |W_trend|^2 +
 * |W_rest|^2 with W_trend A + W_rest (I - A) = M is the trace of M K^-1 M', K = A'A + (I - A)'(I - A).
 */
export function fitLinear(
  kind: 'nlinear' | 'dlinear',
  data: LinearData,
  lookback: number,
  horizon: number,
  biased = true,
): LinearWeights | undefined {
  const [learned, checked] = [data.training, data.validation].map((series) => {
    const sums = new WindowSums(lookback + horizon);
    for (const values of series) sums.add(values);
    return momentsOf(sums, lookback, horizon, { anchored: kind === 'nlinear', biased });
  }) as [Moments, Moments];
  if (learned.count === 0 || checked.count === 0) return undefined;
  const { inputs } = learned;
  const scale = meanDiagonal(inputs, lookback);
  const penalty = kind === 'nlinear' ? identity(lookback) : decomposed(lookback);
  let best: { weights: Float64Array; error: number } | undefined;
  for (const share of PENALTIES) {
    const matrix = inputs.map((value, i) => value + share * scale * penalty[i]!);
    if (!factorize(matrix, lookback)) continue;
    const weights = new Float64Array(horizon * lookback);
    for (let step = 0; step < horizon; step++) {
      weights.set(
        solve(matrix, lookback, learned.both.subarray(step * lookback, (step + 1) * lookback)),
        step * lookback,
      );
    }
    const error = errorOf(weights, learned, checked, lookback);
    if (best !== undefined && error >= best.error) break;
    best = { weights, error };
  }
  if (best === undefined) return undefined;
  return { lookback, weights: best.weights, bias: biasOf(best.weights, learned, lookback) };
}

/** Means over windows, or 0 without a bias, and sums of products of the deviations from these means. */
interface Moments {
  count: number;
  /** The means of the inputs, then of the outputs. */
  inputMeans: Float64Array;
  outputMeans: Float64Array;
  /** [lookback][lookback] */
  inputs: Float64Array;
  /** [horizon][lookback] */
  both: Float64Array;
  /** Of each output with itself: [horizon] */
  outputs: Float64Array;
}

/** With `anchored`, all values of a window are less its last input. */
function momentsOf(
  windows: WindowSums,
  lookback: number,
  horizon: number,
  { anchored, biased }: { anchored: boolean; biased: boolean },
): Moments {
  const { length, count, sums, products } = windows;
  const last = lookback - 1;
  const [sum, product] = anchored
    ? [
        (i: number) => sums[i]! - sums[last]!,
        (i: number, j: number) =>
          products[i * length + j]! -
          products[i * length + last]! -
          products[last * length + j]! +
          products[last * length + last]!,
      ]
    : [(i: number) => sums[i]!, (i: number, j: number) => products[i * length + j]!];
  const mean = (i: number) => (biased ? sum(i) / count : 0);
  const centred = (i: number, j: number) => product(i, j) - count * mean(i) * mean(j);
  const table = (rows: number, from: number, value: (i: number, j: number) => number) => {
    const out = new Float64Array(rows * lookback);
    for (let i = 0; i < rows; i++) for (let j = 0; j < lookback; j++) out[i * lookback + j] = value(from + i, j);
    return out;
  };
  return {
    count,
    inputMeans: Float64Array.from({ length: lookback }, (_, i) => mean(i)),
    outputMeans: Float64Array.from({ length: horizon }, (_, i) => mean(lookback + i)),
    inputs: table(lookback, 0, centred),
    both: table(horizon, lookback, centred),
    outputs: Float64Array.from({ length: horizon }, (_, i) => centred(lookback + i, lookback + i)),
  };
}

/** What makes the mean of the forecasts the mean of the values at each step. */
function biasOf(weights: Float64Array, { inputMeans, outputMeans }: Moments, lookback: number): Float64Array {
  return outputMeans.map((mean, step) => {
    let sum = mean;
    for (let i = 0; i < lookback; i++) sum -= weights[step * lookback + i]! * inputMeans[i]!;
    return sum;
  });
}

/** The mean squared error over the windows of `checked`, with the bias of `learned`. */
function errorOf(weights: Float64Array, learned: Moments, checked: Moments, lookback: number): number {
  const own = biasOf(weights, learned, lookback);
  const best = biasOf(weights, checked, lookback);
  let sum = 0;
  checked.outputs.forEach((output, step) => {
    const row = weights.subarray(step * lookback, (step + 1) * lookback);
    let squares = output;
    for (let i = 0; i < lookback; i++) {
      let through = 0;
      for (let j = 0; j < lookback; j++) through += checked.inputs[i * lookback + j]! * row[j]!;
      squares += row[i]! * (through - 2 * checked.both[step * lookback + i]!);
    }
    sum += squares / checked.count + (own[step]! - best[step]!) ** 2;
  });
  return sum / checked.outputs.length;
}

function identity(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
}

/** K^-1 of `fitLinear`: the penalty of one set of weights that stands for two, for a trend and for the rest. */
function decomposed(size: number): Float64Array {
  const trend = new Float64Array(size * size); // A: the ends are padded with the first and the last value
  const half = (TREND - 1) / 2;
  for (let i = 0; i < size; i++) {
    for (let k = i - half; k <= i + half; k++) trend[i * size + Math.min(size - 1, Math.max(0, k))]! += 1 / TREND;
  }
  const rest = identity(size).map((one, i) => one - trend[i]!);
  const metric = new Float64Array(size * size);
  for (let k = 0; k < size; k++) {
    for (const part of [trend, rest]) {
      for (let i = 0; i < size; i++) {
        const left = part[k * size + i]!;
        if (left === 0) continue;
        for (let j = 0; j < size; j++) metric[i * size + j]! += left * part[k * size + j]!;
      }
    }
  }
  factorize(metric, size);
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) inverse.set(solve(metric, size, new Float64Array(size).fill(1, i, i + 1)), i * size);
  return inverse;
}

function meanDiagonal(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += matrix[i * (size + 1)]!;
  return sum > 0 ? sum / size : 1;
}
