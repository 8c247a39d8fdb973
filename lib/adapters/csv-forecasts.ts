import type { Description } from '../model/description.ts';
import type { Forecast } from '../model/forecast.ts';

export interface ForecastCsvOptions {
  /** Central intervals to write, as probabilities in (0, 1): 0.8 gives the columns `y_lo_80` and `y_hi_80`. */
  levels?: readonly number[];
  /** Name of a first column that tells the series, and its value for these rows. */
  series?: { name: string; value: string };
}

/** The header of a CSV of forecasts: `from,at,step`, then for each target its forecast and the bounds of its intervals. */
export function forecastHeader(model: Pick<Description, 'targets'>, options: ForecastCsvOptions = {}): string {
  const names = model.targets.flatMap((target) => [
    target,
    ...(options.levels ?? []).flatMap((level) => bounds(target, level)),
  ]);
  return csvLine([...(options.series ? [options.series.name] : []), 'from', 'at', 'step', ...names]);
}

/**
 * One line for each step of a forecast. `from` is the time of the last sample it was made from and `at` the time it is
 * for; both are row numbers, the first row being 1, where times or the interval [ms] are not known.
 */
export function forecastLines(
  { row, forecast }: { row: number; forecast: Forecast },
  interval: number | null,
  options: ForecastCsvOptions = {},
): string {
  const { levels = [], series } = options;
  const intervals = levels.map((level) => forecast.interval(level));
  const timed = forecast.at !== undefined && interval !== null;
  let lines = '';
  for (let step = 1; step <= forecast.horizon; step++) {
    const at = timed ? [isoTime(forecast.at), isoTime(forecast.at + step * interval)] : [row + 1, row + 1 + step];
    const values = forecast.targets.flatMap((_, target) => {
      const i = target * forecast.horizon + step - 1;
      return [forecast.mean[i]!, ...intervals.flatMap(({ lower, upper }) => [lower[i]!, upper[i]!])];
    });
    lines += csvLine([...(series ? [series.value] : []), ...at, step, ...values.map(shorten)]);
  }
  return lines;
}

/** One line of CSV with its line feed; fields are quoted where they have to be. */
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
  return new Date(at).toISOString();
}

/** Weights have 24 bits: more than 7 digits would be noise. */
function shorten(value: number): number {
  return Number(value.toPrecision(7));
}
