import { expected, GatecastError } from '../errors.ts';
import type { Forecast } from '../model/forecast.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { rowCount, selectColumns, type Table } from './table.ts';

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

/**
 * Runs one state over all rows of `table`, from the first on, and hands out the forecast at every `every`-th row.
 * Rows with missing values do not advance the state and give no forecast.
 */
export function* rolling(model: RollingModel, table: Table, options: RollingOptions = {}): Generator<RollingForecast> {
  const { every = 1, from = every - 1, to = rowCount(table) } = options;
  if (!Number.isSafeInteger(every) || every < 1) {
    throw new GatecastError('invalid-argument', expected('a whole number >= 1', 'every', every));
  }
  const { columns, at } = selectColumns(
    table,
    model.description.inputs.map((input) => input.name),
  );
  const sample = new Float64Array(columns.length);
  const state = model.createState({ onInvalid: 'skip' });
  try {
    for (let row = 0; row < Math.min(to, rowCount(table)); row++) {
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
