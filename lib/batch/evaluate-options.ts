import { types } from 'node:util';
import { type Check, object, oneOf, whole } from '../base/schema.ts';
import { reading } from '../base/values.ts';

export interface EvaluateOptions {
  /**
   * First row of each series that is forecast, or of each by key; default 0. Rows before it are only inputs. With keys,
   * other series are not forecast.
   */
  from?: number | ReadonlyMap<string, number>;
  /** Row before which the last forecast ends; default the end of the series. */
  to?: number;
  /**
   * Which deviation scaled errors have: 'global' for that of all series, 'series' for that of each series, over
   * the rows before `from`. Default as the streams of the model have their scale.
   */
  scale?: 'global' | 'series';
}

const row = whole(0, Number.MAX_SAFE_INTEGER);
const from: Check<number | ReadonlyMap<string, number>> = (value, name) => {
  if (!types.isMap(value)) return row(value, name);
  return reading(name, () => new Map([...value].map(([key, first]) => [String(key), row(first, `${name} of ${key}`)])));
};
export const checkEvaluateOptions = object<EvaluateOptions>({ from, to: row, scale: oneOf('global', 'series') }, [
  'from',
  'to',
  'scale',
]);

/** The first row of a series that is forecast; Infinity if it is left out. */
export function firstRow({ from = 0 }: EvaluateOptions, key: string): number {
  return typeof from === 'number' ? from : (from.get(key) ?? Number.POSITIVE_INFINITY);
}
