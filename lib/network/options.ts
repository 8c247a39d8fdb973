import { describe, GatecastError, misfit, nearest } from '../base/errors.ts';
import { isRecord, reading } from '../base/values.ts';

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

/** A copy of `options`, which may have known keys only. The error for a misspelt key names the nearest known one. */
export function readOptions<T extends object>(options: T, known: readonly (keyof T & string)[], owner: string): T {
  const name = `the options of ${owner}`;
  if (!isRecord(options)) throw misfit('an object', name, options);
  for (const key of reading(name, () => Object.keys(options)) as (keyof T & string)[]) {
    if (known.includes(key)) continue;
    const close = nearest(key, known);
    const hint = close === undefined ? `one of ${known.join(', ')}` : `'${close}'`;
    const message = `Expected a known option for ${owner} but received ${describe(key)}; did you mean ${hint}?`;
    throw new GatecastError('invalid-argument', message);
  }
  return reading(name, () => Object.fromEntries(known.map((key) => [key, options[key]]))) as T;
}

/** Throws if a function is given more than `most` arguments, as when PyTorch's h and c are passed separately. */
export function checkNoMore(more: readonly unknown[], most: number, name: string): void {
  if (more.length === 0) return;
  const what = `at most ${most} arguments (states are one, { h, c })`;
  throw misfit(what, name, most + more.length);
}

/** The value, or its default. Throws unless it is a whole number in the range. */
export function wholeNumber(value: unknown, name: string, low: number, high: number, fallback?: number): number {
  const chosen = value === undefined ? fallback : value;
  if (typeof chosen !== 'number' || !Number.isInteger(chosen) || chosen < low || chosen > high) {
    throw misfit(`a whole number from ${low} to ${high}`, name, value);
  }
  return chosen;
}

/** The value, or its default. Throws unless it is true or false. */
export function flag(value: unknown, name: string, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw misfit('true or false', name, value);
  return value;
}

/** Checks the options and fills in their defaults. */
export function checkNetworkOptions(given: NetworkOptions) {
  const options = readOptions(given, ['seed', 'batchFirst', ...runKeys], 'the network');
  return {
    seed: options.seed,
    batchFirst: flag(options.batchFirst, 'batchFirst', false),
    ...runOptions(options),
  };
}

function runOptions({ precision = 'f32', threads }: RunOptions): Required<RunOptions> {
  if (precision !== 'f32' && precision !== 'bf16' && precision !== 'int8') {
    throw misfit("'f32', 'bf16' or 'int8'", 'precision', precision);
  }
  return { precision, threads: wholeNumber(threads, 'threads', 1, 64, 1) };
}

/** Checks the options and fills in their defaults. */
export function checkRecurrentOptions(options: RecurrentOptions) {
  const maxSize = 65_536;
  const { dropout = 0, seed } = options;
  if (dropout !== 0) {
    const what = '0, because forward never drops units (dropout is an option of fit and train),';
    throw misfit(what, 'dropout', dropout);
  }
  return {
    inputSize: wholeNumber(options.inputSize, 'inputSize', 1, maxSize),
    hiddenSize: wholeNumber(options.hiddenSize, 'hiddenSize', 1, maxSize),
    numLayers: wholeNumber(options.numLayers, 'numLayers', 1, 64, 1),
    bias: flag(options.bias, 'bias', true),
    batchFirst: flag(options.batchFirst, 'batchFirst', false),
    bidirectional: flag(options.bidirectional, 'bidirectional', false),
    seed: seed === undefined ? undefined : wholeNumber(seed, 'seed', 0, 2 ** 31 - 1),
    ...runOptions(options),
  };
}

/** The keys of RunOptions. */
const runKeys = ['precision', 'threads'] as const;

/** The keys of RecurrentOptions. */
export const recurrentKeys = [
  'inputSize',
  'hiddenSize',
  'numLayers',
  'bias',
  'batchFirst',
  'dropout',
  'bidirectional',
  'seed',
  ...runKeys,
] as const;
