import type { ModelStates } from '../../model/model-states.ts';
import type { Skipped } from '../../model/skipped.ts';
import type { Scaler } from '../../model/scaler.ts';
import type { Cursor } from './cursor.ts';
import type { HiddenVectors } from './hidden-vectors.ts';
import type { PartList } from './part-list.ts';
import type { Reading } from './sample-reader.ts';
import type { SnapshotKind } from './snapshot.ts';
import type { TimeParts } from './time-parts.ts';

/** What the streams of one model and one set of options are: all that `StreamStates` does not know by itself. */
export interface StreamKind<Answer> {
  readonly inputs: readonly string[];
  /** What is forecast: names of inputs. */
  readonly targets: readonly string[];
  /** Numbers of a forecast. */
  readonly numbers: number;
  /** How the model scales its inputs, where a part asks. */
  readonly scaler: Scaler | undefined;
  /** Where a part asks for them. */
  readonly vectors: HiddenVectors | undefined;
  readonly onInvalid: 'skip' | 'error';
  /** Whether a value may be missing, because a part fills it. */
  readonly fills: boolean;
  readonly parts: PartList;
  /** Those that find the step of a sample by its time; without them each sample is the next step. */
  readonly time: TimeParts | undefined;
  /** What a silence beyond `resetAfter` does: 'forget' all but the clock, or 'restart' and keep what was learned. */
  readonly afterSilence: 'forget' | 'restart';
  readonly snapshot: Omit<SnapshotKind, 'size'>;
  /** The states of so many streams, with `spare` numbers of each for its parts. */
  createStates(capacity: number, spare: number): ModelStates;
  /**
   * What is answered to a step that its parts have reported of. `at` of the reading is the time of the newest sample,
   * which a late one is not; `ready`: whether the state is sound and has taken enough samples.
   */
  answer(step: Cursor, reading: Reading, ready: boolean, skipped: Skipped): Answer;
}
