import { sampleCrps } from '../accuracy/crps.ts';
import { energyOf } from '../accuracy/energy.ts';
import type { CourseScore } from './score.ts';

/** Scores forecasts by their sample paths, and keeps running sums of the scores of whole courses. */
export class PathScores {
  readonly #count: number;
  readonly #horizon: number;
  /** Of the energy scores, then of the CRPS of the sums, for each target. */
  readonly #energies: Float64Array;
  readonly #totals: Float64Array;
  /** The paths of the forecast that is being scored, [count][targets][horizon]. */
  #paths: Float64Array = new Float64Array();
  /** Its values at one place, or the sums of the paths of a target. */
  readonly #values: Float64Array;
  /** The paths of one target, [count][horizon]. */
  readonly #courses: Float64Array;

  constructor(count: number, targets: number, horizon: number) {
    this.#count = count;
    this.#horizon = horizon;
    this.#energies = new Float64Array(targets);
    this.#totals = new Float64Array(targets);
    this.#values = new Float64Array(count);
    this.#courses = new Float64Array(count * horizon);
  }

  /** Takes the paths of the next forecast. */
  take(paths: Float64Array): void {
    this.#paths = paths;
  }

  /** The CRPS of one value, at a place in [targets][horizon]. */
  crps(i: number, truth: number): number {
    const size = this.#energies.length * this.#horizon;
    for (let p = 0; p < this.#count; p++) this.#values[p] = this.#paths[p * size + i]!;
    return sampleCrps(truth, this.#values.sort());
  }

  /** Adds the scores of the course of a target. */
  add(target: number, truth: Float64Array): void {
    const [courses, values, horizon] = [this.#courses, this.#values.fill(0), this.#horizon];
    for (let p = 0, to = 0; p < this.#count; p++) {
      const from = (p * this.#energies.length + target) * horizon;
      for (let step = 0; step < horizon; step++, to++) {
        courses[to] = this.#paths[from + step]!;
        values[p]! += courses[to]!;
      }
    }
    this.#energies[target]! += energyOf(truth, courses);
    this.#totals[target]! += sampleCrps(
      truth.reduce((sum, value) => sum + value, 0),
      values.sort(),
    );
  }

  plus(other: PathScores): void {
    for (let t = 0; t < this.#energies.length; t++) {
      this.#energies[t]! += other.#energies[t]!;
      this.#totals[t]! += other.#totals[t]!;
    }
  }

  /** Means over some targets and so many windows. */
  score(targets: readonly number[], windows: number): CourseScore {
    const mean = (sums: Float64Array) => targets.reduce((sum, t) => sum + sums[t]!, 0) / (targets.length * windows);
    return { paths: this.#count, energy: mean(this.#energies), sum: mean(this.#totals) };
  }
}
