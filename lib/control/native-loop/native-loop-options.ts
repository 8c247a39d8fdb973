import { GatecastError, misfit } from '../../base/errors.ts';
import { object, whole } from '../../base/schema.ts';
import { isSameMemory, type NativeController, type NativePolicy, toNative } from '../../network/native-controller.ts';
import {
  checkAction,
  checkLengths,
  type LoopRules,
  optionalRules,
  ruleChecks,
  type RuleSettings,
  ruleSettings,
} from '../loop/loop-options.ts';
import { hasMethods } from '../../base/has-methods.ts';
import { isA } from '../../base/values.ts';
import { SharedRing } from './shared-ring.ts';

/** Like `ControlLoopOptions`, with rings and fixed actions in place of functions. */
export interface NativeLoopOptions extends LoopRules {
  /**
   * The controller, which runs without JavaScript: a `pid` or an `lqr` without functions, the latter without limits of
   * its own; a `policy`; or a planner whose cost has no functions.
   */
  controller: NativePolicy;
  /** The source of observations, with as many values as `inputs`; each cycle takes the newest. */
  observations: SharedRing;
  /** Where actions go, with as many values as `limits`; `at` is when an action was sent. */
  actions: SharedRing;
  /** What to do if the model's action cannot be used: hold the previous one, or send a fixed one. */
  fallback: 'hold' | ArrayLike<number>;
  /** Sent before the first cycle; nothing by default. */
  start?: ArrayLike<number>;
  /** Sent at the end, inside the bounds but at any rate. `fallback` by default; 'hold' sends nothing. */
  stop?: 'hold' | ArrayLike<number>;
  /** The only core that the thread may run on, from 0; any core by default. */
  affinity?: number;
  /** The thread's real-time priority (SCHED_FIFO), 1 to 99; none by default. */
  priority?: number;
}

/** The options with their defaults; lists are copies. */
export interface NativeLoopSettings extends RuleSettings {
  readonly controller: NativeController;
  readonly observations: SharedRing;
  readonly actions: SharedRing;
  readonly fallback: Float64Array | undefined;
  readonly start: Float64Array | undefined;
  readonly stop: Float64Array | undefined;
  readonly affinity: number | undefined;
  readonly priority: number | undefined;
}

const checkRing = (value: unknown, name: string) => {
  if (isA(value, SharedRing)) return value;
  throw misfit('a SharedRing', name, value);
};
const checkActionOrHold = (value: unknown, name: string) =>
  value === 'hold' ? value : checkAction(value, name, "'hold' or a list of finite numbers");

const check = object<NativeLoopOptions>(
  {
    ...ruleChecks,
    controller: (value, name) => {
      if (hasMethods(value, toNative)) return value as NativePolicy;
      throw misfit(
        'a policy that runs natively, such as pid(options), lqr({ gain }) or mppi(model, options),',
        name,
        value,
      );
    },
    observations: checkRing,
    actions: checkRing,
    fallback: checkActionOrHold,
    start: (value, name) => checkAction(value, name),
    stop: checkActionOrHold,
    affinity: whole(0, 1023),
    priority: whole(1, 99),
  },
  [...optionalRules, 'start', 'stop', 'affinity', 'priority'],
);

/** Throws `invalid-argument` for wrong options. */
export function nativeLoopSettings(options: NativeLoopOptions): NativeLoopSettings {
  const checked = check(options, 'options');
  const { observations, actions, fallback, start, stop = fallback, affinity, priority } = checked;
  const rules = ruleSettings(checked);
  checkLengths({ fallback, start, stop }, rules.limits.length);
  const controller = checked.controller[toNative](rules.ranges.length);
  const sizes = { inputs: rules.ranges.length, limits: rules.limits.length };
  if (controller.observations !== sizes.inputs) {
    throw misfit(`${controller.observations}, as the controller takes,`, 'the number of options.inputs', sizes.inputs);
  }
  if (controller.actions !== sizes.limits) {
    throw misfit(`${controller.actions}, as the controller returns,`, 'the number of options.limits', sizes.limits);
  }
  if (observations.width !== sizes.inputs) {
    throw misfit(`${sizes.inputs}, as inputs has,`, 'the width of options.observations', observations.width);
  }
  if (actions.width !== sizes.limits) {
    throw misfit(`${sizes.limits}, as limits has,`, 'the width of options.actions', actions.width);
  }
  if (isSameMemory(observations.buffer, actions.buffer)) {
    const message = 'Expected options.observations and options.actions to be two rings but received the memory of one.';
    throw new GatecastError('invalid-argument', message);
  }
  return {
    ...rules,
    controller,
    observations,
    actions,
    fallback: orHold(fallback),
    start: orHold(start),
    stop: orHold(stop),
    affinity,
    priority,
  };
}

/** A checked action; undefined for 'hold'. */
function orHold(action: 'hold' | ArrayLike<number> | undefined): Float64Array | undefined {
  return action === 'hold' || action === undefined ? undefined : Float64Array.from(action);
}
