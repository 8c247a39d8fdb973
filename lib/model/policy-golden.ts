import { AttachedPolicy } from '../network/attached-policy.ts';
import { readStateDict } from '../network/state-dict.ts';
import type { StateDict, Tensor } from '../base/tensor.ts';
import {
  compareGoldens,
  GOLDEN_STEPS,
  GOLDEN_TOLERANCE,
  goldenInput,
  goldenMismatch,
  MAX_GOLDEN,
  MAX_GOLDEN_STEPS,
} from './golden-vectors.ts';
import { checkMagnitudes } from './magnitudes.ts';
import { type PolicyDescription, policyInputs } from './policy-description.ts';
import { denseHead, type PolicyParts, policyForm, policyNetwork } from './policy-parts.ts';

/** The rounding error of an action as a 32-bit float, relative to the largest action. */
const ROUNDING = 1e-6;

/**
 * What a policy computes in a fixed run, each [steps][values]: `golden.input`, the inputs in their own units, with the
 * signal once in the middle; `golden.output`, the outputs of the head; and `golden.action`.
 */
export function makePolicyGoldens(parts: PolicyParts): StateDict {
  const input = runToLearnFrom(parts.description);
  const { output, action } = run(parts, input);
  return { 'golden.input': input, 'golden.output': output, 'golden.action': action };
}

/**
 * Runs a policy again and compares it with its goldens. Throws `golden-mismatch`, naming the first difference, and
 * `invalid-state-dict` if the goldens are not those of a policy of this shape.
 */
export function checkPolicyGoldens(parts: PolicyParts, goldens: StateDict, file: string): void {
  const { actions } = parts.description;
  const steps = Math.min(Math.max(goldens['golden.input']?.shape[0] ?? 0, 1), MAX_GOLDEN_STEPS);
  const numbers = [steps, actions.length];
  const inputs = [steps, policyInputs(parts.description).length];
  readStateDict(
    new Map([
      ['golden.input', inputs],
      ['golden.output', numbers],
      ['golden.action', numbers],
    ]),
    goldens,
  );
  checkMagnitudes(goldens, MAX_GOLDEN);
  const { output, action } = run(parts, goldens['golden.input']!);
  const why = 'its weights or its normaliser were changed, or stored in another gate order, form or order of inputs';
  compareGoldens(output, goldens['golden.output']!, `the head of ${file}`, why);
  compareActions(parts.description, action, goldens, file);
}

/** Compares the actions, with the tolerance of the head's outputs in the unit of each action. */
function compareActions(description: PolicyDescription, computed: Tensor, goldens: StateDict, file: string): void {
  const { actions } = description;
  const column = ({ data }: Tensor, a: number) => data.filter((_, i) => i % actions.length === a);
  const largest = (values: Float32Array) => values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  for (const [a, { name, scale }] of actions.entries()) {
    const golden = column(goldens['golden.action']!, a);
    const numbers = Math.max(1, largest(column(goldens['golden.output']!, a)));
    const apart = largest(column(computed, a).map((value, t) => value - golden[t]!));
    if (apart <= GOLDEN_TOLERANCE * Math.abs(scale) * numbers + ROUNDING * largest(golden)) continue;
    throw goldenMismatch(`the action ${name} of ${file}`, apart, 'its squash, scale, offset or limits were changed');
  }
}

function runToLearnFrom(description: PolicyDescription): Tensor {
  const { observations, reset } = description;
  const names = policyInputs(description);
  const input = goldenInput(names.length);
  for (let i = 0; i < input.data.length; i++) {
    const [t, name] = [Math.floor(i / names.length), names[i % names.length]];
    const { mean, std } = observations[i % names.length] ?? { mean: 0, std: 1 };
    const signals = (reset?.when === 'nonzero') === (t === GOLDEN_STEPS / 2);
    input.data[i] = name === reset?.signal ? Number(signals) : mean + std * input.data[i]!;
  }
  return input;
}

/** The outputs of the head and the actions at each step of a run from the start, without a gap in time. */
function run(parts: PolicyParts, input: Tensor): { output: Tensor; action: Tensor } {
  const form = policyForm(parts.description, Number.POSITIVE_INFINITY);
  const same = {
    squash: false,
    scale: form.scale.map(() => 1),
    offset: form.offset.map(() => 0),
    low: form.low.map(() => -Number.MAX_VALUE),
    high: form.high.map(() => Number.MAX_VALUE),
  };
  const network = policyNetwork(parts);
  try {
    const head = denseHead(parts);
    const [output, action] = [{ ...form, ...same }, form].map((each): Tensor => {
      const policy = new AttachedPolicy(network, head, each);
      const [steps, width] = input.shape as [number, number];
      const data = new Float32Array(steps * policy.action.length);
      for (let t = 0; t < steps; t++) {
        policy.values.set(input.data.subarray(t * width, (t + 1) * width));
        policy.decide(Number.NaN);
        data.set(policy.action, t * policy.action.length);
      }
      policy.dispose();
      return { shape: [steps, policy.action.length], data };
    });
    return { output: output!, action: action! };
  } finally {
    network.dispose();
  }
}
