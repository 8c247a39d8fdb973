import { type KeyedTable, seriesOf } from '../data/series.ts';
import { rowCount, type Table } from '../data/table.ts';
import type { Model } from '../model/model.ts';
import { rolling } from './rolling.ts';

/** One forecast of a target beside what came. All lists but `history` have an element for each step ahead. */
export interface FanPicture {
  /** The row after which it was made. */
  readonly row: number;
  /** The last values before it, the newest last. */
  readonly history: readonly number[];
  readonly mean: readonly number[];
  /** The quantiles of each level, ascending; empty for a model of means only. */
  readonly quantiles: readonly (readonly [level: number, values: readonly number[]])[];
  /** NaN where a value is missing. */
  readonly truth: readonly number[];
}

/** What pictures of the forecasts of a target are drawn from. */
export interface ForecastPictures {
  readonly target: string;
  /** The unit of its values; left out for none. */
  readonly unit?: string;
  /** The key of its series. */
  readonly key: string;
  readonly fans: readonly FanPicture[];
  /** Values less their forecasts one step and a whole horizon ahead, by the row that was forecast. */
  readonly residuals: readonly { readonly row: number; readonly first: number; readonly last: number }[];
}

const FANS = 4;
/** Most forecasts from which residuals are taken. */
const RESIDUALS = 1000;
/** Values before a forecast that a picture shows: as many as steps ahead, and at least these, at most those. */
const [LEAST_HISTORY, MOST_HISTORY] = [24, 200];

/** The forecasts of the first target from the rows from `from` on, in the longest series that has some. */
export async function pictureForecasts(
  model: Model,
  tables: ReadonlyMap<string, Table>,
  from: ReadonlyMap<string, number>,
): Promise<ForecastPictures> {
  const { horizon, inputs, targets, levels } = model.description;
  const [key, first] = [...from].reduce((most, each) => (testedIn(each) > testedIn(most) ? each : most));
  const table: KeyedTable = { ...tables.get(key)!, key };
  const target = targets[0]!;
  const unit = inputs.find(({ name }) => name === target)?.unit;
  const values = table.columns[table.names.indexOf(target)]!;
  const begin = Math.max(0, first - 1);
  const end = rowCount(table) - horizon;
  const every = Math.max(1, Math.ceil((end - begin) / RESIDUALS));
  const count = Math.max(1, Math.floor((end - 1 - begin) / every) + 1);
  const wanted = new Set(Array.from({ length: FANS }, (_, i) => Math.floor(((i + 0.5) * count) / FANS)));
  const fans: FanPicture[] = [];
  const residuals: ForecastPictures['residuals'][number][] = [];
  const back = Math.min(MOST_HISTORY, Math.max(LEAST_HISTORY, horizon));
  for await (const { row, forecast } of rolling(model, seriesOf(new Map([[key, table]])), {
    from: begin,
    every,
    to: end,
  })) {
    const { mean, quantiles } = forecast;
    residuals.push({
      row: row + 1,
      first: values[row + 1]! - mean[0]!,
      last: values[row + horizon]! - mean[horizon - 1]!,
    });
    if (!wanted.has(Math.round((row - begin) / every))) continue;
    fans.push({
      row,
      history: [...values.subarray(Math.max(0, row + 1 - back), row + 1)],
      mean: [...mean.subarray(0, horizon)],
      quantiles: levels.map((level) => [level, [...quantiles[level]!.subarray(0, horizon)]]),
      truth: [...values.subarray(row + 1, row + 1 + horizon)],
    });
  }
  return { target, ...(unit !== undefined && { unit }), key, fans, residuals };

  function testedIn([each, row]: readonly [string, number]): number {
    return rowCount(tables.get(each)!) - row;
  }
}
