import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PolicyDescription } from '../../lib/model/policy-description.ts';
import type { PolicyParts } from '../../lib/model/policy-parts.ts';
import { RecurrentPolicy } from '../../lib/model/recurrent-policy.ts';
import type { NetworkSpec } from '../../lib/network/network-spec.ts';
import { randomWeights } from './models.ts';

/** A policy of two observations, a flag and two actions. */
export function describePolicy(
  changes: Partial<Omit<PolicyDescription, 'network'>> & { network?: Partial<NetworkSpec> } = {},
): PolicyDescription {
  const { network, ...others } = changes;
  const description: PolicyDescription = {
    observations: [
      { name: 'angle', unit: 'rad', mean: 0.5, std: 2 },
      { name: 'rate', mean: -1, std: 0.25 },
    ],
    reset: { signal: 'start', when: 'nonzero' },
    interval: 20,
    network: {} as NetworkSpec,
    squash: 'tanh',
    actions: [
      { name: 'torque', unit: 'N m', scale: 2, offset: 5 },
      { name: 'brake', scale: -1, offset: 0, low: 0 },
    ],
    ...others,
  };
  const { observations, actions, head } = description;
  return {
    ...description,
    network: {
      cell: 'gru',
      linearBeforeReset: true,
      inputSize: observations.length,
      hiddenSize: 5,
      projSize: 0,
      numLayers: 1,
      bias: true,
      bidirectional: false,
      headSize: head?.hidden[0] ?? actions.length,
      ...network,
    },
  };
}

/** Parts that fit; weights of chance, the same for the same description. */
export function policyParts(description: PolicyDescription): PolicyParts {
  const weights = randomWeights(description.network);
  const sizes = [...(description.head?.hidden ?? []), description.actions.length];
  for (let layer = 1; layer < sizes.length; layer++) {
    const { 'head.weight': weight, 'head.bias': bias } = randomWeights({
      ...description.network,
      hiddenSize: sizes[layer - 1]!,
      projSize: 0,
      headSize: sizes[layer]!,
    });
    weights[`head.${layer}.weight`] = weight!;
    weights[`head.${layer}.bias`] = bias!;
  }
  return { description, weights };
}

export function makePolicy(changes: Parameters<typeof describePolicy>[0] = {}): RecurrentPolicy {
  return RecurrentPolicy.from(policyParts(describePolicy(changes)));
}

/** A file that test/goldens/make_policies.py made with PyTorch. */
export function policyGolden(name: 'gru' | 'lstm'): Uint8Array {
  return readFileSync(fileURLToPath(new URL(`../goldens/policies/${name}.safetensors`, import.meta.url)));
}
