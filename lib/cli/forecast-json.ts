import type { Forecast } from '../model/forecast.ts';

/** A forecast as one line of JSON: arrays over the steps ahead, by target; intervals by per cent. */
export function forecastJson(forecast: Forecast, skipped: number, levels: readonly number[]): string {
  const { at, ready, targets, horizon } = forecast;
  const byTarget = <T>(pick: (from: number, to: number) => T) =>
    Object.fromEntries(targets.map((name, i) => [name, pick(i * horizon, (i + 1) * horizon)]));
  const intervals = levels.map((level) => {
    const { lower, upper } = forecast.interval(level);
    const bounds = byTarget((from, to) => ({
      lower: [...lower.subarray(from, to)],
      upper: [...upper.subarray(from, to)],
    }));
    return [Number((level * 100).toFixed(6)), bounds];
  });
  const mean = byTarget((from, to) => [...forecast.mean.subarray(from, to)]);
  return `${JSON.stringify({ at, ready, skipped, mean, intervals: Object.fromEntries(intervals) })}\n`;
}
