import { quantile } from '../batch/metrics.ts';
import { rolling } from '../batch/rolling.ts';
import { selectColumns } from '../data/table.ts';
import type { Forecaster } from '../model/forecaster.ts';
import type { Tensor } from '../base/tensor.ts';
import { createBreath } from '../base/breath.ts';
import type { Part } from './plan.ts';

/**
 * How far the truth lay from a point forecaster's forecasts over the validation rows: quantiles of truth minus
 * forecast in scaled units, [targets * horizon][levels]. Undefined when `signal` aborts meanwhile.
 */
export async function residualQuantiles(
  model: Forecaster,
  parts: readonly Part[],
  levels: readonly number[],
  signal: AbortSignal,
): Promise<Tensor | undefined> {
  const { targets, horizon } = model.description;
  const { names, std } = model.scaler;
  const deviations = targets.map((target) => std[names.indexOf(target)]!);
  const errors = Array.from({ length: targets.length * horizon }, (): number[] => []);
  const breathe = createBreath();
  for (const { table, offset, validation } of parts) {
    const truth = selectColumns(table, targets).columns;
    const span = {
      from: Math.max(validation.from - offset - 1, 0),
      to: Math.max(validation.to - offset - horizon, 0),
    };
    for (const { row, forecast } of rolling(model, table, span)) {
      await breathe();
      if (signal.aborted) return undefined;
      if (!forecast.ready) continue;
      errors.forEach((list, i) => {
        const target = Math.floor(i / horizon);
        const error = truth[target]![row + 1 + (i % horizon)]! - forecast.mean[i]!;
        if (Number.isFinite(error)) list.push(error / deviations[target]!);
      });
    }
  }
  const data = new Float32Array(errors.length * levels.length);
  errors.forEach((list, i) => {
    list.sort((a, b) => a - b);
    levels.forEach((level, k) => {
      data[i * levels.length + k] = quantile(list, level);
    });
  });
  return { shape: [errors.length, levels.length], data };
}
