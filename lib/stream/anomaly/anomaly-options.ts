import { type Duration, milliseconds } from '../../base/duration.ts';
import { boolean, number, object, whole } from '../../base/schema.ts';
import type { StateOptions } from '../../model/model-state.ts';
import { type StreamOptions, streamOptionChecks } from '../state/stream-options.ts';

export interface AnomalyOptions extends StateOptions, Pick<StreamOptions, 'lateness' | 'resample' | 'health'> {
  /**
   * How many alerts a day are wanted, on average; default 1. There are fewer if the threshold would have to call more
   * than one sample in fifty rare.
   */
  perDay?: number;
  /** Time between samples; needed only if the forecaster does not know it. */
  interval?: Duration;
  /** Time below the threshold after which an alert closes; default a hundredth of a day / perDay. */
  hysteresis?: Duration;
  /** Time after an alert closes in which no other opens; default a tenth of a day / perDay. */
  refractory?: Duration;
  /**
   * How many samples are learned from before any is judged, 2 or more; default 300, plus the lookback of a trained
   * forecaster.
   */
  warmup?: number;
  /**
   * After this many equal readings, an input that usually moves counts as stuck and opens an alert, unless it has
   * rested half as long before; default 20.
   */
  stuckAfter?: number;
  /**
   * How missing values are filled for the network, and samples whose times show that they are missing: one policy for
   * all inputs, or one for each by name. Filled values are neither judged nor learned from, and the value after them is
   * judged by its level alone. Default 'hold' with `health`, `lateness`, `resample` or `resetAfter`. An
   * `OnlineForecaster` takes 'hold' and 'impute'.
   */
  gap?: StreamOptions['gap'];
  /** Time in which 'decay' goes 63 % of the way to the mean; default ten samples. */
  decayTime?: Duration;
  /**
   * The longest gap in time that does not reset the network. A reset keeps what was learned. Default `lookback`
   * intervals, or 128 with an `OnlineForecaster`.
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

/** Checks the names and the types of options. Returns a frozen copy. */
export const checkAnomalyOptions = object<AnomalyOptions>(
  anomalyOptionChecks,
  Object.keys(anomalyOptionChecks) as (keyof AnomalyOptions)[],
);
