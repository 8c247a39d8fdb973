import type { TimedSample } from '../model/sample.ts';
import { SampleLog } from '../online/sample-log.ts';

/** A sample whose values are in the order of the inputs, NaN where missing. */
export interface Reading extends TimedSample {
  readonly at: number | undefined;
  readonly values: Float64Array;
}

/** The last samples of a stream as they came, for whoever has yet to take them. They are numbered from 0. */
export class RecentSamples {
  readonly #log: SampleLog;
  readonly #row: Float64Array;
  readonly #ring: Float64Array;
  readonly #inputs: number;
  readonly #capacity: number;
  readonly #values: Float64Array;
  #count = 0;

  constructor(inputs: number, capacity: number) {
    this.#inputs = inputs;
    this.#capacity = capacity;
    this.#values = new Float64Array(inputs + 1); // the last is the source's offset
    this.#log = new SampleLog(inputs + 1, capacity + 1); // one more, for whoever takes the oldest just after a push
    this.#row = new Float64Array(this.#log.size);
    this.#ring = new Float64Array(this.#log.ringSize);
  }

  /** All samples so far: the number of the next. */
  get count(): number {
    return this.#count;
  }

  get kept(): number {
    return Math.min(this.#count, this.#capacity);
  }

  push({ at, values, offset }: Reading): void {
    this.#values.set(values);
    this.#values[this.#inputs] = offset ?? Number.NaN;
    this.#log.push(this.#row, 0, this.#ring, 0, at ?? Number.NaN, this.#values);
    this.#count++;
  }

  /** The sample of this number, one of those kept or the one before; its values are overwritten at the next call. */
  read(number: number): Reading {
    const at = this.#log.read(this.#row, 0, this.#ring, 0, this.#count - 1 - number, this.#values);
    const offset = this.#values[this.#inputs]!;
    return {
      at: Number.isNaN(at) ? undefined : at,
      values: this.#values.subarray(0, this.#inputs),
      ...(!Number.isNaN(offset) && { offset }),
    };
  }
}
