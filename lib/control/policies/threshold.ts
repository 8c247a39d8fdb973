import { misfit } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import { Forecast } from '../../model/forecast.ts';
import { number, object, text } from '../../base/schema.ts';
import type { Policy } from './policy.ts';
import { isA } from '../../base/values.ts';

export interface ThresholdOptions {
  /** Switches on when a value beyond this is forecast, in the target's unit. Give `above` or `below`. */
  above?: number;
  below?: number;
  /** Switches off again when no value beyond this is forecast; by default the threshold itself. */
  release?: number;
  /** How far ahead to look, at least one step of the forecast; all steps by default. */
  within?: Duration;
  /** The target to look at; may be left out if there is only one. */
  target?: string;
  /** Level of the quantile to look at, one of the forecaster's: 0.9 acts early on `above`. The mean by default. */
  quantile?: number;
}

export interface ThresholdDecision {
  readonly on: boolean;
  /** Whether it was the other way round at the previous forecast. */
  readonly changed: boolean;
  /** Whether nothing could change because the forecast is not `ready` or has a value that is not finite. */
  readonly held: boolean;
  /** The highest relevant value for `above`, the lowest for `below`, in the target's unit. */
  readonly value: number;
  /** How many steps ahead the first value beyond the threshold is, 1 for the next; undefined if there is none. */
  readonly stepsAhead: number | undefined;
  /** Time of the sample [ms since the epoch], if it carried one. */
  readonly at: number | undefined;
  /** The forecast behind the decision; in a live stream a `LiveForecast`, with its `trust`. */
  readonly forecast: Forecast;
}

const LIMIT = Number.MAX_VALUE;
/** An interval such as 1000 / 60 ms is rounded, so 60 of them are not quite a second; in steps. */
const ROUNDING = 1e-9;
const fields = {
  above: number(-LIMIT, LIMIT),
  below: number(-LIMIT, LIMIT),
  release: number(-LIMIT, LIMIT),
  within: milliseconds,
  target: text(Number.MAX_SAFE_INTEGER),
  quantile: number(0, 1),
};
type Checked = Omit<ThresholdOptions, 'within'> & { within?: number };
const check = object<Checked>(fields, Object.keys(fields) as never);

/**
 * Switches on when a forecast passes a threshold, and off when all of it is back beyond `release`.
 *
 * It begins switched off. While a forecast is not `ready`, or has a value that is not finite, it is `held` as it was.
 *
 * ```ts
 * const overheating = threshold({ above: 90, within: '5m', release: 85 });
 * temp$.pipe(forecast(model), decide(overheating)).subscribe(({ on, stepsAhead }) => console.log(on, stepsAhead));
 * ```
 *
 * Throws `invalid-argument` at once for wrong options, and later for a forecast that lacks the target, the level or the
 * time ahead.
 */
export function threshold(options: ThresholdOptions): Policy<Forecast, ThresholdDecision> {
  const { above, below, within, target, quantile, release = above ?? below! } = check(options, 'options');
  if ((above === undefined) === (below === undefined)) {
    throw misfit('one of above and below', 'threshold()', options);
  }
  // For `below` everything is mirrored.
  const sign = above === undefined ? -1 : 1;
  const limit = sign * (above ?? below!);
  if (sign * release > limit) {
    const what = sign === 1 ? `at most ${above}, which is above` : `at least ${below}, which is below`;
    throw misfit(what, 'options.release', release);
  }
  return {
    start() {
      let on = false;
      return (input) => {
        if (!isA(input, Forecast)) {
          throw misfit('a forecast', 'threshold', input);
        }
        const one = target === undefined && input.targets.length === 1 ? input : input.target(target as string);
        const values = valuesOf(one, quantile).subarray(0, stepsWithin(one, within));
        let highest = Number.NEGATIVE_INFINITY;
        for (const value of values) highest = Math.max(highest, sign * value);
        const first = values.findIndex((value) => sign * value > limit);
        const before = on;
        const held = !input.ready || !values.every(Number.isFinite);
        if (!held) on = highest > limit || (on && highest > sign * release);
        return {
          on,
          changed: on !== before,
          held,
          value: sign * highest,
          stepsAhead: first < 0 ? undefined : first + 1,
          at: input.at,
          forecast: input,
        };
      };
    },
  };
}

function valuesOf(forecast: Forecast, level: number | undefined): Float64Array {
  if (level === undefined) return forecast.mean;
  const values = forecast.quantiles[level];
  if (values !== undefined) return values;
  const what =
    forecast.levels.length > 0 ? `one of ${forecast.levels.join(', ')}` : 'a forecaster with quantile levels';
  throw misfit(what, 'options.quantile', level);
}

function stepsWithin({ horizon, sampleInterval }: Forecast, within: number | undefined): number {
  if (within === undefined) return horizon;
  if (sampleInterval === undefined) {
    throw misfit('a forecaster that knows its interval', 'options.within', within);
  }
  const steps = within / sampleInterval + ROUNDING;
  if (steps >= 1 && steps < horizon + 2 * ROUNDING) return Math.floor(steps);
  const what = `${sampleInterval} to ${horizon * sampleInterval} ms, which is as far as the forecast goes`;
  throw misfit(what, 'options.within', within);
}
