import { expected, GatecastError, misfit } from '../base/errors.ts';
import type { ModelDescription } from '../model/model.ts';
import { Forecast } from '../model/forecast.ts';
import { MOST_PATHS } from '../model/paths.ts';
import { type Check, list, number, orNull, object, text, whole } from '../base/schema.ts';
import { isA, reading } from '../base/values.ts';

/** Which columns a table of forecasts has. */
export interface ForecastColumns {
  /** Central intervals to write, as probabilities in (0, 1): 0.8 gives the columns `y_lo_80` and `y_hi_80`. */
  levels?: readonly number[];
  /** Name of a first column for the series, and its value in these rows; default the key of the forecast. */
  series?: { name: string; value?: string };
  /** So many sample paths in place of forecast and intervals: a row for each path and step. */
  paths?: number;
  /** Of the paths, as in `Forecast.paths`; default 1. */
  seed?: number;
}

/** The last date of JavaScript, as far from 1970 as the first [ms]. */
const LAST_DATE = 8.64e15;

const anyText: Check<string> = (value, name) => {
  if (typeof value === 'string') return value;
  throw misfit('text', name, value);
};
const checkOptions = object<ForecastColumns>(
  {
    levels: list(number(1e-6, 1 - 1e-6), 0, 199),
    series: object<{ name: string; value?: string }>({ name: anyText, value: anyText }, ['value']),
    paths: whole(1, MOST_PATHS),
    seed: whole(0, 2 ** 32 - 1),
  },
  ['levels', 'series', 'paths', 'seed'],
);
const checkTargets = list(text(256), 1, 4096);
const checkWords = list(text(256), 1, 65_536);
const checkRow = whole(0, Number.MAX_SAFE_INTEGER);
const checkInterval = orNull(number(1e-6, 1e15));

/**
 * The names of the columns: `from,at,step`, then for each target its forecast and the bounds of its intervals; of paths
 * `path,from,at,step`, then the targets. Of a category they are its word and the probability of each word:
 * `state,state_p_off,state_p_on`.
 */
export function forecastNames(
  model: Pick<ModelDescription, 'targets' | 'classes'> | Forecast,
  options: ForecastColumns,
): string[] {
  const { levels = [], series, paths } = checkedColumns(options);
  const { targets, classes } = reading('model', () => {
    const { targets, classes } = checkObject(model, 'model');
    const words = isA(model, Forecast) ? model.classes && [...model.classes.probabilities.keys()] : classes;
    return {
      targets: checkTargets(targets, 'model.targets'),
      classes: words === undefined ? [] : checkWords(words, 'model.classes'),
    };
  });
  const names = targets.flatMap((target) => [
    target,
    ...levels.flatMap((level) => bounds(target, level)),
    ...classes.map((word) => `${target}_p_${word}`),
  ]);
  return [...(series ? [series.name] : []), ...(paths === undefined ? [] : ['path']), 'from', 'at', 'step', ...names];
}

/**
 * The values of these columns, a row for each step, and of paths for each path and step. `from` is the time of the last
 * sample that the forecast was made from, `at` the time that it is for: the same for a forecast of the present, whose
 * step is 0. Both are row numbers, counted from 1, if times or the interval [ms] are unknown.
 */
export function forecastRows(
  entry: { key?: string; row: number; forecast: Forecast },
  interval: number | null,
  options: ForecastColumns,
): (string | number)[][] {
  const { levels = [], series, paths, seed } = checkedColumns(options);
  const { key = '', row, forecast } = reading('entry', () => ({ ...checkObject(entry, 'entry') }));
  checkRow(row, 'entry.row');
  checkInterval(interval, 'interval');
  if (!isA(forecast, Forecast)) throw misfit('a forecast', 'entry.forecast', forecast);
  const first = series ? [series.value ?? anyText(key, 'entry.key')] : [];
  const intervals = levels.map((level) => forecast.interval(level));
  const { classes, present } = forecast;
  const timed = forecast.at !== undefined && interval !== null;
  const { targets, horizon } = forecast;
  /** The rows of the steps; `valuesOf` gives those of a place in [targets][horizon]. */
  const rowsOf = (begin: readonly (string | number)[], valuesOf: (i: number) => readonly (string | number)[]) =>
    Array.from({ length: horizon }, (_, ahead) => {
      const step = present ? 0 : ahead + 1;
      const at = timed ? [isoTime(forecast.at), isoTime(forecast.at + step * interval)] : [row + 1, row + 1 + step];
      const values = targets.flatMap((_, target) => valuesOf(target * horizon + ahead));
      return [...begin, ...at, step, ...values.map((value) => (typeof value === 'number' ? shorten(value) : value))];
    });
  if (paths === undefined) {
    return rowsOf(first, (i) => [
      classes?.likeliest[i] ?? forecast.mean[i]!,
      ...intervals.flatMap(({ lower, upper }) => [lower[i]!, upper[i]!]),
      ...[...(classes?.probabilities.values() ?? [])].map((each) => each[i]!),
    ]);
  }
  const values = forecast.paths(paths, seed === undefined ? {} : { seed });
  const size = targets.length * horizon;
  return Array.from({ length: paths }, (_, p) => rowsOf([...first, p + 1], (i) => [values[p * size + i]!])).flat();
}

/** Throws `invalid-argument`, also for intervals of paths. */
function checkedColumns(options: ForecastColumns): ForecastColumns {
  const checked = checkOptions(options, 'options');
  const { levels = [], paths } = checked;
  if (paths !== undefined && levels.length > 0) throw misfit('none with paths', 'options.levels', levels.join(', '));
  return checked;
}

function bounds(target: string, level: number): string[] {
  const percent = Number((level * 100).toFixed(6));
  return [`${target}_lo_${percent}`, `${target}_hi_${percent}`];
}

function isoTime(at: number): string {
  if (Math.abs(at) <= LAST_DATE) return new Date(at).toISOString();
  throw new GatecastError('invalid-data', expected('a time that dates reach', 'a forecast', at));
}

function checkObject<T extends object>(value: T, name: string): T {
  if (typeof value === 'object' && value !== null) return value;
  throw misfit('an object', name, value);
}

/** Rounds to 7 digits. Weights have 24 bits, so more digits would be noise. */
function shorten(value: number): number {
  return Number(value.toPrecision(7));
}
