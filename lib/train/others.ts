import { factorize, solve } from '../baselines/cholesky.ts';
import { columnIndex } from '../data/table.ts';
import type { SeriesRows } from './plan.ts';

/** How many samples back a target is looked at: more closely the nearer. Those of the others are the first two. */
const LAGS = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 95] as const;
const OTHERS = 2;
/** The last of the training rows judge what was fitted to those before. */
const FITTED = 0.75;
/** Most rows that are forecast from, spread evenly over all: more would only take time. */
const MOST_ROWS = 2 ** 13;
/** Most targets that are looked at. */
const MOST_TARGETS = 16;
/** The penalty of a regression, as a share of the mean diagonal of its normal equations. */
const PENALTY = 1e-3;

/**
 * By how much the squared error of a linear forecast falls if it also sees the other targets, as a share of that of one
 * that sees the past of a target alone: the mean of all targets and of a quarter, half and all of the horizon. Below 0
 * if the others mislead it. Both are fitted to the first training rows of each series and judged by the last ones.
 * Undefined if there are too few rows.
 */
export function gainFromOthers(
  series: readonly SeriesRows[],
  targets: readonly string[],
  horizon: number,
): number | undefined {
  const seen = targets.slice(0, MOST_TARGETS);
  const steps = [...new Set([0.25, 0.5, 1].map((share) => Math.ceil(share * horizon)))];
  const rows = series.map(({ table, offset, training }) => {
    const columns = seen.map((name) => table.columns[columnIndex(table, name)]!.subarray(0, training.to - offset));
    return { columns, first: training.from - offset + LAGS.at(-1)!, end: training.to - offset - horizon };
  });
  const all = rows.reduce((sum, { first, end }) => sum + Math.max(0, end - first), 0);
  const stride = Math.ceil(all / MOST_ROWS);
  const gains = steps.flatMap((step) =>
    seen.map((_, t) => {
      const samples = rows.flatMap((one) => samplesOf(one, t, step, stride));
      return gainOf(samples, LAGS.length, LAGS.length + OTHERS * (seen.length - 1));
    }),
  );
  const known = gains.filter((gain) => gain !== undefined);
  return known.length > 0 ? known.reduce((sum, gain) => sum + gain, 0) / known.length : undefined;
}

interface Sample {
  readonly inputs: Float64Array;
  readonly output: number;
  readonly judges: boolean;
}

/** What a linear forecast of target `t` sees, its own past first, and the change until `step` samples later. */
function samplesOf(
  { columns, first, end }: { columns: readonly Float64Array[]; first: number; end: number },
  t: number,
  step: number,
  stride: number,
): Sample[] {
  const own = columns[t]!;
  const others = columns.filter((_, i) => i !== t);
  const samples: Sample[] = [];
  for (let row = first; row < end; row += stride) {
    const seen = [
      ...LAGS.map((lag) => (lag === 0 ? own[row]! : own[row - lag]! - own[row]!)),
      ...others.flatMap((other) => [other[row]!, other[row - 1]! - other[row]!]),
    ];
    const output = own[row + step]! - own[row]!;
    const judges = row >= first + FITTED * (end - first);
    if (Number.isFinite(output) && seen.every(Number.isFinite)) {
      samples.push({ inputs: Float64Array.from(seen), output, judges });
    }
  }
  return samples;
}

/** The gain of all inputs over the first `own` of them; undefined if there are too few samples, or nothing to gain. */
function gainOf(samples: readonly Sample[], own: number, all: number): number | undefined {
  const [fitted, judges] = [false, true].map((judge) => samples.filter(({ judges }) => judges === judge));
  if (fitted!.length < 4 * all || judges!.length < all) return undefined;
  const [alone, together] = [own, all].map((size) => errorOf(fitted!, judges!, size));
  return alone! > 0 && Number.isFinite(together) ? 1 - together! / alone! : undefined;
}

/** The squared error of a ridge regression on the first `size` inputs, which are standardized. */
function errorOf(fitted: readonly Sample[], judges: readonly Sample[], size: number): number {
  const mean = new Float64Array(size);
  const std = new Float64Array(size);
  let level = 0;
  for (const { inputs, output } of fitted) {
    for (let i = 0; i < size; i++) mean[i]! += inputs[i]! / fitted.length;
    level += output / fitted.length;
  }
  for (const { inputs } of fitted) {
    for (let i = 0; i < size; i++) std[i]! += (inputs[i]! - mean[i]!) ** 2 / fitted.length;
  }
  for (let i = 0; i < size; i++) std[i] = Math.sqrt(std[i]!) || 1;
  const matrix = new Float64Array(size * size);
  const right = new Float64Array(size);
  const z = new Float64Array(size);
  const scale = ({ inputs }: Sample) => {
    for (let i = 0; i < size; i++) z[i] = (inputs[i]! - mean[i]!) / std[i]!;
  };
  for (const sample of fitted) {
    scale(sample);
    for (let i = 0; i < size; i++) {
      right[i]! += z[i]! * (sample.output - level);
      for (let j = 0; j < size; j++) matrix[i * size + j]! += z[i]! * z[j]!;
    }
  }
  for (let i = 0; i < size; i++) matrix[i * size + i]! += PENALTY * fitted.length;
  if (!factorize(matrix, size)) return Number.NaN;
  const weights = solve(matrix, size, right);
  let sum = 0;
  for (const sample of judges) {
    scale(sample);
    let said = level;
    for (let i = 0; i < size; i++) said += weights[i]! * z[i]!;
    sum += (sample.output - said) ** 2;
  }
  return sum;
}
