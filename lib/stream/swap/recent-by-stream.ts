import type { Sample, SampleForm } from '../../model/sample.ts';
import { SourceCheck } from '../../model/source-check.ts';
import { type OrderedSample, RecentSamples } from './recent-samples.ts';
import { readInOrder } from './select-inputs.ts';

/** The last samples of each stream of a fleet, by number, and those that were read and not yet taken. */
export class RecentByStream {
  /** The inputs of a sample. */
  readonly form: SampleForm;
  readonly #capacity: number;
  readonly #onInvalid: 'skip' | 'error' | undefined;
  readonly #source = new SourceCheck();
  readonly #values: Float64Array[] = [];
  readonly #readings: (OrderedSample | undefined)[] = [];
  readonly #recent: RecentSamples[] = [];

  constructor(form: SampleForm, capacity: number, onInvalid: 'skip' | 'error' | undefined) {
    this.form = form;
    this.#capacity = capacity;
    this.#onInvalid = onInvalid;
  }

  /**
   * Reads a sample as number n, in the order of the inputs; undefined for an invalid one. Throws as `StreamState.step`
   * does.
   */
  read(n: number, sample: Sample): OrderedSample | undefined {
    this.#values[n] ??= new Float64Array(this.form.names.length);
    const reading = readInOrder(sample, this.form, this.#values[n], this.#source, this.#onInvalid);
    this.#readings[n] = reading;
    return reading;
  }

  of(stream: number): RecentSamples {
    this.#recent[stream] ??= new RecentSamples(this.form.names.length, this.#capacity);
    return this.#recent[stream];
  }

  /** Lets the stream take the sample read as number n, unless that is invalid. */
  push(stream: number, n: number): void {
    const reading = this.#readings[n];
    if (reading !== undefined) this.of(stream).push(reading);
  }
}
