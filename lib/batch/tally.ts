import { intervalScore } from '../accuracy/intervals.ts';
import { percentageError } from '../accuracy/point.ts';
import { pinballLoss } from '../accuracy/quantiles.ts';
import type { ScoredFamily } from '../accuracy/families.ts';
import type { Scale } from '../accuracy/scaled.ts';
import type { Forecast } from '../model/forecast.ts';
import type { ModelDescription } from '../model/model.ts';
import * as cell from './cell.ts';
import { PathScores } from './path-scores.ts';
import type { Score, TargetScore } from './score.ts';

/** What the forecasts that are scored have in common. */
export interface TallyShape extends Pick<ModelDescription, 'targets' | 'horizon' | 'levels'> {
  /** Of the distributions that the forecasts hold, if they hold any. */
  readonly family: ScoredFamily | undefined;
  /** Sample paths by which each forecast is scored; 0 for none. */
  readonly paths: number;
}

/** Running sums over the scored windows of a series, a cell for each target and step. No forecast is kept. */
export class Tally {
  windows = 0;
  notReady = 0;
  missing = 0;
  readonly #shape: TallyShape;
  /** Sums in a cell. */
  readonly #size: number;
  /** [targets][horizon][size] */
  readonly #sums: Float64Array;
  readonly #paths: PathScores | undefined;
  /** The parameters of one distribution. */
  readonly #parameters: Float64Array;

  constructor(shape: TallyShape) {
    const { targets, horizon, levels, family, paths } = shape;
    this.#paths = paths > 0 ? new PathScores(paths, targets.length, horizon) : undefined;
    this.#parameters = new Float64Array(Object.keys(family?.parameters ?? {}).length);
    this.#shape = shape;
    this.#size = cell.cellSize(levels);
    this.#sums = new Float64Array(targets.length * horizon * this.#size);
  }

  /**
   * Scores a forecast after row `row` of the targets' columns, unless it is not ready or a true value is missing;
   * returns whether it did. `lastOf` gives the last value of a target up to that row; `seed` is that of paths to draw.
   */
  add(
    forecast: Forecast,
    truth: readonly Float64Array[],
    row: number,
    lastOf: (target: number) => number,
    seed: number,
  ): boolean {
    const { horizon } = this.#shape;
    const { numbers } = forecast;
    if (!forecast.ready) this.notReady += 1;
    else if (!isKnown(truth, row + 1, row + 1 + horizon)) this.missing += 1;
    else {
      this.windows += 1;
      this.#paths?.take(forecast.paths(this.#shape.paths, { seed }));
      truth.forEach((column, target) => {
        const last = lastOf(target);
        for (let step = 0; step < horizon; step++) {
          this.#addValue(target * horizon + step, column[row + 1 + step]!, numbers, last);
        }
        this.#paths?.add(target, column.subarray(row + 1, row + 1 + horizon));
      });
      return true;
    }
    return false;
  }

  /** Adds the value that the `i`-th number of each part of a forecast is for. */
  #addValue(i: number, truth: number, numbers: readonly number[], last: number): void {
    const { levels, horizon, targets } = this.#shape;
    const [sums, at, count] = [this.#sums, i * this.#size, targets.length * horizon];
    const error = numbers[i]! - truth;
    const naive = last - truth;
    sums[at + cell.VALUES]! += 1;
    sums[at + cell.ABSOLUTES]! += Math.abs(error);
    sums[at + cell.SQUARES]! += error * error;
    sums[at + cell.PERCENTAGES]! += percentageError(truth, numbers[i]!);
    sums[at + cell.SIZES]! += Math.abs(truth);
    sums[at + cell.NAIVE_ABSOLUTES]! += Math.abs(naive);
    sums[at + cell.NAIVE_SQUARES]! += naive * naive;
    if (this.#isDistributed) sums[at + cell.CRPS]! += this.#crps(i, truth, numbers);
    for (let l = 0; l < levels.length; l++) {
      const quantile = numbers[(1 + l) * count + i]!;
      sums[at + cell.LEVELS + l]! += pinballLoss(truth, quantile, levels[l]!);
      if (truth <= quantile) sums[at + cell.LEVELS + levels.length + l]! += 1;
    }
    if (levels.length < 2) return;
    const [lower, upper] = [numbers[count + i]!, numbers[levels.length * count + i]!];
    if (truth >= lower && truth <= upper) sums[at + cell.HELD]! += 1;
    sums[at + cell.WIDTHS]! += upper - lower;
    sums[at + cell.WINKLERS]! += intervalScore(truth, lower, upper, levels[0]!, 1 - levels.at(-1)!);
  }

  get #isDistributed(): boolean {
    return this.#shape.family !== undefined || this.#paths !== undefined;
  }

  #crps(i: number, truth: number, numbers: readonly number[]): number {
    const { levels, horizon, targets, family } = this.#shape;
    if (!family) return this.#paths!.crps(i, truth);
    const first = 1 + levels.length;
    const own = this.#parameters;
    for (let p = 0; p < own.length; p++) own[p] = numbers[(first + p) * targets.length * horizon + i]!;
    return family.crps(truth, own);
  }

  /**
   * Makes the scaled sums of the others, by the deviation of each target and by its seasonal differences, if there are
   * any. Call once, last.
   */
  scaleBy(deviations: readonly number[], scales: readonly (Scale | undefined)[]): void {
    const { targets, horizon } = this.#shape;
    for (let i = 0; i < targets.length * horizon; i++) {
      const target = Math.floor(i / horizon);
      const sums = this.#sums.subarray(i * this.#size, (i + 1) * this.#size);
      const deviation = deviations[target]!;
      const variance = deviation * deviation;
      sums[cell.SCALED_ABSOLUTES] = sums[cell.ABSOLUTES]! / deviation;
      sums[cell.SCALED_SQUARES] = sums[cell.SQUARES]! / variance;
      sums[cell.SCALED_NAIVE_ABSOLUTES] = sums[cell.NAIVE_ABSOLUTES]! / deviation;
      sums[cell.SCALED_NAIVE_SQUARES] = sums[cell.NAIVE_SQUARES]! / variance;
      const scale = scales[target];
      if (!scale) continue;
      sums[cell.SEASONED] = sums[cell.VALUES]!;
      sums[cell.SEASONED_ABSOLUTES] = sums[cell.ABSOLUTES]! / scale.absolute;
      sums[cell.SEASONED_SQUARES] = sums[cell.SQUARES]! / scale.square;
      sums[cell.SEASONED_WINKLERS] = sums[cell.WINKLERS]! / scale.absolute;
    }
  }

  /** Adds the windows of another series, or of another time. Both have their scaled sums. */
  plus(other: Tally): void {
    this.windows += other.windows;
    this.notReady += other.notReady;
    this.missing += other.missing;
    for (let i = 0; i < this.#sums.length; i++) this.#sums[i]! += other.#sums[i]!;
    if (other.#paths) this.#paths?.plus(other.#paths);
  }

  /** The tables of steps and targets are made when they are asked for. */
  score(season: number): Score {
    const { windows, notReady, missing } = this;
    const coursesOf = (chosen: readonly number[]) => this.#paths?.score(chosen, windows) ?? null;
    const { targets, horizon } = this.#shape;
    const [all, each] = [targets.map((_, t) => t), Array.from({ length: horizon }, (_, step) => step)];
    const stepsOf = (chosen: readonly number[]) => each.map((step) => this.#measures(chosen, [step]));
    const targetScore = (target: number): TargetScore => ({
      ...this.#measures([target], each),
      courses: coursesOf([target]),
      get steps() {
        return stepsOf([target]);
      },
    });
    return {
      windows,
      ...this.#measures(all, each),
      leftOut: { notReady, missing },
      courses: coursesOf(all),
      season,
      get steps() {
        return stepsOf(all);
      },
      get targets() {
        return Object.fromEntries(targets.map((name, target) => [name, targetScore(target)]));
      },
    };
  }

  /** The measures over some targets and steps. */
  #measures(targets: readonly number[], steps: readonly number[]) {
    const { horizon, levels } = this.#shape;
    const sums = new Float64Array(this.#size);
    for (const target of targets) {
      for (const step of steps) {
        const from = (target * horizon + step) * this.#size;
        for (let i = 0; i < this.#size; i++) sums[i]! += this.#sums[from + i]!;
      }
    }
    return cell.measuresOf(sums, levels, this.#isDistributed);
  }
}

function isKnown(columns: readonly Float64Array[], from: number, to: number): boolean {
  return columns.every((column) => column.subarray(from, to).every(Number.isFinite));
}
