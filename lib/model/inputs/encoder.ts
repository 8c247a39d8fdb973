import { streamsOf } from '../channels.ts';
import type { ModelDescription } from '../model.ts';
import type { Scaler } from '../scaler.ts';
import { Calendar } from './calendar.ts';
import { categoryCode } from './category.ts';
import { Cycle } from './cycle.ts';
import type { InputCode } from './input-code.ts';
import { codeOf, networkInputs } from './inputs.ts';
import { Lags } from './lags.ts';
import { RunningScale } from './running-scale.ts';
import { wordNumber } from './word.ts';

/** What the inputs of the network are made from. */
export type EncodedDescription = Pick<
  ModelDescription,
  'inputs' | 'targets' | 'channels' | 'calendar' | 'cycle' | 'scale' | 'lags' | 'paths'
>;

/**
 * Makes the inputs of the network from the values of a sample, in the inputs' own units, and its time.
 *
 * If each target is a stream of its own, a sample becomes the inputs of as many streams, one after the other: the value
 * of the target, with embeddings which target it is, its earlier values, and the calendar.
 */
export class Encoder {
  /** How many inputs the network has: those of each input in order, then those of the calendar. */
  readonly width: number;
  /** How many streams of the network take a sample. */
  readonly streams: number;
  /** How many numbers a sample becomes: those of all streams. */
  readonly size: number;
  /** Where the numbers of each input begin among those that a sample becomes. */
  readonly columns: readonly number[];
  /** The inputs of the network that are plain numbers. */
  readonly numbers: readonly number[];
  /** The inputs of the network that are earlier values. */
  readonly earlier: readonly number[];
  /** True if every input is a plain number with the scale of the scaler, and nothing is made from times. */
  readonly plain: boolean;
  readonly calendar: Calendar | undefined;
  /** The first input of the network that is made from the time. */
  readonly calendarAt: number;
  readonly cycle: Cycle | undefined;
  /** The scale that each stream has of its own. */
  readonly scale: RunningScale | undefined;
  /** How many numbers a stream remembers for its inputs: those of the scale, then those of the lags. */
  readonly memory: number;
  readonly #lags: Lags | undefined;
  /** An earlier value, on the scale that the sample in `#sample` is on. */
  readonly #scaled: (input: number, value: number) => number;
  readonly #codes: readonly InputCode[];
  /** Which target a stream reads, [streams][streams]; undefined without embeddings. */
  readonly #embedding: readonly Float32Array[] | undefined;
  /** The values of a sample without the course of the cycle. */
  readonly #sample: Float64Array;

  /**
   * `course`: that of the cycle of the description, if it has one. Throws `invalid-argument` for a zone that this
   * machine does not know.
   */
  constructor(description: EncodedDescription, { mean, std }: Pick<Scaler, 'mean' | 'std'>, course?: Float32Array) {
    const { inputs, targets, channels, calendar, cycle, scale, lags, paths } = description;
    this.width = networkInputs(description);
    this.streams = streamsOf(description);
    this.size = this.streams * this.width;
    this.#codes = inputs.map((input, i) => codeOf(input, mean[i]!, std[i]!, paths));
    let at = 0;
    this.columns = inputs.map(({ name }, i) => {
      if (channels !== undefined) return targets.indexOf(name) * this.width;
      at += this.#codes[i]!.width;
      return at - this.#codes[i]!.width;
    });
    this.numbers = channels === undefined ? this.columns.filter((_, i) => this.#codes[i]!.plain) : [0];
    this.calendar = calendar && new Calendar(calendar);
    const names = inputs.map(({ name }) => name);
    const forecast = targets.map((target) => names.indexOf(target));
    this.cycle = cycle && course && new Cycle(cycle, forecast, course, std);
    this.#sample = new Float64Array(inputs.length);
    this.scale = scale && new RunningScale(scale, { names, mean, std, columns: this.columns });
    this.calendarAt = this.width - (this.calendar?.width ?? 0);
    const lagged = (lags?.length ?? 0) * (channels === undefined ? targets.length : 1);
    this.earlier = Array.from({ length: lagged }, (_, i) => this.calendarAt - lagged + i);
    this.#lags = lags && new Lags(lags, forecast, channels === undefined ? lags.length : this.width);
    this.memory = (this.scale?.size ?? 0) + (this.#lags?.size ?? 0);
    this.#scaled = (input, value) => this.scale?.scaledNow(input, value) ?? (value - mean[input]!) / std[input]!;
    const others = this.calendar ?? this.cycle ?? this.scale ?? this.#lags ?? channels;
    this.plain = this.numbers.length === inputs.length && others === undefined;
    this.#embedding = channels === 'embedded' ? embeddingOf(targets) : undefined;
  }

  /** Whether the network can take this value of an input. */
  takes(input: number, value: number): boolean {
    return this.#codes[input]!.takes(value);
  }

  /**
   * Writes what a sample becomes, [streams][width], into `out`, from `out[to]` on, for the values from `values[from]`
   * on. A word is given by its `wordNumber`. `at`: the time of the sample [ms since 1970]; only a calendar and a cycle
   * read it. `own`: the `memory` of the stream, from `own[ownAt]` on.
   */
  write(
    values: Float64Array,
    from: number,
    at: number,
    out: Float32Array,
    to: number,
    own?: Float64Array,
    ownAt = 0,
  ): void {
    this.writeValues(values, from, at, out, to, own, ownAt);
    if (this.calendar === undefined) return;
    const calendarAt = to + this.calendarAt;
    this.calendar.write(at, out, calendarAt);
    for (let s = 1; s < this.streams; s++) out.copyWithin(calendarAt + s * this.width, calendarAt, to + this.width);
  }

  /** As `write`, without the inputs of the calendar, which are the same for all values of a time. */
  writeValues(
    values: Float64Array,
    from: number,
    at: number,
    out: Float32Array,
    to: number,
    own?: Float64Array,
    ownAt = 0,
  ): void {
    const sample = this.#withoutCourse(values, from, at);
    for (let i = 0; i < this.#codes.length; i++) this.#codes[i]!.write(sample[i]!, out, to + this.columns[i]!);
    this.scale?.write(own!, ownAt, sample, 0, out, to);
    this.#lags?.write(own!, ownAt + (this.scale?.size ?? 0), sample, this.#scaled, out, to + (this.earlier[0] ?? 0));
    if (this.#embedding) this.#embedding.forEach((inputs, s) => out.set(inputs, to + s * this.width + 1));
  }

  /** Lets a stream take a sample into its memory, all arguments as for `write`. */
  take(values: Float64Array, from: number, at: number, own: Float64Array, ownAt: number): void {
    const sample = this.#withoutCourse(values, from, at);
    this.scale?.take(own, ownAt, sample, 0);
    this.#lags?.take(own, ownAt + (this.scale?.size ?? 0), sample);
  }

  #withoutCourse(values: Float64Array, from: number, at: number): Float64Array {
    const sample = this.#sample;
    for (let i = 0; i < sample.length; i++) sample[i] = values[from + i]!;
    this.cycle?.subtract(at, sample, 0);
    return sample;
  }
}

/** The name of each target as a category, of which each is as frequent as the others. */
function embeddingOf(targets: readonly string[]): Float32Array[] {
  const code = categoryCode(
    targets,
    targets.map(() => 1 / targets.length),
  );
  return targets.map((target) => {
    const inputs = new Float32Array(code.width);
    code.write(wordNumber(target), inputs, 0);
    return inputs;
  });
}
