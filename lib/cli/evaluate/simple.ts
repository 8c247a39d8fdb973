import { dieboldMariano, type PairedTest, wilcoxon } from '../../accuracy/paired.ts';
import { GatecastError } from '../../base/errors.ts';
import { baselines } from '../../baselines/baselines.ts';
import { evaluate } from '../../batch/evaluate.ts';
import type { EvaluateOptions } from '../../batch/evaluate-options.ts';
import type { ErrorScore, SeriesScore } from '../../batch/score.ts';
import type { Series } from '../../data/series.ts';
import type { Forecaster } from '../../model/forecaster.ts';

/** A simple forecast beside a model. */
export interface Simple extends ErrorScore {
  name: string;
  /** How many windows it has. It has fewer if it needs more rows before the first. */
  windows: number;
  /** Whether the model differs from it by more than noise, on the windows of both; left out with too few to say. */
  test?: PairedTest;
}

/** Squared errors, by series if there are many, else by the row of the window. */
type Losses = ReadonlyMap<string | number, number>;

const DAY = 86_400_000;
/** With fewer series, losses are compared over time. */
const LEAST_SERIES = 10;
const LEAST_WINDOWS = 10;

/**
 * The simple forecasts beside a model, whose score has `origins`: the last value, and the value a season before if there is
 * a season. Further ones belong here.
 */
export async function simpleForecasts(
  model: Forecaster,
  own: SeriesScore,
  data: Series,
  span: EvaluateOptions,
): Promise<Simple[]> {
  const many = own.series.size >= LEAST_SERIES;
  const overlap = Math.ceil(model.description.horizon / (span.stride ?? 1));
  const beside = (name: string, { mse, mae, scaled }: ErrorScore, losses: Losses) => {
    const test = pairedTest(['this model', `the ${name}`], lossesOf(own, many), losses, many ? undefined : overlap);
    return { name, mse, mae, scaled, ...(test && { test }) };
  };
  const last = { ...beside('last value', own.naive, lossesOf(own, many, true)), windows: own.windows };
  if (own.season === 1) return [last];
  const scale = span.scale ?? (model.description.scale ? 'series' : 'global');
  const seasonal = await seasonalScore(model, data, { ...span, season: own.season, scale });
  if (!seasonal) return [last];
  const name = `value ${before(own.season, model)} before`;
  return [last, { ...beside(name, seasonal, lossesOf(seasonal, many)), windows: seasonal.windows }];
}

/** A season in words. */
function before(season: number, { description }: Forecaster): string {
  const length = season * (description.interval ?? Number.NaN);
  return length === DAY ? 'a day' : length === 7 * DAY ? 'a week' : `${season} rows`;
}

/** Undefined if the rows are too few for a season and a window. */
async function seasonalScore(
  model: Forecaster,
  data: Series,
  span: EvaluateOptions & { season: number },
): Promise<SeriesScore | undefined> {
  try {
    return await evaluate(baselines.seasonal(span.season, model), data, span);
  } catch (error) {
    if (error instanceof GatecastError && error.code === 'invalid-data') return undefined;
    throw error;
  }
}

/** `naive`: those of repeating the last value instead. */
function lossesOf({ series, origins }: SeriesScore, many: boolean, naive = false): Losses {
  const loss = (score: ErrorScore & { naive: ErrorScore }) => (naive ? score.naive : score).scaled.mse;
  if (many) return new Map([...series].map(([key, score]) => [key, loss(score)]));
  return new Map(origins!.map((origin) => [origin.row, loss(origin)]));
}

/** `overlap`: how many windows share a true value; undefined for losses of series. */
function pairedTest(
  names: readonly [string, string],
  own: Losses,
  other: Losses,
  overlap: number | undefined,
): PairedTest | undefined {
  const keys = [...own.keys()].filter((key) => other.has(key));
  const [first, second] = [own, other].map((losses) => keys.map((key) => losses.get(key)!)) as [number[], number[]];
  if (overlap === undefined) return keys.length < LEAST_SERIES ? undefined : wilcoxon(first, second, { names });
  if (keys.length < Math.max(LEAST_WINDOWS, 2 * overlap)) return undefined;
  return dieboldMariano(first, second, { names, horizon: overlap });
}
