import type { Description } from '../model/description.ts';
import type { Forecast } from '../model/forecast.ts';
import { type ForecastColumns, forecastNames, forecastRows } from './forecast-rows.ts';

/**
 * The header of a CSV of forecasts: `from,at,step`, then for each target its forecast and the bounds of its intervals.
 */
export function forecastHeader(model: Pick<Description, 'targets'>, options: ForecastColumns = {}): string {
  return csvLine(forecastNames(model, options));
}

/**
 * One line for each step of a forecast. `from` is the time of the last sample it was made from and `at` the time it is
 * for; both are row numbers, the first row being 1, where times or the interval [ms] are not known.
 */
export function forecastLines(
  entry: { key?: string; row: number; forecast: Forecast },
  interval: number | null,
  options: ForecastColumns = {},
): string {
  return forecastRows(entry, interval, options).map(csvLine).join('');
}

/** One line of CSV with its line feed; fields are quoted where they have to be. */
export function csvLine(fields: readonly (string | number)[]): string {
  const quoted = fields.map((field) =>
    /[",\r\n]/.test(String(field)) ? `"${String(field).replaceAll('"', '""')}"` : field,
  );
  return `${quoted.join(',')}\n`;
}
