/**
 * How a sample fits into the stream.
 *
 * - `first`: the first that carries a time.
 * - `next`: begins a new step, after `missing` steps without a sample.
 * - `same-cell`: belongs to the newest step, which has a sample already; refines it.
 * - `late`: belongs to the step `back` before the newest, which had no sample.
 * - `duplicate`: belongs to a step that has a sample already; to be dropped.
 * - `too-late`: older than the lateness allows; to be dropped. So are the first samples after a clock was set back.
 * - `suspect`: too far ahead to be trusted yet; to be dropped.
 * - `rebase`: confirms that the clock was set back, or had been ahead; otherwise like `next`, where `missing` counts
 *   the steps dropped on the way.
 * - `reset`: confirms a time further ahead than `resetAfter`: the stream was silent and is reset with this sample. A
 *   caller who knows that the source was not silent may treat it as `next`: the clock was set forward.
 */
export type ArrivalKind =
  | 'first'
  | 'next'
  | 'same-cell'
  | 'late'
  | 'duplicate'
  | 'too-late'
  | 'suspect'
  | 'rebase'
  | 'reset';

/** The clock's answer to one sample. */
export interface Arrival {
  readonly kind: ArrivalKind;
  /** Steps without a sample right before this one; 0 unless the kind is 'next' or 'rebase'. */
  readonly missing: number;
  /** Steps from this sample's to the newest; 0 unless the kind is 'late'. */
  readonly back: number;
}
