import { types } from 'node:util';
import { checkSeason } from '../accuracy/scaled.ts';
import { boolean, type Check, object, oneOf, whole } from '../base/schema.ts';
import { reading } from '../base/values.ts';
import type { Model } from '../model/model.ts';
import { MOST_PATHS } from '../model/paths.ts';
import type { RollingModel } from './lanes.ts';

export type EvaluatedModel = RollingModel & Pick<Model, 'scaler'>;

export interface EvaluateOptions {
  /**
   * First row of each series that is forecast, or of each by key; default 0. Rows before it are only inputs. With keys,
   * other series are not forecast.
   */
  from?: number | ReadonlyMap<string, number>;
  /** Row before which the last forecast ends; default the end of the series. */
  to?: number;
  /**
   * Rows from `from` on that are not forecast either, such as validation rows; default 0. Errors are scaled by the rows
   * before `from` all the same.
   */
  gap?: number;
  /** Rows between two forecasts of a series; default 1. */
  stride?: number;
  /**
   * Rows in a season, 1 to 1,000,000, for the errors that are scaled by the differences between values a season apart,
   * in the rows before `from`, or in all rows if no row is before it. Default those of a day, else of a week, where
   * these are 4 to 1440; else 1. A series that is no longer than a season is scaled by the differences between
   * neighbours.
   */
  season?: number;
  /**
   * Which deviation scaled errors have: 'global' for that of all series, 'series' for that of each series, over
   * the rows before `from`. Default as the streams of the model have their scale.
   */
  scale?: 'global' | 'series';
  /**
   * Sample paths of each forecast, 2 to 10,000, as `Forecast.paths` draws them, by which `courses` and, for a model
   * without a family of distributions, `crps` are measured. Default all those that a model of 'deepar' draws; none for
   * others.
   */
  paths?: number;
  /** True to give the errors over time too, in `origins`. These take memory for each row from which is forecast. */
  origins?: boolean;
}

/** Two or more, because paths are compared with one another. */
export const checkPathCount = whole(2, MOST_PATHS);

const row = whole(0, Number.MAX_SAFE_INTEGER);
const from: Check<number | ReadonlyMap<string, number>> = (value, name) => {
  if (!types.isMap(value)) return row(value, name);
  return reading(name, () => new Map([...value].map(([key, first]) => [String(key), row(first, `${name} of ${key}`)])));
};

export const checkEvaluateOptions = object<EvaluateOptions>(
  {
    from,
    to: row,
    gap: row,
    stride: whole(1, Number.MAX_SAFE_INTEGER),
    season: checkSeason,
    scale: oneOf('global', 'series'),
    paths: checkPathCount,
    origins: boolean,
  },
  ['from', 'to', 'gap', 'stride', 'season', 'scale', 'paths', 'origins'],
);

/** The first row of a series that is not only an input; Infinity if the series is left out. */
export function firstRow({ from = 0 }: EvaluateOptions, key: string): number {
  return typeof from === 'number' ? from : (from.get(key) ?? Number.POSITIVE_INFINITY);
}
