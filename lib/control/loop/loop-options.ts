import { callable, isList, list, number, object, whole } from '../../base/schema.ts';
import { isObservable, type Observable } from 'rxjs';
import { misfit } from '../../base/errors.ts';
import { checkMetrics, StreamMetrics } from '../../metrics/stream-metrics.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { ControlPolicy, Decide, FallbackContext } from '../control-cycle.ts';
import { finiteList } from '../finite-list.ts';
import { hasMethods } from '../../base/has-methods.ts';
import type { OnLateFailure } from '../late-failures.ts';
import { type ActionLimits, actionLimits } from '../limits.ts';
import type { InputRange, Observation } from '../observation.ts';
import { reading } from '../../base/values.ts';

/** What to do instead of the model's action: hold the previous one, send a fixed one, or ask a function. */
export type Fallback = 'hold' | ArrayLike<number> | ((context: FallbackContext) => ArrayLike<number>);

/** The rules of any loop, whatever runs it. */
export interface LoopRules {
  /** Cycles per second, 0.001 to 10,000. */
  hz: number;
  /**
   * How many values an observation has, or the range of each; an observation with a value outside its range is not
   * used.
   */
  inputs: number | readonly InputRange[];
  /** Limits of each value of an action. They are applied last: nothing outside is ever sent. */
  limits: readonly ActionLimits[];
  /** When the action must be out [ms after the cycle was due]; at most a period, which is the default. */
  deadlineMs?: number;
  /** Age of the oldest observation that is used [ms]; three periods by default. */
  maxAgeMs?: number;
  /** Time from when a cycle is due until its action takes effect [ms]; 0 by default. */
  delayMs?: number;
  /** How many bad cycles in a row make the status `degraded`; 3 by default. */
  degradeAfter?: number;
  /** How many good cycles in a row make it `running`; 10 by default. */
  recoverAfter?: number;
  /** Where to count cycles, misses and fallbacks, and to time period, jitter, age of the observations and computing. */
  metrics?: StreamMetrics;
}

export interface ControlLoopOptions extends LoopRules {
  /**
   * The source of observations, of which each cycle takes the newest; the loop ends when it completes. A function is
   * called at each cycle.
   */
  observe: Observable<Observation> | (() => Observation | undefined);
  /** Returns an action synchronously; or a policy, such as `mppi`, that is started for each subscription. */
  decide: Decide | ControlPolicy;
  /**
   * Hands an action to the actuators. If it throws, or a promise that it returns rejects, that is reported in this
   * cycle or the next one.
   */
  act: (action: Float64Array) => unknown;
  /**
   * How many promises of `act` may be pending at a time, at least 1; 16 by default. At that number only the action of
   * `stop` is still sent.
   */
  maxPending?: number;
  /** Called for failures after the loop has ended; by default they are warnings of the process. */
  onLateFailure?: OnLateFailure;
  /** What to do if the model's action cannot be used. */
  fallback: Fallback;
  /** Sent before the first cycle; nothing by default. */
  start?: ArrayLike<number> | (() => ArrayLike<number>);
  /**
   * Sent at the end, however the loop ends. It stays inside the bounds but may change at any rate, since no cycle
   * follows that could continue. `fallback` by default, and if a function fails.
   */
  stop?: Fallback;
  /** `systemClock` by default. */
  clock?: Clock;
}

/** The rules with their defaults; lists are copies, times in ms. */
export interface RuleSettings {
  readonly period: number;
  readonly ranges: readonly Readonly<InputRange>[];
  readonly limits: readonly Readonly<ActionLimits>[];
  readonly deadline: number;
  readonly maxAge: number;
  readonly delay: number;
  readonly degradeAfter: number;
  readonly recoverAfter: number;
  readonly metrics: StreamMetrics;
}

/** The options with their defaults; lists are copies. */
export interface LoopSettings extends RuleSettings {
  readonly observe: Observable<Observation> | (() => unknown);
  readonly decide: ControlPolicy;
  readonly act: (action: Float64Array) => unknown;
  readonly maxPending: number;
  readonly onLateFailure: OnLateFailure | undefined;
  readonly fallback: Fallback;
  readonly start: ArrayLike<number> | (() => ArrayLike<number>) | undefined;
  readonly stop: Fallback;
  readonly clock: Clock;
}

/** A day [ms]; older observations, or actions under way, carry no information. */
const LONGEST = 86_400_000;
const MOST_VALUES = 10_000;
export const MOST_PENDING = 10_000;
const LIMIT = Number.MAX_VALUE;

const range = object<InputRange>({ min: number(-LIMIT, LIMIT), max: number(-LIMIT, LIMIT) });
const ranges = list(range, 1, MOST_VALUES);
const inputCount = whole(1, MOST_VALUES);
const anyValues = (count: number) => Array.from({ length: count }, () => ({ min: -LIMIT, max: LIMIT }));

export const ruleChecks = {
  hz: number(0.001, 10_000),
  inputs: (value: unknown, name: string) => (typeof value === 'number' ? inputCount(value, name) : ranges(value, name)),
  limits: list(actionLimits, 1, MOST_VALUES),
  deadlineMs: number(0, LONGEST),
  maxAgeMs: number(0, LONGEST),
  delayMs: number(0, LONGEST),
  degradeAfter: whole(1, Number.MAX_SAFE_INTEGER),
  recoverAfter: whole(1, Number.MAX_SAFE_INTEGER),
  metrics: checkMetrics,
};
export const optionalRules = ['deadlineMs', 'maxAgeMs', 'delayMs', 'degradeAfter', 'recoverAfter', 'metrics'] as const;

const check = object<ControlLoopOptions>(
  {
    ...ruleChecks,
    observe: (value, name) => {
      if (hasMethods(value, 'subscribe') && isObservable(value)) return value as Observable<Observation>;
      return callable(value, name, 'an Observable or a function');
    },
    decide: checkPolicy,
    act: callable,
    maxPending: whole(1, MOST_PENDING),
    onLateFailure: callable,
    fallback: checkFallback,
    start: (value, name) =>
      typeof value === 'function'
        ? (value as () => ArrayLike<number>)
        : checkAction(value, name, 'a list of finite numbers or a function'),
    stop: checkFallback,
    clock: checkClock,
  },
  [...optionalRules, 'maxPending', 'onLateFailure', 'start', 'stop', 'clock'],
);

/** Throws `invalid-argument` for wrong options. */
export function loopSettings(options: ControlLoopOptions): LoopSettings {
  const checked = check(options, 'options');
  const { observe, decide, act, fallback, start, stop = fallback, clock = systemClock } = checked;
  const { maxPending = 16, onLateFailure } = checked;
  const rules = ruleSettings(checked);
  checkLengths({ fallback, start, stop }, rules.limits.length);
  const policy = typeof decide === 'function' ? { start: () => decide } : decide;
  return { ...rules, observe, decide: policy, act, maxPending, onLateFailure, fallback, start, stop, clock };
}

/** Throws `invalid-argument` for rules that are wrong or contradict each other. */
export function ruleSettings(rules: Readonly<LoopRules>): RuleSettings {
  const { inputs, limits, degradeAfter = 3, recoverAfter = 10, metrics = new StreamMetrics() } = rules;
  const period = 1000 / rules.hz;
  const bounds = typeof inputs === 'number' ? anyValues(inputs) : inputs;
  bounds.forEach(({ min, max }, i) => {
    if (min > max) throw misfit(`at least min, which is ${min}`, `options.inputs[${i}].max`, max);
  });
  const { deadlineMs: deadline = period, maxAgeMs: maxAge = 3 * period, delayMs: delay = 0 } = rules;
  if (deadline > period) throw misfit(`at most a period, ${period} ms`, 'options.deadlineMs', deadline);
  return { period, ranges: bounds, limits, deadline, maxAge, delay, degradeAfter, recoverAfter, metrics };
}

/** Throws `invalid-argument` for an action with more or fewer values than there are limits. */
export function checkLengths(actions: Readonly<Record<string, unknown>>, length: number): void {
  for (const [name, action] of Object.entries(actions)) {
    if (!isList(action) || action.length === length) continue;
    throw misfit(`${length} numbers, as limits has`, `options.${name}`, action);
  }
}

function checkPolicy(value: unknown, name: string): ControlPolicy {
  if (hasMethods(value, 'start')) return value as ControlPolicy;
  return callable(value, name, 'a function or a policy') as never;
}

function checkFallback(value: unknown, name: string): Fallback {
  if (value === 'hold' || typeof value === 'function') return value as Fallback;
  return checkAction(value, name, "'hold', a list of finite numbers or a function");
}

export function checkAction(value: unknown, name: string, what = 'a list of finite numbers'): Float64Array {
  const action = reading(name, () =>
    isList(value) && value.length <= MOST_VALUES ? finiteList(value, value.length) : undefined,
  );
  if (action !== undefined) return action;
  throw misfit(what, name, value);
}

function checkClock(value: unknown, name: string): Clock {
  if (typeof value === 'object' && hasMethods(value, 'now', 'wait')) return value as Clock;
  throw misfit('a clock with now and wait', name, value);
}
