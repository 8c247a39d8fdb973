import type { ModelDescription } from '../model.ts';
import type { Scaler } from '../scaler.ts';
import { Calendar } from './calendar.ts';
import { Cycle } from './cycle.ts';
import type { InputCode } from './input-code.ts';
import { codeOf } from './inputs.ts';
import { Lags } from './lags.ts';
import { RunningScale } from './running-scale.ts';

/** What the inputs of the network are made from. */
export type EncodedDescription = Pick<
  ModelDescription,
  'inputs' | 'targets' | 'calendar' | 'cycle' | 'scale' | 'lags' | 'paths'
>;

/** Makes the inputs of the network from the values of a sample, in the inputs' own units, and its time. */
export class Encoder {
  /** How many inputs the network has: those of each input in order, then those of the calendar. */
  readonly width: number;
  /** The first input of the network for each input. */
  readonly columns: readonly number[];
  /** The inputs of the network that are plain numbers. */
  readonly numbers: readonly number[];
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
  /** The first input of the network that is an earlier value. */
  readonly #lagsAt: number;
  /** An earlier value, on the scale that the sample in `#sample` is on. */
  readonly #scaled: (input: number, value: number) => number;
  readonly #codes: readonly InputCode[];
  /** The values of a sample without the course of the cycle. */
  readonly #sample: Float64Array;

  /**
   * `course`: that of the cycle of the description, if it has one. Throws `invalid-argument` for a zone that this
   * machine does not know.
   */
  constructor(
    { inputs, targets, calendar, cycle, scale, lags, paths }: EncodedDescription,
    { mean, std }: Pick<Scaler, 'mean' | 'std'>,
    course?: Float32Array,
  ) {
    const columns: number[] = [];
    let width = 0;
    this.#codes = inputs.map((input, i) => codeOf(input, mean[i]!, std[i]!, paths));
    for (const code of this.#codes) {
      columns.push(width);
      width += code.width;
    }
    this.columns = columns;
    this.numbers = columns.filter((_, i) => this.#codes[i]!.plain);
    this.calendar = calendar && new Calendar(calendar);
    const names = inputs.map(({ name }) => name);
    const forecast = targets.map((target) => names.indexOf(target));
    this.cycle = cycle && course && new Cycle(cycle, forecast, course, std);
    this.#sample = new Float64Array(inputs.length);
    this.scale = scale && new RunningScale(scale, { names, mean, std, columns });
    this.#lags = lags && new Lags(lags, forecast);
    this.memory = (this.scale?.size ?? 0) + (this.#lags?.size ?? 0);
    this.#scaled = (input, value) => this.scale?.scaledNow(input, value) ?? (value - mean[input]!) / std[input]!;
    this.#lagsAt = width;
    width += this.#lags?.width ?? 0;
    const others = this.calendar ?? this.cycle ?? this.scale ?? this.#lags;
    this.plain = this.numbers.length === inputs.length && others === undefined;
    this.calendarAt = width;
    this.width = width + (this.calendar?.width ?? 0);
  }

  /** Whether the network can take this value of an input. */
  takes(input: number, value: number): boolean {
    return this.#codes[input]!.takes(value);
  }

  /**
   * Writes the inputs of the network into `out`, from `out[to]` on, for the values from `values[from]` on. A word is
   * given by its `wordNumber`. `at`: the time of the sample [ms since 1970]; only a calendar and a cycle read it.
   * `own`: the `memory` of the stream, from `own[ownAt]` on.
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
    this.calendar?.write(at, out, to + this.calendarAt);
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
    this.#lags?.write(own!, ownAt + (this.scale?.size ?? 0), sample, this.#scaled, out, to + this.#lagsAt);
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
