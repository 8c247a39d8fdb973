import type { ControlCycle } from '../control-cycle.ts';
import { CYCLE_FLAGS } from '../cycle-flags.ts';
import { fromSteady } from '../steady-time.ts';

/** One cycle of a native loop: as `ControlCycle`, of which its functions can throw nothing. */
export interface NativeCycle extends Omit<ControlCycle, 'errors' | 'notice'> {
  /** Cycles before this one of which nothing is known but their counts and times: their records had to make room. */
  readonly lost: number;
  /** What the system refused the thread, a sentence each; it runs all the same. */
  readonly refused: readonly string[];
}

// The orders are those of native/core/control/loop-rules.h.
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

/** Numbers of a record before the action; see Loop::kRecordWidth of native/core/control/loop.h. */
export const RECORD_WIDTH = 14;

/** Reads the records of a loop, in their order. */
export class CycleReader {
  readonly #refusals: readonly string[];
  #expected = 0;

  /** `refusals`: what is said when the system refuses the core, and the priority. */
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
