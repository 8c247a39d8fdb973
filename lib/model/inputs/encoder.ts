import type { ModelDescription } from '../model.ts';
import type { Scaler } from '../scaler.ts';
import { Calendar } from './calendar.ts';
import type { InputCode } from './input-code.ts';
import { codeOf } from './inputs.ts';
import { RunningScale } from './running-scale.ts';

/** What the inputs of the network are made from. */
export type EncodedDescription = Pick<ModelDescription, 'inputs' | 'calendar' | 'scale'>;

/** Makes the inputs of the network from the values of a sample, in the inputs' own units, and its time. */
export class Encoder {
  /** How many inputs the network has: those of each input in order, then those of the calendar. */
  readonly width: number;
  /** The first input of the network for each input. */
  readonly columns: readonly number[];
  /** The inputs of the network that are plain numbers. */
  readonly numbers: readonly number[];
  /** True if every input is a plain number, with the scale of the scaler, and there is no calendar. */
  readonly plain: boolean;
  readonly calendar: Calendar | undefined;
  /** The scale that each stream has of its own. */
  readonly scale: RunningScale | undefined;
  readonly #codes: readonly InputCode[];
  readonly #calendarAt: number;

  /** Throws `invalid-argument` for a zone that this machine does not know. */
  constructor({ inputs, calendar, scale }: EncodedDescription, { mean, std }: Pick<Scaler, 'mean' | 'std'>) {
    const columns: number[] = [];
    let width = 0;
    this.#codes = inputs.map((input, i) => codeOf(input, mean[i]!, std[i]!));
    for (const code of this.#codes) {
      columns.push(width);
      width += code.width;
    }
    this.columns = columns;
    this.numbers = columns.filter((_, i) => this.#codes[i]!.plain);
    this.calendar = calendar && new Calendar(calendar);
    this.scale = scale && new RunningScale(scale, { names: inputs.map(({ name }) => name), mean, std, columns });
    const others = this.calendar ?? this.scale;
    this.plain = this.numbers.length === inputs.length && others === undefined;
    this.#calendarAt = width;
    this.width = width + (this.calendar?.width ?? 0);
  }

  /** Whether the network can take this value of an input. */
  takes(input: number, value: number): boolean {
    return this.#codes[input]!.takes(value);
  }

  /**
   * Writes the inputs of the network into `out`, from `out[to]` on, for the values from `values[from]` on. A word is
   * given by its `wordNumber`. `at`: the time of the sample [ms since 1970]; only a calendar reads it. `own`: the
   * numbers that `scale` keeps of the stream, from `own[ownAt]` on; only a scale reads them.
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
    for (let i = 0; i < this.#codes.length; i++) this.#codes[i]!.write(values[from + i]!, out, to + this.columns[i]!);
    this.scale?.write(own!, ownAt, values, from, out, to);
    this.calendar?.write(at, out, to + this.#calendarAt);
  }
}
