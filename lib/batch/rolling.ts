import { misfit } from '../base/errors.ts';
import { isRecord, reading } from '../base/values.ts';
import type { Forecast } from '../model/forecast.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { record, whole } from '../base/schema.ts';
import { rowCount, selectColumns, type Table } from '../data/table.ts';

/** The part of a Forecaster that running over a table needs. */
export type RollingModel = Pick<Forecaster, 'description' | 'createState'>;

export interface RollingOptions {
  /** Distance between forecasts [rows]; 1 by default. */
  every?: number;
  /** Row of the first forecast; the `every`-th row by default. */
  from?: number;
  /** Row before which forecasts end; the end of the table by default. */
  to?: number;
}

export interface RollingForecast {
  /** The row after whose values the forecast was made. */
  row: number;
  forecast: Forecast;
}

const row = whole(0, Number.MAX_SAFE_INTEGER);
const checkOptions = record<RollingOptions>({ every: whole(1, Number.MAX_SAFE_INTEGER), from: row, to: row }, [
  'every',
  'from',
  'to',
]);

/**
 * Runs one state over all rows of `table`, from the first on, and hands out the forecast at every `every`-th row.
 * Rows with missing values do not advance the state and give no forecast. Throws `invalid-argument` or `invalid-data`
 * at once for arguments that cannot be used.
 */
export function rolling(model: RollingModel, table: Table, options: RollingOptions = {}): Generator<RollingForecast> {
  checkModel(model);
  const rows = rowCount(table);
  const { every = 1, from = every - 1, to = rows } = checkOptions(options, 'options');
  const names = model.description.inputs.map((input) => input.name);
  return run(model, selectColumns(table, names), { every, from, to: Math.min(to, rows) });
}

function* run(
  model: RollingModel,
  { columns, at }: Table,
  { every, from, to }: Required<RollingOptions>,
): Generator<RollingForecast> {
  const sample = new Float64Array(columns.length);
  const state = model.createState({ onInvalid: 'skip' });
  try {
    for (let row = 0; row < to; row++) {
      columns.forEach((column, index) => {
        sample[index] = column[row]!;
      });
      const forecast = state.step(sample, Number.isFinite(at?.[row]) ? at![row] : undefined);
      if (forecast && row >= from && (row - from) % every === 0) yield { row, forecast };
    }
  } finally {
    state.dispose();
  }
}

/** A look at what is used: anything that gives states as a Forecaster does is one here. */
export function checkModel(model: RollingModel): void {
  const fits = reading('model', () => isRecord(model) && typeof model.createState === 'function' && model.description);
  if (fits) return;
  throw misfit('a Forecaster', 'model', model);
}
