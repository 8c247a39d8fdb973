import { allocate } from '../../base/memory.ts';
import type { TimedSample } from '../../model/sample.ts';
import { SampleLog } from '../../online/time/sample-log.ts';

/** A sample with its values in the order of the inputs, NaN where missing. */
export interface OrderedSample extends TimedSample {
  readonly at: number | undefined;
  readonly values: Float64Array;
}

/** The last samples of a stream as they came, for models that have yet to take them. Samples are numbered from 0. */
export class RecentSamples {
  readonly #log: SampleLog;
  readonly #row: Float64Array;
  readonly #ring: Float64Array;
  readonly #inputs: number;
  readonly #capacity: number;
  readonly #values: Float64Array;
  #count = 0;

  /** Throws `invalid-argument` for more than there is memory for. */
  constructor(inputs: number, capacity: number) {
    this.#inputs = inputs;
    this.#capacity = capacity;
    this.#values = new Float64Array(inputs + 1); // the last number is the source's offset
    this.#log = new SampleLog(inputs + 1, capacity + 1); // one more, to read the oldest just after a push
    this.#row = new Float64Array(this.#log.size);
    const { ringSize } = this.#log;
    this.#ring = allocate(8 * ringSize, 'the recent samples of a stream', () => new Float64Array(ringSize));
  }

  /** How many samples there were so far, which is the number of the next. */
  get count(): number {
    return this.#count;
  }

  get kept(): number {
    return Math.min(this.#count, this.#capacity);
  }

  push({ at, values, offset }: OrderedSample): void {
    this.#values.set(values);
    this.#values[this.#inputs] = offset ?? Number.NaN;
    this.#log.push(this.#row, 0, this.#ring, 0, at ?? Number.NaN, this.#values);
    this.#count++;
  }

  /** Drops all samples, and numbers from 0 again. */
  clear(): void {
    this.#count = 0;
    this.#row.fill(0);
  }

  /** The kept samples from the oldest on: for each its time, values and offset, NaN where there is none. */
  numbers(): Float64Array {
    const stride = this.#inputs + 2;
    const numbers = new Float64Array(this.kept * stride);
    for (let k = 0; k < this.kept; k++) {
      const { at, values, offset } = this.read(this.#count - this.kept + k);
      numbers[k * stride] = at ?? Number.NaN;
      numbers.set(values, k * stride + 1);
      numbers[k * stride + 1 + this.#inputs] = offset ?? Number.NaN;
    }
    return numbers;
  }

  /** Adds samples from numbers that `numbers` returned. */
  take(numbers: Float64Array): void {
    const stride = this.#inputs + 2;
    for (let start = 0; start < numbers.length; start += stride) {
      const [at, offset] = [numbers[start]!, numbers[start + 1 + this.#inputs]!];
      const values = numbers.subarray(start + 1, start + 1 + this.#inputs);
      this.push({ at: Number.isNaN(at) ? undefined : at, values, ...(!Number.isNaN(offset) && { offset }) });
    }
  }

  /** The sample of this number, one of those kept or the one before them. The next call overwrites its values. */
  read(number: number): OrderedSample {
    const at = this.#log.read(this.#row, 0, this.#ring, 0, this.#count - 1 - number, this.#values);
    const offset = this.#values[this.#inputs]!;
    return {
      at: Number.isNaN(at) ? undefined : at,
      values: this.#values.subarray(0, this.#inputs),
      ...(!Number.isNaN(offset) && { offset }),
    };
  }
}
