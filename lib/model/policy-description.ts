import { misfit } from '../base/errors.ts';
import type { NetworkSpec } from '../network/network-spec.ts';
import { networkDescription } from './network-description.ts';
import { firstRepeated, list, number, oneOf, object, text, whole } from '../base/schema.ts';

/** What a recurrent policy needs to be run rightly, apart from its weights. */
export interface PolicyDescription {
  /** What the network reads, in this order. */
  readonly observations: readonly ObservationDescription[];
  /** The network reads nothing larger: a normalised observation beyond is cut off. Nothing is cut off when left out. */
  readonly clip?: number;
  /**
   * What clears the memory, before the network reads the observation beside it. Only a new start does when left out.
   */
  readonly reset?: ResetSignal;
  /** Time between observations that the policy was trained at [ms]. */
  readonly interval: number;
  /** `headSize`: the first of `head.hidden`, or without it one number for each action. */
  readonly network: Readonly<NetworkSpec>;
  /** A head of several layers; one linear layer when left out. */
  readonly head?: HeadDescription;
  /** Whether the numbers of the head pass tanh before they are scaled. */
  readonly squash: 'tanh' | 'none';
  readonly actions: readonly ActionDescription[];
}

/** The network reads (value - mean) / std. */
export interface ObservationDescription {
  readonly name: string;
  readonly unit?: string;
  /** In the unit. */
  readonly mean: number;
  /** What is divided by: with an epsilon in the training's normaliser, that is in it. */
  readonly std: number;
}

/** A value that clears the memory whenever it is not zero, or whenever it is. */
export interface ResetSignal {
  /**
   * Name of an observation, or of a value of its own, which comes after the observations and is not read by the
   * network.
   */
  readonly signal: string;
  readonly when: 'nonzero' | 'zero';
}

/**
 * The linear layers of a head: the last h, layers of the sizes in `hidden`, the actions; an activation between each
 * two.
 */
export interface HeadDescription {
  /** 1 to 16 sizes. */
  readonly hidden: readonly number[];
  /** 'elu' with alpha = 1. */
  readonly activation: 'elu' | 'relu' | 'tanh';
}

/** An action is offset + scale * y for a number y of the head, after `squash`, and then kept within low and high. */
export interface ActionDescription {
  readonly name: string;
  readonly unit?: string;
  readonly scale: number;
  readonly offset: number;
  readonly low?: number;
  readonly high?: number;
}

/** The largest number: its goldens are 32-bit floats. */
const LARGEST = 1e30;

const finite = number(-LARGEST, LARGEST);

const checkFields = object<PolicyDescription>(
  {
    observations: list(
      object<ObservationDescription>(
        { name: text(256), unit: text(64), mean: finite, std: number(1 / LARGEST, LARGEST) },
        ['unit'],
      ),
      1,
      65_536,
    ),
    clip: number(1 / LARGEST, LARGEST),
    reset: object<ResetSignal>({ signal: text(256), when: oneOf('nonzero', 'zero') }),
    interval: number(1e-6, 1e15),
    network: networkDescription,
    head: object<HeadDescription>({
      hidden: list(whole(1, 65_536), 1, 16),
      activation: oneOf('elu', 'relu', 'tanh'),
    }),
    squash: oneOf('tanh', 'none'),
    actions: list(
      object<ActionDescription>(
        { name: text(256), unit: text(64), scale: finite, offset: finite, low: finite, high: finite },
        ['unit', 'low', 'high'],
      ),
      1,
      65_536,
    ),
  },
  ['clip', 'reset', 'head'],
);

/**
 * A frozen copy of `value` when it describes a policy; throws `invalid-argument` naming the field when not. Every count
 * has a bound, so that a description cannot make anything large be allocated.
 */
export function parsePolicyDescription(value: unknown): PolicyDescription {
  const description = checkFields(value, 'description');
  const { observations, actions, network } = description;
  const wrong = (what: string, field: string, received: unknown) => {
    return misfit(what, `description.${field}`, received);
  };
  for (const [field, named] of Object.entries({ observations, actions })) {
    const repeated = firstRepeated(named.map(({ name }) => name));
    if (repeated !== undefined) throw wrong('different names', field, repeated);
  }
  for (const [i, { scale, low = -LARGEST, high = LARGEST }] of actions.entries()) {
    if (scale === 0) throw wrong('a number other than 0', `actions[${i}].scale`, scale);
    if (low > high) throw wrong(`at least low, which is ${low}`, `actions[${i}].high`, high);
  }
  if (network.inputSize !== observations.length) {
    throw wrong(`${observations.length}`, 'network.inputSize', network.inputSize);
  }
  const headSize = headSizes(description)[0];
  if (network.headSize !== headSize) throw wrong(`${headSize}`, 'network.headSize', network.headSize);
  return description;
}

/** How many numbers each linear layer of the head gives; the first is the network's own head. */
export function headSizes({ head, actions }: PolicyDescription): readonly number[] {
  return [...(head?.hidden ?? []), actions.length];
}

/** Names of the values of an input, in order: the observations, then the signal where it is none of them. */
export function policyInputs({ observations, reset }: PolicyDescription): readonly string[] {
  const names = observations.map(({ name }) => name);
  return reset === undefined || names.includes(reset.signal) ? names : [...names, reset.signal];
}
