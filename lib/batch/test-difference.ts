import { dieboldMariano, type PairedTest, wilcoxon } from '../accuracy/paired.ts';
import { GatecastError } from '../base/errors.ts';
import type { Series } from '../data/series.ts';
import { evaluate } from './evaluate.ts';
import type { EvaluatedModel, EvaluateOptions } from './evaluate-options.ts';

/** Losses of many series are compared by series, those of fewer in the order of time. */
const LEAST_SERIES = 10;
const LEAST_WINDOWS = 10;
/** Of more windows of a series, only every so many are compared. */
const MOST_WINDOWS = 20_000;

/**
 * Whether the mean squared errors of two models on scaled values differ by more than noise; undefined with too few
 * windows to say. `windows`: how many there are in all.
 */
export async function testDifference(
  models: readonly [EvaluatedModel, EvaluatedModel],
  names: readonly [string, string],
  data: Series,
  span: EvaluateOptions,
  windows: number,
): Promise<PairedTest | undefined> {
  const stride = (span.stride ?? 1) * Math.ceil(windows / MOST_WINDOWS);
  const losses = [];
  for (const model of models) losses.push(await lossesOf(model, data, { ...span, stride, origins: true }));
  const [own, other] = losses;
  if (!own || !other) return undefined;
  const many = own.series.size >= LEAST_SERIES;
  const [first, second] = many ? pairs(own.series, other.series) : pairs(own.origins, other.origins);
  if (many) return first.length < LEAST_SERIES ? undefined : wilcoxon(first, second, { names });
  const overlap = Math.ceil(models[0].description.horizon / stride);
  if (first.length < Math.max(LEAST_WINDOWS, 2 * overlap)) return undefined;
  return dieboldMariano(first, second, { names, horizon: overlap });
}

/** Squared errors by series and by the row of the windows; undefined without any window. */
async function lossesOf(model: EvaluatedModel, data: Series, span: EvaluateOptions) {
  try {
    const { series, origins } = await evaluate(model, data, span);
    return {
      series: new Map([...series].map(([key, { scaled }]) => [key, scaled.mse])),
      origins: new Map(origins!.map(({ row, scaled }) => [row, scaled.mse])),
    };
  } catch (error) {
    if (error instanceof GatecastError && error.code === 'invalid-data') return undefined;
    throw error;
  }
}

/** The losses that both have. */
function pairs<K>(own: ReadonlyMap<K, number>, other: ReadonlyMap<K, number>): [number[], number[]] {
  const keys = [...own.keys()].filter((key) => other.has(key));
  return [keys.map((key) => own.get(key)!), keys.map((key) => other.get(key)!)];
}
