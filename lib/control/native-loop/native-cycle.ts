import type { ControlCycle } from '../control-cycle.ts';
import { CYCLE_FLAGS } from '../cycle-flags.ts';
import { fromSteady } from '../steady-time.ts';

/** One cycle of a native loop: a `ControlCycle` without errors of functions, since there are none. */
export interface NativeCycle extends Omit<ControlCycle, 'errors' | 'notice'> {
  /**
   * How many cycles before this one are known by their counts and times only, because their records were overwritten.
   */
  readonly lost: number;
  /** What the system refused to the thread, a sentence each; the loop runs all the same. */
  readonly refused: readonly string[];
}

// In the orders of native/core/control/loop-rules.h.
const REASONS = [
  undefined,
  'missing',
  'malformed',
  'stale',
  'wrong-length',
  'not-finite',
  'out-of-range',
  'late',
  'bad-action',
  'overrun',
  'undecided',
  'unread',
] as const;
const SOURCES = ['model', 'fallback', 'held'] as const;
const STATUSES = ['warming', 'running', 'degraded'] as const;

/** How many numbers a record has before the action; see Loop::kRecordWidth in native/core/control/loop.h. */
export const RECORD_WIDTH = 14;

/** Reads the records of a loop, in order. */
export class CycleReader {
  readonly #refusals: readonly string[];
  #expected = 0;

  /** `refusals`: the sentences for a refused core, and for a refused priority. */
  constructor(refusals: readonly string[]) {
    this.#refusals = refusals;
  }

  read(tDue: number, numbers: Float64Array): NativeCycle {
    const [number, seq, missed, event, tIn, tOut, iterations, reason, source, status, met, limited, refused, flags] =
      numbers as unknown as number[];
    const lost = number! - this.#expected;
    this.#expected = number! + 1;
    const known = !Number.isNaN(event);
    return {
      seq: seq!,
      status: STATUSES[status!]!,
      tDue,
      tEvent: known ? fromSteady(event!) : undefined,
      tIn: fromSteady(tIn!),
      tOut: fromSteady(tOut!),
      ageMs: known ? 1000 * (tIn! - event!) : undefined,
      deadlineMet: met === 1,
      missed: missed!,
      source: SOURCES[source!]!,
      iterations: iterations === -1 ? undefined : iterations,
      action: numbers.slice(RECORD_WIDTH),
      limited: limited === 1,
      reason: REASONS[reason!],
      flags: CYCLE_FLAGS.filter((_, bit) => (flags! >> bit) & 1),
      lost,
      refused: this.#refusals.filter((_, bit) => (refused! >> bit) & 1),
    };
  }
}
