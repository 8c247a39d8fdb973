import type { GatecastError } from '../../base/errors.ts';
import type { Cursor } from './cursor.ts';
import type { HiddenVectors } from './hidden-vectors.ts';
import type { PartList } from './part-list.ts';
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
  readonly scaler?: { readonly mean: ArrayLike<number>; readonly std: ArrayLike<number> };
  /** Where a part asks for them. */
  readonly vectors?: HiddenVectors;
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
  createStates(capacity: number, spare: number): SlotStates;
  /** What is answered to a step whose parts have said what they have to say. */
  answer(step: Cursor): Answer;
}

/**
 * The states of a model, in numbered slots: of each stream a row of numbers, whose last are for the stream's parts, and
 * hidden vectors. `ForecasterStates` says what each method does.
 */
export interface SlotStates {
  readonly rowSize: number;
  readonly spare: number;
  readonly rows: Float64Array;
  readonly values: Float64Array;
  readonly byteSize: number;
  readonly vectorSize: number;
  samples(slot: number): number;
  ready(slot: number): boolean;
  inRange(input: number, value: number): boolean;
  outOfRange(input: number, value: number): GatecastError;
  stage(k: number, slot: number): void;
  advance(count: number): void;
  read(k: number, numbers: Float64Array): void;
  stepNow(slot: number, values: Float64Array, numbers: Float64Array): void;
  copy(slot: number, from: number, origin?: SlotStates): void;
  reset(slot: number): void;
  restart(slot: number): void;
  grow(capacity: number): void;
  readVectors(slot: number, out: Float32Array): void;
  writeBytes(slot: number, bytes: Uint8Array): void;
  readBytes(slot: number, bytes: Uint8Array): void;
  dispose(): void;
}
