import { misfit } from '../base/errors.ts';
import type { NetworkSpec } from '../network/network-spec.ts';
import { networkDescription } from './network-description.ts';
import { firstRepeated, list, number, oneOf, object, text, whole } from '../base/schema.ts';

/** All that is needed to run a recurrent policy correctly, apart from its weights. */
export interface PolicyDescription {
  /** What the network reads, in this order. */
  readonly observations: readonly ObservationDescription[];
  /**
   * The limit of a normalised observation, whose excess is cut off before the network reads it; no limit when left out.
   */
  readonly clip?: number;
  /**
   * The signal that clears the memory, before the network reads the observation that comes with it. Without it, only a
   * new start clears the memory.
   */
  readonly reset?: ResetSignal;
  /** Time between observations in the training of the policy [ms]. */
  readonly interval: number;
  /** Its `headSize` is the first of `head.hidden`, or one number for each action if there is no `head`. */
  readonly network: Readonly<NetworkSpec>;
  /** A head of several layers; default one linear layer. */
  readonly head?: HeadDescription;
  /** 'tanh' if the outputs of the head pass through tanh before they are scaled. */
  readonly squash: 'tanh' | 'none';
  readonly actions: readonly ActionDescription[];
}

/** An observation, of which the network reads (value - mean) / std. */
export interface ObservationDescription {
  readonly name: string;
  readonly unit?: string;
  /** In the observation's own unit. */
  readonly mean: number;
  /** The divisor. An epsilon of the training's normaliser is included in it. */
  readonly std: number;
}

/** A value that clears the memory: whenever it is not zero, or whenever it is zero. */
export interface ResetSignal {
  /**
   * Name of an observation, or of a separate value, which comes after the observations and which the network does not
   * read.
   */
  readonly signal: string;
  readonly when: 'nonzero' | 'zero';
}

/**
 * The linear layers of a head: from the last h through layers of the sizes in `hidden` to the actions, with an
 * activation between any two.
 */
export interface HeadDescription {
  /** 1 to 16 sizes. */
  readonly hidden: readonly number[];
  /** 'elu' with alpha = 1. */
  readonly activation: 'elu' | 'relu' | 'tanh';
}

/**
 * An action is offset + scale * y, where y is an output of the head after `squash`; it is then kept within low and
 * high.
 */
export interface ActionDescription {
  readonly name: string;
  readonly unit?: string;
  readonly scale: number;
  readonly offset: number;
  readonly low?: number;
  readonly high?: number;
}

/** The largest number allowed, because goldens are 32-bit floats. */
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
 * A frozen copy of `value` if it describes a policy; otherwise throws `invalid-argument`, naming the field. Every count
 * has a bound, so that no description can cause a large allocation.
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
  if (network.bidirectional) throw wrong('false, for a stream has no end', 'network.bidirectional', true);
  if (network.attention) throw wrong('none', 'network.attention', network.attention);
  if (network.inputSize !== observations.length) {
    throw wrong(`${observations.length}`, 'network.inputSize', network.inputSize);
  }
  const headSize = headSizes(description)[0];
  if (network.headSize !== headSize) throw wrong(`${headSize}`, 'network.headSize', network.headSize);
  return description;
}

/** How many outputs each linear layer of the head has. The first is the network's own head. */
export function headSizes({ head, actions }: PolicyDescription): readonly number[] {
  return [...(head?.hidden ?? []), actions.length];
}

/** Names of the values of an input, in order: the observations, then the signal if it is not an observation. */
export function policyInputs({ observations, reset }: PolicyDescription): readonly string[] {
  const names = observations.map(({ name }) => name);
  return reset === undefined || names.includes(reset.signal) ? names : [...names, reset.signal];
}
