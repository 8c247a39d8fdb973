import { quantile } from '../base/sorted.ts';
import { Lanes } from '../batch/lanes.ts';
import { selectColumns, sliceRows } from '../data/table.ts';
import type { Model } from '../model/model.ts';
import { tableInputs } from '../model/ahead.ts';
import type { Tensor } from '../base/tensor.ts';
import { createBreath } from '../base/breath.ts';
import type { SeriesRows } from './plan.ts';

/**
 * The errors of a point forecaster over the validation rows: quantiles of (true value - forecast) on the network's
 * scale, [targets * horizon][levels]. Undefined if `signal` aborts meanwhile.
 */
export async function residualQuantiles(
  model: Model,
  series: readonly SeriesRows[],
  levels: readonly number[],
  signal: AbortSignal,
): Promise<Tensor | undefined> {
  const { targets, horizon } = model.description;
  const names = tableInputs(model.description);
  const errors = Array.from({ length: targets.length * horizon }, (): number[] => []);
  const breathe = createBreath();
  const lanes = new Lanes(model, { ahead: horizon, lanes: series.length, even: true });
  const tables = series.map(({ table, offset, validation }, index) => ({
    ...sliceRows(selectColumns(table, names), 0, validation.to - offset),
    key: String(index),
  }));
  const first = series.map(({ validation, offset }) => validation.from - offset - 1);
  const columns = targets.map((target) => names.indexOf(target));
  try {
    for (const step of lanes.run(tables, { wanted: (row, { key }) => row >= first[Number(key)]! })) {
      if (!step) {
        await breathe();
        if (signal.aborted) return undefined;
      } else if (step.forecast.ready) {
        const { table, row, forecast } = step;
        const deviations = columns.map(step.deviation);
        errors.forEach((list, i) => {
          const target = Math.floor(i / horizon);
          const error = table.columns[columns[target]!]![row + 1 + (i % horizon)]! - forecast.mean[i]!;
          if (Number.isFinite(error)) list.push(error / deviations[target]!);
        });
      }
    }
  } finally {
    lanes.dispose();
  }
  const data = new Float32Array(errors.length * levels.length);
  errors.forEach((own, i) => {
    const list = own.length > 0 ? own : othersOf(errors, i, horizon);
    list.sort((a, b) => a - b);
    levels.forEach((level, k) => {
      data[i * levels.length + k] = quantile(list, level);
    });
  });
  return { shape: [errors.length, levels.length], data };
}

/** The errors of the other steps of a target, for a step that has no true value in the validation rows. */
function othersOf(errors: readonly number[][], index: number, horizon: number): number[] {
  const from = index - (index % horizon);
  const others = errors.slice(from, from + horizon).flat();
  return others.length > 0 ? others : [0];
}
