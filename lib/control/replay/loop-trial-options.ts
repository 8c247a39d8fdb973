import { misfit } from '../../base/errors.ts';
import type { Duration } from '../../base/duration.ts';
import { abortSignal, callable, type Check, list, number, oneOf, whole } from '../../base/schema.ts';
import { checkDelay } from '../../recording/delays.ts';
import type { ControlCycle } from '../control-cycle.ts';
import { hasMethods } from '../../base/has-methods.ts';
import type { ControlLoopOptions, Fallback } from '../loop/loop-options.ts';
import { LOOP_FAULTS, type LoopFault } from './observation-faults.ts';

/** The controller, as `decide` of `controlLoop` takes it. */
export type Controller = ControlLoopOptions['decide'];

/** How a loop is disturbed, and what has to hold. */
export interface LoopTrialOptions {
  /** What has to hold, such as 'no action outside bounds'; see docs/proof.md. */
  assert?: readonly string[];
  /** What goes wrong between the sensors and the loop; nothing by default. */
  faults?: readonly LoopFault[];
  /** Share of readings, or of observations, that each fault spoils, in (0, 1]; default 0.01. */
  rate?: number;
  /** By how much observations are delayed, up to one hour, and by how much that varies at random; 0 by default. */
  latency?: Duration;
  jitter?: Duration;
  /** Seed of the faults and the jitter, 0 (the default) to 2^28: the same seed gives the same faults. */
  seed?: number;
  /** Ends the run early, with a report of what was done so far. */
  signal?: AbortSignal;
  /** Is called with each cycle. */
  onCycle?: (cycle: ControlCycle) => void;
}

/** The options after checking. */
export type CheckedTrialOptions = Readonly<
  Omit<LoopTrialOptions, 'latency' | 'jitter'> & { latency?: number; jitter?: number }
>;

const checkText: Check<string> = (value, name) => {
  if (typeof value === 'string') return value;
  throw misfit('text', name, value);
};

export const checkController: Check<Controller> = (value, name) => {
  if (typeof value === 'function' || hasMethods(value, 'start')) return value as Controller;
  throw misfit('a function that decides or a policy', name, value);
};

/** Anything else is checked by `controlLoop`. */
export const anyFallback: Check<Fallback> = (value) => value as Fallback;

/** Checks of the fields, for `record`. */
export const trialChecks = {
  assert: list(checkText, 0, 1000),
  faults: list(oneOf(...LOOP_FAULTS), 0, LOOP_FAULTS.length),
  rate: number(1e-9, 1),
  latency: checkDelay,
  jitter: checkDelay,
  seed: whole(0, 2 ** 28),
  signal: abortSignal,
  onCycle: callable,
};
