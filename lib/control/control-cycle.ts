import type { SentAction } from './actions-under-way.ts';
import type { Clock } from './clock.ts';
import type { CycleFlag } from './cycle-flags.ts';
import type { LoopStatus } from './loop/loop-status.ts';
import type { Observation, ObservationFault } from './observation.ts';

/**
 * What went wrong in a cycle. The observation was unusable (see `ObservationFault`), or `observe` threw. `late`: the
 * cycle began after its deadline. `decide` threw, returned a `bad-action` (of the wrong length or not finite), was
 * `undecided` because it had nothing to decide from, or answered after the deadline (`overrun`). `act` threw or
 * rejected an earlier action, or so many actions are pending that no other is sent (`act-pending`). `unread`: nobody
 * takes the actions of a native loop. `stopped` is the end.
 */
export type CycleReason =
  | ObservationFault
  | 'observe-threw'
  | 'late'
  | 'decide-threw'
  | 'bad-action'
  | 'undecided'
  | 'overrun'
  | 'act-threw'
  | 'act-pending'
  | 'unread'
  | 'stopped';

/** One cycle of a control loop. Times are [ms since the epoch], by the loop's clock. */
export interface ControlCycle {
  /** The cycle's number on the schedule, from 0. */
  readonly seq: number;
  readonly status: LoopStatus;
  /** When it was due: `seq` periods after the loop began. */
  readonly tDue: number;
  /** Time of the observation; undefined if there was no usable one. */
  readonly tEvent: number | undefined;
  /** When it began; below, when `act` had returned. */
  readonly tIn: number;
  readonly tOut: number;
  /** Age of the observation when the cycle began; negative if its clock is ahead. */
  readonly ageMs: number | undefined;
  /** Whether `act` had returned by the deadline. */
  readonly deadlineMet: boolean;
  /** How many cycles just before this one were due and not run. */
  readonly missed: number;
  /** Where the action came from; `held` repeats the previous action. */
  readonly source: 'model' | 'fallback' | 'held';
  /** As `decide` returned it. With 0.4, two fifths of the first iteration's samples were evaluated in time. */
  readonly iterations: number | undefined;
  /** The action given to `act`; with `act-pending`, the one given before. */
  readonly action: Float64Array;
  /** Whether the limits changed it. */
  readonly limited: boolean;
  /** What went wrong, if anything did. */
  readonly reason: CycleReason | undefined;
  /** A sentence from `decide` about its answer. */
  readonly notice: string | undefined;
  /** Signs that the loop may have no effect. They can be legitimate; usually there are none. */
  readonly flags: readonly CycleFlag[];
  /** Errors that functions of the options threw, in order. */
  readonly errors: readonly unknown[];
}

/** What is known when an action is decided. Times are [ms since the epoch], by the loop's clock. */
export interface ControlContext {
  readonly seq: number;
  readonly tIn: number;
  /** A later answer is not used. */
  readonly deadline: number;
  /** When the action will take effect: `delayMs` after the cycle was due. */
  readonly tEffect: number;
  /** The previous action; undefined at first. */
  readonly lastAction: Float64Array | undefined;
  /**
   * The action in effect at the time of the previous observation, if one was sent that early, and those that take
   * effect after it; oldest first. For the first observation, its own time counts instead.
   */
  readonly underWay: readonly SentAction[];
  /** The clock of all times here. */
  readonly clock: Clock;
}

/** What is known when the model's action cannot be used. */
export interface FallbackContext {
  readonly seq: number;
  readonly reason: CycleReason;
  /** The previous action; undefined at first. */
  readonly lastAction: Float64Array | undefined;
}

/** An action, which may be a number if it has one value. */
export interface Decision {
  readonly action: number | ArrayLike<number>;
  /** Iterations of its planner; the last may be partial. */
  readonly iterations?: number;
  /** Whether nothing was decided, for example for lack of a usable measurement or plan; the action is then not used. */
  readonly held?: boolean;
  /** A sentence about the decision, for the cycle. */
  readonly notice?: string | undefined;
}

export type Decide = (observation: Observation<Float64Array>, context: ControlContext) => ArrayLike<number> | Decision;

/** A way to decide in a control loop. Each subscription starts it with a fresh memory. */
export interface ControlPolicy {
  start(): Decide;
}
