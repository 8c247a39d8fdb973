import { misfit } from '../base/errors.ts';
import type { DenseHead, PolicyForm } from '../network/attached-policy.ts';
import { parameterShapes } from '../network/network-spec.ts';
import { RecurrentNetwork } from '../network/recurrent-network.ts';
import { fromStateDict, readStateDict } from '../network/state-dict.ts';
import type { StateDict } from '../base/tensor.ts';
import { isRecord, reading } from '../base/values.ts';
import { checkMagnitudes, MAX_SCALED_VALUE, MAX_WEIGHT } from './magnitudes.ts';
import { headSizes, type PolicyDescription, parsePolicyDescription, policyInputs } from './policy-description.ts';

/** The parts that a recurrent policy is made from. */
export interface PolicyParts {
  readonly description: PolicyDescription;
  /**
   * The weights of the GRU or LSTM by PyTorch's names; 'head.weight' and 'head.bias' of the linear layer on the last h;
   * with `head`, 'head.1.weight', 'head.1.bias', 'head.2.weight' and so on of the layers above it.
   */
  readonly weights: StateDict;
}

/**
 * Checks that the parts fit together, before anything is made from them. Returns them with a frozen description. Throws
 * `invalid-argument` or `invalid-state-dict`, naming the field or the tensor.
 */
export function checkPolicyParts(parts: PolicyParts): PolicyParts {
  if (!isRecord(parts)) {
    throw misfit('an object', 'the parts of a policy', parts);
  }
  const given = reading('the parts of a policy', () => ({ description: parts.description, weights: parts.weights }));
  const checked = parsePolicyDescription(given.description);
  const shapes = new Map([...parameterShapes(checked.network), ...denseShapes(checked)]);
  const weights = readStateDict(shapes, given.weights);
  checkMagnitudes(weights, MAX_WEIGHT);
  return { description: checked, weights };
}

/** The network with its weights. */
export function policyNetwork({ description, weights }: PolicyParts): RecurrentNetwork {
  const network = new RecurrentNetwork(description.network);
  network.loadStateDict(pick(weights, parameterShapes(description.network)));
  return network;
}

/** The layers of the head above the network's own. */
export function denseHead({ description, weights }: PolicyParts): DenseHead {
  const shapes = denseShapes(description);
  return {
    sizes: Int32Array.from(headSizes(description)),
    activation: description.head?.activation ?? 'elu',
    parameters: fromStateDict(shapes, pick(weights, shapes)),
  };
}

/** The options of the native policy, apart from its weights. `resetAfter` is in seconds. */
export function policyForm(description: PolicyDescription, resetAfter: number): PolicyForm {
  const { observations, actions, clip = Number.MAX_VALUE, reset, squash } = description;
  return {
    mean: Float64Array.from(observations, ({ mean }) => mean),
    deviation: Float64Array.from(observations, ({ std }) => std),
    clip,
    limit: MAX_SCALED_VALUE,
    signal: reset === undefined ? -1 : policyInputs(description).indexOf(reset.signal),
    clearedByZero: reset?.when === 'zero',
    resetAfter,
    squash: squash === 'tanh',
    scale: Float64Array.from(actions, ({ scale }) => scale),
    offset: Float64Array.from(actions, ({ offset }) => offset),
    low: Float64Array.from(actions, ({ low = -Number.MAX_VALUE }) => low),
    high: Float64Array.from(actions, ({ high = Number.MAX_VALUE }) => high),
  };
}

function denseShapes(description: PolicyDescription): Map<string, number[]> {
  const sizes = headSizes(description);
  const shapes = new Map<string, number[]>();
  for (let layer = 1; layer < sizes.length; layer++) {
    shapes.set(`head.${layer}.weight`, [sizes[layer]!, sizes[layer - 1]!]);
    shapes.set(`head.${layer}.bias`, [sizes[layer]!]);
  }
  return shapes;
}

function pick(weights: StateDict, shapes: ReadonlyMap<string, unknown>): StateDict {
  return Object.fromEntries(Array.from(shapes.keys(), (name) => [name, weights[name]!]));
}
