import { misfit } from '../../base/errors.ts';
import type { ModelStates } from '../../model/model-states.ts';
import { allocate } from '../../base/memory.ts';
import { formatSnapshot, parseSnapshot, type SnapshotKind } from './snapshot.ts';
import type { PartList } from './part-list.ts';
import type { StreamKind } from './stream-kind.ts';

/**
 * The memory of the live streams of one kind. Each stream has a slot for its present state, further slots for the
 * states before each of its last steps, and the rings of its parts, which all its slots share.
 */
export class StreamMemory {
  readonly states: ModelStates;
  /** The rings, [capacity][ringSize of the parts]. `grow` replaces the array. */
  rings: Float64Array;
  readonly #parts: PartList;
  readonly #afterSilence: StreamKind<unknown>['afterSilence'];
  readonly #kind: SnapshotKind;
  /** How many slots a stream has. */
  readonly #each: number;
  /** How many earlier states are kept of each stream. */
  #kept: Float64Array;

  constructor(kind: StreamKind<unknown>, capacity: number) {
    const { parts } = kind;
    this.#parts = parts;
    this.#afterSilence = kind.afterSilence;
    this.#each = 1 + parts.history;
    this.rings = this.#allocate(capacity);
    this.states = kind.createStates(capacity * this.#each, parts.size);
    this.#kept = new Float64Array(capacity);
    const size = 8 + this.#each * this.states.byteSize + 8 * parts.ringSize;
    this.#kind = { ...kind.snapshot, size };
    for (let stream = 0; stream < capacity; stream++) this.reset(stream);
  }

  get capacity(): number {
    return this.#kept.length;
  }

  /** The slot of a stream's present state. */
  slot(stream: number): number {
    return stream * this.#each;
  }

  /** Where the numbers of a stream's parts begin in `states.rows`. */
  at(stream: number): number {
    return this.slot(stream) * this.states.rowSize + this.states.spare;
  }

  /** Where a stream's rings begin in `rings`. */
  ringAt(stream: number): number {
    return stream * this.#parts.ringSize;
  }

  /** How many steps a stream has taken. */
  steps(stream: number): number {
    return this.states.samples(this.slot(stream));
  }

  /** How many earlier states `rewind` can reach. */
  kept(stream: number): number {
    return this.#kept[stream]!;
  }

  /**
   * Keeps the state of a stream before it takes its next step. `lasting` replaces the numbers of the lasting parts with
   * what was known of the samples by then. Without it, for a repeated step, these numbers stay as they were kept the
   * first time.
   */
  keep(stream: number, lasting: Float64Array | undefined): void {
    const { history } = this.#parts;
    if (history === 0) return;
    const slot = this.#earlier(stream, this.steps(stream));
    const at = slot * this.states.rowSize + this.states.spare;
    const known = lasting ?? this.states.rows.slice(at, at + this.#parts.lasting);
    this.states.copy(slot, this.slot(stream));
    this.states.rows.set(known, at);
    this.#kept[stream] = Math.min(this.#kept[stream]! + 1, history);
  }

  /** Takes a stream back to before its last `count` steps. Throws `invalid-argument` for more steps than are kept. */
  rewind(stream: number, count: number): void {
    const kept = this.#kept[stream]!;
    if (!Number.isInteger(count) || count < 0 || count > kept) {
      throw misfit(`0 to ${kept}`, 'the steps to rewind', count);
    }
    if (count === 0) return;
    this.states.copy(this.slot(stream), this.#earlier(stream, this.steps(stream) - count));
    this.#kept[stream]! -= count;
  }

  /** As `rewind`, but what is known of the samples stays. A stream with fewer steps goes back to before its first. */
  unwind(stream: number, count: number): void {
    const at = this.at(stream);
    const lasting = this.states.rows.slice(at, at + this.#parts.lasting);
    this.rewind(stream, Math.min(count, this.#kept[stream]!));
    this.states.rows.set(lasting, at);
  }

  /**
   * Restarts a stream after a silence. What is known of its samples stays, and so does what its parts keep in
   * `restart`.
   */
  restart(stream: number): void {
    const at = this.at(stream);
    if (this.#afterSilence === 'restart') {
      this.states.restart(this.slot(stream));
      this.#parts.restart(this.states.rows, at);
      this.#kept[stream] = 0;
      return;
    }
    const lasting = this.states.rows.slice(at, at + this.#parts.lasting);
    this.#clear(stream);
    this.states.rows.set(lasting, at);
  }

  /** Resets a stream, as if it had taken no sample. */
  reset(stream: number): void {
    this.#clear(stream);
    this.#ring(stream).fill(0);
  }

  /** Makes a stream a copy of stream `from` of `origin`, which is of the same kind. */
  copy(stream: number, origin: StreamMemory, from: number): void {
    for (let k = 0; k < this.#each; k++) this.states.copy(this.slot(stream) + k, origin.slot(from) + k, origin.states);
    this.#ring(stream).set(origin.#ring(from));
    this.#kept[stream] = origin.#kept[from]!;
  }

  /** True if both remember the same now, to the bit, and so will answer the same from now on. */
  equals(stream: number, other: StreamMemory, from: number): boolean {
    if (this.#kind.model !== other.#kind.model || this.#kind.options !== other.#kind.options) return false;
    if (Buffer.compare(this.#comparable(stream), other.#comparable(from)) !== 0) return false;
    const [row, otherRow] = [this.states.rows, other.states.rows];
    const [at, otherAt] = [this.at(stream), other.at(from)];
    return this.#parts.sameSteps(
      { row, at, ring: this.rings, ringAt: this.ringAt(stream) },
      { row: otherRow, at: otherAt, ring: other.rings, ringAt: other.ringAt(from) },
    );
  }

  /** A snapshot of all that a stream remembers; see `formatSnapshot`. */
  snapshot(stream: number): Uint8Array {
    const { byteSize } = this.states;
    return formatSnapshot(this.#kind, (bytes) => {
      new DataView(bytes.buffer, bytes.byteOffset).setFloat64(0, this.#kept[stream]!, true);
      for (let k = 0; k < this.#each; k++) {
        this.states.writeBytes(this.slot(stream) + k, bytes.subarray(8 + k * byteSize));
      }
      bytes.set(bytesOf(this.#ring(stream)), 8 + this.#each * byteSize);
    });
  }

  /** Throws if `restore` would throw. */
  check(snapshot: Uint8Array): void {
    void parseSnapshot(this.#kind, snapshot);
  }

  /**
   * Restores a stream from a snapshot. Throws `invalid-file` for a snapshot that does not fit; the stream is then
   * unchanged.
   */
  restore(stream: number, snapshot: Uint8Array): void {
    const bytes = parseSnapshot(this.#kind, snapshot);
    const { byteSize } = this.states;
    for (let k = 0; k < this.#each; k++) this.states.readBytes(this.slot(stream) + k, bytes.subarray(8 + k * byteSize));
    bytesOf(this.#ring(stream)).set(bytes.subarray(8 + this.#each * byteSize));
    this.#kept[stream] = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
  }

  /** Makes room for more streams. Nothing may be staged. */
  grow(capacity: number): void {
    const before = this.capacity;
    const rings = this.#allocate(capacity);
    this.states.grow(capacity * this.#each);
    rings.set(this.rings);
    this.rings = rings;
    const kept = this.#kept;
    this.#kept = new Float64Array(capacity);
    this.#kept.set(kept);
    for (let stream = before; stream < capacity; stream++) this.reset(stream);
  }

  dispose(): void {
    this.states.dispose();
  }

  /** Resets a stream, except its rings. */
  #clear(stream: number): void {
    this.states.reset(this.slot(stream));
    this.#parts.reset(this.states.rows, this.at(stream));
    this.#kept[stream] = 0;
  }

  #allocate(capacity: number): Float64Array {
    const values = capacity * this.#parts.ringSize;
    return allocate(8 * values, `the last samples of ${capacity} streams`, () => new Float64Array(values));
  }

  #ring(stream: number): Float64Array {
    return this.rings.subarray(this.ringAt(stream), this.ringAt(stream + 1));
  }

  /** The slot that keeps the state after `steps` steps. */
  #earlier(stream: number, steps: number): number {
    return this.slot(stream) + 1 + (steps % this.#parts.history);
  }

  #comparable(stream: number): Uint8Array {
    const bytes = new Uint8Array(this.states.byteSize);
    this.states.writeBytes(this.slot(stream), bytes);
    const row = new Float64Array(bytes.buffer, 0, this.states.rowSize);
    this.#parts.clearForComparison(row, this.states.spare);
    return bytes;
  }
}

function bytesOf(view: Float64Array): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
