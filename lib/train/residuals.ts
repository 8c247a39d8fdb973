import { quantile } from '../base/sorted.ts';
import { headOf } from '../model/heads/heads.ts';
import type { Model } from '../model/model.ts';
import type { TrainedDescription } from '../model/trained-model.ts';
import type { Tensor } from '../base/tensor.ts';
import type { SeriesRows } from './plan.ts';
import { forecastValidation } from './validation-forecasts.ts';

/** Most errors that are kept: with many outputs, fewer rows are forecast from. */
const MOST_ERRORS = 4_000_000;
/** Validation rows of so many horizons decide half of a correction: errors of one horizon are hardly more than one. */
const HORIZONS = 3;

/**
 * What the validation rows say of the quantiles of a forecaster, [targets * horizon][levels] on the network's scale.
 * For a head that gives points, they are the quantiles of (true value - forecast). For one that gives quantiles, they
 * are corrections: those quantiles of (true value - quantile) that are of the same level (conformalized quantile
 * regression; Romano et al., 2019), the smaller the fewer rows there are. The median is not corrected. Undefined if
 * there is nothing to say, or if `signal` aborts meanwhile.
 */
export async function residualQuantiles(
  model: Model & { readonly description: Pick<TrainedDescription, 'loss'> },
  series: readonly SeriesRows[],
  levels: readonly number[],
  signal: AbortSignal,
): Promise<Tensor | undefined> {
  const { targets, horizon, loss } = model.description;
  const { gives } = headOf(loss);
  if (levels.length === 0 || (gives !== 'point' && gives !== 'quantiles')) return undefined;
  const compared = gives === 'point' ? [undefined] : levels;
  const found = await errorsOf(model, series, compared, signal);
  if (found === undefined) return undefined;
  const data = new Float32Array(targets.length * horizon * levels.length);
  for (let i = 0; i < targets.length * horizon; i++) {
    const [first] = found[i]!;
    const own =
      gives === 'point' ? levels.map(() => (first!.length > 0 ? first! : othersOf(found, i, horizon))) : found[i]!;
    levels.forEach((level, k) => {
      const errors = Float64Array.from(own[k]!).sort();
      if (errors.length === 0 || (gives === 'quantiles' && level === 0.5)) return;
      const share = gives === 'point' ? 1 : errors.length / (errors.length + HORIZONS * horizon);
      data[i * levels.length + k] = share * quantile(errors, level);
    });
  }
  return { shape: [targets.length * horizon, levels.length], data };
}

/**
 * The errors on the network's scale over the validation rows, [targets * horizon][compared]: true value - quantile of a
 * level, or - forecast for no level. Undefined if `signal` aborts meanwhile.
 */
async function errorsOf(
  model: Model,
  series: readonly SeriesRows[],
  compared: readonly (number | undefined)[],
  signal: AbortSignal,
): Promise<number[][][] | undefined> {
  const { targets, horizon } = model.description;
  const errors = Array.from({ length: targets.length * horizon }, () => compared.map((): number[] => []));
  const most = Math.floor(MOST_ERRORS / compared.length);
  const done = await forecastValidation(model, series, most, signal, ({ forecast, truth, columns, deviation }) => {
    const deviations = columns.map(deviation);
    compared.forEach((level, k) => {
      const forecasts = level === undefined ? forecast.mean : forecast.quantiles[level]!;
      errors.forEach((lists, i) => {
        const error = truth(i) - forecasts[i]!;
        if (Number.isFinite(error)) lists[k]!.push(error / deviations[Math.floor(i / horizon)]!);
      });
    });
  });
  if (!done) return undefined;
  return errors;
}

/** The errors of the other steps of a target, for a step that has no true value in the validation rows. */
function othersOf(errors: readonly number[][][], index: number, horizon: number): number[] {
  const from = index - (index % horizon);
  const others = errors.slice(from, from + horizon).flatMap(([list]) => list!);
  return others.length > 0 ? others : [0];
}
