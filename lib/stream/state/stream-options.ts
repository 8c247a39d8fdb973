import { misfit } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import type { StateOptions } from '../../model/model-state.ts';
import { boolean, type Check, oneOf, object, whole } from '../../base/schema.ts';
import type { AdaptOptions } from '../../online/learner/adapter.ts';
import type { Gap } from '../../model/gap.ts';
import type { HealthOptions } from '../../online/sensors/health-options.ts';
import type { SkillOptions } from '../../online/judging/skill.ts';
import { isArray, isRecord } from '../../base/values.ts';

/** What a live stream does besides stepping its network. All of it is off by default. */
export interface StreamOptions extends StateOptions {
  /** How many steps `rewind` can take back; default 0. Each costs the memory of one state. */
  history?: number;

  /**
   * How missing values are filled, and samples whose times show that they are missing: one policy for all inputs, or
   * one for each by name. An invalid value is then filled, too, and no longer makes the sample invalid. Default 'hold'
   * with `health`, `lateness`, `resample` or `resetAfter`, else missing values are invalid; of a model that was trained
   * with missing values always its own policies.
   */
  gap?: Gap;
  /** Time in which 'decay' goes 63 % of the way to the mean; default ten samples. */
  decayTime?: Duration;
  /** The longest gap in time that does not reset the stream; default `lookback` intervals. */
  resetAfter?: Duration;
  /**
   * How late a sample may come and still be put in its place. The state is then taken back and replayed, and the stream
   * emits a correction. Default 0; each step costs the memory of one state.
   */
  lateness?: Duration;
  /**
   * True if further samples within one interval refine its step, which then is their mean. By default they are left out
   * as duplicates.
   */
  resample?: boolean;

  /** Watch the health of the sensors; true for the default options. */
  health?: boolean | HealthOptions;
  /**
   * Learn the errors of the forecasts from each true value, and correct the forecasts where that has proven better;
   * true for the default options.
   */
  adapt?: boolean | AdaptOptions;
  /**
   * Learn from each true value how wide the quantiles have to be, as adaptive conformal intervals. The model must have
   * two quantile levels or more.
   */
  calibrate?: boolean;
  /** Score the forecasts against baselines; true for the default options. */
  skill?: boolean | Pick<SkillOptions, 'naive' | 'season' | 'smoothing' | 'window' | 'patience'>;
  /**
   * 'naive': the stream gives the baseline's forecast while the model is worse than the baseline or its state is
   * unsound. Implies `skill`. Default 'none'.
   */
  fallback?: 'none' | 'naive';
  /** Watch the hidden vectors, and the distance of the inputs from the training rows. */
  watch?: boolean;
}

/** Deepest nesting of objects in options; an object that contains itself is nested deeper. */
const DEEPEST = 4;

/**
 * A copy, because the caller may change the original later. Its keys are sorted, so that equal options give equal text.
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

/** The parts check the content of their own options. */
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
 * The stream options in a recording's header, which may hold anything. Throws `invalid-argument` for a wrong option.
 */
export function streamOptionsIn(value: unknown): StreamOptions {
  if (typeof value !== 'object' || value === null) return {};
  const known = Object.entries(value).filter(([name]) => Object.hasOwn(streamOptionChecks, name));
  return checkStreamOptions(Object.fromEntries(known), "the recording's options");
}

/** Checks the names and the types of options. Returns a frozen copy. */
export const checkStreamOptions = object<StreamOptions>(
  streamOptionChecks,
  Object.keys(streamOptionChecks) as (keyof StreamOptions)[],
);

/**
 * The options that decide what a stream remembers, as text. An option that is left out gives the same text as one that
 * is off.
 */
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
