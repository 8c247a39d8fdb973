import { GatecastError, misfit } from '../base/errors.ts';
import { elementCount, readTensor, type StateDict, type Tensor } from '../base/tensor.ts';
import { isRecord, reading } from '../base/values.ts';
import { checkFinite, checkHidden, type Hidden, readShape, zeroHidden } from './hidden.ts';
import { type Handle, native, nativeHandle, type NativeNetwork, releaseNow, releaseWith } from './native.ts';
import { type NetworkSpec, outputSize, parameterCount, parameterShapes } from './network-spec.ts';
import { NetworkState } from './network-state.ts';
import { NetworkStates } from './network-states.ts';
import { checkNoMore, type NetworkOptions, networkOptions, type Precision } from './options.ts';
import { fromStateDict, type LoadOptions, toStateDict } from './state-dict.ts';

/** The gradient of a loss with respect to the results of `forward`. */
export interface OutputGradient {
  output: Tensor;
  /** With respect to the last states; zero if left out. */
  hidden?: Hidden;
}

/** The gradient of a loss with respect to the arguments of `forward` and the weights. */
export interface InputGradient {
  parameters: StateDict;
  input: Tensor;
  initial: Hidden;
}

/** The dimensions of one input. */
interface Layout {
  input: Tensor;
  steps: number;
  batch: number;
  /** Empty if the input has no batch dimension. */
  batchShape: number[];
  outputShape: number[];
}

/** A stack of recurrent layers with an optional linear head, on which GRU, LSTM and every Forecaster run. */
export class RecurrentNetwork implements NativeNetwork {
  readonly spec: Readonly<NetworkSpec>;
  readonly batchFirst: boolean;
  readonly precision: Precision;
  readonly #shapes: Map<string, number[]>;
  readonly [nativeHandle]: Handle;

  /**
   * Draws the weights as PyTorch does: uniform within +-1 / sqrt(hiddenSize), those of the head within +-1 / sqrt(its
   * inputs). The same seed (0 to 2^31 - 1) gives the same weights everywhere; without a seed they differ each time.
   */
  constructor(spec: NetworkSpec, options: NetworkOptions = {}) {
    const { seed, batchFirst, precision, threads } = networkOptions(options);
    this[nativeHandle] = native.createNetwork(spec, precision, threads);
    this.spec = Object.freeze({ ...spec });
    this.batchFirst = batchFirst;
    this.precision = precision;
    this.#shapes = parameterShapes(spec);
    native.initialiseParameters(this[nativeHandle], seed ?? Math.floor(Math.random() * 2 ** 31));
    releaseWith(this, this[nativeHandle]);
  }

  /** A copy of all weights under PyTorch's names; those of a head are `head.weight` and `head.bias`. */
  stateDict(): StateDict {
    const flat = new Float32Array(parameterCount(this.spec));
    native.getParameters(this[nativeHandle], flat);
    return toStateDict(this.#shapes, flat);
  }

  /** Replaces all weights. Throws `invalid-state-dict` or `invalid-shape`, naming the tensor, and changes nothing. */
  loadStateDict(dict: StateDict, options: LoadOptions = {}): void {
    native.setParameters(this[nativeHandle], fromStateDict(this.#shapes, dict, options));
  }

  /**
   * Runs the layers (not the head) over whole sequences, as PyTorch's modules do in evaluation mode.
   *
   * @param sequence [T, B, inputSize], with `batchFirst` [B, T, inputSize], or without batch [T, inputSize]
   * @param initial first states; zero if left out
   * @returns the output, shaped like `sequence` with R * directions in place of `inputSize`, and the last states
   */
  forward(sequence: Tensor, initial?: Hidden, ...more: never[]): { output: Tensor; hidden: Hidden } {
    checkNoMore(more, 2, 'forward');
    const { input, steps, batch, batchShape, outputShape } = this.#layout(sequence);
    const first = initial === undefined ? undefined : checkHidden(initial, this.spec, batchShape, 'initial');
    const output = { shape: outputShape, data: new Float32Array(elementCount(outputShape)) };
    const hidden = zeroHidden(this.spec, batchShape);
    native.forward(
      this[nativeHandle],
      steps,
      batch,
      this.batchFirst,
      input.data,
      first?.h.data,
      first?.c?.data,
      output.data,
      hidden.h.data,
      hidden.c?.data,
    );
    return { output, hidden };
  }

  /**
   * Backpropagation through time: runs `forward` and carries the gradient of a loss back through it. Shapes as in
   * `forward`. The head takes no part, so its gradient is zero. Throws `invalid-argument` unless the precision is
   * 'f32'.
   */
  backward(sequence: Tensor, gradient: OutputGradient, initial?: Hidden, ...more: never[]): InputGradient {
    checkNoMore(more, 3, 'backward');
    const { input, steps, batch, batchShape, outputShape } = this.#layout(sequence);
    const first = initial === undefined ? undefined : checkHidden(initial, this.spec, batchShape, 'initial');
    if (!isRecord(gradient)) {
      throw misfit('an object with output', 'gradient', gradient);
    }
    const given = reading('gradient', () => ({ output: gradient.output, hidden: gradient.hidden }));
    const output = readShape(given.output, outputShape, 'gradient.output');
    const last =
      given.hidden === undefined ? undefined : checkHidden(given.hidden, this.spec, batchShape, 'gradient.hidden');
    const parameters = new Float32Array(parameterCount(this.spec));
    const dInput = { shape: [...input.shape], data: new Float32Array(input.data.length) };
    const dInitial = zeroHidden(this.spec, batchShape);
    native.vectorJacobian(
      this[nativeHandle],
      steps,
      batch,
      this.batchFirst,
      input.data,
      first?.h.data,
      first?.c?.data,
      output.data,
      last?.h.data,
      last?.c?.data,
      parameters,
      dInput.data,
      dInitial.h.data,
      dInitial.c?.data,
    );
    return { parameters: toStateDict(this.#shapes, parameters), input: dInput, initial: dInitial };
  }

  /** The zero state of one stream. Throws `invalid-argument` for a bidirectional network. */
  createState(): NetworkState {
    return new NetworkState(this);
  }

  /**
   * Zero states of `capacity` streams, 1 to 2^24, that can be stepped together. Throws `invalid-argument` for a
   * bidirectional network.
   */
  createStates(capacity: number): NetworkStates {
    return new NetworkStates(this, capacity);
  }

  /** Frees the native memory now instead of at some garbage collection; live states keep the weights. */
  dispose(): void {
    releaseNow(this, this[nativeHandle]);
  }

  #layout(sequence: Tensor): Layout {
    const input = readTensor(sequence, 'input');
    const { shape } = input;
    const width = this.spec.inputSize;
    if ((shape.length !== 2 && shape.length !== 3) || shape.at(-1) !== width || shape.includes(0)) {
      const batched = this.batchFirst ? `[B, T, ${width}]` : `[T, B, ${width}]`;
      const received = `[${shape.join(', ')}]`;
      const message = `Expected shape ${batched} or [T, ${width}] for input but received ${received}.`;
      throw new GatecastError('invalid-shape', message);
    }
    checkFinite(input.data, 'input');
    const outputShape = [...shape.slice(0, -1), outputSize(this.spec)];
    const [first, second] = shape as [number, number];
    if (shape.length === 2) return { input, steps: first, batch: 1, batchShape: [], outputShape };
    const [steps, batch] = this.batchFirst ? [second, first] : [first, second];
    return { input, steps, batch, batchShape: [batch], outputShape };
  }
}
