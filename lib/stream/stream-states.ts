import { expected, GatecastError } from '../errors.ts';
import { Forecast, numberCount, toNumbers } from '../model/forecast.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { isInvalidSample } from '../model/forecaster-state.ts';
import type { ForecasterStates } from '../model/forecaster-states.ts';
import { readSample, type Sample } from '../model/sample.ts';
import { formatSnapshot, parseSnapshot, type SnapshotKind } from './snapshot.ts';
import type { ResolvedStreamOptions } from './stream-options.ts';

/** Places in the part of a row that is ours. Times and offsets stand one up, so that 0 is none. */
const SKIPPED = 0;
const OFFSET = 1;
const SPARE = 2;

/**
 * Live streams of one forecaster, by number. Each has a slot for what it remembers now, and `history` more for what it
 * remembered before each of its last samples.
 *
 * A step is `take` for each sample, `advance` for all, `forecast` for each, so that many streams share one native call;
 * between the first and the last of these a stream is named once.
 */
export class StreamStates {
  readonly model: Forecaster;
  readonly #options: ResolvedStreamOptions;
  readonly #names: readonly string[];
  readonly #states: ForecasterStates;
  readonly #numbers: Float64Array;
  readonly #kind: SnapshotKind;
  /** Slots of a stream. */
  readonly #each: number;
  /** Of each stream, how many earlier states are kept. */
  #kept: Float64Array;
  /** Of each stream, the step its newest sample was taken for. */
  #steps: Float64Array;
  #step = 1;
  /** Of each sample taken. */
  #streams: Int32Array;
  #times: (number | undefined)[] = [];

  constructor(model: Forecaster, options: ResolvedStreamOptions, capacity: number) {
    this.model = model;
    this.#options = options;
    this.#names = model.description.inputs.map((input) => input.name);
    this.#each = 1 + options.history;
    this.#states = model.createStates(capacity * this.#each, SPARE);
    this.#numbers = new Float64Array(numberCount(model.description));
    this.#kept = new Float64Array(capacity);
    this.#steps = new Float64Array(capacity);
    this.#streams = new Int32Array(capacity);
    this.#kind = {
      model: model.fingerprint,
      options: JSON.stringify(options.remembered),
      size: 8 + this.#each * this.#states.byteSize,
    };
  }

  get capacity(): number {
    return this.#kept.length;
  }

  /** Samples a stream has taken. */
  samples(stream: number): number {
    return this.#states.samples(stream * this.#each);
  }

  skipped(stream: number): number {
    return this.#row(stream, SKIPPED);
  }

  offset(stream: number): number | undefined {
    const offset = this.#row(stream, OFFSET);
    return offset === 0 ? undefined : offset - 1;
  }

  /** Earlier states that `rewind` can reach. */
  kept(stream: number): number {
    return this.#kept[stream]!;
  }

  /** Reads a sample as row k; false when it is invalid and left out. Throws as `StreamState.step` does. */
  take(k: number, stream: number, sample: Sample): boolean {
    const states = this.#states;
    const slot = stream * this.#each;
    const offset = offsetOf(sample);
    try {
      this.#times[k] = readSample(sample, undefined, this.#names, states.values, k);
      states.stage(k, slot);
    } catch (error) {
      if (this.#options.onInvalid === 'error' || !isInvalidSample(error)) throw error;
      this.#setRow(stream, SKIPPED, this.#row(stream, SKIPPED) + 1);
      return false;
    }
    this.#streams[k] = stream;
    this.#steps[stream] = this.#step;
    this.#remember(stream);
    if (offset !== undefined) this.#setRow(stream, OFFSET, offset + 1);
    return true;
  }

  /** Steps the streams of the first `count` rows. */
  advance(count: number): void {
    this.#states.advance(count);
    this.#step++;
  }

  /** Whether a sample of the stream was taken since the last `advance`. */
  staged(stream: number): boolean {
    return this.#steps[stream] === this.#step;
  }

  /** What row k came to. */
  forecast(k: number): Forecast {
    const stream = this.#streams[k]!;
    this.#states.read(k, this.#numbers);
    const ready = this.#states.ready(stream * this.#each);
    return new Forecast(
      this.model.description,
      toNumbers(this.#numbers),
      this.#times[k],
      ready,
      this.#row(stream, SKIPPED),
    );
  }

  /** Back to before the last `count` samples. Throws `invalid-argument` for more than are kept. */
  rewind(stream: number, count: number): void {
    const kept = this.#kept[stream]!;
    if (!Number.isInteger(count) || count < 0 || count > kept) {
      throw new GatecastError('invalid-argument', expected(`0 to ${kept} samples`, 'the samples to rewind', count));
    }
    if (count === 0) return;
    const slot = stream * this.#each;
    this.#states.copy(slot, slot + this.#earlier(this.samples(stream) - count));
    this.#kept[stream]! -= count;
  }

  /** As if it had seen nothing. */
  reset(stream: number): void {
    this.#states.reset(stream * this.#each);
    this.#kept[stream] = 0;
  }

  /** The stream becomes a copy of one of `origin`, which is of the same forecaster and options. */
  copy(stream: number, origin: StreamStates, from: number): void {
    for (let k = 0; k < this.#each; k++) {
      this.#states.copy(stream * this.#each + k, from * this.#each + k, origin.#states);
    }
    this.#kept[stream] = origin.#kept[from]!;
  }

  /** Whether the two remember the same, to the bit, and so will say the same for ever; what `rewind` can reach does not count. */
  equals(stream: number, other: StreamStates, from: number): boolean {
    if (this.#kind.model !== other.#kind.model || this.#kind.options !== other.#kind.options) return false;
    return Buffer.compare(this.#bytes(stream), other.#bytes(from)) === 0;
  }

  /** All that a stream remembers, as bytes; see `formatSnapshot`. */
  snapshot(stream: number): Uint8Array {
    const { byteSize } = this.#states;
    return formatSnapshot(this.#kind, (bytes) => {
      new DataView(bytes.buffer, bytes.byteOffset).setFloat64(0, this.#kept[stream]!, true);
      for (let k = 0; k < this.#each; k++) {
        this.#states.writeBytes(stream * this.#each + k, bytes.subarray(8 + k * byteSize));
      }
    });
  }

  /** Takes over a snapshot. Throws `invalid-file`, the stream unchanged, for one that does not fit. */
  restore(stream: number, snapshot: Uint8Array): void {
    const bytes = parseSnapshot(this.#kind, snapshot);
    const { byteSize } = this.#states;
    this.#kept[stream] = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
    for (let k = 0; k < this.#each; k++) {
      this.#states.readBytes(stream * this.#each + k, bytes.subarray(8 + k * byteSize));
    }
  }

  /** Makes room for more streams; nothing may be taken and not yet forecast. */
  grow(capacity: number): void {
    this.#states.grow(capacity * this.#each);
    const kept = this.#kept;
    this.#kept = new Float64Array(capacity);
    this.#kept.set(kept);
    this.#steps = new Float64Array(capacity);
    this.#streams = new Int32Array(capacity);
  }

  dispose(): void {
    this.#states.dispose();
  }

  /** Keeps what the stream is before it takes its next sample. */
  #remember(stream: number): void {
    const { history } = this.#options;
    if (history === 0) return;
    const slot = stream * this.#each;
    this.#states.copy(slot + this.#earlier(this.samples(stream)), slot);
    this.#kept[stream] = Math.min(this.#kept[stream]! + 1, history);
  }

  /** The slot, counted from the stream's own, that keeps its state of so many samples. */
  #earlier(samples: number): number {
    return 1 + (samples % this.#options.history);
  }

  #bytes(stream: number): Uint8Array {
    const bytes = new Uint8Array(this.#states.byteSize);
    this.#states.writeBytes(stream * this.#each, bytes);
    return bytes;
  }

  #row(stream: number, place: number): number {
    return this.#states.rows[this.#place(stream, place)]!;
  }

  #setRow(stream: number, place: number, value: number): void {
    this.#states.rows[this.#place(stream, place)] = value;
  }

  #place(stream: number, place: number): number {
    return stream * this.#each * this.#states.rowSize + this.#states.spare + place;
  }
}

function offsetOf(sample: Sample): number | undefined {
  const offset: unknown =
    typeof sample === 'object' && sample !== null && 'offset' in sample ? sample.offset : undefined;
  if (offset === undefined || (Number.isSafeInteger(offset) && (offset as number) >= 0))
    return offset as number | undefined;
  throw new GatecastError('invalid-argument', expected('a whole number >= 0', 'the offset of a sample', offset));
}
