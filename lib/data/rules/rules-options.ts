import { type Duration, milliseconds } from '../../base/duration.ts';
import { misfit } from '../../base/errors.ts';
import { type Check, callable, number, object, oneOf, orNull, recordOf } from '../../base/schema.ts';
import { isRecord } from '../../base/values.ts';

/** What to do with rows that are not in time order. */
export type OrderRule = 'sort' | 'refuse';

/** Which of several rows of the same step stays; 'mean' ignores missing values. */
export type DuplicateRule = 'first' | 'last' | 'mean' | 'refuse';

/** How the rows that fall into a step become one; 'interpolate' takes the value at the start of the step. */
export type ResampleRule = 'mean' | 'last' | 'sum' | 'interpolate';

export interface RulesOptions {
  /** Default 'sort'. */
  order?: OrderRule;
  /** Default 'first': a live stream has answered the first sample of a step when the second one comes. */
  duplicates?: DuplicateRule;
  /**
   * Time between steps; by default it is found from the times. Null: rows are taken as they come, however uneven their
   * times are.
   */
  interval?: Duration | null;
  /**
   * Resamples to steps of this length, at least 1 ms. They begin at round times in UTC; steps of whole days begin at
   * midnight, weeks on Monday.
   */
  every?: Duration;
  /** For `every`: one rule, or rules by column; columns not named use 'mean'. Categories always use 'last'. */
  how?: ResampleRule | Readonly<Record<string, ResampleRule>>;
  /**
   * A longer time without a row begins a new segment. Default 96 steps, after which a live stream of a model with the
   * default lookback is reset too; null for no limit.
   */
  maxGap?: Duration | null;
  /**
   * For `every`: how far the clocks of a zone are ahead of UTC at a time [ms]. Default 0: days begin at midnight UTC.
   */
  offsetAt?: (time: number) => number;
}

/** Checked options; durations in ms. */
export interface Rules {
  readonly order: OrderRule;
  readonly duplicates: DuplicateRule;
  /** Undefined: to be found. */
  readonly interval: number | null | undefined;
  readonly every: number | undefined;
  readonly how: ResampleRule | Readonly<Record<string, ResampleRule>>;
  /** Undefined: `GAP_STEPS` steps. */
  readonly maxGap: number | null | undefined;
  readonly offsetAt: ((time: number) => number) | undefined;
}

/** Default of `maxGap` [steps]. */
export const GAP_STEPS = 96;

const checkHow = oneOf('mean', 'last', 'sum', 'interpolate');
const checkHowByName = recordOf(checkHow);
const checkInterval = number(1e-6, 1e15);
const checkEvery = number(1, 1e15);
const within = (check: Check<number>) => (value: unknown, name: string) => check(milliseconds(value, name), name);

type Checked = { -readonly [K in keyof Rules]?: NonNullable<Rules[K]> | (null extends Rules[K] ? null : never) };

/** The check of each option, for readers that have these options among their own. */
export const rulesOptionChecks = {
  order: oneOf('sort', 'refuse'),
  duplicates: oneOf('first', 'last', 'mean', 'refuse'),
  interval: orNull(within(checkInterval)),
  every: within(checkEvery),
  how: (value: unknown, name: string) => (isRecord(value) ? checkHowByName(value, name) : checkHow(value, name)),
  maxGap: orNull(milliseconds),
  offsetAt: (value: unknown, name: string): ((time: number) => number) => callable(value, name),
};

const check = object<Checked>(rulesOptionChecks, Object.keys(rulesOptionChecks) as (keyof Checked)[]);

/** Throws `invalid-argument` for a wrong option, `how` without `every`, and `interval` beside `every`. */
export function checkRules(options: unknown, name = 'options'): Rules {
  const { order = 'sort', duplicates = 'first', interval, every, how, maxGap, offsetAt } = check(options, name);
  if (how !== undefined && every === undefined)
    throw misfit('a length of steps, because how is given,', `${name}.every`, every);
  if (interval !== undefined && every !== undefined)
    throw misfit('no value beside every', `${name}.interval`, interval);
  return { order, duplicates, interval, every, how: how ?? 'mean', maxGap, offsetAt };
}

/** The longest gap within a segment [ms], for steps of this length; Infinity for no limit. */
export function longestGap({ maxGap }: Pick<Rules, 'maxGap'>, step: number | null): number {
  if (maxGap === undefined) return step === null ? Number.POSITIVE_INFINITY : GAP_STEPS * step;
  return maxGap ?? Number.POSITIVE_INFINITY;
}
