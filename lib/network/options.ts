import { misfit } from '../base/errors.ts';
import { boolean, object, oneOf, whole } from '../base/schema.ts';

/**
 * How the weights of the cells are stored when a network runs. Sums, states and the head are always 32-bit floats.
 * `bf16` and `int8` are two and four times smaller, faster where the processor multiplies them directly, and less
 * exact: see docs/performance.md.
 */
export type Precision = 'f32' | 'bf16' | 'int8';

/** How a network runs, beside its shape. */
export interface RunOptions {
  /** Default 'f32'. The weights themselves are kept unrounded: `stateDict()` returns them as they were given. */
  precision?: Precision;
  /** Threads that share whole sequences and batches of streams, 1 (default) to 64. They sleep when idle. */
  threads?: number;
}

/** How a network starts, and how it runs. */
export interface NetworkOptions extends RunOptions {
  /** Seed of the initial weights, 0 to 2^31 - 1; random if left out. */
  seed?: number | undefined;
  /** Whether sequences are [B, T, ..] rather than [T, B, ..]; default false. */
  batchFirst?: boolean;
}

/** The common options of GRU and LSTM; names, defaults and meaning are those of PyTorch. */
export interface RecurrentOptions extends RunOptions {
  /** Values of one sample, 1 to 65,536. */
  inputSize: number;
  /** Values of the hidden state, 1 to 65,536. */
  hiddenSize: number;
  /** Number of layers, 1 (default) to 64. */
  numLayers?: number;
  /** Whether layers have biases; default true. */
  bias?: boolean;
  /** Whether sequences are [B, T, ..] rather than [T, B, ..]; default false. */
  batchFirst?: boolean;
  /** Must be 0, because `forward` never drops units. Use the option `dropout` of `fit` and `train` for training. */
  dropout?: 0;
  /** Whether a second set of layers reads the sequence backwards; default false. Such a network cannot be stepped. */
  bidirectional?: boolean;
  /** Seed of the initial weights, 0 to 2^31 - 1; random if left out. */
  seed?: number;
}

/** Throws if a function is given more than `most` arguments, as when PyTorch's h and c are passed separately. */
export function checkNoMore(more: readonly unknown[], most: number, name: string): void {
  if (more.length === 0) return;
  const what = `at most ${most} arguments (states are one, { h, c })`;
  throw misfit(what, name, most + more.length);
}

const size = whole(1, 65_536);

/** Checks of RunOptions. */
const runFields = { precision: oneOf('f32', 'bf16', 'int8'), threads: whole(1, 64) };

const noDropout = (value: unknown, name: string): 0 => {
  if (value === 0) return value;
  throw misfit('0, because forward never drops units (dropout is an option of fit and train),', name, value);
};

/** Checks of what a network and a single cell have in common. */
export const cellFields = {
  inputSize: size,
  hiddenSize: size,
  bias: boolean,
  seed: whole(0, 2 ** 31 - 1),
  precision: runFields.precision,
};
export const optionalCellFields = ['bias', 'seed', 'precision'] as const;

/** Checks of RecurrentOptions. */
export const recurrentFields = {
  ...cellFields,
  ...runFields,
  numLayers: whole(1, 64),
  batchFirst: boolean,
  dropout: noDropout,
  bidirectional: boolean,
};
export const optionalRecurrentFields = [
  ...optionalCellFields,
  'threads',
  'numLayers',
  'batchFirst',
  'dropout',
  'bidirectional',
] as const;

const checkNetwork = object<NetworkOptions>({ seed: recurrentFields.seed, batchFirst: boolean, ...runFields }, [
  'seed',
  'batchFirst',
  'precision',
  'threads',
]);

/** Checks the options and fills in their defaults. */
export function networkOptions(given: NetworkOptions) {
  const { batchFirst = false, precision = 'f32', threads = 1, seed } = checkNetwork(given, 'options');
  return { seed, batchFirst, precision, threads };
}

/** What a constructor of a network takes, of checked options. */
export function sizesOf({
  inputSize,
  hiddenSize,
  numLayers = 1,
  bias = true,
  bidirectional = false,
}: RecurrentOptions) {
  return { inputSize, hiddenSize, numLayers, bias, bidirectional };
}
