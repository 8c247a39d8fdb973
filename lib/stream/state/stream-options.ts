import { misfit } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import type { StateOptions } from '../../model/model-state.ts';
import { boolean, type Check, oneOf, object, whole } from '../../base/schema.ts';
import type { AdaptOptions } from '../../online/learner/adapter.ts';
import type { GapPolicy } from '../../online/time/gaps.ts';
import type { HealthOptions } from '../../online/sensors/health-options.ts';
import type { SkillOptions } from '../../online/judging/skill.ts';
import { isArray, isRecord } from '../../base/values.ts';

/** What a live stream does beyond stepping its network. Nothing of it by default. */
export interface StreamOptions extends StateOptions {
  /** Steps that can be taken back by `rewind`: 0 by default; each costs the memory of one state. */
  history?: number;

  /**
   * What stands in for missing values, and for samples that are missing by their times: one policy, or one for each
   * input by name. With it an invalid value is filled and no longer makes the sample invalid. 'hold' where only
   * `health`, `lateness`, `resample` or `resetAfter` are given.
   */
  gap?: GapPolicy | Readonly<Record<string, GapPolicy>>;
  /** Time in which 'decay' goes 63 % of the way to the mean; ten samples by default. */
  decayTime?: Duration;
  /** A gap in the times beyond which the stream is reset; `lookback` intervals by default. */
  resetAfter?: Duration;
  /**
   * How late a sample may come and still be put in its place: the state is taken back, replayed, and a correction said.
   * 0 by default; each step costs the memory of one state.
   */
  lateness?: Duration;
  /**
   * Whether further samples within one interval refine its step, as their mean; by default they are dropped as
   * duplicates.
   */
  resample?: boolean;

  /** Watch the sensors; true for the defaults. */
  health?: boolean | HealthOptions;
  /**
   * Learn from each truth that comes what the forecasts lack, and correct them where that has proven better; true for
   * the defaults.
   */
  adapt?: boolean | AdaptOptions;
  /**
   * Learn from each truth that comes how wide the quantiles have to be, as adaptive conformal intervals. The model must
   * have two or more.
   */
  calibrate?: boolean;
  /** Score the forecasts against baselines; true for the defaults. */
  skill?: boolean | Pick<SkillOptions, 'naive' | 'season' | 'smoothing' | 'window' | 'patience'>;
  /**
   * 'naive': the baseline answers while the model is worse than it or its state is unsound. Implies `skill`. 'none' by
   * default.
   */
  fallback?: 'none' | 'naive';
  /** Watch the hidden vectors, and how far the inputs are from what the model was trained on. */
  watch?: boolean;
}

/** No option has objects in objects deeper than this; one that holds itself has. */
const DEEPEST = 4;

/**
 * A copy, for the caller may go on changing what he gave; the keys in order, so that the same options are the same
 * text.
 */
function copyOf<T>(value: T, depth = 0): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || isArray(value)) return value;
  if (depth === DEEPEST) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.freeze(Object.fromEntries(entries.map(([key, item]) => [key, copyOf(item, depth + 1)]))) as T;
}

const given: Check<object> = (value, name) => {
  if (isRecord(value)) return copyOf(value);
  throw misfit('an object', name, value);
};
const switchOr: Check<never> = (value, name) => (typeof value === 'boolean' ? value : given(value, name)) as never;

/** What is in the objects is for the parts to check that use them. */
export const streamOptionChecks = {
  onInvalid: oneOf('skip', 'error'),
  history: whole(0, 2 ** 20),
  gap: ((value, name) => (typeof value === 'string' ? value : given(value, name))) as Check<never>,
  decayTime: milliseconds,
  resetAfter: milliseconds,
  lateness: milliseconds,
  resample: boolean,
  health: switchOr,
  adapt: switchOr,
  calibrate: boolean,
  skill: switchOr,
  fallback: oneOf('none', 'naive'),
  watch: boolean,
};

/**
 * The stream options among what a recording's header keeps, which may be anything. Throws `invalid-argument` for a
 * wrong one.
 */
export function streamOptionsIn(value: unknown): StreamOptions {
  if (typeof value !== 'object' || value === null) return {};
  const known = Object.entries(value).filter(([name]) => Object.hasOwn(streamOptionChecks, name));
  return checkStreamOptions(Object.fromEntries(known), "the recording's options");
}

/** Checks the names and the kinds of options; a frozen copy. */
export const checkStreamOptions = object<StreamOptions>(
  streamOptionChecks,
  Object.keys(streamOptionChecks) as (keyof StreamOptions)[],
);

/** The options that decide what a stream remembers, as text; the same where one is left out or said to be off. */
export function layoutText(options: StreamOptions): string {
  const used = Object.entries(options).filter(
    ([name, value]) =>
      name !== 'onInvalid' &&
      value !== undefined &&
      value !== false &&
      value !== 'none' &&
      !(name === 'history' && value === 0),
  );
  return JSON.stringify(Object.fromEntries(used.map(([name, value]) => [name, value === true ? {} : value])));
}
