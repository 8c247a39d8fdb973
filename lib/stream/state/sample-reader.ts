import { misfit } from '../../base/errors.ts';
import { isInvalidSample } from '../../model/model-state.ts';
import type { ModelStates } from '../../model/model-states.ts';
import { readSample, type Sample } from '../../model/sample.ts';
import { orUnreadable } from '../../base/values.ts';
import { SourceCheck } from '../../model/source-check.ts';

/** What is known of a sample until its forecast is made. */
export interface Reading {
  /** Of all inputs, in their own units; NaN for what is missing. */
  readonly values: Float64Array;
  valid: boolean;
  at: number | undefined;
  arrivedAt: number | undefined;
  offset: number | undefined;
  stream: number;
  /** Whether it repeats the last steps: it came late, or refines the newest step. */
  correction: boolean;
  /** Steps without a sample right before it. */
  missing: number;
  /** Whether it came after a silence beyond `resetAfter`. */
  restarts: boolean;
  /** Whether its step has no answer. */
  silent: boolean;
}

/** Reads samples of any stream of one forecaster. */
export class SampleReader {
  readonly #names: readonly string[];
  readonly #states: ModelStates;
  readonly #onInvalid: 'skip' | 'error';
  readonly #gaps: boolean;
  readonly #source = new SourceCheck();

  /** `gaps`: whether a value may be missing, as one is then that is absurdly far from the mean. */
  constructor(names: readonly string[], states: ModelStates, onInvalid: 'skip' | 'error', gaps: boolean) {
    this.#names = names;
    this.#states = states;
    this.#onInvalid = onInvalid;
    this.#gaps = gaps;
  }

  /** Room for a sample. It is used again and again, so that a sample makes no garbage. */
  room(): Reading {
    return {
      values: new Float64Array(this.#names.length),
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
      reading.at = readSample(sample, undefined, this.#names, reading.values, this.#gaps);
      this.#checkRange(reading.values);
      reading.valid = true;
      this.#source.usable();
    } catch (error) {
      if (this.#onInvalid === 'error' || !isInvalidSample(error)) throw orUnreadable('a sample', error);
      reading.valid = false;
      this.#source.unusable(error);
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
