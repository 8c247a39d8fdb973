import type { StateDict } from '../base/tensor.ts';
import type { Description } from '../model/description.ts';
import { Forecaster } from '../model/forecaster.ts';
import { withoutLevels } from './calibrated.ts';
import type { TrainingData } from './data.ts';
import { type BestPass, finishDescription } from './description.ts';
import { withDependence } from './dependence.ts';
import type { ResolvedOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { residualQuantiles } from './residuals.ts';
import { measureWarmup } from './warmup.ts';

/** Makes the forecaster of a finished training; undefined if `signal` aborts meanwhile. */
export async function assemble(
  plan: Plan,
  data: TrainingData,
  options: ResolvedOptions,
  best: BestPass,
  weights: StateDict,
  signal: AbortSignal,
): Promise<Forecaster | undefined> {
  const { scaler, course } = data;
  const series = plan.series.map((rows, i) => ({ ...rows, seen: data.filled?.[i] }));
  const judged = series.filter(({ validation }) => validation.to > validation.from);
  const description = finishDescription(plan.description, options.seed, data.shape, best);
  const plain = Forecaster.from(withoutLevels({ description, weights, scaler, course }));
  try {
    const residuals = await residualQuantiles(plain, judged, options.levels, signal);
    // The network never learned from a window that is not full.
    const warmup =
      options.memory === 'window' ? description.lookback : await measureWarmup(plain, judged, data.shape, signal);
    if (signal.aborted) return undefined;
    const finished: Description = { ...description, warmup: warmup! };
    const parts = { description: finished, weights, scaler, residuals, course };
    return await withDependence(parts, (own) => Forecaster.from(own), judged, signal);
  } finally {
    plain.dispose();
  }
}
