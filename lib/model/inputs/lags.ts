import { list, whole } from '../../base/schema.ts';

/** Most steps back: those of a year of hours. */
export const FARTHEST_LAG = 8784;
const MOST_LAGS = 1024;

/**
 * Which earlier values of the targets a network reads: those so many steps before the value that it forecasts next. 1
 * is the newest value, which it reads anyway.
 */
export const checkLags = list(whole(2, FARTHEST_LAG), 1, MOST_LAGS);

/** An earlier value further from the present ones counts as so far, in deviations. */
const FARTHEST = 100;

/**
 * The last values of the targets of many streams, each in the row of its stream: how many were taken, and then a ring
 * for each target. They are those that the network reads, without the course of a cycle, in the target's own unit.
 */
export class Lags {
  /** How many numbers a row has. */
  readonly size: number;
  readonly #lags: readonly number[];
  /** The inputs that are the targets. */
  readonly #targets: readonly number[];
  /** Values in a ring. */
  readonly #length: number;
  readonly #apart: number;

  /** `apart`: how far the inputs of the network for one target are from those of the next. */
  constructor(lags: readonly number[], targets: readonly number[], apart: number) {
    this.#lags = lags;
    this.#targets = targets;
    this.#length = Math.max(...lags) - 1;
    this.size = 1 + targets.length * this.#length;
    this.#apart = apart;
  }

  /**
   * Writes the inputs of the network for a sample, whose values begin at `values[0]`, into `out`, from `out[to]` on.
   * `scaled` gives an earlier value of an input on the scale that the sample is on. Before there was such a value, the
   * newest one stands for it. The stream's numbers begin at `row[at]`; they stay as they are.
   */
  write(
    row: Float64Array,
    at: number,
    values: Float64Array,
    scaled: (input: number, value: number) => number,
    out: Float32Array,
    to: number,
  ): void {
    const count = row[at]!;
    for (let t = 0; t < this.#targets.length; t++) {
      const input = this.#targets[t]!;
      const ring = at + 1 + t * this.#length;
      let place = to + t * this.#apart;
      for (const lag of this.#lags) {
        const back = lag - 1; // before the newest value
        const value = back <= count ? row[ring + ((count - back) % this.#length)]! : values[input]!;
        out[place++] = Math.min(Math.max(scaled(input, value), -FARTHEST), FARTHEST);
      }
    }
  }

  /** Lets a stream take a sample. */
  take(row: Float64Array, at: number, values: Float64Array): void {
    const count = row[at]!;
    for (let t = 0; t < this.#targets.length; t++) {
      row[at + 1 + t * this.#length + (count % this.#length)] = values[this.#targets[t]!]!;
    }
    row[at] = count + 1;
  }
}
