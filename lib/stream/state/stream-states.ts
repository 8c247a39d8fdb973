import { isInvalidSample } from '../../model/model-state.ts';
import type { Sample } from '../../model/sample.ts';
import type { Skipped } from '../../model/skipped.ts';
import { INVALID, SkippedCounts } from '../../online/skipped-counts.ts';
import type { StreamCounters } from '../stream-counters.ts';
import { Arrivals, STEPS } from './arrivals.ts';
import { Cursor } from './cursor.ts';
import { OFFSET, type PartList, SKIPPED } from './part-list.ts';
import { type Reading, SampleReader } from './sample-reader.ts';
import type { StreamKind } from './stream-kind.ts';
import { StreamMemory } from './stream-memory.ts';

/**
 * Live streams of one kind, by number: the runtime of all operators with an answer for each sample.
 *
 * A step is `read` and `take` for each sample, `advance` for all, `answer` for each, so that many streams share one
 * native call. Between the first `take` and the last `answer`, each stream may be taken once.
 */
export class StreamStates<Answer> {
  readonly memory: StreamMemory;
  #counters: StreamCounters | undefined;
  readonly #kind: StreamKind<Answer>;
  readonly #parts: PartList;
  readonly #arrivals: Arrivals;
  readonly #reader: SampleReader;
  readonly #skipped = new SkippedCounts();
  /** Readings by number, for `read` and `take`. */
  readonly #readings: Reading[] = [];
  /** Scratch reading for `follow`. */
  readonly #aside: Reading;
  /** Readings taken for the next `advance`, by row. */
  readonly #taken: Reading[] = [];
  /** The reports of the parts on the taken readings, [rows][reportSize]. */
  #reports: Float64Array;
  /** The report on a step without an answer. */
  readonly #unread: Float64Array;
  /** 1 for each stream with a sample taken for the next `advance`. */
  #staged: Uint8Array;
  readonly #cursor: Cursor;

  constructor(kind: StreamKind<Answer>, capacity: number, counters?: StreamCounters) {
    const { parts, time, silence, onInvalid, fills } = kind;
    this.#counters = counters;
    this.#kind = kind;
    this.#parts = parts;
    this.memory = new StreamMemory(kind, capacity);
    this.#cursor = new Cursor(kind, this.memory.states);
    const step = (stream: number, at: number) => this.#step(stream, at);
    this.#arrivals = new Arrivals(this.memory, parts, { time, silence }, this.#cursor.values, step);
    this.#reader = new SampleReader(this.memory.states, onInvalid, fills);
    this.#aside = this.#reader.room();
    this.#reports = new Float64Array(capacity * parts.reportSize);
    this.#unread = new Float64Array(parts.reportSize);
    this.#staged = new Uint8Array(capacity);
  }

  skipped(stream: number): Skipped {
    return this.#skipped.read(this.memory.states.rows, this.memory.at(stream) + SKIPPED);
  }

  offset(stream: number): number | undefined {
    const offset = this.memory.states.rows[this.memory.at(stream) + OFFSET]!;
    return offset === 0 ? undefined : offset - 1;
  }

  /** True if a sample of the stream was taken since the last `advance`. */
  staged(stream: number): boolean {
    return this.#staged[stream] === 1;
  }

  /** Reads a sample, of any stream, as number n. Throws as `StreamState.step` does. */
  read(n: number, sample: Sample): void {
    this.#reader.read((this.#readings[n] ??= this.#reader.room()), sample);
  }

  /** Time of the sample read as number n; undefined if it has none or is invalid. */
  timeOf(n: number): number | undefined {
    const { valid, at } = this.#readings[n]!;
    return valid ? at : undefined;
  }

  /**
   * Takes the sample read as number n into a stream, as row k <= n. Returns false if it makes no step and is left out.
   */
  take(k: number, stream: number, n: number): boolean {
    const taken = this.#readings[n]!;
    const counters = this.#counters;
    counters?.samples.add();
    const makesStep = this.#begin(taken, stream);
    if (makesStep) {
      const { filled } = this.#cursor;
      const { states } = this.memory;
      this.#before(stream, this.#reports, k * this.#parts.reportSize);
      const from = k * filled.length;
      for (let i = 0; i < filled.length; i++) states.values[from + i] = filled[i]!;
      states.stage(k, this.memory.slot(stream), taken.at ?? Number.NaN);
      taken.silent = this.#cursor.silent;
      if (!taken.silent) counters?.forecasts.add();
      this.#taken[k] = taken;
      this.#staged[stream] = 1;
    }
    this.#keepOffset(taken, stream);
    return makesStep;
  }

  /**
   * Takes a sample into a stream at once, without an answer and uncounted. Staged rows stay staged. An invalid sample
   * is always skipped.
   */
  follow(stream: number, sample: Sample): void {
    const counters = this.#counters;
    this.#counters = undefined;
    try {
      this.#reader.read(this.#aside, sample);
      if (this.#begin(this.#aside, stream)) this.#step(stream, this.#aside.at ?? Number.NaN);
      this.#keepOffset(this.#aside, stream);
    } catch (error) {
      if (!isInvalidSample(error)) throw error;
    } finally {
      this.#counters = counters;
    }
  }

  /** Steps the streams of the first `count` rows. */
  advance(count: number): void {
    this.memory.states.advance(count);
    for (let k = 0; k < count; k++) this.#staged[this.#taken[k]!.stream] = 0;
  }

  /** The answer to row k; undefined for a step without an answer. */
  answer(k: number): Answer | undefined {
    const cursor = this.#cursor;
    const { states } = this.memory;
    const taken = this.#taken[k]!;
    const { stream } = taken;
    const slot = this.memory.slot(stream);
    if (taken.silent && !this.#parts.seeForecasts) return undefined;
    states.read(k, cursor.forecast);
    if (this.#parts.act) {
      cursor.move(slot, this.#reports, k * this.#parts.reportSize);
      this.#parts.after(cursor);
      if (taken.silent) return undefined;
      cursor.missing = taken.missing;
      this.#parts.report(cursor);
    }
    const ready = cursor.sound && states.ready(slot);
    return this.#kind.answer(cursor, taken, ready, this.skipped(stream));
  }

  /** Makes room for more streams. All taken samples must be answered before. */
  grow(capacity: number): void {
    this.memory.grow(capacity);
    this.#reports = new Float64Array(capacity * this.#parts.reportSize);
    this.#staged = new Uint8Array(capacity);
  }

  /**
   * Brings a stream to just before the step of a sample, which becomes the current one. Returns false if it makes no
   * step.
   */
  #begin(taken: Reading, stream: number): boolean {
    if (!taken.valid) return this.#leaveOut(stream, INVALID);
    taken.stream = stream;
    taken.correction = false;
    taken.missing = 0;
    taken.restarts = false;
    const { values } = this.#cursor;
    for (let i = 0; i < values.length; i++) values[i] = taken.values[i]!;
    const outcome = this.#arrivals.arrive(taken);
    if (outcome !== STEPS) return this.#leaveOut(stream, outcome);
    const counters = this.#counters;
    if (counters === undefined) return true;
    if (taken.restarts) counters.resets.add();
    if (taken.missing > 0) counters.missing.add(taken.missing);
    if (taken.correction) counters.corrections.add();
    return true;
  }

  /** Keeps the offset of a sample, even of one without a step, because the source need not send it again. */
  #keepOffset({ offset }: Reading, stream: number): void {
    if (offset !== undefined) this.memory.states.rows[this.memory.at(stream) + OFFSET] = offset + 1;
  }

  /** Counts a sample that makes no step. */
  #leaveOut(stream: number, reason: number): false {
    this.#skipped.add(this.memory.states.rows, this.memory.at(stream) + SKIPPED, reason);
    this.#counters?.skipped[reason]!.add();
    return false;
  }

  /** Takes a whole step with the current sample, at a time as in `stage`, at once and without an answer. */
  #step(stream: number, at: number): void {
    const cursor = this.#cursor;
    const slot = this.memory.slot(stream);
    this.#before(stream, this.#unread, 0);
    const { seeForecasts } = this.#parts;
    this.memory.states.stepNow(slot, at, cursor.filled, seeForecasts ? cursor.forecast : undefined);
    if (!seeForecasts) return;
    cursor.move(slot, this.#unread, 0);
    this.#parts.after(cursor);
  }

  /** Keeps the state of the stream and lets the parts see the current sample. */
  #before(stream: number, report: Float64Array, reportFrom: number): void {
    this.memory.keep(stream, this.#arrivals.known);
    if (!this.#parts.act) return;
    this.#cursor.move(this.memory.slot(stream), report, reportFrom);
    this.#parts.before(this.#cursor);
  }
}
