import { type Handle, native } from './native.ts';

/** How to run a policy without JavaScript. */
export interface NativeController {
  /** How many values an observation and an action have. */
  readonly observations: number;
  readonly actions: number;
  /**
   * Creates a controller in the addon, in its initial state. `deadline` is the longest time for an answer, if known
   * [s]. The caller owns the handle; a loop takes it over.
   */
  create(deadline?: number): Handle;
}

/** The name of the method by which a policy says how it runs without JavaScript; see `NativePolicy`. */
export const toNative: unique symbol = Symbol('native controller');

/** A policy that can run without JavaScript. */
export interface NativePolicy {
  /**
   * `observations`: how many values an observation has, for a policy that takes any number. Throws `invalid-argument`
   * if its options do not let it run natively.
   */
  [toNative](observations?: number): NativeController;
}

/** The settings of a native pid: the options of `pid` with their defaults, times in s. */
export interface PidNumbers {
  readonly kp: number;
  readonly ki: number;
  readonly kd: number;
  readonly setpoint: number;
  readonly dt: number;
  readonly tau: number;
  readonly min: number;
  readonly max: number;
  /** Infinity for no limit. */
  readonly maxRate: number;
  readonly feedForward: number;
  /** Infinity for never. */
  readonly stuckAfter: number;
  /** NaN if not known. */
  readonly initial: number;
}

/** Creates a `pid` that reads the value at index `measure` of an observation. */
export function pidController(numbers: PidNumbers, observations: number, measure: number): NativeController {
  const { kp, ki, kd, setpoint, dt, tau, min, max, maxRate, feedForward, stuckAfter, initial } = numbers;
  const list = [kp, ki, kd, setpoint, dt, tau, min, max, maxRate, feedForward, stuckAfter, initial];
  return {
    observations,
    actions: 1,
    create: () => native.createPidController(Float64Array.from(list), observations, measure),
  };
}

/**
 * Whether two buffers share the same memory. A buffer that was sent to a thread, or came back from one, is another
 * object over the same memory.
 */
export function isSameMemory(a: SharedArrayBuffer, b: SharedArrayBuffer): boolean {
  return native.isSameMemory(new Int32Array(a), new Int32Array(b));
}

/** Creates a controller u = -K (x - r); `gain` is K, [actions][states], and `reference` is r. All values are finite. */
export function linearController(gain: readonly (readonly number[])[], reference: readonly number[]): NativeController {
  return {
    observations: reference.length,
    actions: gain.length,
    create: () => native.createLinearController(Float64Array.from(gain.flat()), Float64Array.from(reference)),
  };
}
