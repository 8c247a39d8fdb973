import { GatecastError } from '../base/errors.ts';
import { readTensor, type StateDict, type Tensor } from '../base/tensor.ts';
import type { Hidden } from './hidden.ts';
import { type NetworkSpec, parameterShapes } from './network-spec.ts';
import type { NetworkOptions, RecurrentOptions } from './options.ts';
import { RecurrentNetwork } from './recurrent-network.ts';
import { fromStateDict, type LoadOptions, toStateDict } from './state-dict.ts';

/** The fields of RecurrentOptions that a cell has. */
export type CellOptions = Pick<RecurrentOptions, 'inputSize' | 'hiddenSize' | 'bias' | 'seed' | 'precision'>;

/**
 * One layer, one step at a time, for a batch of states that the caller keeps: the common part of GRUCell and LSTMCell.
 */
export class RecurrentCell {
  readonly #network: RecurrentNetwork;
  readonly #shapes: Map<string, number[]>;

  constructor(spec: NetworkSpec, options: Pick<NetworkOptions, 'seed' | 'precision'>) {
    this.#network = new RecurrentNetwork(spec, options);
    this.#shapes = renamed(parameterShapes(spec));
  }

  /** A copy of the weights under PyTorch's names: `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`. */
  stateDict(): StateDict {
    return Object.fromEntries(renamed(new Map(Object.entries(this.#network.stateDict()))));
  }

  /** Replaces the weights. Throws `invalid-state-dict` or `invalid-shape`, naming the tensor, and changes nothing. */
  loadStateDict(dict: StateDict, options: LoadOptions = {}): void {
    const named = toStateDict(this.#shapes, fromStateDict(this.#shapes, dict, options));
    this.#network.loadStateDict(
      Object.fromEntries(Object.entries(named).map(([name, value]) => [`${name}_l0`, value])),
    );
  }

  /** Frees the native memory now instead of at some garbage collection. */
  dispose(): void {
    this.#network.dispose();
  }

  /** Takes one step. input: [B, inputSize] or [inputSize]; state: the same, with its sizes. */
  protected advance(input: Tensor, state: Hidden | undefined): Hidden {
    const { shape } = readTensor(input, 'input');
    if (shape.length !== 1 && shape.length !== 2) {
      const width = this.#network.spec.inputSize;
      const received = `[${shape.join(', ')}]`;
      const message = `Expected shape [B, ${width}] or [${width}] for input but received ${received}.`;
      throw new GatecastError('invalid-shape', message);
    }
    const { hidden } = this.#network.forward(
      stacked(input, 'input'),
      state && {
        h: stacked(state.h, 'h'),
        ...(state.c !== undefined && { c: stacked(state.c, 'c') }),
      },
    );
    return { h: unstacked(hidden.h), ...(hidden.c !== undefined && { c: unstacked(hidden.c) }) };
  }
}

/** The names of a one-layer network without their `_l0`. */
function renamed<Value>(entries: ReadonlyMap<string, Value>): Map<string, Value> {
  return new Map([...entries].map(([name, value]) => [name.replace('_l0', ''), value]));
}

/** The same values with a leading dimension of 1: a sequence of one step, or a stack of one layer. */
function stacked(tensor: Tensor, name: string): Tensor {
  const { shape, data } = readTensor(tensor, name);
  return { shape: [1, ...shape], data };
}

function unstacked(tensor: Tensor): Tensor {
  return { shape: tensor.shape.slice(1), data: tensor.data };
}
