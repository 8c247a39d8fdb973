import { DelayLines } from './delay-lines.ts';
import type { Part } from '../part.ts';

/** Numbers kept per target: how many forecast values were scored, and the mean absolute error of either forecaster. */
const TARGET = 3;

/**
 * Scores two forecasters of one stream on the same truths: each target and step of the horizon that both have forecast.
 * An entry of the lines holds both forecasts.
 */
export class ErrorComparison implements Part {
  readonly size: number;
  readonly #targets: number;
  readonly #horizon: number;
  readonly #lines: DelayLines;

  /** `horizon`: the steps ahead that both forecast. */
  constructor(targets: number, horizon: number) {
    this.#targets = targets;
    this.#horizon = horizon;
    this.#lines = new DelayLines(targets, horizon, 2);
    this.size = targets * TARGET + this.#lines.size;
  }

  reset(row: Float64Array, at: number): void {
    this.#lines.reset(row, this.#linesAt(at));
  }

  /** Drops forecasts of samples that will not come any more, but keeps the errors. */
  forget(row: Float64Array, at: number): void {
    const lines = this.#linesAt(at);
    row.fill(0, lines, lines + this.#lines.size);
    this.#lines.reset(row, lines);
  }

  /** Takes the next sample: one truth per target, NaN if missing. */
  observe(row: Float64Array, at: number, truth: ArrayLike<number>): void {
    const lines = this.#linesAt(at);
    this.#lines.advance(row, lines);
    for (let target = 0; target < this.#targets; target++) {
      for (let step = 1; step <= this.#horizon; step++) {
        const entry = this.#lines.entry(row, lines, target, step);
        this.#score(row, at + target * TARGET, truth[target]!, row[entry]!, row[entry + 1]!);
        row[entry] = Number.NaN;
        row[entry + 1] = Number.NaN;
      }
    }
  }

  /** Keeps both forecasts of the sample `step` steps ahead, NaN for none. */
  keep(row: Float64Array, at: number, target: number, step: number, first: number, second: number): void {
    const entry = this.#lines.entry(row, this.#linesAt(at), target, step);
    row[entry] = first;
    row[entry + 1] = second;
  }

  /** How many forecast values were scored: at each sample up to one per step. */
  scored(row: Float64Array, at: number, target: number): number {
    return row[at + target * TARGET]!;
  }

  /** Mean absolute error of the first or second forecaster, in the target's unit; 0 if nothing was scored. */
  error(row: Float64Array, at: number, target: number, of: 0 | 1): number {
    return row[at + target * TARGET + 1 + of]!;
  }

  /** 1 - the second's error / the first's: above 0 if the second is better. Undefined if nothing was scored. */
  gain(row: Float64Array, at: number, target: number): number | undefined {
    if (this.scored(row, at, target) === 0) return undefined;
    const [first, second] = [this.error(row, at, target, 0), this.error(row, at, target, 1)];
    return first === second ? 0 : 1 - second / first;
  }

  #score(row: Float64Array, base: number, truth: number, first: number, second: number): void {
    if (!Number.isFinite(truth) || Number.isNaN(first) || Number.isNaN(second)) return;
    const scored = ++row[base]!;
    row[base + 1]! += (error(truth, first) - row[base + 1]!) / scored;
    row[base + 2]! += (error(truth, second) - row[base + 2]!) / scored;
  }

  #linesAt(at: number): number {
    return at + this.#targets * TARGET;
  }
}

/** Bounded, so that a mean of errors stays finite. */
function error(truth: number, said: number): number {
  return Math.min(Math.abs(truth - said), Number.MAX_VALUE);
}
