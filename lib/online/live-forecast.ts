import { Forecast, type ForecastShape } from '../model/forecast.ts';
import type { Skipped } from '../model/skipped.ts';
import type { HealthFlag } from './sensors/health-flags.ts';
import type { VectorHealth } from './judging/watchdog.ts';

/** How far to trust a forecast of a live stream, as reported by the parts of the stream that are switched on. */
export interface Trust {
  /** 'naive' if the baseline answered for any target. */
  readonly source: 'model' | 'naive';
  /** With `adapt`: whether a correction learned on the stream changed the forecast of any target. */
  readonly adapted: boolean;
  /** How many steps without a sample were filled right before this one. */
  readonly missing: number;
  /** Samples since each input had a value: 0 if this one has it, Infinity before the first. Empty without `gap`. */
  readonly ages: readonly number[];
  /** What is wrong, by name of the input. */
  readonly flags: Readonly<Record<string, readonly HealthFlag[]>>;
  /**
   * With `watch`: how far the inputs are from what the model was trained on, in [0, 1]: the share of training samples
   * that are nearer.
   */
  readonly novelty: number | undefined;
  /** With `watch`: the health of the hidden vectors. */
  readonly state: VectorHealth | undefined;
  /** With `skill`, per target: 1 - the model's recent error / the naive forecast's; undefined until there is one. */
  readonly skill: readonly (number | undefined)[];
  /** With `calibrate`, per target: the share of recent truths that fell between the outermost quantiles. */
  readonly coverage: readonly (number | undefined)[];
}

/** A `Trust` whose fields the parts of a stream fill in. */
export type WritableTrust = { -readonly [K in keyof Trust]: Trust[K] };

/** The `Trust` of a stream whose parts report nothing. */
export function emptyTrust(): WritableTrust {
  // A literal: copying a frozen object by `...` takes several times as long.
  return {
    source: 'model',
    adapted: false,
    missing: 0,
    ages: NONE,
    flags: NO_FLAGS,
    novelty: undefined,
    state: undefined,
    skill: NONE,
    coverage: NONE,
  };
}

const NONE: readonly never[] = Object.freeze([]);
const NO_FLAGS: Trust['flags'] = Object.freeze({});

/** A forecast of a live stream. */
export class LiveForecast extends Forecast {
  /** When the sample arrived [ms since the epoch], as the sample itself says. */
  readonly arrivedAt: number | undefined;
  readonly #correction: boolean;
  #trust: Trust | (() => Trust) | undefined;

  constructor(
    shape: ForecastShape,
    numbers: readonly number[],
    at: number | undefined,
    ready: boolean,
    skipped: Skipped,
    correction = false,
    arrivedAt?: number,
    trust?: Trust | (() => Trust),
  ) {
    super(shape, numbers, at, ready, skipped);
    this.#correction = correction;
    this.arrivedAt = arrivedAt;
    this.#trust = trust;
  }

  /** Undefined if no part of the stream reports anything. */
  get trust(): Trust | undefined {
    if (typeof this.#trust === 'function') this.#trust = this.#trust();
    return this.#trust;
  }

  /**
   * 'correction': a late sample was put in its place, or refined the newest step, and this replaces the previous
   * forecast.
   */
  get kind(): 'forecast' | 'correction' {
    return this.#correction ? 'correction' : 'forecast';
  }

  /**
   * Time from the newest sample's own time to its arrival [ms]: how old the newest information was by then. Undefined
   * unless both times are known; below 0 if the clocks disagree.
   */
  get ageMs(): number | undefined {
    return this.at === undefined || this.arrivedAt === undefined ? undefined : this.arrivedAt - this.at;
  }
}
