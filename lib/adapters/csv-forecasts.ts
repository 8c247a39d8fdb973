import type { Description } from '../model/description.ts';
import type { Forecast } from '../model/forecast.ts';
import { type ForecastColumns, forecastNames, forecastRows } from './forecast-rows.ts';

/**
 * The header of a CSV file of forecasts: `from,at,step`, then for each target its forecast and the bounds of its
 * intervals; with `paths`, `path,from,at,step` and then the targets.
 */
export function forecastHeader(model: Pick<Description, 'targets'>, options: ForecastColumns = {}): string {
  return csvLine(forecastNames(model, options));
}

/**
 * One line for each step of a forecast, or of each of its paths. `from` is the time of the last sample that it was made
 * from, `at` the time that it is for. Both are row numbers, counted from 1, if times or the interval [ms] are unknown.
 */
export function forecastLines(
  entry: { key?: string; row: number; forecast: Forecast },
  interval: number | null,
  options: ForecastColumns = {},
): string {
  return forecastRows(entry, interval, options).map(csvLine).join('');
}

/** One line of CSV with its line feed. Fields are quoted if necessary. */
export function csvLine(fields: readonly (string | number)[]): string {
  const quoted = fields.map((field) =>
    /[",\r\n]/.test(String(field)) ? `"${String(field).replaceAll('"', '""')}"` : field,
  );
  return `${quoted.join(',')}\n`;
}
