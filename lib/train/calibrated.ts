import { headOf } from '../model/heads/heads.ts';
import type { ModelParts } from '../model/parts.ts';
import type { TrainedDescription, TrainedModel } from '../model/trained-model.ts';
import { withDependence } from './dependence.ts';
import type { SeriesRows } from './plan.ts';
import { residualQuantiles } from './residuals.ts';

/**
 * The model of these parts and of what the validation rows say: the corrections of its quantiles, and how the steps of
 * its forecasts go together. Undefined if `signal` aborts meanwhile.
 */
export async function calibrated<D extends TrainedDescription, M extends TrainedModel<D>>(
  parts: ModelParts<D>,
  make: (parts: ModelParts<D>) => M,
  series: readonly SeriesRows[],
  levels: readonly number[],
  signal: AbortSignal,
): Promise<M | undefined> {
  const judged = series.filter(({ validation }) => validation.to > validation.from);
  const plain = make(withoutLevels(parts));
  const residuals = await residualQuantiles(plain, judged, levels, signal);
  plain.dispose();
  if (signal.aborted) return undefined;
  return withDependence({ ...parts, residuals }, make, judged, signal);
}

/** The parts of a model that gives points, whose quantiles are not known yet; those of another as they are. */
export function withoutLevels<D extends TrainedDescription>(parts: ModelParts<D>): ModelParts<D> {
  if (headOf(parts.description.loss).gives !== 'point') return parts;
  return { ...parts, description: { ...parts.description, levels: [] } };
}
