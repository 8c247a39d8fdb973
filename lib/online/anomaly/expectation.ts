import type { GatecastError } from '../../base/errors.ts';
import type { Part } from '../part.ts';

/** A sample that is compared with what was expected of it. All are in the order of the inputs. */
export interface ExpectedSample {
  /** NaN for what is missing. */
  readonly values: Float64Array;
  /** The same with numbers for that. */
  readonly filled: Float64Array;
  /**
   * 1 where the value before is missing. What was expected then came of a number that stood in for it, and is not
   * compared: the distance is 0, as for a value that is missing itself.
   */
  readonly unsure: Uint8Array;
}

/**
 * What is expected of a stream's next sample, and how the sample then compares. It keeps numbers in the stream's row,
 * and hidden vectors.
 */
export interface Expectation extends Part {
  /** Names of the values of a sample. */
  readonly inputs: readonly string[];
  /** Names of those that are expected. */
  readonly targets: readonly string[];
  /** Bytes of the hidden vectors, and of what goes with them. */
  readonly byteSize: number;
  /** What is wrong with a finite value of an input: it is too far out. */
  refuse(input: number, value: number): GatecastError | undefined;
  /** Writes what is expected of each target, in its unit; NaN where nothing is. */
  foresee(row: Float64Array, at: number, out: Float64Array): void;
  /** Compares a sample with what was expected of it, writes `distances`, and expects the next. */
  take(row: Float64Array, at: number, sample: ExpectedSample, distances: Float64Array): void;
  /** Forgets what came before, for that is long ago. What was learned stays. */
  restart(row: Float64Array, at: number): void;
  writeBytes(bytes: Uint8Array): void;
  /** Takes over what `writeBytes` wrote. */
  readBytes(bytes: Uint8Array): void;
  dispose(): void;
}
