import type { Forecast } from './forecast.ts';

/** Digits that count in a level: 1 - 2 * 0.05 is not quite 0.9. */
const DIGITS = 9;

/** The probability that lies between two levels of quantiles, without the noise of floating point. */
export function between(lower: number, upper: number): number {
  return Number((upper - lower).toFixed(DIGITS));
}

/** The central intervals that quantiles of these levels give without interpolation, the narrowest first. */
export function centralLevels(levels: readonly number[]): number[] {
  return levels
    .filter((lower) => lower < 0.5 && levels.some((upper) => Math.abs(lower + upper - 1) < 10 ** -DIGITS))
    .map((lower) => between(lower, 1 - lower))
    .toReversed();
}

/** A forecast as JSON: arrays over the steps ahead, by target. */
export interface ForecastJson {
  /** Key of the stream, if there are many. */
  key?: unknown;
  /** [ms since the epoch] */
  at?: number;
  /** For a correction of an earlier forecast. */
  kind?: 'correction';
  ready: boolean;
  skipped: Forecast['skipped'];
  mean: Record<string, number[]>;
  /** Central intervals, by per cent. */
  intervals: Record<string, Record<string, { lower: number[]; upper: number[] }>>;
  /** The parameters of its distribution by name, where the forecaster gives one. */
  distribution?: { family: string; parameters: Record<string, Record<string, number[]>> };
  /** How far the forecast can be trusted, if that is known; an infinite age is null in the text. */
  trust?: unknown;
}

/** Further fields that forecasts of some streams have. */
interface Said extends Forecast {
  readonly key?: unknown;
  readonly kind?: 'forecast' | 'correction';
  readonly trust?: unknown;
}

/**
 * A forecast for `JSON.stringify`, with these central intervals. Throws `invalid-argument` for one wider than its
 * levels.
 */
export function forecastJson(forecast: Said, levels = centralLevels(forecast.levels)): ForecastJson {
  const { key, at, kind, ready, skipped, targets, horizon, distribution, trust } = forecast;
  const byTarget = <T>(pick: (from: number, to: number) => T) =>
    Object.fromEntries(targets.map((name, i) => [name, pick(i * horizon, (i + 1) * horizon)]));
  const parameters = Object.fromEntries(
    Object.entries(distribution?.parameters ?? {}).map(([name, values]) => [
      name,
      byTarget((from, to) => [...values.subarray(from, to)]),
    ]),
  );
  const intervals = levels.map((level) => {
    const { lower, upper } = forecast.interval(level);
    const bounds = byTarget((from, to) => ({
      lower: [...lower.subarray(from, to)],
      upper: [...upper.subarray(from, to)],
    }));
    return [Number((level * 100).toFixed(6)), bounds];
  });
  return {
    ...(key !== undefined && { key }),
    ...(at !== undefined && { at }),
    ...(kind === 'correction' && { kind }),
    ready,
    skipped,
    mean: byTarget((from, to) => [...forecast.mean.subarray(from, to)]),
    intervals: Object.fromEntries(intervals),
    ...(distribution && { distribution: { family: distribution.family, parameters } }),
    ...(trust !== undefined && { trust }),
  };
}
