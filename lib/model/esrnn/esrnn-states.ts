import { expected, GatecastError } from '../../base/errors.ts';
import { insertSorted } from '../../base/sorted.ts';
import type { RecurrentNetwork } from '../../network/recurrent-network.ts';
import { type Bounding, bounding } from '../bounds.ts';
import type { ReadTarget } from '../heads/head.ts';
import { headOf } from '../heads/heads.ts';
import { MAX_SCALED_VALUE } from '../magnitudes.ts';
import { RecurrentStates } from '../recurrent-states.ts';
import type { Scaler } from '../scaler.ts';
import type { EsrnnDescription } from './description.ts';
import { Smoothing } from './smoothing.ts';

/** What all states of an esrnn model share. */
export interface EsrnnModel {
  readonly description: EsrnnDescription;
  readonly network: RecurrentNetwork;
  readonly scaler: Scaler;
  readonly residuals: Float32Array | undefined;
}

/**
 * The states of an esrnn model. The model's own numbers in a row are those of the smoothing of each target, one after
 * another. A sample costs one step of the network.
 */
export class EsrnnStates extends RecurrentStates {
  readonly #model: EsrnnModel;
  readonly #smoothing: Smoothing;
  readonly #read: ReadTarget;
  /** Whether the network gives points, to which the residuals are added. */
  readonly #points: boolean;
  /** Those of one step. */
  readonly #quantiles: Float64Array;
  readonly #bound: Bounding | undefined;
  /** What the outputs of a target are added to, [horizon]. */
  readonly #base: Float64Array;

  /** `spare`: how many numbers of a row are the caller's. Throws `invalid-argument` if there is not enough memory. */
  constructor(model: EsrnnModel, capacity: number, spare = 0) {
    const { description, network } = model;
    const { targets, horizon, levels, loss, smoothing: form } = description;
    const smoothing = new Smoothing(form, horizon);
    super(network, description, capacity, { own: targets.length * smoothing.size, spare });
    this.#model = model;
    this.#smoothing = smoothing;
    this.#points = headOf(loss).gives === 'point';
    this.#read = headOf(loss).reader({
      horizon,
      count: targets.length * horizon,
      levels: this.#points ? [] : levels,
      residuals: undefined,
    });
    this.#quantiles = new Float64Array(levels.length);
    this.#bound = bounding(description);
    this.#base = new Float64Array(horizon);
  }

  inRange(input: number, value: number): boolean {
    const { mean, std } = this.#model.scaler;
    return Math.abs((value - mean[input]!) / std[input]!) <= MAX_SCALED_VALUE;
  }

  outOfRange(input: number, value: number): GatecastError {
    const what = `a value within ${MAX_SCALED_VALUE} deviations of the mean`;
    return new GatecastError('invalid-sample', expected(what, this.description.inputs[input]!.name, value));
  }

  stage(k: number, slot: number, _at: number): void {
    for (let t = 0; t < this.#targets; t++) {
      const value = this.values[k * this.#targets + t]!;
      if (!this.inRange(t, value)) throw this.outOfRange(t, value);
    }
    this.attached.slots[k] = slot;
  }

  advance(count: number): void {
    const { slots, input } = this.attached;
    const { width } = this.#smoothing;
    for (let k = 0; k < count; k++) {
      const slot = slots[k]!;
      const samples = this.samples(slot);
      for (let t = 0; t < this.#targets; t++) {
        const at = this.#ownAt(slot, t);
        const place = k * this.#targets + t;
        this.#smoothing.take(this.rows, at, samples, this.values[place]!);
        this.#smoothing.write(this.rows, at, samples + 1, input, place * width);
      }
      this.rows[slot * this.rowSize] = samples + 1;
    }
    this.attached.step(count);
  }

  read(k: number, numbers: Float64Array): void {
    const { horizon, levels } = this.description;
    const { slots, output, outputSize } = this.attached;
    const slot = slots[k]!;
    const samples = this.samples(slot);
    const count = this.#targets * horizon;
    for (let t = 0; t < this.#targets; t++) {
      const at = this.#ownAt(slot, t);
      const level = this.#smoothing.level(this.rows, at);
      for (let h = 0; h < horizon; h++) this.#base[h] = level + this.#smoothing.season(this.rows, at, samples + h);
      const from = k * outputSize + (t * outputSize) / this.#targets;
      this.#read(output, from, this.#base, this.#smoothing.spread(this.rows, at), numbers, t * horizon);
      const deviation = this.#smoothing.deviation(this.rows, at);
      for (let i = t * horizon; i < (t + 1) * horizon; i++) {
        numbers[i] = this.#smoothing.own(numbers[i]!);
        for (let l = 0; l < levels.length; l++) {
          const place = (1 + l) * count + i;
          const quantile = this.#points ? numbers[i]! : this.#smoothing.own(numbers[place]!);
          insertSorted(
            this.#quantiles,
            l,
            quantile + deviation * (this.#model.residuals?.[i * levels.length + l] ?? 0),
          );
        }
        for (let l = 0; l < levels.length; l++) numbers[(1 + l) * count + i] = this.#quantiles[l]!;
      }
    }
    this.#bound?.(numbers);
  }

  /** How far the next value of a target would be from what the smoothing expects, in spreads. */
  override scaled(slot: number, input: number, value: number): number {
    return this.#smoothing.rest(this.rows, this.#ownAt(slot, input), this.samples(slot), value);
  }

  override deviation(slot: number, input: number): number {
    return this.#smoothing.deviation(this.rows, this.#ownAt(slot, input));
  }

  get #targets(): number {
    return this.description.targets.length;
  }

  /** Where the numbers of a target begin. */
  #ownAt(slot: number, target: number): number {
    return slot * this.rowSize + 1 + target * this.#smoothing.size;
  }
}
