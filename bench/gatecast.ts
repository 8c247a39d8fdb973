// The only file that knows how to call Gatecast: it measures the public interface of today.
import { Forecaster, Scaler } from 'gatecast';
import { mppi } from 'gatecast/control';
import { GRU, isa, LSTM, type NetworkState, type StateDict } from 'gatecast/nn';
import { Trainer } from '../lib/network/trainer.ts';
import { type Case, randomInputs, type Stepper } from './case.ts';
import type { CellName, Precision } from './record.ts';

export type { StateDict };

export const isaName: string = isa();

function createNetwork(cell: CellName, inputSize: number, hiddenSize: number, precision: Precision): GRU | LSTM {
  const Network = cell === 'gru' ? GRU : LSTM;
  return new Network({ inputSize, hiddenSize, seed: 1, precision });
}

export const precisions: readonly Precision[] = ['f32', 'bf16', 'int8'];

/** Weights for all contenders, as Gatecast draws them. */
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

  /** The ns of each of `count` steps, less the time of reading the clock. */
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

/**
 * A model of a plant whose outputs come first among its inputs, on the network's own scale. The last 3 inputs are
 * actions.
 */
export interface Plant {
  readonly cell: CellName;
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly weights: StateDict;
  readonly model: Forecaster;
}

const ACTIONS = 3;

function weightsWithHead(cell: CellName, inputs: number, hidden: number, outputs: number): StateDict {
  const head = Float32Array.from({ length: (hidden + 1) * outputs }, (_, k) => Math.sin(k) / Math.sqrt(hidden));
  return {
    ...createNetwork(cell, inputs, hidden, 'f32').stateDict(),
    'head.weight': { shape: [outputs, hidden], data: head.slice(outputs) },
    'head.bias': { shape: [outputs], data: head.slice(0, outputs) },
  };
}

function networkSpec(cell: CellName, inputs: number, hidden: number, outputs: number) {
  return {
    cell,
    inputSize: inputs,
    hiddenSize: hidden,
    headSize: outputs,
    linearBeforeReset: true,
    projSize: 0,
    numLayers: 1,
    bias: true,
    bidirectional: false,
  };
}

export function createPlant(cell: CellName, inputs: number, hidden: number, precision: Precision): Plant {
  const outputs = inputs - ACTIONS;
  const names = Array.from({ length: inputs }, (_, k) => `x${k}`);
  const weights = weightsWithHead(cell, inputs, hidden, outputs);
  const network = networkSpec(cell, inputs, hidden, outputs);
  const description = {
    inputs: names.map((name) => ({ name })),
    targets: names.slice(0, outputs),
    interval: 20,
    memory: 'carried' as const,
    lookback: 1,
    horizon: 1,
    anchor: 'none' as const,
    loss: 'mse' as const,
    levels: [],
    network,
    training: untrained,
  };
  const scaler = new Scaler(names, new Float64Array(inputs), new Float64Array(inputs).fill(1));
  return {
    cell,
    inputs,
    hidden,
    outputs,
    weights,
    model: Forecaster.from({ description, weights, scaler }, { precision }),
  };
}

const untrained = {
  rows: 0,
  validationRows: 0,
  epochs: 0,
  bestEpoch: 0,
  trainLoss: 0,
  validationLoss: 0,
  seed: 1,
  dropout: 0,
  learningRate: 0,
  batchSize: 1,
  weightDecay: 0,
  clipNorm: 1,
  patience: 0,
  trainedAt: '2026-01-01T00:00:00Z',
  version: 'none',
  isa: 'none',
};

/** MPPI of one iteration: every output is tracked, every action and its change cost something, and the rate is limited. */
export function ourPlanner({ model, inputs, outputs }: Plant, samples: number, steps: number) {
  const actions = model.description.inputs.slice(outputs).map(({ name }) => name);
  const each = <T>(names: readonly string[], value: T) => Object.fromEntries(names.map((name) => [name, value]));
  const decide = mppi(model, {
    samples,
    horizon: steps,
    temperature: 1,
    limits: each(actions, { min: -1, max: 1, maxRate: 25 }), // 0.5 in an interval of 20 ms
    cost: {
      track: each(model.description.targets, { weight: 1, terminal: 1, reference: 0.1 }),
      actions: each(actions, { weight: 0.1, change: 0.1, reference: 0.1 }),
    },
  }).start();
  const observed = new Float64Array(inputs - ACTIONS);
  return { decide: () => decide(observed) };
}

/** One batch of windows to learn from, again and again: after each step, the next value of the first input. */
export interface Lesson {
  readonly cell: CellName;
  readonly inputs: number;
  readonly hidden: number;
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly weights: StateDict;
  /** [steps][batch][inputs] */
  readonly x: Float32Array;
  /** [steps][batch] */
  readonly truth: Float32Array;
}

export function createLesson(cell: CellName, batch: number, steps: number, inputs: number, hidden: number): Lesson {
  const rows = rowsOf(batch, steps, inputs);
  const row = (t: number, b: number) =>
    rows.subarray((b * (steps + 1) + t) * inputs, (b * (steps + 1) + t + 1) * inputs);
  const x = new Float32Array(steps * batch * inputs);
  const truth = new Float32Array(steps * batch);
  for (let t = 0; t < steps; t++) {
    for (let b = 0; b < batch; b++) {
      x.set(row(t, b), (t * batch + b) * inputs);
      truth[t * batch + b] = row(t + 1, b)[0]!;
    }
  }
  const rates = { learningRate: 1e-3, weightDecay: 1e-2 };
  return { cell, inputs, hidden, batch, steps, ...rates, weights: weightsWithHead(cell, inputs, hidden, 1), x, truth };
}

/** The rows of all windows one after the other, each window with the row that is forecast last. */
function rowsOf(batch: number, steps: number, inputs: number): Float32Array {
  return randomInputs(batch * (steps + 1), inputs);
}

export function ourTrainer(lesson: Lesson, threads: number) {
  const { cell, inputs, hidden, batch, steps, learningRate, weightDecay, weights } = lesson;
  const trainer = new Trainer(
    rowsOf(batch, steps, inputs),
    {
      network: networkSpec(cell, inputs, hidden, 1),
      dropout: 0,
      window: steps,
      warmup: 0,
      horizon: 1,
      freeSteps: 0,
      feedForward: false,
      carries: false,
      targets: [0],
      anchor: false,
      loss: 'mse',
      levels: [],
      batchSize: batch,
      weightDecay,
      clipNorm: 0,
      seed: 1,
      threads,
    },
    weights,
  );
  const starts = (count: number) => Int32Array.from({ length: count * batch }, (_, k) => (k % batch) * (steps + 1));
  return {
    /** The loss of the first step and the norm of its gradient */
    async firstStep(): Promise<number[]> {
      const { loss, gradientNorm } = await trainer.run(starts(1), learningRate);
      return [loss, gradientNorm];
    },
    async run(count: number): Promise<void> {
      await trainer.run(starts(count), learningRate);
    },
  };
}
