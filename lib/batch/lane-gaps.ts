import type { Model } from '../model/model.ts';
import type { ModelStates } from '../model/model-states.ts';
import { type GapFiller, gapFillerOf } from '../online/time/gaps.ts';

/** What fills the missing values of the lanes of a model; undefined if it was not trained with any. */
export function laneGaps(model: Pick<Model, 'description'> & Partial<Pick<Model, 'scaler'>>): LaneGaps | undefined {
  const { description, scaler } = model;
  if (description.gap === undefined) return undefined;
  return new LaneGaps(gapFillerOf({ description, scaler }, {}), description.lookback, description.inputs.length);
}

/** Fills the missing values of lanes as a live stream does. Its numbers are in the row of each lane's state. */
export class LaneGaps {
  readonly #filler: GapFiller;
  readonly #lookback: number;
  readonly #sample: Float64Array;

  constructor(filler: GapFiller, lookback: number, inputs: number) {
    this.#filler = filler;
    this.#lookback = lookback;
    this.#sample = new Float64Array(inputs);
  }

  /** How many numbers a lane has. */
  get size(): number {
    return this.#filler.size;
  }

  get imputes(): boolean {
    return this.#filler.imputes;
  }

  /** Sets the numbers of a new lane. */
  start(states: ModelStates, slot: number): void {
    this.#filler.reset(states.rows, placeOf(states, slot));
  }

  /** Ends what a lane knows. */
  restart(states: ModelStates, slot: number): void {
    states.reset(slot);
    this.start(states, slot);
  }

  /**
   * Writes a row of `columns`, with stand-ins for missing values, into row k of `values`. A row with a value that comes
   * after too long a silence starts the lane anew.
   */
  write(states: ModelStates, k: number, slot: number, columns: readonly Float64Array[], index: number): void {
    const sample = this.#sample;
    const at = placeOf(states, slot);
    sample.fill(Number.NaN);
    let silent = true;
    for (let i = 0; i < columns.length; i++) {
      const value = columns[i]![index]!;
      if (!Number.isFinite(value) || !states.inRange(i, value)) continue;
      sample[i] = value;
      silent = false;
    }
    if (!silent && states.samples(slot) > 0 && this.#filler.silence(states.rows, at) + 1 > this.#lookback) {
      this.restart(states, slot);
    }
    this.#filler.fillSample(states.rows, at, sample);
    states.values.set(sample, k * sample.length);
  }

  /** Keeps what was forecast of the next row. */
  keep(states: ModelStates, slot: number, numbers: Float64Array): void {
    this.#filler.keep(states.rows, placeOf(states, slot), numbers);
  }

  /** The last value of an input; before the first the mean of the training rows. */
  last(states: ModelStates, slot: number, input: number): number {
    return this.#filler.last(states.rows, placeOf(states, slot), input);
  }
}

function placeOf({ rowSize, spare }: ModelStates, slot: number): number {
  return slot * rowSize + spare;
}
