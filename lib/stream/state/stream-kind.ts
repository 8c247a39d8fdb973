import type { ModelStates } from '../../model/model-states.ts';
import type { Skipped } from '../../model/skipped.ts';
import type { Cursor } from './cursor.ts';
import type { HiddenVectors } from './hidden-vectors.ts';
import type { PartList } from './part-list.ts';
import type { Reading } from './sample-reader.ts';
import type { Silence } from './silence.ts';
import type { SnapshotKind } from './snapshot.ts';
import type { TimeParts } from './time-parts.ts';

/** A kind of stream, for one model and one set of options: all that differs between kinds for `StreamStates`. */
export interface StreamKind<Answer> {
  readonly inputs: readonly string[];
  /** Names of the inputs that are forecast. */
  readonly targets: readonly string[];
  /** How many numbers a forecast has. */
  readonly numbers: number;
  /** How many of them, at the end, are neither mean nor quantiles; no part sees these. Default 0. */
  readonly beside?: number;
  /** The hidden vectors, for the parts that need them. */
  readonly vectors: HiddenVectors | undefined;
  /** Undefined: skip, with a warning for a source that begins with invalid samples alone. */
  readonly onInvalid: 'skip' | 'error' | undefined;
  /** True if a value may be missing, because a part fills it. */
  readonly fills: boolean;
  readonly parts: PartList;
  /** The parts that find the step of a sample by its time. Without them, each sample is the next step. */
  readonly time: TimeParts | undefined;
  /** What tells that a silence was too long, though samples came. */
  readonly silence?: Silence | undefined;
  /**
   * What a silence longer than `resetAfter` does: 'forget' everything but the clock, or 'restart' and keep what was
   * learned.
   */
  readonly afterSilence: 'forget' | 'restart';
  readonly snapshot: Omit<SnapshotKind, 'size'>;
  /** Makes the states of `capacity` streams, with `spare` numbers of each for its parts. */
  createStates(capacity: number, spare: number): ModelStates;
  /**
   * Makes the answer to a step, after its parts have reported. `at` of the reading is the time of the newest sample,
   * which may be newer than a late one. `ready` is true if the state is sound and has taken enough samples.
   */
  answer(step: Cursor, reading: Reading, ready: boolean, skipped: Skipped): Answer;
}
