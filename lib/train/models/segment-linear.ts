import type { StateDict } from '../../base/tensor.ts';
import { held, linearExcerpt, MOST_LINEAR_WINDOW } from '../../baselines/excerpt.ts';
import { fitLinear } from '../../baselines/fit-linear.ts';
import { SegmentForecaster, type SegmentParts } from '../../model/segment/segment-forecaster.ts';
import { withoutLevels } from '../calibrated.ts';
import type { TrainingData } from '../data.ts';
import type { SeriesRows } from '../plan.ts';
import { forecastValidation } from '../validation-forecasts.ts';

/** Most values that the linear forecast reads, as is usual for horizons of 96 to 720 (Zeng et al., 2023). */
const LOOKBACK = 336;

/** Most numbers of the validation forecasts that decide the share: with many, fewer rows are forecast from. */
const MOST_ERRORS = 1_000_000;

/**
 * The parts of a segment model with a linear forecast, fitted to the training rows; as they are if it would have no
 * share, or if there are too few rows. Undefined if `signal` aborts meanwhile.
 *
 * The mean of two forecasts of different kinds is better than each (Bates and Granger, 1969). That of equal shares is
 * hard to beat, because shares that are estimated are not exact, so that the share is half way between an equal one and
 * the best on the validation rows. If these say that one of the two only does harm, the other is alone.
 */
export async function withLinear(
  parts: SegmentParts,
  data: Pick<TrainingData, 'rows' | 'marks'>,
  series: readonly SeriesRows[],
  signal: AbortSignal,
): Promise<SegmentParts | undefined> {
  const { lookback, horizon, targets, segments } = parts.description;
  const linear = Math.min(LOOKBACK, lookback);
  if (linear + horizon > MOST_LINEAR_WINDOW) return parts;
  // A bias would be on the scale of all rows, which is not that of each window or series.
  const biased = segments.normalise === 'last' && series.length === 1;
  const map = fitMap(columnsOf(data, targets.length, series), { lookback: linear, horizon, biased });
  if (map === undefined) return parts;
  const mixed = (share: number): SegmentParts => ({
    ...parts,
    description: { ...parts.description, segments: { ...segments, linear: { lookback: linear, share } } },
    weights: { ...parts.weights, ...map },
  });
  const errors: number[] = [];
  for (const tried of [parts, mixed(0.5), mixed(1)]) {
    const error = await squaredError(tried, series, signal);
    if (error === undefined) return undefined;
    errors.push(error);
  }
  const share = shareOf(errors as [number, number, number]);
  return share > 0 ? mixed(share) : parts;
}

/** The share of the second of two forecasts, of the squared errors with its shares 0, 1/2 and 1. */
export function shareOf([none, half, all]: readonly [number, number, number]): number {
  const squares = 2 * (none + all - 2 * half); // of the distances between the two
  if (!(squares > 0)) return 0;
  const best = (none - all + squares) / (2 * squares); // where the parabola is lowest
  return best <= 0 || best >= 1 ? Math.min(1, Math.max(0, best)) : (best + 0.5) / 2;
}

/** The rows to learn from and then those to validate on of one target of a series, scaled, NaN where missing. */
interface Column {
  values: Float64Array;
  /** The first one to validate on. */
  first: number;
}

/** The columns of all series and targets; short holes are filled. */
function columnsOf(
  { rows, marks: { missing } }: Pick<TrainingData, 'rows' | 'marks'>,
  targets: number,
  series: readonly SeriesRows[],
): Column[] {
  return series.flatMap(({ training: { from, to }, validation }) =>
    Array.from({ length: targets }, (_, t) => {
      const end = Math.max(to, validation.to);
      const values = Float64Array.from({ length: end - from }, (_, i) => {
        const at = (from + i) * targets + t;
        return missing?.[at] ? Number.NaN : rows[at]!;
      });
      return { values: held(values), first: to - from };
    }),
  );
}

/** The weights of the linear map; undefined if there is no whole window to fit it to, or to check it. */
function fitMap(
  columns: readonly Column[],
  { lookback, horizon, biased }: { lookback: number; horizon: number; biased: boolean },
): StateDict | undefined {
  const training = columns.map(({ values, first }) => values.subarray(0, first));
  const validation = columns.map(({ values, first }) => values.subarray(Math.max(0, first - lookback)));
  const data = { training: linearExcerpt(training), validation: linearExcerpt(validation) };
  const fitted = fitLinear('nlinear', data, lookback, horizon, biased);
  if (!fitted) return undefined;
  const { weights, bias } = fitted;
  for (let step = 0; step < horizon; step++) {
    // The weights of a step are 1 together, so that it makes no difference what was subtracted from a window.
    const last = (step + 1) * lookback - 1;
    weights[last]! += 1 - weights.subarray(step * lookback, last + 1).reduce((sum, weight) => sum + weight, 0);
  }
  return {
    'linear.weight': { shape: [horizon, lookback], data: Float32Array.from(weights) },
    'linear.bias': { shape: [horizon], data: Float32Array.from(bias) },
  };
}

/** The sum of the squared errors of the mean over the validation rows, on the scale of the scaler. */
async function squaredError(
  parts: SegmentParts,
  series: readonly SeriesRows[],
  signal: AbortSignal,
): Promise<number | undefined> {
  const model = SegmentForecaster.from(withoutLevels(parts));
  const { targets, horizon } = model.description;
  const { std } = model.scaler;
  let sum = 0;
  const judged = series.filter(({ validation }) => validation.to > validation.from);
  const done = await forecastValidation(model, judged, MOST_ERRORS, signal, ({ forecast, truth }) => {
    for (let i = 0; i < targets.length * horizon; i++) {
      const error = (truth(i) - forecast.mean[i]!) / std[Math.floor(i / horizon)]!;
      if (Number.isFinite(error)) sum += error * error;
    }
  });
  model.dispose();
  return done ? sum : undefined;
}
