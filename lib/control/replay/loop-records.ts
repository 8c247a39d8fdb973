import type { describeBuild } from '../../recording/recording-header.ts';
import type { ControlCycle, CycleReason } from '../control-cycle.ts';
import type { LoopStatus } from '../loop/loop-status.ts';
import type { LoopDescription } from './loop-description.ts';

/**
 * The records of a control loop, beside the header and the end that all recordings have
 * (`lib/recording/recording-records.ts`). Numbers are little-endian, times [ms since the epoch] by the loop's clock;
 * missing numbers are NaN.
 *
 *     begun        f64 when cycle 0 was due, f64 the action of `start` ...
 *     observation  u8 form, f64 arrival, f64 at, f64 values ...
 *     cycle        u8 status, u8 source, u8 reason, u8 flags, u32 missed, f64 seq, f64 tDue, f64 tIn, f64 tAnswered,
 *                  f64 tOut, f64 tEvent, f64 iterations, f64 action ...
 *     stop         f64 the action sent at the end, where no cycle tells of it ...
 *
 * An observation stands before the first cycle that could take it.
 */
export const LOOP_KIND = { begun: 16, observation: 17, cycle: 18, stop: 19 } as const;

/** Bytes of an observation's body before its values. */
export const OBSERVATION_HEAD_BYTES = 17;
/** Bytes of a cycle's body before its action. */
export const CYCLE_HEAD_BYTES = 64;

/** What an observation is: none, or its getters threw, or it has no list of values, or it has one. */
export const FORM = { none: 0, threw: 1, listless: 2, list: 3 } as const;

/**
 * Bits of a cycle's flags: the deadline was met, the limits changed the action, `act` threw at it; then its `flags`.
 */
export const CYCLE_FLAG = { deadlineMet: 1, limited: 2, refused: 4, saturated: 8, constant: 16, frozen: 32 } as const;

/** Names by their numbers in a file, which never change. */
export const STATUSES = ['warming', 'running', 'degraded', 'stopped'] as const satisfies readonly LoopStatus[];
export const SOURCES = ['model', 'fallback', 'held'] as const satisfies readonly ControlCycle['source'][];

/** 0 is none. */
export const REASONS = {
  missing: 1,
  malformed: 2,
  stale: 3,
  'wrong-length': 4,
  'not-finite': 5,
  'out-of-range': 6,
  'observe-threw': 7,
  late: 8,
  'decide-threw': 9,
  'bad-action': 10,
  overrun: 11,
  'act-threw': 12,
  stopped: 13,
  undecided: 14,
  'act-pending': 15,
  unread: 16,
} as const satisfies Record<CycleReason, number>;

/** What the recording of a loop says of itself at its beginning. */
export interface LoopRecordingHeader extends ReturnType<typeof describeBuild> {
  /** ISO 8601 */
  readonly startedAt: string;
  readonly loop: LoopDescription;
}
