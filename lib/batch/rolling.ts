import { createBreath } from '../base/breath.ts';
import { object, whole } from '../base/schema.ts';
import { blocksOf } from '../data/blocks.ts';
import { type Data, isSeries, type KeyedTable, type Series } from '../data/series.ts';
import { selectColumns, type Table } from '../data/table.ts';
import type { Forecast } from '../model/forecast.ts';
import { tableInputs } from '../model/ahead.ts';
import { checkModel, Lanes, type RollingModel, type RunOptions, type Step } from './lanes.ts';

export interface RollingOptions {
  /** Distance between forecasts of a series [rows]; default 1. */
  every?: number;
  /** Row of each series' first forecast; default the `every`-th row. */
  from?: number;
  /** Row before which forecasts end; default the end of the series. */
  to?: number;
}

export interface RollingForecast {
  /** The key of its series; '' for a table. */
  key: string;
  /** The row of the series after whose values the forecast was made. */
  row: number;
  forecast: Forecast;
}

const row = whole(0, Number.MAX_SAFE_INTEGER);
const checkOptions = object<RollingOptions>({ every: whole(1, Number.MAX_SAFE_INTEGER), from: row, to: row }, [
  'every',
  'from',
  'to',
]);

/**
 * Runs a state over all rows of a table, or one state over the rows of each series, and yields a forecast at every
 * `every`-th row. The forecasts of a series come in the order of its rows. Series are read in chunks and stepped side
 * by side, with the same bits as alone. Missing values are filled as in a live stream of a model that was trained with
 * some; for any other model, such a row neither advances the state nor gives a forecast. Throws `invalid-argument` or
 * `invalid-data` at once for arguments that cannot be used. Iterating throws `invalid-data` for series that cannot be
 * used, and the error that their source throws.
 */
export function rolling(model: RollingModel, series: Series, options?: RollingOptions): AsyncGenerator<RollingForecast>;
export function rolling(model: RollingModel, table: Table, options?: RollingOptions): Generator<RollingForecast>;
export function rolling(
  model: RollingModel,
  data: Data,
  options: RollingOptions = {},
): Generator<RollingForecast> | AsyncGenerator<RollingForecast> {
  checkModel(model);
  const series = isSeries(data);
  const { every = 1, from = every - 1, to } = checkOptions(options, 'options');
  const names = tableInputs(model.description);
  const run: RunOptions = {
    wanted: (row) => row >= from && (row - from) % every === 0,
    ...(to !== undefined && { to }),
  };
  if (series) return rollSeries(model, blocksOf(data, names), run);
  return rollTable(model, { ...selectColumns(data, names), key: '' }, run);
}

function* rollTable(model: RollingModel, table: KeyedTable, options: RunOptions): Generator<RollingForecast> {
  const lanes = new Lanes(model, 0, 1);
  try {
    for (const step of lanes.run([table], options)) if (step) yield forecastOf(step);
    for (const step of lanes.finish(options)) if (step) yield forecastOf(step);
  } finally {
    lanes.dispose();
  }
}

async function* rollSeries(
  model: RollingModel,
  blocks: AsyncIterable<KeyedTable[]>,
  options: RunOptions,
): AsyncGenerator<RollingForecast> {
  const lanes = new Lanes(model);
  const breathe = createBreath();
  try {
    for await (const block of blocks) {
      for (const step of lanes.run(block, options)) {
        if (step) yield forecastOf(step);
        else await breathe();
      }
    }
    for (const step of lanes.finish(options)) {
      if (step) yield forecastOf(step);
      else await breathe();
    }
  } finally {
    lanes.dispose();
  }
}

function forecastOf({ lane: { key }, row, forecast }: Step): RollingForecast {
  return { key, row, forecast };
}
