import { misfit } from '../../base/errors.ts';
import { type Check, list, number, oneOf, orNull, object, text, whole } from '../../base/schema.ts';
import { type ActionLimits, actionLimits } from '../limits.ts';
import { type ControlLoopOptions, type Fallback, loopSettings } from '../loop/loop-options.ts';
import type { InputRange } from '../observation.ts';
import { dataOf, type PolicyData } from '../policies/policy-data.ts';

/** Names of a loop's values in assertions; `input1`, `input2` ... and `action1`, `action2` ... by default. */
export interface LoopNames {
  inputs?: readonly string[];
  actions?: readonly string[];
}

/** The settings of a loop as data: the options of `controlLoop` with their defaults, but for the functions. */
export interface LoopDescription {
  readonly hz: number;
  readonly inputs: readonly Readonly<InputRange>[];
  readonly limits: readonly Readonly<ActionLimits>[];
  readonly deadlineMs: number;
  readonly maxAgeMs: number;
  readonly delayMs: number;
  /** Null for a function. */
  readonly fallback: 'hold' | readonly number[] | null;
  readonly stop: 'hold' | readonly number[] | null;
  readonly degradeAfter: number;
  readonly recoverAfter: number;
  /** Missing in recordings of versions that had no such limit. */
  readonly maxPending?: number;
  readonly inputNames: readonly string[];
  readonly actionNames: readonly string[];
  /** Null if the controller is not data. */
  readonly controller: PolicyData | null;
}

const MOST_VALUES = 10_000;
const LIMIT = Number.MAX_VALUE;
const value = number(-LIMIT, LIMIT);
const time = number(0, LIMIT);
const count = whole(1, Number.MAX_SAFE_INTEGER);
const names = list(text(64), 1, MOST_VALUES);
const values = list(value, 1, MOST_VALUES);
const action: Check<'hold' | readonly number[]> = (given, name) => (given === 'hold' ? given : values(given, name));

const checkObject: Check<object> = (given, name) => {
  if (typeof given === 'object' && given !== null) return given;
  throw misfit('an object', name, given);
};

const checkNames = object<LoopNames>({ inputs: names, actions: names }, ['inputs', 'actions']);

/** Throws `invalid-argument` unless it is a description. */
export const checkDescription = object<LoopDescription>(
  {
    hz: number(0.001, 10_000),
    inputs: list(object<InputRange>({ min: value, max: value }), 1, MOST_VALUES),
    limits: list(actionLimits, 1, MOST_VALUES),
    deadlineMs: time,
    maxAgeMs: time,
    delayMs: time,
    fallback: orNull(action),
    stop: orNull(action),
    degradeAfter: count,
    recoverAfter: count,
    maxPending: count,
    inputNames: names,
    actionNames: names,
    controller: orNull(object<PolicyData>({ type: oneOf('pid', 'lqr'), options: checkObject })),
  },
  ['maxPending'],
);

/** Throws `invalid-argument` for wrong options, and for names that do not fit them. */
export function describeLoop(options: ControlLoopOptions, loopNames: LoopNames = {}): LoopDescription {
  const settings = loopSettings(options);
  const { ranges, limits, deadline, maxAge, delay, fallback, stop, degradeAfter, recoverAfter, maxPending } = settings;
  const { inputs, actions } = checkNames(loopNames, 'names');
  const inputNames = inputs ?? ranges.map((_, i) => `input${i + 1}`);
  const actionNames = actions ?? limits.map((_, i) => `action${i + 1}`);
  checkCount(inputNames, ranges.length, 'names.inputs');
  checkCount(actionNames, limits.length, 'names.actions');
  const all = [...inputNames, ...actionNames];
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice !== undefined) throw misfit('names that differ', 'names', twice);
  return {
    hz: options.hz,
    inputs: ranges,
    limits,
    deadlineMs: deadline,
    maxAgeMs: maxAge,
    delayMs: delay,
    fallback: asData(fallback),
    stop: asData(stop),
    degradeAfter,
    recoverAfter,
    maxPending,
    inputNames,
    actionNames,
    controller: dataOf(options.decide) ?? null,
  };
}

function checkCount(list: readonly string[], length: number, name: string): void {
  if (list.length !== length) throw misfit(`${length} names`, name, list);
}

function asData(action: Fallback): LoopDescription['fallback'] {
  if (typeof action === 'function') return null;
  return action === 'hold' ? action : Array.from(action);
}
