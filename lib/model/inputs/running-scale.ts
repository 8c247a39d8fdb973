import { list, object, text, whole } from '../../base/schema.ts';

/**
 * A scale for each series, for series that differ in level and spread. Beside the scaler, which is the same for all,
 * each stream has the moments of its own samples so far, so a series that was never seen needs no entry anywhere.
 */
export interface ScaleDescription {
  /** Samples over which the moments are taken: all of them at first, then with exponentially falling weights. */
  readonly samples: number;
  /** The inputs with such a scale, by name: all targets, and no category. */
  readonly inputs: readonly string[];
}

export const checkScale = object<ScaleDescription>({
  samples: whole(2, 1_000_000_000),
  inputs: list(text(256), 1, 65_536),
});

/** All inputs of a model: their names, the scaler's numbers, and the first input of the network for each. */
export interface ScaledInputs {
  readonly names: readonly string[];
  readonly mean: Float64Array;
  readonly std: Float64Array;
  readonly columns: readonly number[];
}

/** What a row holds for each input: samples taken, up to `samples`, their mean and their variance. */
const NUMBERS = 3;

/** A deviation below this share of the level is rounding: the stream has not moved yet. */
const LEAST = 1e-12;

/**
 * The moments of the samples of many streams, each in the row of its stream. They are those of values that the scaler
 * has scaled, and include the newest sample, so no scaled value is larger than the square root of `samples`, however
 * long a stream did not move before.
 *
 * A stand-in for the first value of an input, which is the mean of the training data, is not a sample of the series.
 */
export class RunningScale {
  /** How many numbers a row has. */
  readonly size: number;
  readonly #samples: number;
  readonly #mean: Float64Array;
  readonly #std: Float64Array;
  /** The inputs with a scale. */
  readonly #inputs: readonly number[];
  /** Their inputs of the network. */
  readonly #columns: readonly number[];
  /** Where the moments of each input are; -1 for an input without a scale. */
  readonly #places: Int32Array;
  /** The moments after the sample that is looked at. */
  readonly #next = new Float64Array(NUMBERS);
  /** Mean and deviation of each input after the sample that was written last, as scaled by the scaler. */
  readonly #now: Float64Array;

  constructor({ samples, inputs }: ScaleDescription, { names, mean, std, columns }: ScaledInputs) {
    this.#samples = samples;
    this.#mean = mean;
    this.#std = std;
    const scaled = new Set(inputs);
    this.#inputs = [...names.keys()].filter((i) => scaled.has(names[i]!));
    this.#columns = this.#inputs.map((i) => columns[i]!);
    this.#places = new Int32Array(names.length).fill(-1);
    this.#inputs.forEach((input, n) => (this.#places[input] = n * NUMBERS));
    this.size = this.#inputs.length * NUMBERS;
    this.#now = new Float64Array(2 * names.length);
  }

  /**
   * Writes the inputs of the network for a sample, whose values begin at `values[from]`, into `out`, from `out[to]` on.
   * The stream's numbers begin at `row[at]`; they stay as they are.
   */
  write(row: Float64Array, at: number, values: Float64Array, from: number, out: Float32Array, to: number): void {
    for (let n = 0; n < this.#inputs.length; n++) {
      const input = this.#inputs[n]!;
      out[to + this.#columns[n]!] = this.scaled(row, at, input, values[from + input]!);
      this.#now[2 * input] = this.#next[1]!;
      this.#now[2 * input + 1] = deviationOf(this.#next[1]!, this.#next[2]!);
    }
  }

  /** The next value of an input as the network would see it. */
  scaled(row: Float64Array, at: number, input: number, value: number): number {
    const place = this.#places[input]!;
    if (place < 0) return (value - this.#mean[input]!) / this.#std[input]!;
    const scaled = this.#look(row, at + place, input, value);
    return (scaled - this.#next[1]!) / deviationOf(this.#next[1]!, this.#next[2]!);
  }

  /** Another value of an input with a scale, on the scale that the sample written last is on. */
  scaledNow(input: number, value: number): number {
    const scaled = (value - this.#mean[input]!) / this.#std[input]!;
    return (scaled - this.#now[2 * input]!) / this.#now[2 * input + 1]!;
  }

  /** Lets a stream take a sample. */
  take(row: Float64Array, at: number, values: Float64Array, from: number): void {
    for (let n = 0; n < this.#inputs.length; n++) {
      const input = this.#inputs[n]!;
      this.#look(row, at + n * NUMBERS, input, values[from + input]!);
      row.set(this.#next, at + n * NUMBERS);
    }
  }

  /** The mean of an input in its own unit; that of the scaler before its first sample. */
  mean(row: Float64Array, at: number, input: number): number {
    const place = this.#places[input]!;
    return place < 0 ? this.#mean[input]! : this.#mean[input]! + this.#std[input]! * row[at + place + 1]!;
  }

  /** The deviation of an input in its own unit; next to nothing for a stream that has not moved. */
  deviation(row: Float64Array, at: number, input: number): number {
    const place = this.#places[input]!;
    if (place < 0 || row[at + place] === 0) return this.#std[input]!;
    return this.#std[input]! * deviationOf(row[at + place + 1]!, row[at + place + 2]!);
  }

  /** Whether the values of an input have differed so far. */
  moved(row: Float64Array, at: number, input: number): boolean {
    const place = this.#places[input]!;
    return place < 0 || isMovement(row[at + place + 1]!, row[at + place + 2]!);
  }

  /** Makes `#next` the moments with a further value. Returns the value as scaled by the scaler. */
  #look(row: Float64Array, at: number, input: number, value: number): number {
    const scaled = (value - this.#mean[input]!) / this.#std[input]!;
    const next = this.#next;
    const count = row[at]!;
    if (count === 0 && scaled === 0) {
      next.fill(0);
      return 0;
    }
    const samples = Math.min(count + 1, this.#samples);
    const share = 1 / samples;
    const distance = scaled - row[at + 1]!;
    next[0] = samples;
    next[1] = row[at + 1]! + share * distance;
    next[2] = (1 - share) * (row[at + 2]! + share * distance * distance);
    return scaled;
  }
}

function isMovement(mean: number, variance: number): boolean {
  return Math.sqrt(variance) > LEAST * Math.max(1, Math.abs(mean));
}

function deviationOf(mean: number, variance: number): number {
  return Math.max(Math.sqrt(variance), LEAST * Math.max(1, Math.abs(mean)));
}
