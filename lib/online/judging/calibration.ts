import { misfit } from '../../base/errors.ts';
import { sortInPlace } from '../../base/sorted.ts';
import { list, number, object, whole } from '../../base/schema.ts';
import { DelayLines } from './delay-lines.ts';
import type { WritableTrust } from '../live-forecast.ts';
import { orUndefined, type Part } from '../part.ts';
import type { Step } from '../step.ts';

export interface CalibrationOptions {
  readonly targets: number;
  /** Steps that are forecast [samples]. */
  readonly horizon: number;
  /** Levels of the quantiles in a forecast: ascending, inside (0, 1). */
  readonly levels: readonly number[];
  /** Samples over which recent coverage is averaged, with exponential weights; 1000 by default. */
  readonly window?: number;
}

/** The share of truths that fell inside an interval. */
export interface Coverage {
  /** Over recent samples. */
  readonly recent: number;
  /** Since the start. */
  readonly total: number;
  /** Forecasts scored since the start. */
  readonly scored: number;
}

/**
 * Step size of an offset one step ahead, in units of the recent error. For longer steps it falls with the cube root of
 * the step: their errors come late and together, so a quick correction overshoots.
 */
const GAIN = 0.2;
/** Step size per excess miss among the last `DEBT_SAMPLES` or so; it falls with the square of that cube root. */
const DEBT_GAIN = 8e-4;
const DEBT_SAMPLES = 500;
/**
 * The unit is the mean error over about `SLOW` samples. If it followed each burst, the steps of bad times would
 * outweigh those of good times, and intervals would be too wide. Only when the errors over `FAST` samples exceed
 * `BURST` units do they set the unit, so that a stream that wakes up after a rest is followed at once.
 */
const SLOW = 500;
const FAST = 20;
const BURST = 4;

/** Numbers kept per step, before those of its levels: forecasts scored, slow and fast mean error. */
const STEP = 3;
/** Numbers kept per level of a step: offset, debt, and the count and recent share of truths below the quantile. */
const LEVEL = 4;

const checkOptions = object<CalibrationOptions>(
  {
    targets: whole(1, 4096),
    horizon: whole(1, 65_536),
    levels: list(number(1e-6, 1 - 1e-6), 0, 199),
    window: whole(1, 1_000_000_000),
  },
  ['window'],
);

/**
 * Keeps the quantiles of a live stream honest: a share `level` of the truths should fall below each quantile, in the
 * long run and soon after the stream has changed.
 *
 * For each target, step and level an offset is added to the quantile. When the truth comes, the offset moves up by
 * `level` * gain * unit if the truth lay above the quantile, and down by (1 - `level`) * gain * unit if below. This is
 * quantile tracking with an integral term (Angelopoulos, Candes and Tibshirani, 2023, "Conformal PID control for time
 * series prediction"). Adaptive conformal inference (Gibbs and Candes, 2021) moves a level instead, but would have to
 * keep and sort past scores. The truth is compared with the quantile as it was published, not as it would be now. So
 * all moves add up to the offset itself, and as long as that stays bounded the share of misses, each weighted with its
 * unit, converges to its level whatever the stream does. The integral term makes up for the misses while an offset was
 * on its way.
 */
export class Calibration implements Part {
  readonly size: number;
  readonly reportSize: number;
  readonly #targets: number;
  readonly #horizon: number;
  readonly #levels: readonly number[];
  readonly #window: number;
  readonly #lines: DelayLines;
  readonly #stepSize: number;
  /** Gain per step. */
  readonly #gain: Float64Array;
  readonly #debtGain: Float64Array;
  readonly #quantiles: Float64Array; // scratch: those of one step

  /** Throws `invalid-argument` for wrong options. */
  constructor(options: CalibrationOptions) {
    const { targets, horizon, levels, window = 1000 } = checkOptions(options, 'options');
    if (levels.some((level, i) => i > 0 && level <= levels[i - 1]!)) {
      throw misfit('ascending levels', 'options.levels', levels.join(', '));
    }
    this.reportSize = targets;
    this.#targets = targets;
    this.#horizon = horizon;
    this.#levels = levels;
    this.#window = window;
    this.#lines = new DelayLines(targets, horizon, 1 + levels.length); // the mean, then the quantiles
    this.#stepSize = STEP + LEVEL * levels.length;
    this.size = this.#lines.size + targets * horizon * this.#stepSize;
    this.#gain = Float64Array.from({ length: horizon }, (_, h) => GAIN / Math.cbrt(h + 1));
    this.#debtGain = Float64Array.from({ length: horizon }, (_, h) => DEBT_GAIN / Math.cbrt(h + 1) ** 2);
    this.#quantiles = new Float64Array(levels.length);
  }

  reset(row: Float64Array, at: number): void {
    this.#lines.reset(row, at);
  }

  before(step: Step): void {
    this.observe(step.row, step.at, step.truth());
  }

  after({ row, at, numbers }: Step): void {
    this.calibrate(row, at, numbers, 0);
  }

  report({ row, at, report, reportAt }: Step): void {
    const last = this.#levels.length - 1;
    for (let target = 0; target < this.#targets; target++) {
      report[reportAt + target] = this.coverage(row, at, 0, last, target)?.recent ?? Number.NaN;
    }
  }

  trust(report: readonly number[], at: number, trust: WritableTrust): void {
    trust.coverage = orUndefined(report, at, this.#targets);
  }

  /**
   * Takes the next sample: one truth per target, NaN if missing. Scores what was forecast for it and learns from that.
   */
  observe(row: Float64Array, at: number, truth: Float64Array): void {
    this.#lines.advance(row, at);
    for (let target = 0; target < this.#targets; target++) {
      const known = Number.isFinite(truth[target]);
      for (let step = 1; step <= this.#horizon; step++) {
        const entry = this.#lines.entry(row, at, target, step);
        if (known && !Number.isNaN(row[entry]))
          this.#score(row, entry, this.#step(at, target, step), step, truth[target]!);
        row[entry] = Number.NaN;
      }
    }
  }

  /**
   * Adjusts the quantiles of a forecast in place and keeps the result until its truth comes. `block`, from `offset` on,
   * holds the mean, then the quantiles of each level, all [targets * horizon]. Steps that were never scored stay as
   * they are.
   */
  calibrate(row: Float64Array, at: number, block: Float64Array, offset: number): void {
    const count = this.#targets * this.#horizon;
    const quantiles = this.#quantiles;
    for (let target = 0, i = offset; target < this.#targets; target++) {
      for (let step = 1; step <= this.#horizon; step++, i++) {
        const entry = this.#lines.entry(row, at, target, step);
        const levels = this.#step(at, target, step) + STEP;
        row[entry] = block[i]!;
        for (let l = 0; l < quantiles.length; l++) {
          // Kept as it was before the sort: a level that learned from another level's quantile would be driven away
          // from its own.
          quantiles[l] = row[entry + 1 + l] = finite(block[i + (1 + l) * count]! + row[levels + l * LEVEL]!);
        }
        sortInPlace(quantiles);
        for (let l = 0; l < quantiles.length; l++) block[i + (1 + l) * count] = quantiles[l]!;
      }
    }
  }

  /** How many forecasts of `target` were scored so far, `step` samples ahead (1 to horizon). */
  scored(row: Float64Array, at: number, target: number, step: number): number {
    return row[this.#step(at, target, step)]!;
  }

  /**
   * The share of truths that fell between two published quantiles, given by the indices of their levels: `step` samples
   * ahead (1 to horizon), or over all steps. Undefined if nothing has been scored.
   */
  coverage(
    row: Float64Array,
    at: number,
    lower: number,
    upper: number,
    target: number,
    step?: number,
  ): Coverage | undefined {
    let scored = 0;
    let inside = 0;
    let steps = 0;
    let recent = 0;
    for (let s = step ?? 1; s <= (step ?? this.#horizon); s++) {
      const base = this.#step(at, target, s);
      if (row[base] === 0) continue;
      const [low, high] = [base + STEP + lower * LEVEL, base + STEP + upper * LEVEL];
      scored += row[base]!;
      inside += row[high + 2]! - row[low + 2]!;
      steps++;
      recent += row[high + 3]! - row[low + 3]!;
    }
    return scored === 0 ? undefined : { recent: recent / steps, total: inside / scored, scored };
  }

  #score(row: Float64Array, entry: number, base: number, step: number, truth: number): void {
    const quantiles = this.#quantiles;
    const scored = ++row[base]!;
    const error = Math.min(Math.abs(truth - row[entry]!), Number.MAX_VALUE);
    const slow = (row[base + 1]! += (error - row[base + 1]!) * Math.max(1 / scored, 1 / SLOW));
    const fast = (row[base + 2]! += (error - row[base + 2]!) * Math.max(1 / scored, 1 / FAST));
    const unit = Math.max(slow, fast / BURST);
    const gain = Math.max(this.#gain[step - 1]!, 1 / (scored + 1)); // at first the offset is a running quantile
    for (let l = 0; l < quantiles.length; l++) {
      const at = base + STEP + l * LEVEL;
      quantiles[l] = row[entry + 1 + l]!;
      const excess = this.#levels[l]! - isBelow(truth, quantiles[l]!, this.#levels[l]!);
      const debt = (row[at + 1]! += excess - row[at + 1]! / DEBT_SAMPLES);
      row[at] = finite(row[at]! + unit * (gain * excess + this.#debtGain[step - 1]! * debt));
    }
    sortInPlace(quantiles);
    const rate = Math.max(1 / scored, 1 / this.#window);
    for (let l = 0; l < quantiles.length; l++) {
      const at = base + STEP + l * LEVEL;
      const below = isBelow(truth, quantiles[l]!, this.#levels[l]!);
      row[at + 2]! += below;
      row[at + 3]! += (below - row[at + 3]!) * rate;
    }
  }

  /** Index of the numbers kept for a step. */
  #step(at: number, target: number, step: number): number {
    return at + this.#lines.size + (target * this.#horizon + step - 1) * this.#stepSize;
  }
}

/** A truth equal to a quantile counts as inside: above a lower quantile, below an upper one. */
function isBelow(truth: number, quantile: number, level: number): number {
  return (level < 0.5 ? truth < quantile : truth <= quantile) ? 1 : 0;
}

function finite(value: number): number {
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}
