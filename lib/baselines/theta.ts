import { number, object, oneOf, whole } from '../base/schema.ts';
import type { Rule } from './rule.ts';

/** The parameters of the Theta method. */
export interface ThetaParameters {
  /** The share of the newest value in the level, 1e-4 to 1. */
  share: number;
  /** Samples of a season, 1 to 100,000; 1 (the default) for no season. */
  period?: number;
  /** Whether the season multiplies the level or is added to it; default 'additive'. */
  season?: 'additive' | 'multiplicative';
}

const checkParameters = object<ThetaParameters>(
  { share: number(1e-4, 1), period: whole(1, 100_000), season: oneOf('additive', 'multiplicative') },
  ['period', 'season'],
);

// The numbers: these, then a ring of the values that the centred mean needs, then the numbers of each phase.
const COUNT = 0; // samples so far
const NEWEST = 1; // index of the newest value in the ring
const LAST = 2; // the last value
const TIMES = 3; // the times of the known values, smoothed: the sum, as `LEVELS` of each phase
const NEUTRAL = 4; // the mean of the figures of all phases; NaN until each has one
const BASE = 5; // the forecast without season is BASE + step SLOPE
const SLOPE = 6;
const RING = 7;

// The numbers of a phase.
const KNOWN = 0; // known values
const TIME = 1; // their mean time
const MEAN = 2; // their mean
const TOGETHER = 3; // the sum of products of the deviations of times and values
const SPREAD = 4; // the sum of squared deviations of times
const LEVELS = 5; // their sum with the weights of exponential smoothing
const WEIGHT = 6; // the sum of these weights
const FIGURE = 7; // the mean of the values against the centred mean
const FIGURES = 8; // how many this mean is of
const PHASE = 9;

/**
 * The Theta method of Assimakopoulos and Nikolopoulos (2000), which won the M3 competition, with the seasons of the
 * benchmark of the M4 competition. The values without their season are written as half the sum of two lines: the
 * straight line through all of them (theta 0), continued, and the values with doubled distances from it (theta 2),
 * smoothed exponentially. The season is that of a classical decomposition: the mean of the values in each phase against
 * the centred mean over a period.
 *
 * Everything is a sum over the stream so far, so the forecast at each sample is that of the whole method on all samples
 * up to it, at a cost that does not grow: smoothing is linear, therefore it can be done before the line and the season
 * are known. Exponential smoothing begins with equal weights, as if the first level were fitted too. Until each phase
 * has been seen twice, there is no season.
 */
export class Theta implements Rule {
  readonly name: string;
  readonly weights: Float64Array;
  readonly size: number;
  readonly warmup: number;
  readonly parameters: Readonly<Required<ThetaParameters>>;
  readonly #window: number;

  /** Throws `invalid-argument` for parameters out of their ranges. */
  constructor(parameters: ThetaParameters) {
    const { share, period = 1, season = 'additive' } = checkParameters(parameters, 'the parameters');
    this.parameters = Object.freeze({ share, period, season });
    this.name = period > 1 ? `theta(${period})` : 'theta';
    this.weights = Float64Array.of(share, period, season === 'multiplicative' ? 1 : 0);
    this.#window = period % 2 === 0 ? period + 1 : period;
    this.size = RING + this.#window + PHASE * period;
    this.warmup = period > 1 ? 2 * period : 2;
  }

  reset(row: Float64Array, at: number): void {
    row.fill(0, at, at + this.size);
    row.fill(Number.NaN, at + RING, at + RING + this.#window);
    row[at + LAST] = Number.NaN;
    row[at + BASE] = Number.NaN;
    row[at + NEUTRAL] = Number.NaN;
  }

  observe(row: Float64Array, at: number, value: number): void {
    const time = row[at + COUNT]!++;
    const newest = row[at + NEWEST]! + 1 < this.#window ? row[at + NEWEST]! + 1 : 0;
    row[at + NEWEST] = newest;
    row[at + RING + newest] = value;
    if (!Number.isNaN(value)) this.#add(row, at, time, value);
    if (this.parameters.period > 1) this.#figure(row, at, time);
    if (!Number.isNaN(row[at + LAST]!)) this.#fit(row, at);
  }

  forecast(row: Float64Array, at: number, step: number): number {
    const base = row[at + BASE]! + step * row[at + SLOPE]!;
    if (Number.isNaN(row[at + NEUTRAL]!)) return base;
    const season = this.#season(row, at, (row[at + COUNT]! + step - 1) % this.parameters.period);
    return this.parameters.season === 'multiplicative' ? base * season : base + season;
  }

  /** The value of a sample `time` samples after the first, without the season that is known so far. */
  withoutSeason(row: Float64Array, at: number, time: number, value: number): number {
    if (Number.isNaN(row[at + NEUTRAL]!)) return value;
    const season = this.#season(row, at, time % this.parameters.period);
    return this.parameters.season === 'multiplicative' ? value / season : value - season;
  }

  /** The slope of the line through all values without their season, per sample. */
  slope(row: Float64Array, at: number): number {
    return 2 * row[at + SLOPE]!;
  }

  /** Adds a known value to the sums. */
  #add(row: Float64Array, at: number, time: number, value: number): void {
    const { share, period } = this.parameters;
    row[at + LAST] = value;
    row[at + TIMES] = (1 - share) * row[at + TIMES]! + share * time;
    for (let phase = 0; phase < period; phase++) {
      const from = this.#phase(at, phase);
      row[from + LEVELS]! *= 1 - share;
      row[from + WEIGHT]! *= 1 - share;
    }
    const from = this.#phase(at, time % period);
    row[from + LEVELS]! += share * value;
    row[from + WEIGHT]! += share;
    const known = ++row[from + KNOWN]!;
    const distance = time - row[from + TIME]!;
    row[from + TIME]! += distance / known;
    row[from + SPREAD]! += distance * (time - row[from + TIME]!);
    row[from + TOGETHER]! += distance * ((known - 1) / known) * (value - row[from + MEAN]!);
    row[from + MEAN]! += (value - row[from + MEAN]!) / known;
  }

  /** Adds the value in the middle of the ring to the figure of its phase, if all values around it are known. */
  #figure(row: Float64Array, at: number, time: number): void {
    const { period, season } = this.parameters;
    const window = this.#window;
    const half = Math.floor(period / 2);
    if (time < 2 * half) return;
    const newest = row[at + NEWEST]!;
    const value = (back: number) => row[at + RING + ((newest - back + window) % window)]!;
    // an even period has one value more than its length, of which the outermost two count half
    let sum = window > period ? (value(0) + value(window - 1)) / 2 : value(0) + (window > 1 ? value(window - 1) : 0);
    for (let back = 1; back < window - 1; back++) sum += value(back);
    const mean = sum / period;
    const figure = season === 'multiplicative' ? value(half) / mean : value(half) - mean;
    if (!Number.isFinite(figure)) return;
    const from = this.#phase(at, (time - half) % period);
    row[from + FIGURE]! += (figure - row[from + FIGURE]!) / ++row[from + FIGURES]!;
    let neutral = 0;
    for (let phase = 0; phase < period; phase++) {
      const of = this.#phase(at, phase);
      if (row[of + FIGURES] === 0) return;
      neutral += row[of + FIGURE]!;
    }
    row[at + NEUTRAL] = neutral / period;
  }

  /** What the season adds to the level in a phase, or multiplies it by; they are 0 or 1 in the mean. */
  #season(row: Float64Array, at: number, phase: number): number {
    const figure = row[this.#phase(at, phase) + FIGURE]!;
    if (this.parameters.season === 'additive') return figure - row[at + NEUTRAL]!;
    const season = figure / row[at + NEUTRAL]!;
    return season > 0 && Number.isFinite(season) ? season : 1; // values that are not positive have no such season
  }

  /** Fits the line to the values without their season, and smooths them. */
  #fit(row: Float64Array, at: number): void {
    const { period, season } = this.parameters;
    const multiplies = season === 'multiplicative' && !Number.isNaN(row[at + NEUTRAL]!);
    const adds = season === 'additive' && !Number.isNaN(row[at + NEUTRAL]!);
    const factor = (phase: number) => (multiplies ? 1 / this.#season(row, at, phase) : 1);
    const offset = (phase: number) => (adds ? this.#season(row, at, phase) : 0);
    let [known, time, mean, levels, weight] = [0, 0, 0, 0, 0];
    for (let phase = 0; phase < period; phase++) {
      const from = this.#phase(at, phase);
      const count = row[from + KNOWN]!;
      if (count === 0) continue;
      known += count;
      const value = row[from + MEAN]! * factor(phase) - offset(phase);
      time += (row[from + TIME]! - time) * (count / known);
      mean += (value - mean) * (count / known);
      levels += row[from + LEVELS]! * factor(phase) - row[from + WEIGHT]! * offset(phase);
      weight += row[from + WEIGHT]!;
    }
    let [together, spread] = [0, 0];
    for (let phase = 0; phase < period; phase++) {
      const from = this.#phase(at, phase);
      const count = row[from + KNOWN]!;
      if (count === 0) continue;
      const value = row[from + MEAN]! * factor(phase) - offset(phase);
      const away = row[from + TIME]! - time;
      together += row[from + TOGETHER]! * factor(phase) + count * away * (value - mean);
      spread += row[from + SPREAD]! + count * away * away;
    }
    const slope = spread > 0 ? together / spread / 2 : 0;
    // half of line 0 and half of smoothed line 2: the intercept of the line cancels out (Hyndman and Billah 2003)
    row[at + SLOPE] = slope;
    row[at + BASE] = levels / weight + slope * (row[at + COUNT]! - 1 - row[at + TIMES]! / weight);
  }

  #phase(at: number, phase: number): number {
    return at + RING + this.#window + PHASE * phase;
  }
}
