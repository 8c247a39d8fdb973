import type { ModelDescription } from '../model/model.ts';
import type { Forecast } from '../model/forecast.ts';
import { type ForecastColumns, forecastNames, forecastRows } from './forecast-rows.ts';

/**
 * The header of a CSV file of forecasts: `from,at,step`, then for each target its forecast and the bounds of its
 * intervals, or with `paths` `path,from,at,step` and then the targets. Of a category these are its word and the
 * probability of each word: `state,state_p_off,state_p_on`.
 */
export function forecastHeader(
  model: Pick<ModelDescription, 'targets' | 'classes'> | Forecast,
  options: ForecastColumns = {},
): string {
  return csvLine(forecastNames(model, options));
}

/**
 * One line for each step of a forecast, or of each of its paths. `from` is the time of the last sample that it was made
 * from, `at` the time that it is for: the same for a forecast of the present, whose step is 0. Both are row numbers,
 * counted from 1, if times or the interval [ms] are unknown.
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
