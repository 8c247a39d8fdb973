import { Forecast, type ForecastShape } from '../model/forecast.ts';
import type { Skipped } from '../model/skipped.ts';
import type { HealthFlag } from './sensors/health-flags.ts';
import type { Watch } from './judging/watchdog.ts';

/** How far a forecast of a live stream can be trusted: what the parts of the stream that are switched on say of it. */
export interface Trust {
  /** 'naive' where the baseline answered for any target. */
  readonly source: 'model' | 'naive';
  /** With `adapt`: whether what was learned on the stream corrects the forecast of any target. */
  readonly adapted: boolean;
  /** Steps without a sample that were filled right before this one. */
  readonly missing: number;
  /**
   * Samples since each input had a value: 0 when this one brought it, Infinity when none ever did. Empty without `gap`.
   */
  readonly ages: readonly number[];
  /** What is wrong with which input. */
  readonly flags: Readonly<Record<string, readonly HealthFlag[]>>;
  /**
   * With `watch`: how far the inputs are from what the model was trained on, in [0, 1]: the share of training samples
   * that are nearer.
   */
  readonly novelty: number | undefined;
  /** With `watch`: whether the hidden vectors are sound. */
  readonly state: Watch | undefined;
  /** With `skill`, for each target: 1 - the recent error / that of the naive forecast; undefined until there is one. */
  readonly skill: readonly (number | undefined)[];
  /** With `calibrate`, for each target: the share of recent truths that fell between the outermost quantiles. */
  readonly coverage: readonly (number | undefined)[];
}

/** What a stream says whose parts say nothing. */
export const NOTHING_SAID: Trust = Object.freeze({
  source: 'model',
  adapted: false,
  missing: 0,
  ages: [],
  flags: {},
  novelty: undefined,
  state: undefined,
  skill: [],
  coverage: [],
});

/** A forecast of a live stream. */
export class LiveForecast extends Forecast {
  /** When the sample arrived [ms since the epoch], as it said itself. */
  readonly arrivedAt: number | undefined;
  /** Undefined where no part of the stream has anything to say. */
  readonly trust: Trust | undefined;
  readonly #correction: boolean;

  constructor(
    shape: ForecastShape,
    numbers: readonly number[],
    at: number | undefined,
    ready: boolean,
    skipped: Skipped,
    correction = false,
    arrivedAt?: number,
    trust?: Trust,
  ) {
    super(shape, numbers, at, ready, skipped);
    this.#correction = correction;
    this.arrivedAt = arrivedAt;
    this.trust = trust;
  }

  /**
   * 'correction': a late sample was put in its place, or refined the newest step, and this replaces the forecast before
   * it.
   */
  get kind(): 'forecast' | 'correction' {
    return this.#correction ? 'correction' : 'forecast';
  }

  /**
   * Time from the newest sample's own time to the arrival of the one that was answered [ms]: how old what the forecast
   * knows was by then. Undefined unless both times are known; below 0 where the clocks disagree.
   */
  get ageMs(): number | undefined {
    return this.at === undefined || this.arrivedAt === undefined ? undefined : this.arrivedAt - this.at;
  }
}
