import { expected, GatecastError, misfit } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import { isInvalidSample } from '../../model/model-state.ts';
import { MAX_SCALED_VALUE } from '../../model/magnitudes.ts';
import { type PolicyDescription, policyInputs } from '../../model/policy-description.ts';
import { RecurrentPolicy, startRun } from '../../model/recurrent-policy.ts';
import {
  numbersOf,
  readSample,
  readValues,
  type SampleForm,
  type SampleValues,
  type TimedSample,
} from '../../model/sample.ts';
import { isList, object } from '../../base/schema.ts';
import { type NativePolicy, toNative } from '../../network/native-controller.ts';
import type { ControlContext } from '../control-cycle.ts';
import { isA, isRecord, reading } from '../../base/values.ts';

export interface TrainedPolicyOptions {
  /**
   * A longer time between two inputs clears the memory; ten intervals of the policy by default. Only inputs with a time
   * count.
   */
  resetAfter?: Duration;
}

/**
 * The values in the policy's order, by name, or with their time; the reset signal, unless it is an observation, comes
 * last.
 */
export type PolicyInput = SampleValues | TimedSample;

export interface PolicyAction {
  /** In the order of the policy's actions, finite and within their limits. */
  readonly action: Float64Array;
  /** Whether the input could not be used, so that the action is the previous one, at first the one nearest to 0. */
  readonly held: boolean;
}

/**
 * Answers one input after the other. In a control loop it throws for an unusable input: the loop's fallback takes over.
 */
export type RunPolicy = (input: PolicyInput, context?: ControlContext) => PolicyAction;

const check = object<{ resetAfter?: number }>({ resetAfter: milliseconds }, ['resetAfter']);

/**
 * Runs a recurrent policy that was trained elsewhere: normalises each input, steps the network, and returns the action.
 *
 * The memory is cleared by the signal that the file names, by a gap in time, and at the start of each subscription. An
 * input in which a value is missing, not finite or absurdly large holds the previous action and does not step the
 * network; a signal in it counts all the same.
 *
 * ```text
 * inputs     --a--b--NaN--c--|
 *            decide(policy(model))
 * actions    --A--B--B----C--|      C as if b had come just before: held is true for the second B
 * ```
 *
 * ```ts
 * const walk = await RecurrentPolicy.load('walk.gatecast');
 * observations$.pipe(decide(policy(walk))).subscribe(({ action }) => motors.set(action));
 * controlLoop({ hz: 50, decide: policy(walk), ... }); // or nativeLoop({ controller: policy(walk), ... })
 * ```
 *
 * Throws `invalid-argument` at once for wrong arguments, and later for an input of another form; `disposed` at the
 * start of a run if the policy was disposed of.
 */
export function policy(
  model: RecurrentPolicy,
  options: TrainedPolicyOptions = {},
): { start(): RunPolicy } & NativePolicy {
  if (!isA(model, RecurrentPolicy)) {
    throw misfit('a RecurrentPolicy', 'model', model);
  }
  const { description } = model;
  const { resetAfter = 10 * description.interval } = check(options, 'options');
  const names = policyInputs(description);
  const form = numbersOf(names);
  return {
    start() {
      const run = model[startRun](resetAfter / 1000);
      run.action.set(nearestToZero(description));
      return (input, context) => {
        let decided = false;
        try {
          const at = readInput(input, form, run.values);
          decided = run.decide(at === undefined ? Number.NaN : at / 1000);
          if (!decided && context !== undefined) throw refusal(names, run.values);
        } catch (error) {
          if (context !== undefined || !isInvalidSample(error)) throw error;
        }
        return { action: run.action.slice(), held: !decided };
      };
    },
    [toNative]: () => ({
      observations: names.length,
      actions: description.actions.length,
      create: () => model[startRun](resetAfter / 1000).handOver(),
    }),
  };
}

function readInput(input: PolicyInput, form: SampleForm, out: Float64Array): number | undefined {
  const named = reading('an input', () => isRecord(input) && !isList(input) && !('values' in input));
  if (!named) {
    return readSample(input as TimedSample, undefined, form, out, true);
  }
  reading('an input', () => readValues(input as SampleValues, form, out, true));
  return undefined;
}

function refusal(names: readonly string[], values: Float64Array): GatecastError {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  const message =
    wrong >= 0
      ? expected('a finite number', names[wrong]!, values[wrong])
      : expected(`values within ${MAX_SCALED_VALUE} deviations of the mean`, 'the observation', values);
  return new GatecastError('invalid-sample', message);
}

/** For each action, the possible value that is nearest to 0. */
function nearestToZero({ actions, squash }: PolicyDescription): number[] {
  return actions.map(({ scale, offset, low = -Number.MAX_VALUE, high = Number.MAX_VALUE }) => {
    const reach = squash === 'tanh' ? Math.abs(scale) : Number.POSITIVE_INFINITY;
    return Math.min(high, Math.max(low, Math.min(offset + reach, Math.max(offset - reach, 0))));
  });
}
