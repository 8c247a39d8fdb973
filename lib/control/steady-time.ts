import { native } from '../network/native.ts';
import { systemClock } from './clock.ts';

/** From the steady clock of the addon to `systemClock` of this thread [ms]. */
let offset: number | undefined;

function toSystem(): number {
  offset ??= systemClock.now() - 1000 * native.steadyNow();
  return offset;
}

/** A time of `systemClock` [ms since the epoch] on the steady clock of the machine [s], which all threads share. */
export function toSteady(time: number): number {
  return (time - toSystem()) / 1000;
}

export function fromSteady(seconds: number): number {
  return 1000 * seconds + toSystem();
}
