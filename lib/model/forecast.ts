import { describe, expected, GatecastError, misfit, nearest } from '../base/errors.ts';
import type { Bounds } from './bounds.ts';
import { between, type ForecastJson, forecastJson } from './forecast-json.ts';
import { drawPaths, type PathOptions } from './forecast-paths.ts';
import { besideOf, headOf, type Loss } from './heads/heads.ts';
import type { PathsDescription } from './paths.ts';
import type { Skipped } from './skipped.ts';

/** Levels closer than this are one level: (1 - 0.9) / 2 is not quite 0.05. */
const SAME_LEVEL = 1e-9;

/** What all forecasts of one forecaster have in common. */
export interface ForecastShape {
  readonly targets: readonly string[];
  /** Steps ahead: element h of a target's row is h + 1 samples ahead. */
  readonly horizon: number;
  /** Levels of the quantiles, ascending. */
  readonly levels: readonly number[];
  /** Time between two steps [ms]; null or left out if unknown. */
  readonly interval?: number | null;
  /** The loss, and with it the head, of the forecaster. Without it, a forecast has only its mean and quantiles. */
  readonly loss?: Loss;
  /** The words of the classes, for a forecaster of those. */
  readonly classes?: readonly string[];
  /** True if the one step is the sample itself, as in `ModelDescription`. */
  readonly present?: true;
  /** Present if it holds paths that the forecaster drew, in place of what the head adds. */
  readonly paths?: Pick<PathsDescription, 'count'>;
  /** How much each step goes with the step before, [targets][horizon - 1], as in `ModelDescription`. */
  readonly dependence?: readonly (readonly number[])[];
  /** Bounds of each target, which paths keep to as well. */
  readonly bounds?: readonly Bounds[];
}

/** How many numbers a forecast has: mean, quantiles and what its head adds. */
export function numberCount(shape: ForecastShape): number {
  return basicCount(shape) + shape.targets.length * shape.horizon * besideOf(shape).length;
}

/** How many of them are the mean and the quantiles, which come first. */
export function basicCount({ targets, horizon, levels }: ForecastShape): number {
  return targets.length * horizon * (1 + levels.length);
}

/** A distribution for each target and step. All arrays are [targets][horizon], flat, in the targets' own units. */
export interface Distribution {
  readonly family: Loss;
  /**
   * By name: `mean` and `deviation` for 'gaussian'; `location`, `scale` and `freedom`, the degrees of freedom, for
   * 'student-t'; `mean` and `alpha` for 'negative-binomial', whose variance is mean + alpha * mean^2.
   */
  readonly parameters: Readonly<Record<string, Float64Array>>;
}

/** What is forecast of a category, for each step ahead. */
export interface Classes {
  /** The most likely word of each step. */
  readonly likeliest: readonly string[];
  /** The probability of each word, by word: those of all words of a step sum to 1. */
  readonly probabilities: ReadonlyMap<string, Float64Array>;
}

/** A list of the same numbers. Many times as fast as Array.from, and called for each sample. */
export function toNumbers(values: Float64Array): number[] {
  const numbers: number[] = new Array(values.length);
  for (let i = 0; i < values.length; i++) numbers[i] = values[i]!;
  return numbers;
}

/** The forecast made at one sample. All arrays are [targets][horizon], flat, in the targets' own units. */
export class Forecast {
  /** Time of the sample [ms since the epoch]; undefined if it had none. */
  readonly at: number | undefined;
  /** False until the state has taken the samples that it needs for its full accuracy: the forecaster's `warmup`. */
  readonly ready: boolean;
  /** Samples left out so far on this stream, by the reason. */
  readonly skipped: Skipped;
  /**
   * All its numbers, [1 + levels + beside][targets][horizon]: the mean, the quantiles of each level, then what the head
   * adds, such as the parameters of a distribution, or the paths that the forecaster drew.
   */
  readonly numbers: readonly number[];
  readonly #shape: ForecastShape;
  #mean: Float64Array | undefined;
  #quantiles: Readonly<Record<number, Float64Array>> | undefined;

  /**
   * `numbers` is kept, not copied. A list of numbers costs a stream far less than typed arrays, which are made only on
   * demand.
   */
  constructor(
    shape: ForecastShape,
    numbers: readonly number[],
    at: number | undefined,
    ready: boolean,
    skipped: Skipped,
  ) {
    this.at = at;
    this.ready = ready;
    this.skipped = skipped;
    this.numbers = numbers;
    this.#shape = shape;
  }

  get targets(): readonly string[] {
    return this.#shape.targets;
  }

  /** Steps ahead: element h of a target's row is h + 1 samples ahead. */
  get horizon(): number {
    return this.#shape.horizon;
  }

  /** True if its one step is the sample itself: the class of the present, which the forecaster is asked for. */
  get present(): boolean {
    return this.#shape.present === true;
  }

  /** Time between two steps [ms]; undefined if the forecaster does not know it. */
  get sampleInterval(): number | undefined {
    return this.#shape.interval ?? undefined;
  }

  /** Levels of the quantiles, ascending. */
  get levels(): readonly number[] {
    return this.#shape.levels;
  }

  /**
   * The loss that the forecaster was trained with. Recordings keep it only for a forecaster that gives a distribution;
   * it is undefined in forecasts read from other recordings.
   */
  get loss(): Loss | undefined {
    return this.#shape.loss;
  }

  /**
   * Names of the numbers that follow the mean and the quantiles: the parameters of the distribution, the words of the
   * classes, or the paths. Empty for most forecasters.
   */
  get beside(): readonly string[] {
    return besideOf(this.#shape);
  }

  /**
   * The mean for a forecaster that gives a distribution or was trained on squared errors; the median otherwise. Of a
   * category, the place of the most likely of its `classes`. The mean of the paths for a forecaster that draws those.
   */
  get mean(): Float64Array {
    this.#mean ??= this.#rows(0);
    return this.#mean;
  }

  /** The quantiles by level, ascending. Those of one step never cross. */
  get quantiles(): Readonly<Record<number, Float64Array>> {
    this.#quantiles ??= Object.fromEntries(this.#shape.levels.map((level, l) => [level, this.#rows(1 + l)]));
    return this.#quantiles;
  }

  /**
   * The distribution as the network gave it, for a forecaster with the loss 'gaussian', 'student-t' or
   * 'negative-binomial'; undefined for others, and for one that draws paths. Bounds and what a stream has learned
   * (`calibrate`, `adapt`, `fallback`) change only the mean, the quantiles and the paths.
   */
  get distribution(): Distribution | undefined {
    const { loss, paths } = this.#shape;
    if (loss === undefined || paths || headOf(loss).gives !== 'distribution') return undefined;
    return { family: loss, parameters: Object.fromEntries(this.#beside()) };
  }

  /** The probabilities of the words, for a forecaster of a category (the loss 'classes'); undefined for others. */
  get classes(): Classes | undefined {
    const { classes } = this.#shape;
    if (classes === undefined) return undefined;
    return {
      likeliest: Array.from(this.mean, (place) => classes[place]!),
      probabilities: new Map(this.#beside()),
    };
  }

  /** How many paths the forecaster drew; 0 for a forecaster that draws none. */
  get pathCount(): number {
    return this.#shape.paths?.count ?? 0;
  }

  /**
   * The paths that the forecaster drew (the model 'deepar'), [paths][targets][horizon], flat: each is one possible
   * course of all targets. Undefined for others, of which `paths` draws some. What a stream has learned (`calibrate`,
   * `adapt`, `fallback`) changes only what `paths` gives.
   */
  get samples(): Float64Array | undefined {
    if (!this.#shape.paths) return undefined;
    const first = basicCount(this.#shape);
    const samples = new Float64Array(this.numbers.length - first);
    for (let i = 0; i < samples.length; i++) samples[i] = this.numbers[first + i]!;
    return samples;
  }

  /**
   * Possible courses of the forecast, [count][targets][horizon], flat: the values of each step are distributed as the
   * forecast says, and the steps of a path go together as much as forecasts did on the validation rows (a Gaussian
   * copula in which each step depends on the step before). Targets are drawn independently of each other. Of a
   * category, the places of `classes`. The same seed gives the same paths. The first of `samples` for a forecaster that
   * drew paths itself. In a stream that has corrected the quantiles, paths have the corrected ones.
   *
   * Throws `invalid-argument` for a count beyond 10,000 or beyond the paths that the forecaster drew, for a forecast
   * without quantiles, and for one of several steps by a model that does not know how they go together, as baselines.
   */
  paths(count = 100, options: PathOptions = {}): Float64Array {
    return drawPaths(this, this.#shape, count, options);
  }

  /**
   * The central interval that holds the true value with probability `level`, in (0, 1): for 0.9, the quantiles 0.05 and
   * 0.95. It is interpolated between the forecaster's levels. Throws `invalid-argument` for a level wider than the
   * outermost quantiles, naming the widest.
   */
  interval(level: number): { lower: Float64Array; upper: Float64Array } {
    if (typeof level !== 'number' || !(level > 0 && level < 1)) {
      throw misfit('a number between 0 and 1', 'the level of an interval', level);
    }
    const { levels } = this.#shape;
    const tail = (1 - level) / 2;
    const outer = levels.length > 0 ? Math.max(levels[0]!, 1 - levels.at(-1)!) : 0.5;
    if (level > 1 - 2 * outer + SAME_LEVEL) {
      const what = outer < 0.5 ? `at most ${between(outer, 1 - outer)}` : 'a forecaster with quantile levels';
      throw misfit(what, 'the level of an interval', level);
    }
    return { lower: this.#quantile(tail), upper: this.#quantile(1 - tail) };
  }

  /** The same forecast for one target only. Throws `invalid-argument` for a name that is not a target. */
  target(name: string): Forecast {
    const index = this.targets.indexOf(name);
    if (index < 0) {
      const guess = (typeof name === 'string' && nearest(name, this.targets)) || this.targets[0];
      throw new GatecastError(
        'invalid-argument',
        `${expected('a target', 'target()', name)} Did you mean ${describe(guess)}?`,
      );
    }
    const { horizon, levels } = this;
    const { interval, loss, classes, present, paths, dependence, bounds } = this.#shape;
    const numbers: number[] = [];
    for (let part = 0; part < 1 + levels.length + this.beside.length; part++) {
      const from = (part * this.targets.length + index) * horizon;
      numbers.push(...this.numbers.slice(from, from + horizon));
    }
    return new Forecast(
      {
        targets: [name],
        horizon,
        levels,
        ...(interval && { interval }),
        ...(loss && { loss }),
        ...(classes && { classes }),
        ...(present && { present }),
        ...(paths && { paths }),
        ...(dependence && { dependence: [dependence[index]!] }),
        ...(bounds && { bounds: [bounds[index]!] }),
      },
      numbers,
      this.at,
      this.ready,
      this.skipped,
    );
  }

  /**
   * For `JSON.stringify`, as `gatecast stream` prints it: by target, with the central intervals that the levels give.
   */
  toJSON(): ForecastJson {
    return forecastJson(this);
  }

  /** What the head gives beside, by name. */
  #beside(): [string, Float64Array][] {
    const first = 1 + this.levels.length;
    return this.beside.map((name, i) => [name, this.#rows(first + i)]);
  }

  #rows(part: number): Float64Array {
    const count = this.targets.length * this.horizon;
    const rows = new Float64Array(count);
    for (let i = 0; i < count; i++) rows[i] = this.numbers[part * count + i]!;
    return rows;
  }

  #quantile(level: number): Float64Array {
    const { levels } = this.#shape;
    const above = levels.findIndex((stored) => stored >= level - SAME_LEVEL);
    const quantile = this.#rows(1 + above);
    if (Math.abs(levels[above]! - level) <= SAME_LEVEL) return quantile;
    const lower = this.#rows(above);
    const share = (level - levels[above - 1]!) / (levels[above]! - levels[above - 1]!);
    for (let i = 0; i < lower.length; i++) quantile[i] = lower[i]! + share * (quantile[i]! - lower[i]!);
    return quantile;
  }
}
