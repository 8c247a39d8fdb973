import { misfit } from '../../base/errors.ts';
import type { ModelStates } from '../../model/model-states.ts';
import { allocate } from '../../base/memory.ts';
import { formatSnapshot, parseSnapshot, type SnapshotKind } from './snapshot.ts';
import type { PartList } from './part-list.ts';
import type { StreamKind } from './stream-kind.ts';

/**
 * What the live streams of one kind remember. Each stream has a slot for what it remembers now, and more for what
 * it remembered before each of its last steps; and the rings of its parts, which all of them share.
 */
export class StreamMemory {
  readonly states: ModelStates;
  /** [capacity][ringSize of the parts]; another array after `grow`. */
  rings: Float64Array;
  readonly #parts: PartList;
  readonly #afterSilence: StreamKind<unknown>['afterSilence'];
  readonly #kind: SnapshotKind;
  /** Slots of a stream. */
  readonly #each: number;
  /** Of each stream, how many earlier states are kept. */
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

  /** The slot of what a stream remembers now. */
  slot(stream: number): number {
    return stream * this.#each;
  }

  /** Where the numbers of its parts begin in `states.rows`. */
  at(stream: number): number {
    return this.slot(stream) * this.states.rowSize + this.states.spare;
  }

  /** Where its rings begin in `rings`. */
  ringAt(stream: number): number {
    return stream * this.#parts.ringSize;
  }

  /** Steps a stream has taken. */
  steps(stream: number): number {
    return this.states.samples(this.slot(stream));
  }

  /** Earlier states that `rewind` can reach. */
  kept(stream: number): number {
    return this.#kept[stream]!;
  }

  /**
   * Keeps what the stream is before it takes its next step, but for `lasting`, what was known of its samples by then;
   * without it, for a step that is taken again, what was known of them stays as it was kept the first time.
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

  /** Back to before the last `count` steps. Throws `invalid-argument` for more than are kept. */
  rewind(stream: number, count: number): void {
    const kept = this.#kept[stream]!;
    if (!Number.isInteger(count) || count < 0 || count > kept) {
      throw misfit(`0 to ${kept}`, 'the steps to rewind', count);
    }
    if (count === 0) return;
    this.states.copy(this.slot(stream), this.#earlier(stream, this.steps(stream) - count));
    this.#kept[stream]! -= count;
  }

  /** The same, but for what is known of the samples; to before the first step where so many were not taken. */
  unwind(stream: number, count: number): void {
    const at = this.at(stream);
    const lasting = this.states.rows.slice(at, at + this.#parts.lasting);
    this.rewind(stream, Math.min(count, this.#kept[stream]!));
    this.states.rows.set(lasting, at);
  }

  /** After a silence: the stream begins anew, but for what is known of its samples, and what it keeps of the rest. */
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

  /** As if it had seen nothing. */
  reset(stream: number): void {
    this.#clear(stream);
    this.#ring(stream).fill(0);
  }

  /** The stream becomes a copy of one of `origin`, which is of the same kind. */
  copy(stream: number, origin: StreamMemory, from: number): void {
    for (let k = 0; k < this.#each; k++) this.states.copy(this.slot(stream) + k, origin.slot(from) + k, origin.states);
    this.#ring(stream).set(origin.#ring(from));
    this.#kept[stream] = origin.#kept[from]!;
  }

  /** Whether the two remember the same now, to the bit, and so will say the same for ever. */
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

  /** All that a stream remembers; see `formatSnapshot`. */
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

  /** Throws as `restore` does. */
  check(snapshot: Uint8Array): void {
    void parseSnapshot(this.#kind, snapshot);
  }

  /** Takes over a snapshot. Throws `invalid-file`, the stream unchanged, for one that does not fit. */
  restore(stream: number, snapshot: Uint8Array): void {
    const bytes = parseSnapshot(this.#kind, snapshot);
    const { byteSize } = this.states;
    for (let k = 0; k < this.#each; k++) this.states.readBytes(this.slot(stream) + k, bytes.subarray(8 + k * byteSize));
    bytesOf(this.#ring(stream)).set(bytes.subarray(8 + this.#each * byteSize));
    this.#kept[stream] = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
  }

  /** Makes room for more streams; nothing may be staged. */
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

  /** As if it had seen nothing, but for the rings. */
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

  /** The slot that keeps the state of so many steps. */
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
