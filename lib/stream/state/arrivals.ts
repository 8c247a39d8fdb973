import type { Part, RingPart } from '../../online/part.ts';
import { DUPLICATE, LATE, UNBELIEVED } from '../../online/skipped-counts.ts';
import { COUNTERS, type PartList } from './part-list.ts';
import { isWordNumber } from '../../model/inputs/word.ts';
import type { Reading } from './sample-reader.ts';
import type { Silence } from './silence.ts';
import type { StreamKind } from './stream-kind.ts';
import type { StreamMemory } from './stream-memory.ts';
import type { TimeParts } from './time-parts.ts';

/** The outcome of a sample that makes a step. Other samples are left out, for a reason of `SkippedCounts`. */
export const STEPS = -1;

/**
 * Finds the step of a sample by its time and brings its stream to just before that step: forward over steps without a
 * sample, or back to the step of a late sample and forward again.
 */
export class Arrivals {
  readonly #memory: StreamMemory;
  readonly #time: TimeParts | undefined;
  readonly #silence: Silence | undefined;
  readonly #values: Float64Array;
  readonly #step: (stream: number, at: number) => void;
  // Where the numbers and the rings of the parts begin.
  readonly #clockAt: number;
  readonly #clockRing: number;
  readonly #logAt: number;
  readonly #logRing: number;
  readonly #refinedAt: number;
  /** What was known of the stream's samples before this one; empty if no earlier states are kept. */
  readonly #before: Float64Array;
  readonly #mean: Float64Array;
  /** True while a step is repeated, after the stream was taken back. */
  #again = false;

  /**
   * `values` are those of the current step. `step` takes that step at once, without an answer, at the time of its
   * sample, or NaN for a step without one.
   */
  constructor(
    memory: StreamMemory,
    parts: PartList,
    { time, silence }: Pick<StreamKind<unknown>, 'time' | 'silence'>,
    values: Float64Array,
    step: (stream: number, at: number) => void,
  ) {
    const { clock, log, refined } = time ?? {};
    const at = (part: Part | undefined) => (part ? parts.at(part) : 0);
    const ringAt = (part: RingPart | undefined) => (part ? parts.ringAt(part) : 0);
    this.#memory = memory;
    this.#time = time;
    this.#silence = silence;
    this.#values = values;
    this.#step = step;
    this.#clockAt = at(clock);
    this.#clockRing = ringAt(clock);
    this.#logAt = at(log);
    this.#logRing = ringAt(log);
    this.#refinedAt = at(refined);
    this.#before = new Float64Array(parts.history > 0 ? parts.lasting : 0);
    this.#mean = new Float64Array(values.length);
  }

  /** What `StreamMemory.keep` has to keep about the samples; undefined for a repeated step. */
  get known(): Float64Array | undefined {
    return this.#again ? undefined : this.#before;
  }

  /**
   * Brings a stream to just before the step of the current sample. Returns `STEPS`, or the reason why the sample makes
   * no step.
   */
  arrive(taken: Reading): number {
    const { stream } = taken;
    const { rows } = this.#memory.states;
    const base = this.#memory.at(stream);
    for (let i = 0; i < this.#before.length; i++) this.#before[i] = rows[base + i]!;
    this.#again = false;
    return this.#time === undefined ? STEPS : this.#place(taken, this.#time);
  }

  /** Finds the step of a sample, and brings its stream to just before it. */
  #place(taken: Reading, { clock, log, refined }: TimeParts): number {
    const { stream } = taken;
    const { rings } = this.#memory;
    const { rows } = this.#memory.states;
    const base = this.#memory.at(stream);
    const ringAt = this.#memory.ringAt(stream);
    const time = taken.at ?? Number.NaN;
    const { kind, missing, back } = clock.take(rows, base + this.#clockAt, rings, ringAt + this.#clockRing, time);
    switch (kind) {
      case 'duplicate':
        return DUPLICATE;
      case 'too-late':
        return LATE;
      case 'suspect':
        return UNBELIEVED;
      case 'late':
        return this.#insert(taken, back) ? STEPS : LATE;
      case 'same-cell':
        return this.#refine(taken) ? STEPS : DUPLICATE;
      case 'reset':
        this.#restart(stream);
        taken.restarts = true;
        break;
      default:
        this.#skip(stream, missing);
        if (!this.#silence?.endsWith(this.#values, rows, base) || this.#memory.steps(stream) === 0) break;
        this.#restart(stream);
        taken.restarts = true;
    }
    taken.missing = missing;
    log?.push(rows, base + this.#logAt, rings, ringAt + this.#logRing, time, this.#values);
    if (refined) {
      for (let i = 0; i < this.#values.length; i++) {
        rows[base + this.#refinedAt + i] = Number.isNaN(this.#values[i]) ? 0 : 1;
      }
    }
    return STEPS;
  }

  /** Restarts a stream after a silence. What is known of its samples stays. */
  #restart(stream: number): void {
    const { clock, log } = this.#time!;
    const at = this.#memory.at(stream) + this.#logAt;
    this.#memory.restart(stream);
    this.#before.fill(0, COUNTERS);
    if (this.#before.length > 0) clock.reset(this.#before, this.#clockAt);
    if (log) this.#memory.states.rows.fill(0, at, at + log.size);
  }

  /** Takes steps for missing samples. */
  #skip(stream: number, count: number): void {
    if (count === 0) return;
    const { clock, log, refined } = this.#time!;
    const { rings } = this.#memory;
    const logRing = this.#memory.ringAt(stream) + this.#logRing;
    const before = this.#before;
    const sample = this.#values.slice();
    for (let i = 0; i < count; i++) {
      const at = this.#memory.at(stream) + this.#logAt;
      log?.push(this.#memory.states.rows, at, rings, logRing, Number.NaN);
      this.#values.fill(Number.NaN);
      this.#step(stream, Number.NaN);
      if (before.length === 0) continue; // there is no history
      clock.skip(before, this.#clockAt);
      log?.push(before, this.#logAt, rings, logRing, Number.NaN);
      if (refined) before.fill(0, this.#refinedAt, this.#refinedAt + refined.size);
    }
    this.#values.set(sample);
  }

  /** Takes the stream back to the step of a late sample, and forward again to the newest. */
  #insert(taken: Reading, back: number): boolean {
    const memory = this.#memory;
    const { stream } = taken;
    const log = this.#time!.log!;
    const { rows } = memory.states;
    const at = memory.at(stream) + this.#logAt;
    const ringAt = memory.ringAt(stream) + this.#logRing;
    const reachable = memory.kept(stream) > back || memory.steps(stream) <= back;
    if (!reachable || !log.put(rows, at, memory.rings, ringAt, back, taken.at!, this.#values)) return false;
    this.#again = memory.kept(stream) > back;
    memory.unwind(stream, back + 1);
    for (let b = back; b > 0; b--) {
      const time = log.read(rows, at, memory.rings, ringAt, b, this.#values);
      this.#step(stream, time);
    }
    const newest = log.read(rows, at, memory.rings, ringAt, 0, this.#values);
    taken.at = Number.isNaN(newest) ? undefined : newest;
    taken.correction = true;
    return true;
  }

  /** Repeats the newest step with the mean of its samples. */
  #refine(taken: Reading): boolean {
    const memory = this.#memory;
    const { stream } = taken;
    const log = this.#time!.log!;
    const { rows } = memory.states;
    const at = memory.at(stream) + this.#logAt;
    const ringAt = memory.ringAt(stream) + this.#logRing;
    if (memory.kept(stream) === 0 && memory.steps(stream) > 1) return false;
    const counts = memory.at(stream) + this.#refinedAt;
    log.read(rows, at, memory.rings, ringAt, 0, this.#mean);
    for (let i = 0; i < this.#values.length; i++) {
      const [mean, value] = [this.#mean[i]!, this.#values[i]!];
      if (Number.isNaN(value)) {
        this.#values[i] = mean;
        continue;
      }
      if (isWordNumber(value)) continue; // the newest word
      const count = rows[counts + i]! + 1;
      rows[counts + i] = count;
      if (count > 1) this.#values[i] = mean + (value - mean) / count;
    }
    log.put(rows, at, memory.rings, ringAt, 0, taken.at!, this.#values);
    this.#again = memory.kept(stream) > 0;
    memory.unwind(stream, 1);
    taken.correction = true;
    return true;
  }
}
