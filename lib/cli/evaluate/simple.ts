import type { Baseline } from '../../baselines/baseline.ts';
import { baselines } from '../../baselines/baselines.ts';
import { evaluate } from '../../batch/evaluate.ts';
import type { EvaluateOptions } from '../../batch/evaluate-options.ts';
import type { ErrorScore, Score } from '../../batch/score.ts';
import { testDifference } from '../../batch/test-difference.ts';
import type { PairedTest } from '../../accuracy/paired.ts';
import { GatecastError } from '../../base/errors.ts';
import type { Series } from '../../data/series.ts';
import type { TrainedModel } from '../../model/trained-model.ts';

/** A simple forecast beside a model. */
export interface Simple extends ErrorScore {
  name: string;
  /** How many windows it has. It has fewer if it needs more rows before the first. */
  windows: number;
  /** Whether the model differs from it by more than noise, on the windows of both; left out with too few to say. */
  test?: PairedTest;
}

const DAY = 86_400_000;

/** The forecasts that are fitted to nothing: the last value, and the value a season before if there is a season. */
export async function simpleForecasts(
  model: TrainedModel,
  own: Score,
  data: Series,
  given: EvaluateOptions,
): Promise<Simple[]> {
  const span: EvaluateOptions = { ...given, scale: model.description.scale ? 'series' : 'global' };
  const made: [string, Baseline][] = [['last value', baselines.last(model)]];
  if (own.season > 1) made.push([`value ${before(own.season, model)} before`, baselines.seasonal(own.season, model)]);
  const found: Simple[] = [];
  for (const [name, baseline] of made) {
    const score = await scoreOrNone(baseline, data, span);
    if (!score) continue;
    const test = await testDifference([model, baseline], ['this model', `the ${name}`], data, span, own.windows);
    const { mse, mae, scaled, windows } = score;
    found.push({ name, windows, mse, mae, scaled, ...(test && { test }) });
  }
  return found;
}

/** A season in words. */
function before(season: number, { description }: TrainedModel): string {
  const length = season * (description.interval ?? Number.NaN);
  return length === DAY ? 'a day' : length === 7 * DAY ? 'a week' : `${season} rows`;
}

/** Undefined if the rows are too few for a season and a window. */
async function scoreOrNone(baseline: Baseline, data: Series, span: EvaluateOptions): Promise<Score | undefined> {
  try {
    return await evaluate(baseline, data, span);
  } catch (error) {
    if (error instanceof GatecastError && error.code === 'invalid-data') return undefined;
    throw error;
  }
}
