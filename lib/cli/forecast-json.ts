import type { LiveForecast } from '../stream/live-forecast.ts';

/**
 * A forecast as one line of JSON: arrays over the steps ahead, by target; intervals by per cent. `kind`, for a correction,
 * and `trust` are there where they say anything; an age that is infinite is null.
 */
export function forecastJson(forecast: LiveForecast, skipped: number, levels: readonly number[]): string {
  const { at, ready, targets, horizon, trust } = forecast;
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
  const kind = forecast.kind === 'correction' ? forecast.kind : undefined;
  return `${JSON.stringify({ at, kind, ready, skipped, mean, intervals: Object.fromEntries(intervals), trust })}\n`;
}
