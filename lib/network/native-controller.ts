import { type Handle, native } from './native.ts';

/** How a policy runs without JavaScript. */
export interface NativeController {
  /** Values of an observation and of an action. */
  readonly observations: number;
  readonly actions: number;
  /** A new controller in the addon, which has seen nothing. Whoever asks for it owns the handle; a loop uses it up. */
  create(): Handle;
}

/** The name of the method that a policy has if it can run without JavaScript; see `NativePolicy`. */
export const toNative: unique symbol = Symbol('native controller');

/** A policy that can run without JavaScript. */
export interface NativePolicy {
  /** Throws `invalid-argument` where its options do not let it. */
  [toNative](): NativeController;
}

/** u = -K (x - r); `gain` is K, [actions][states], `reference` r. All finite. */
export function linearController(gain: readonly (readonly number[])[], reference: readonly number[]): NativeController {
  return {
    observations: reference.length,
    actions: gain.length,
    create: () => native.createLinearController(Float64Array.from(gain.flat()), Float64Array.from(reference)),
  };
}
