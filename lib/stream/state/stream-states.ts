import { type Bounding, bounding } from '../../model/bounds.ts';
import { basicCount, numberCount, toNumbers } from '../../model/forecast.ts';
import type { Forecaster } from '../../model/forecaster.ts';
import { isInvalidSample } from '../../model/forecaster-state.ts';
import type { Sample } from '../../model/sample.ts';
import type { Skipped } from '../../model/skipped.ts';
import { DUPLICATE, INVALID, LATE, SkippedCounts, UNBELIEVED } from '../../online/skipped-counts.ts';
import type { Watch } from '../../online/judging/watchdog.ts';
import { HiddenVectors } from './hidden-vectors.ts';
import { LiveForecast, type Trust } from '../../online/live-forecast.ts';
import { type Reading, SampleReader } from './sample-reader.ts';
import type { StreamCounters } from '../stream-counters.ts';
import { StreamMemory } from './stream-memory.ts';
import { layoutText, type StreamOptions } from './stream-options.ts';
import { COUNTERS, OFFSET, SKIPPED, StreamParts } from './stream-parts.ts';
import { trustOf } from './trust.ts';

/**
 * Live streams of one forecaster, by number.
 *
 * A step is `read` and `take` for each sample, `advance` for all, `forecast` for each, so that many streams share one
 * native call; between the first `take` and the last `forecast` a stream is named once.
 */
export class StreamStates {
  readonly model: Forecaster;
  readonly memory: StreamMemory;
  #counters: StreamCounters | undefined;
  readonly #names: readonly string[];
  readonly #parts: StreamParts;
  readonly #bound: Bounding | undefined;
  /** Inputs that are the targets. */
  readonly #columns: readonly number[];
  readonly #reader: SampleReader;
  /** Readings by number, for `read` and `take`. */
  readonly #readings: Reading[] = [];
  /** Scratch reading for `follow`. */
  readonly #aside: Reading;
  /** Readings taken for the next `advance`, by row. */
  readonly #taken: Reading[] = [];
  /** Flag words of the taken readings, [rows][inputs]. */
  #flags: Int32Array;
  /** 1 for each stream with a sample taken for the next `advance`. */
  #staged: Uint8Array;

  // Scratch for the sample or the forecast in hand.
  readonly #sample: Float64Array;
  readonly #scaled: Float64Array;
  readonly #judged: Int32Array;
  /**
   * What was known of the stream's samples before this step (see `StreamMemory.keep`); nothing where no earlier state
   * is kept.
   */
  readonly #lasting: Float64Array;
  readonly #skipped = new SkippedCounts();
  /** Whether the step is repeated, after the stream was taken back to before it. */
  #again = false;
  readonly #truth: Float64Array;
  readonly #foreseen: Float64Array;
  readonly #numbers: Float64Array;
  /** Mean and quantiles among them, which the parts may move. */
  readonly #movable: Float64Array;
  readonly #hidden: HiddenVectors;

  constructor(model: Forecaster, options: StreamOptions, capacity: number, counters?: StreamCounters) {
    const { description, scaler } = model;
    this.model = model;
    this.#counters = counters;
    this.#names = scaler.names;
    this.#parts = new StreamParts(model, options);
    this.#bound = bounding(description);
    this.#columns = description.targets.map((target) => scaler.names.indexOf(target));
    this.memory = new StreamMemory(model, this.#parts, layoutText(options), capacity);
    const inputs = scaler.names.length;
    const { onInvalid = 'skip' } = options;
    this.#reader = new SampleReader(this.#names, this.memory.states, onInvalid, this.#parts.gaps !== undefined);
    this.#aside = this.#reader.room();
    this.#flags = new Int32Array(capacity * inputs);
    this.#staged = new Uint8Array(capacity);
    this.#sample = new Float64Array(inputs);
    this.#scaled = new Float64Array(inputs);
    this.#judged = new Int32Array(inputs);
    this.#lasting = new Float64Array(this.#parts.history > 0 ? this.#parts.lasting : 0);
    this.#truth = new Float64Array(this.#columns.length);
    this.#foreseen = new Float64Array(this.#columns.length);
    this.#numbers = new Float64Array(numberCount(description));
    this.#movable = this.#numbers.subarray(0, basicCount(description));
    this.#hidden = new HiddenVectors(description, this.memory.states.vectorSize);
  }

  skipped(stream: number): Skipped {
    return this.#skipped.read(this.memory.states.rows, this.memory.at(stream) + SKIPPED);
  }

  offset(stream: number): number | undefined {
    const offset = this.memory.states.rows[this.memory.at(stream) + OFFSET]!;
    return offset === 0 ? undefined : offset - 1;
  }

  /** Whether a sample of the stream was taken since the last `advance`. */
  staged(stream: number): boolean {
    return this.#staged[stream] === 1;
  }

  /** Reads a sample, of whichever stream, as number n. Throws as `StreamState.step` does. */
  read(n: number, sample: Sample): void {
    this.#reader.read((this.#readings[n] ??= this.#reader.room()), sample);
  }

  /** Time of the sample read as number n; undefined if it has none or is invalid. */
  timeOf(n: number): number | undefined {
    const { valid, at } = this.#readings[n]!;
    return valid ? at : undefined;
  }

  /**
   * Takes the sample read as number n into a stream, as row k <= n. Returns false when it makes no step and is left
   * out.
   */
  take(k: number, stream: number, n: number): boolean {
    const taken = this.#readings[n]!;
    this.#counters?.samples.add();
    const makesStep = this.#begin(taken, stream);
    if (makesStep) {
      this.#counters?.forecasts.add();
      this.#judge(stream);
      const { values } = this.memory.states;
      const inputs = this.#sample.length;
      for (let i = 0; i < inputs; i++) {
        values[k * inputs + i] = this.#sample[i]!;
        this.#flags[k * inputs + i] = this.#judged[i]!;
      }
      this.memory.states.stage(k, this.memory.slot(stream));
      this.#taken[k] = taken;
      this.#staged[stream] = 1;
    }
    this.#keepOffset(taken, stream);
    return makesStep;
  }

  /**
   * Takes a sample into a stream at once, unanswered and uncounted; rows that are staged stay so. An invalid one is
   * skipped in any case.
   */
  follow(stream: number, sample: Sample): void {
    const counters = this.#counters;
    this.#counters = undefined;
    try {
      this.#reader.read(this.#aside, sample);
      if (this.#begin(this.#aside, stream)) this.#step(stream);
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

  /** The forecast of row k. */
  forecast(k: number): LiveForecast {
    const { stream, at, arrivedAt, correction, missing } = this.#taken[k]!;
    const [{ states }, { description }, parts] = [this.memory, this.model, this.#parts];
    states.read(k, this.#numbers);
    const state = this.#finish(stream);
    const sound = state === undefined || state === 'ok';
    let trust: Trust | undefined;
    if (parts.judging) {
      const step = { missing, flags: this.#flags, from: k * this.#names.length, state };
      trust = trustOf(parts, description, states.rows, this.memory.at(stream), step);
    }
    return new LiveForecast(
      description,
      toNumbers(this.#numbers),
      at,
      sound && states.ready(this.memory.slot(stream)),
      this.skipped(stream),
      correction,
      arrivedAt,
      trust,
    );
  }

  /** Makes room for more streams; nothing may be taken and not yet forecast. */
  grow(capacity: number): void {
    this.memory.grow(capacity);
    this.#flags = new Int32Array(capacity * this.#names.length);
    this.#staged = new Uint8Array(capacity);
  }

  /** Brings a stream to just before the step of a sample, which is then in hand; false when it makes none. */
  #begin(taken: Reading, stream: number): boolean {
    const { rows } = this.memory.states;
    const base = this.memory.at(stream);
    if (!taken.valid) return this.#leaveOut(stream, INVALID);
    taken.stream = stream;
    taken.correction = false;
    taken.missing = 0;
    for (let i = 0; i < this.#sample.length; i++) this.#sample[i] = taken.values[i]!;
    for (let i = 0; i < this.#lasting.length; i++) this.#lasting[i] = rows[base + i]!;
    this.#again = false;
    return this.#arrive(taken);
  }

  /** Keeps the offset of a sample, also of one without a step, because it need not come again. */
  #keepOffset({ offset }: Reading, stream: number): void {
    if (offset !== undefined) this.memory.states.rows[this.memory.at(stream) + OFFSET] = offset + 1;
  }

  /** Finds the step of the sample in hand and brings the stream to just before it; false when there is none. */
  #arrive(taken: Reading): boolean {
    const { clock, log, inStep } = this.#parts;
    const counters = this.#counters;
    if (clock === undefined) return true;
    const { rings } = this.memory;
    const { rows } = this.memory.states;
    const base = this.memory.at(taken.stream);
    const ringAt = this.memory.ringAt(taken.stream);
    const time = taken.at ?? Number.NaN;
    const { kind, missing, back } = clock.part.take(rows, base + clock.at, rings, ringAt + clock.ringAt, time);
    switch (kind) {
      case 'duplicate':
        return this.#leaveOut(taken.stream, DUPLICATE);
      case 'too-late':
        return this.#leaveOut(taken.stream, LATE);
      case 'suspect':
        return this.#leaveOut(taken.stream, UNBELIEVED);
      case 'late':
        return this.#insert(taken, back) || this.#leaveOut(taken.stream, LATE);
      case 'same-cell':
        return this.#refine(taken) || this.#leaveOut(taken.stream, DUPLICATE);
      case 'reset':
        counters?.resets.add();
        this.#reset(taken.stream);
        break;
      default:
        this.#skip(taken.stream, missing);
    }
    taken.missing = missing;
    if (missing > 0) counters?.missing.add(missing);
    log?.part.push(rows, base + log.at, rings, ringAt + log.ringAt, time, this.#sample);
    if (inStep !== undefined) {
      for (let i = 0; i < this.#sample.length; i++) rows[base + inStep + i] = Number.isNaN(this.#sample[i]) ? 0 : 1;
    }
    return true;
  }

  /** Counts a sample that makes no step. */
  #leaveOut(stream: number, reason: number): false {
    this.#skipped.add(this.memory.states.rows, this.memory.at(stream) + SKIPPED, reason);
    this.#counters?.skipped[reason]!.add();
    return false;
  }

  /** Resets a stream, but for what is known of its clock. */
  #reset(stream: number): void {
    const { clock, log } = this.#parts;
    const base = this.memory.at(stream);
    this.memory.unwind(stream, Number.POSITIVE_INFINITY);
    this.#lasting.fill(0, COUNTERS);
    clock!.part.reset(this.#lasting, clock!.at);
    if (log) this.memory.states.rows.fill(0, base + log.at, base + log.at + log.part.size);
  }

  /** Steps for samples that are missing. */
  #skip(stream: number, count: number): void {
    if (count === 0) return;
    const { clock, log, inStep } = this.#parts;
    const { rings } = this.memory;
    const ringAt = this.memory.ringAt(stream);
    const lasting = this.#lasting;
    const sample = this.#sample.slice();
    for (let i = 0; i < count; i++) {
      log?.part.push(this.memory.states.rows, this.memory.at(stream) + log.at, rings, ringAt + log.ringAt, Number.NaN);
      this.#sample.fill(Number.NaN);
      this.#step(stream);
      if (lasting.length === 0) continue; // there is no history
      clock!.part.skip(lasting, clock!.at);
      log?.part.push(lasting, log.at, rings, ringAt + log.ringAt, Number.NaN);
      if (inStep !== undefined) lasting.fill(0, inStep, inStep + sample.length);
    }
    this.#sample.set(sample);
  }

  /** Takes the stream back to the step of a late sample, and forward again to the newest. */
  #insert(taken: Reading, back: number): boolean {
    const { stream, at } = taken;
    const { rings } = this.memory;
    const { rows } = this.memory.states;
    const { part, at: place, ringAt: ringPlace } = this.#parts.log!;
    const ringAt = this.memory.ringAt(stream) + ringPlace;
    const reachable = this.memory.kept(stream) > back || this.memory.steps(stream) <= back;
    const base = this.memory.at(stream);
    if (!reachable || !part.put(rows, base + place, rings, ringAt, back, at!, this.#sample)) return false;
    this.#again = this.memory.kept(stream) > back;
    this.memory.unwind(stream, back + 1);
    for (let b = back; b > 0; b--) {
      part.read(rows, base + place, rings, ringAt, b, this.#sample);
      this.#step(stream);
    }
    const newest = part.read(rows, base + place, rings, ringAt, 0, this.#sample);
    taken.at = Number.isNaN(newest) ? undefined : newest;
    return this.#correct(taken);
  }

  /** Repeats the newest step with the mean of its samples. */
  #refine(taken: Reading): boolean {
    const { stream } = taken;
    const { log, inStep } = this.#parts;
    const { part, at } = log!;
    const { rings } = this.memory;
    const { rows } = this.memory.states;
    const ringAt = this.memory.ringAt(stream) + log!.ringAt;
    const base = this.memory.at(stream);
    if (this.memory.kept(stream) === 0 && this.memory.steps(stream) > 1) return false;
    const counts = base + inStep!;
    part.read(rows, base + at, rings, ringAt, 0, this.#scaled);
    for (let i = 0; i < this.#sample.length; i++) {
      const [mean, value] = [this.#scaled[i]!, this.#sample[i]!];
      if (Number.isNaN(value)) {
        this.#sample[i] = mean;
        continue;
      }
      const count = rows[counts + i]! + 1;
      rows[counts + i] = count;
      if (count > 1) this.#sample[i] = mean + (value - mean) / count;
    }
    part.put(rows, base + at, rings, ringAt, 0, taken.at!, this.#sample);
    this.#again = this.memory.kept(stream) > 0;
    this.memory.unwind(stream, 1);
    return this.#correct(taken);
  }

  #correct(taken: Reading): true {
    taken.correction = true;
    this.#counters?.corrections.add();
    return true;
  }

  /** A whole step with the sample in hand, at once. */
  #step(stream: number): void {
    this.#judge(stream);
    this.memory.states.stepNow(this.memory.slot(stream), this.#sample, this.#numbers);
    this.#finish(stream);
  }

  /** Lets the parts see the sample in hand, and fills in what it lacks. What the stream was before is kept. */
  #judge(stream: number): void {
    const { health, adapter, calibration, skill, novelty, gaps, foreseen } = this.#parts;
    const { rows } = this.memory.states;
    const base = this.memory.at(stream);
    const sample = this.#sample;
    this.memory.keep(stream, this.#again ? undefined : this.#lasting);
    if (health) {
      health.part.check(rows, base + health.at, sample, this.#judged);
      for (let i = 0; i < sample.length; i++) if (health.part.drops(this.#judged[i]!)) sample[i] = Number.NaN;
    }
    if (adapter || calibration || skill) {
      for (let t = 0; t < this.#truth.length; t++) this.#truth[t] = sample[this.#columns[t]!]!;
      adapter?.part.observe(rows, base + adapter.at, this.#truth);
      calibration?.part.observe(rows, base + calibration.at, this.#truth);
      skill?.part.observe(rows, base + skill.at, this.#truth);
    }
    if (novelty) {
      const { mean, std } = this.memory.states.model.scaler;
      for (let i = 0; i < sample.length; i++) this.#scaled[i] = (sample[i]! - mean[i]!) / std[i]!;
      novelty.part.update(rows, base + novelty.at, this.#scaled);
    }
    if (gaps) {
      for (let t = 0; t < this.#foreseen.length; t++) this.#foreseen[t] = rows[base + foreseen! + t]!;
      gaps.part.complete(rows, base + gaps.at, sample, this.#foreseen);
    }
  }

  /** Lets the parts see the forecast in hand, and change it. Returns the health of the hidden vectors, if watched. */
  #finish(stream: number): Watch | undefined {
    const { adapter, calibration, skill, watchdog, foreseen, naive } = this.#parts;
    const { states } = this.memory;
    const base = this.memory.at(stream);
    let state: Watch | undefined;
    if (watchdog || adapter) this.#hidden.read(states, this.memory.slot(stream));
    const { rows } = states;
    if (watchdog) state = watchdog.part.check(rows, base + watchdog.at, this.#hidden.h, this.#hidden.c);
    adapter?.part.correct(rows, base + adapter.at, this.#hidden.last, this.#movable);
    calibration?.part.calibrate(rows, base + calibration.at, this.#movable, 0);
    if (skill) {
      if (naive) skill.part.answer(rows, base + skill.at, this.#movable, 0, state !== undefined && state !== 'ok');
      else skill.part.answer(rows, base + skill.at, this.#movable.slice(), 0);
    }
    this.#bound?.(this.#numbers); // the parts may have moved the numbers
    if (foreseen !== undefined) {
      const { horizon } = this.model.description;
      for (let t = 0; t < this.#foreseen.length; t++) rows[base + foreseen + t] = this.#numbers[t * horizon]!;
    }
    return state;
  }
}
