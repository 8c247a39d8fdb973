import type { Classes, Forecast } from './forecast.ts';

/** Decimal places that count in a level: 1 - 2 * 0.05 is not quite 0.9. */
const DIGITS = 9;

/** The probability between two quantile levels, without rounding noise. */
export function between(lower: number, upper: number): number {
  return Number((upper - lower).toFixed(DIGITS));
}

/** Levels of the central intervals that quantiles of these levels give without interpolation, the narrowest first. */
export function centralLevels(levels: readonly number[]): number[] {
  return levels
    .filter((lower) => lower < 0.5 && levels.some((upper) => Math.abs(lower + upper - 1) < 10 ** -DIGITS))
    .map((lower) => between(lower, 1 - lower))
    .toReversed();
}

/** A forecast as JSON: for each target, arrays over the steps ahead. */
export interface ForecastJson {
  /** Key of the stream, if there are many. */
  key?: unknown;
  /** Time of the sample [ms since the epoch]. */
  at?: number;
  /** Present if the forecast corrects an earlier one. */
  kind?: 'correction';
  ready: boolean;
  skipped: Forecast['skipped'];
  /** By target; empty for a category. */
  mean: Record<string, number[]>;
  /** Central intervals by target, then by level in per cent. */
  intervals: Record<string, Record<string, { lower: number[]; upper: number[] }>>;
  /** The parameters of the distribution, by name and then by target, if the forecaster gives one. */
  distribution?: { family: string; parameters: Record<string, Record<string, number[]>> };
  /** The classes by target, if the forecaster gives those: the most likely word, and the probability of each word. */
  classes?: Record<string, { likeliest: string[]; probabilities: Record<string, number[]> }>;
  /** How far the forecast can be trusted, if that is known; JSON writes an infinite age as null. */
  trust?: unknown;
}

/** A forecast with the further fields that some streams give it. */
interface StreamForecast extends Forecast {
  readonly key?: unknown;
  readonly kind?: 'forecast' | 'correction';
  readonly trust?: unknown;
}

/**
 * A forecast for `JSON.stringify`, with the central intervals of these levels. Throws `invalid-argument` for an
 * interval wider than its quantiles.
 */
export function forecastJson(forecast: StreamForecast, levels = centralLevels(forecast.levels)): ForecastJson {
  const { key, at, kind, ready, skipped, targets, horizon, distribution, classes, trust } = forecast;
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
    mean: classes ? {} : byTarget((from, to) => [...forecast.mean.subarray(from, to)]),
    intervals: Object.fromEntries(intervals),
    ...(distribution && { distribution: { family: distribution.family, parameters } }),
    ...(classes && { classes: { [targets[0]!]: classesJson(classes) } }),
    ...(trust !== undefined && { trust }),
  };
}

function classesJson({ likeliest, probabilities }: Classes): {
  likeliest: string[];
  probabilities: Record<string, number[]>;
} {
  return {
    likeliest: [...likeliest],
    probabilities: Object.fromEntries([...probabilities].map(([word, values]) => [word, [...values]])),
  };
}
