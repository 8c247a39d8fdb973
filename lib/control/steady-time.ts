import { native } from '../network/native.ts';
import { systemClock } from './clock.ts';

/** Offset of `systemClock` of this thread from the addon's steady clock [ms]. */
let offset: number | undefined;

function toSystem(): number {
  offset ??= systemClock.now() - 1000 * native.steadyNow();
  return offset;
}

/** Converts a time of `systemClock` [ms since the epoch] to the machine's steady clock [s], which all threads share. */
export function toSteady(time: number): number {
  return (time - toSystem()) / 1000;
}

export function fromSteady(seconds: number): number {
  return 1000 * seconds + toSystem();
}
