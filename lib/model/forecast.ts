import { describe, expected, GatecastError, nearest } from '../errors.ts';

/** Levels closer than this are one level: (1 - 0.9) / 2 is not quite 0.05. */
const SAME_LEVEL = 1e-9;

/** What is forecast at one sample. All arrays are [targets][horizon], flat, in the targets' own units. */
export class Forecast {
  /** Time of the sample [ms since the epoch]; undefined when it carried none. */
  readonly at: number | undefined;
  /** False until the state has taken `lookback` samples. */
  readonly ready: boolean;
  /** Invalid samples skipped so far on this stream. */
  readonly skipped: number;
  readonly targets: readonly string[];
  /** Steps ahead: element h of a target's row is h + 1 samples ahead. */
  readonly horizon: number;
  /** The mean for a forecaster trained on squared errors; the median otherwise. */
  readonly mean: Float64Array;
  /** By level, ascending; quantiles of one step never cross. */
  readonly quantiles: Readonly<Record<number, Float64Array>>;

  constructor(parts: Pick<Forecast, 'at' | 'ready' | 'skipped' | 'targets' | 'horizon' | 'mean' | 'quantiles'>) {
    this.at = parts.at;
    this.ready = parts.ready;
    this.skipped = parts.skipped;
    this.targets = parts.targets;
    this.horizon = parts.horizon;
    this.mean = parts.mean;
    this.quantiles = parts.quantiles;
  }

  /**
   * The central interval that holds the true value with probability `level`, in (0, 1): for 0.9, the quantiles 0.05
   * and 0.95. Between the forecaster's levels it is interpolated. Throws `invalid-argument` for a level beyond the
   * outermost, naming the widest interval there is.
   */
  interval(level: number): { lower: Float64Array; upper: Float64Array } {
    if (typeof level !== 'number' || !(level > 0 && level < 1)) {
      throw new GatecastError(
        'invalid-argument',
        expected('a number between 0 and 1', 'the level of an interval', level),
      );
    }
    const levels = Object.keys(this.quantiles).map(Number);
    const tail = (1 - level) / 2;
    const widest = levels.length > 0 ? 1 - 2 * Math.max(levels[0]!, 1 - levels.at(-1)!) : 0;
    if (level > widest + SAME_LEVEL) {
      const what = widest > 0 ? `at most ${Number(widest.toFixed(9))}` : 'a forecaster with quantile levels';
      throw new GatecastError('invalid-argument', expected(what, 'the level of an interval', level));
    }
    return { lower: this.#quantile(levels, tail), upper: this.#quantile(levels, 1 - tail) };
  }

  /** The same forecast, of one target only. Throws `invalid-argument` for a name that is no target. */
  target(name: string): Forecast {
    const index = this.targets.indexOf(name);
    if (index < 0) {
      const guess = (typeof name === 'string' && nearest(name, this.targets)) || this.targets[0];
      throw new GatecastError(
        'invalid-argument',
        `${expected('a target', 'target()', name)} Did you mean ${describe(guess)}?`,
      );
    }
    const row = (values: Float64Array) => values.subarray(index * this.horizon, (index + 1) * this.horizon);
    const quantiles = Object.entries(this.quantiles).map(([level, values]) => [level, row(values)]);
    const { at, ready, skipped, horizon } = this;
    return new Forecast({
      at,
      ready,
      skipped,
      horizon,
      targets: [name],
      mean: row(this.mean),
      quantiles: Object.fromEntries(quantiles),
    });
  }

  #quantile(levels: readonly number[], level: number): Float64Array {
    const above = levels.findIndex((stored) => stored >= level - SAME_LEVEL);
    const upper = this.quantiles[levels[above]!]!;
    if (Math.abs(levels[above]! - level) <= SAME_LEVEL) return upper.slice();
    const lower = this.quantiles[levels[above - 1]!]!;
    const share = (level - levels[above - 1]!) / (levels[above]! - levels[above - 1]!);
    return upper.map((value, i) => lower[i]! + share * (value - lower[i]!));
  }
}
