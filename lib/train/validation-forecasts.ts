import { type Step, Lanes } from '../batch/lanes.ts';
import { createBreath } from '../base/breath.ts';
import { selectColumns, sliceRows } from '../data/table.ts';
import { tableInputs } from '../model/ahead.ts';
import type { Model } from '../model/model.ts';
import type { SeriesRows } from './plan.ts';

/** Fewest rows that are forecast from, spread evenly over the validation rows. */
const LEAST_ROWS = 100;

/** A forecast and what came after it. */
export interface Validated extends Step {
  /** The true value at a place in [targets][horizon]; NaN for none. */
  readonly truth: (i: number) => number;
  /** The places of the targets among the columns. */
  readonly columns: readonly number[];
}

/**
 * Calls `use` for the forecasts after validation rows, as soon as the state is ready: all of them, or fewer if they
 * have more than `most` numbers, [targets][horizon] each. Returns false if `signal` aborts meanwhile.
 */
export async function forecastValidation(
  model: Model,
  series: readonly SeriesRows[],
  most: number,
  signal: AbortSignal,
  use: (validated: Validated) => void,
): Promise<boolean> {
  const { targets, horizon } = model.description;
  const names = tableInputs(model.description);
  const rows = series.reduce((sum, { validation: { from, to } }) => sum + to - from, 0);
  const wanted = Math.max(LEAST_ROWS, Math.floor(most / (targets.length * horizon)));
  const stride = Math.ceil(rows / wanted);
  const breathe = createBreath();
  const lanes = new Lanes(model, { ahead: horizon, lanes: series.length, even: true });
  const tables = series.map(({ table, offset, validation }, index) => ({
    ...sliceRows(selectColumns(table, names), 0, validation.to - offset),
    key: String(index),
  }));
  const first = series.map(({ validation, offset }) => validation.from - offset - 1);
  const isWanted = (row: number, index: number) => row >= first[index]! && (row - first[index]!) % stride === 0;
  const columns = targets.map((target) => names.indexOf(target));
  try {
    for (const step of lanes.run(tables, { wanted: (row, { key }) => isWanted(row, Number(key)) })) {
      if (!step) {
        await breathe();
        if (signal.aborted) return false;
      } else if (step.forecast.ready) {
        const { table, row } = step;
        const truth = (i: number) => table.columns[columns[Math.floor(i / horizon)]!]![row + 1 + (i % horizon)]!;
        use({ ...step, truth, columns });
      }
    }
  } finally {
    lanes.dispose();
  }
  return true;
}
