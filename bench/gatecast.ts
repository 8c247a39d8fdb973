// The only file that knows how Gatecast is called: what is measured, as it is offered today.
import { GRU, isa, LSTM, type NetworkState } from 'gatecast';
import type { Case, Stepper } from './case.ts';
import type { CellName, Precision } from './record.ts';

export const isaName: string = isa();

function createNetwork(cell: CellName, inputSize: number, hiddenSize: number, precision: Precision): GRU | LSTM {
  const Network = cell === 'gru' ? GRU : LSTM;
  return new Network({ inputSize, hiddenSize, seed: 1, precision });
}

export const precisions: readonly Precision[] = ['f32', 'bf16', 'int8'];

/** Weights for everybody: those that Gatecast draws. */
export function createCase(cell: CellName, inputs: number, hidden: number): Case {
  const network = createNetwork(cell, inputs, hidden, 'f32');
  const data = (name: string) => network.stateDict()[name]!.data;
  const [weightIh, weightHh] = [data('weight_ih_l0'), data('weight_hh_l0')];
  return { cell, inputs, hidden, weightIh, weightHh, biasIh: data('bias_ih_l0'), biasHh: data('bias_hh_l0') };
}

/** `state.step(x)` of one stream. */
export class OurState implements Stepper {
  readonly name: string;
  readonly #state: NetworkState;

  constructor(net: Case, precision: Precision) {
    this.name = `gatecast ${precision}`;
    this.#state = createNetwork(net.cell, net.inputs, net.hidden, precision).createState();
  }

  step(x: Float32Array): Float32Array {
    return this.#state.step(x);
  }

  run(x: Float32Array, count: number): void {
    const state = this.#state;
    for (let k = 0; k < count; k++) state.step(x);
  }

  /** The ns of each of `count` steps, less what an empty look at the clock takes. */
  latencies(x: Float32Array, count: number): Float64Array {
    const state = this.#state;
    const times = new Float64Array(count);
    let empty = Number.POSITIVE_INFINITY;
    for (let k = 0; k < 10_000; k++) {
      const start = performance.now();
      empty = Math.min(empty, performance.now() - start);
    }
    for (let k = 0; k < count; k++) {
      const start = performance.now();
      state.step(x);
      times[k] = performance.now() - start;
    }
    return times.map((ms) => Math.max(0, ms - empty) * 1e6);
  }
}

/** Many streams of one network, in one call. */
export function ourStreams(net: Case, precision: Precision, count: number): Stepper {
  const states = createNetwork(net.cell, net.inputs, net.hidden, precision).createStates(count);
  const slots = Int32Array.from({ length: count }, (_, slot) => slot);
  return {
    name: `gatecast ${precision}`,
    step: (x) => states.step(slots, x),
    run(x, times) {
      for (let k = 0; k < times; k++) states.step(slots, x);
    },
  };
}
