import { expected, GatecastError, misfit } from '../base/errors.ts';
import type { Description } from '../model/description.ts';
import { Forecast } from '../model/forecast.ts';
import { type Check, list, number, orNull, object, text, whole } from '../base/schema.ts';
import { isA, reading } from '../base/values.ts';

export interface ForecastCsvOptions {
  /** Central intervals to write, as probabilities in (0, 1): 0.8 gives the columns `y_lo_80` and `y_hi_80`. */
  levels?: readonly number[];
  /** Name of a first column for the series, and its value in these rows; default the key of the forecast. */
  series?: { name: string; value?: string };
}

/** The last date of JavaScript, as far from 1970 as the first [ms]. */
const LAST_DATE = 8.64e15;

const anyText: Check<string> = (value, name) => {
  if (typeof value === 'string') return value;
  throw misfit('text', name, value);
};
const checkOptions = object<ForecastCsvOptions>(
  {
    levels: list(number(1e-6, 1 - 1e-6), 0, 199),
    series: object<{ name: string; value?: string }>({ name: anyText, value: anyText }, ['value']),
  },
  ['levels', 'series'],
);
const checkTargets = list(text(256), 1, 4096);
const checkRow = whole(0, Number.MAX_SAFE_INTEGER);
const checkInterval = orNull(number(1e-6, 1e15));

/**
 * The header of a CSV file of forecasts: `from,at,step`, then for each target its forecast and the bounds of its
 * intervals.
 */
export function forecastHeader(model: Pick<Description, 'targets'>, options: ForecastCsvOptions = {}): string {
  const { levels = [], series } = checkOptions(options, 'options');
  const targets = checkTargets(
    reading('model', () => checkObject(model, 'model').targets),
    'model.targets',
  );
  const names = targets.flatMap((target) => [target, ...levels.flatMap((level) => bounds(target, level))]);
  return csvLine([...(series ? [series.name] : []), 'from', 'at', 'step', ...names]);
}

/**
 * One line for each step of a forecast. `from` is the time of the last sample that it was made from, `at` the time that
 * it is for. Both are row numbers, counted from 1, if times or the interval [ms] are unknown.
 */
export function forecastLines(
  entry: { key?: string; row: number; forecast: Forecast },
  interval: number | null,
  options: ForecastCsvOptions = {},
): string {
  const { levels = [], series } = checkOptions(options, 'options');
  const { key = '', row, forecast } = reading('entry', () => ({ ...checkObject(entry, 'entry') }));
  checkRow(row, 'entry.row');
  checkInterval(interval, 'interval');
  if (!isA(forecast, Forecast)) {
    throw misfit('a forecast', 'entry.forecast', forecast);
  }
  const intervals = levels.map((level) => forecast.interval(level));
  const timed = forecast.at !== undefined && interval !== null;
  let lines = '';
  for (let step = 1; step <= forecast.horizon; step++) {
    const at = timed ? [isoTime(forecast.at), isoTime(forecast.at + step * interval)] : [row + 1, row + 1 + step];
    const values = forecast.targets.flatMap((_, target) => {
      const i = target * forecast.horizon + step - 1;
      return [forecast.mean[i]!, ...intervals.flatMap(({ lower, upper }) => [lower[i]!, upper[i]!])];
    });
    lines += csvLine([
      ...(series ? [series.value ?? anyText(key, 'entry.key')] : []),
      ...at,
      step,
      ...values.map(shorten),
    ]);
  }
  return lines;
}

/** One line of CSV with its line feed. Fields are quoted if necessary. */
export function csvLine(fields: readonly (string | number)[]): string {
  const quoted = fields.map((field) =>
    /[",\r\n]/.test(String(field)) ? `"${String(field).replaceAll('"', '""')}"` : field,
  );
  return `${quoted.join(',')}\n`;
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
