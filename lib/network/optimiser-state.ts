import { misfit } from '../base/errors.ts';
import { whole } from '../base/schema.ts';
import type { StateDict } from '../base/tensor.ts';
import { isRecord } from '../base/values.ts';
import { type CarriedStates, type Handle, native } from './native.ts';
import { fromStateDict, toStateDict } from './state-dict.ts';

/** What a trainer remembers beside the weights. With it and the weights, learning goes on with the same bits. */
export interface OptimiserState {
  /** Exponential means of the gradients, by the names of the weights. */
  mean: StateDict;
  /** Exponential means of the squared gradients. */
  square: StateDict;
  /** Steps taken. */
  steps: number;
  /** The state of the generator that dropout draws from, 64 bits. */
  random: bigint;
  /** Of windows that go on from one another. */
  carried: CarriedStates;
}

const HALF = 32n;

/** A copy of the state of a trainer's optimiser. Throws `busy` while a call runs. */
export function readOptimiser(
  trainer: Handle,
  shapes: ReadonlyMap<string, number[]>,
  parameterCount: number,
): OptimiserState {
  const [mean, square] = [new Float32Array(parameterCount), new Float32Array(parameterCount)];
  const counters = new Float64Array(3);
  native.getOptimiser(trainer, mean, square, counters);
  const [steps, upper, lower] = counters as unknown as [number, number, number];
  return {
    mean: toStateDict(shapes, mean),
    square: toStateDict(shapes, square),
    steps,
    random: (BigInt(upper) << HALF) | BigInt(lower),
    carried: native.getCarried(trainer),
  };
}

/** Replaces the state of a trainer's optimiser. Throws `busy` while a call runs. */
export function writeOptimiser(trainer: Handle, shapes: ReadonlyMap<string, number[]>, state: OptimiserState): void {
  if (!isRecord(state)) throw misfit('an object', 'the state of an optimiser', state);
  const { mean, square, steps, random, carried } = state;
  if (typeof random !== 'bigint' || BigInt.asUintN(64, random) !== random) {
    throw misfit('a bigint of 64 bits', 'random', random);
  }
  const halves = [random >> HALF, BigInt.asUintN(32, random)].map(Number);
  const counters = Float64Array.of(whole(0, 2 ** 31 - 1)(steps, 'steps'), ...halves);
  if (!isRecord(carried)) throw misfit('an object', 'carried', carried);
  native.setOptimiser(trainer, fromStateDict(shapes, mean), fromStateDict(shapes, square), counters);
  native.setCarried(trainer, carried.ends, carried.ages, carried.h, carried.c);
}
