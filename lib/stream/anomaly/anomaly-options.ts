import { type Duration, milliseconds } from '../../base/duration.ts';
import { boolean, number, object, whole } from '../../base/schema.ts';
import type { StateOptions } from '../../model/model-state.ts';
import { type StreamOptions, streamOptionChecks } from '../state/stream-options.ts';

export interface AnomalyOptions extends StateOptions, Pick<StreamOptions, 'lateness' | 'resample' | 'health'> {
  /**
   * Alerts that are welcome in a day, on average; 1 by default. There are fewer where the threshold would have to call
   * more than one sample in fifty rare.
   */
  perDay?: number;
  /** Time between samples; only needed where the forecaster does not know it. */
  interval?: Duration;
  /** Time below the threshold after which an alert closes; by default a hundredth of a day / perDay. */
  hysteresis?: Duration;
  /** Time after that in which none opens; by default a tenth of a day / perDay. */
  refractory?: Duration;
  /**
   * Samples that are learned from before any is judged, 2 or more; by default 300, and the lookback of a trained
   * forecaster besides.
   */
  warmup?: number;
  /**
   * Readings of the very same number after which a value that usually moves is stuck and opens an alert, unless it has
   * rested half as long before; 20 by default.
   */
  stuckAfter?: number;
  /**
   * What the network is shown for missing values, and for samples that are missing by their times: one policy, or one
   * for each input by name. They are not judged, nor learned from, and the value after them is judged by its level
   * alone. 'hold' where only `health`, `lateness`, `resample` or `resetAfter` are given; an `OnlineForecaster` takes
   * 'hold' and 'impute'.
   */
  gap?: StreamOptions['gap'];
  /** Time in which 'decay' goes 63 % of the way to the mean; ten samples by default. */
  decayTime?: Duration;
  /**
   * A gap in the times after which the network is reset, because what came before is long ago; what was learned is
   * kept. By default `lookback` intervals, or 128 with an `OnlineForecaster`.
   */
  resetAfter?: Duration;
}

const { onInvalid, gap, decayTime, resetAfter, lateness, health } = streamOptionChecks;

export const anomalyOptionChecks = {
  onInvalid,
  perDay: number(1e-6, 1e6),
  interval: milliseconds,
  hysteresis: milliseconds,
  refractory: milliseconds,
  warmup: whole(2, 1e9),
  stuckAfter: whole(2, 1e6),
  gap,
  decayTime,
  resetAfter,
  lateness,
  resample: boolean,
  health,
};

/** Checks the names and the kinds of options; a frozen copy. */
export const checkAnomalyOptions = object<AnomalyOptions>(
  anomalyOptionChecks,
  Object.keys(anomalyOptionChecks) as (keyof AnomalyOptions)[],
);
