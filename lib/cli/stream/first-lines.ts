import { durationText } from '../../data/rules/duration-text.ts';
import { timeText } from '../../data/rules/time-text.ts';
import type { TrainedModel } from '../../model/trained-model.ts';
import { givenInputs } from '../../model/gap.ts';
import { type Kind, summaryOf } from './left-out.ts';

/** So many lines show whether a source is read as it should be. */
export const FIRST_LINES = 10;

/** Values this many deviations from the mean of training, in every line, are in another unit or of another sensor. */
const FAR = 20;

/** Lines that are this many intervals of the model apart have times in another unit, or are of another source. */
const SPARSE = 50;

/** Judges a source by its first lines. */
export class FirstLines {
  readonly #model: TrainedModel;
  readonly #names: readonly string[];
  readonly #keyed: boolean;
  readonly #counts: Partial<Record<Kind, number>> = {};
  /** For each input, the least distance of a value from the mean of training [deviations]; Infinity without a value. */
  readonly #nearest: Float64Array;
  readonly #example: Float64Array;
  #lines = 0;
  readonly #times: number[] = [];

  /** `keyed`: the lines are those of many streams, so that their times say nothing of each other. */
  constructor(model: TrainedModel, keyed: boolean) {
    this.#model = model;
    this.#keyed = keyed;
    this.#names = givenInputs(model.description);
    this.#nearest = new Float64Array(this.#names.length).fill(Number.POSITIVE_INFINITY);
    this.#example = new Float64Array(this.#names.length).fill(Number.NaN);
  }

  /** Takes a line that is a sample, with why it was left out nevertheless. */
  add(values: ArrayLike<number>, at: number | undefined, left: Kind | undefined): void {
    if (this.#lines++ >= FIRST_LINES) return;
    if (left !== undefined) this.#count(left);
    const { mean, std } = this.#model.scaler;
    for (let i = 0; i < this.#nearest.length; i++) {
      if (Number.isNaN(values[i]!)) continue;
      const distance = Math.abs(values[i]! - mean[i]!) / std[i]!;
      if (distance >= this.#nearest[i]!) continue;
      this.#nearest[i] = distance;
      this.#example[i] = values[i]!;
    }
    if (at !== undefined) this.#times.push(at);
  }

  addInvalid(): void {
    if (this.#lines++ < FIRST_LINES) this.#count('invalid');
  }

  /** What is wrong, as a sentence, at the last of these lines; undefined before, after and if nothing is. */
  get verdict(): string | undefined {
    if (this.#lines !== FIRST_LINES) return undefined;
    const left = Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
    const untimely = left - (this.#counts.invalid ?? 0);
    if (left >= FIRST_LINES - 1) {
      const subject =
        left === FIRST_LINES
          ? `none of the first ${FIRST_LINES} lines was used`
          : `${left} of the first ${FIRST_LINES} lines were left out`;
      return `${subject}: ${summaryOf(this.#counts)}.${untimely > left / 2 ? this.#timesText() : ''}`;
    }
    if (this.#nearest.every((distance) => distance === Number.POSITIVE_INFINITY)) {
      return `none of the first ${FIRST_LINES} lines had a value of ${this.#names.join(', ')}.`;
    }
    return this.#spacingText() ?? this.#farText();
  }

  #count(kind: Kind): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
  }

  #timesText(): string {
    const { interval } = this.#model.description;
    const model = interval === null ? '' : `, and the model has a sample every ${durationText(interval)}`;
    const hint = 'If they are other times, --time names their field and --time-format how they are written.';
    return ` Their times are read as ${timeText(this.#times[0]!)} to ${timeText(this.#times.at(-1)!)}${model}. ${hint}`;
  }

  #spacingText(): string | undefined {
    const { interval } = this.#model.description;
    const steps = this.#times.slice(1).map((at, i) => at - this.#times[i]!);
    const spacing = steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
    if (this.#keyed || interval === null || spacing < SPARSE * interval) return undefined;
    return `the first ${FIRST_LINES} lines are ${durationText(spacing)} apart, but the model has a sample every ${durationText(interval)}.`;
  }

  #farText(): string | undefined {
    const { scaler, description } = this.#model;
    const { mean, std } = scaler;
    const isFar = (distance: number, i: number) =>
      distance > FAR && distance < Infinity && !description.inputs[i]!.words;
    const far = this.#nearest.findIndex(isFar);
    if (far < 0) return undefined;
    const learned = `a mean of ${short(mean[far]!)} and a deviation of ${short(std[far]!)}`;
    return `all values of ${this.#names[far]} in the first ${FIRST_LINES} lines are far from what the model was trained on: ${short(this.#example[far]!)} is the nearest to ${learned}.`;
  }
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
