import { misfit } from '../../base/errors.ts';
import { isInvalidSample } from '../../model/model-state.ts';
import type { ModelStates } from '../../model/model-states.ts';
import { readSample, type Sample, type SampleForm, sampleForm } from '../../model/sample.ts';
import { orUnreadable } from '../../base/values.ts';
import { SourceCheck } from '../../model/source-check.ts';

/** A sample as it was read, and what its stream notes about it until its forecast is made. */
export interface Reading {
  /** The values of all inputs, in their own units; NaN for a missing value. */
  readonly values: Float64Array;
  valid: boolean;
  at: number | undefined;
  arrivedAt: number | undefined;
  offset: number | undefined;
  stream: number;
  /** True if it repeats the last steps: it came late, or refines the newest step. */
  correction: boolean;
  /** How many steps without a sample came directly before it. */
  missing: number;
  /** True if it came after a silence longer than `resetAfter`. */
  restarts: boolean;
  /** True if its step has no answer. */
  silent: boolean;
}

/** Reads the samples of all streams of one model. */
export class SampleReader {
  readonly #form: SampleForm;
  readonly #states: ModelStates;
  readonly #onInvalid: 'skip' | 'error' | undefined;
  readonly #gaps: boolean;
  readonly #source = new SourceCheck();

  /** `gaps`: true if values may be missing. A value absurdly far from the mean then counts as missing. */
  constructor(states: ModelStates, onInvalid: 'skip' | 'error' | undefined, gaps: boolean) {
    this.#form = sampleForm(states.description);
    this.#states = states;
    this.#onInvalid = onInvalid;
    this.#gaps = gaps;
  }

  /** Makes room for a sample. It is reused, so that a sample makes no garbage. */
  room(): Reading {
    return {
      values: new Float64Array(this.#states.description.inputs.length).fill(Number.NaN),
      valid: false,
      at: undefined,
      arrivedAt: undefined,
      offset: undefined,
      stream: 0,
      correction: false,
      missing: 0,
      restarts: false,
      silent: false,
    };
  }

  /** Throws as `StreamState.step` does. */
  read(reading: Reading, sample: Sample): void {
    try {
      const timed = typeof sample === 'object' && sample !== null && 'values' in sample ? sample : undefined;
      reading.offset = wholeOrNothing(timed?.offset, 'the offset of a sample');
      reading.arrivedAt = timed?.arrivedAt;
      reading.at = readSample(sample, undefined, this.#form, reading.values, this.#gaps);
      this.#states.checkTime(reading.at ?? Number.NaN);
      this.#checkRange(reading.values);
      reading.valid = true;
      this.#source.usable();
    } catch (error) {
      if (this.#onInvalid === 'error' || !isInvalidSample(error)) throw orUnreadable('a sample', error);
      reading.valid = false;
      this.#source.unusable(error, this.#onInvalid === undefined);
    }
  }

  #checkRange(values: Float64Array): void {
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i]) || this.#states.inRange(i, values[i]!)) continue;
      if (!this.#gaps) throw this.#states.outOfRange(i, values[i]!);
      values[i] = Number.NaN;
    }
  }
}

function wholeOrNothing(value: unknown, name: string): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0))
    return value as number | undefined;
  throw misfit('a whole number >= 0', name, value);
}
