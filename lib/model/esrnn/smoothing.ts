/** Which rhythms are smoothed, how fast, and how much of a stream the network reads. */
export interface SmoothingForm {
  /** Samples of each season, ascending: none, one, or two, such as a day and a week. */
  readonly periods: readonly number[];
  /** What the level takes of an error, 0 to 1. */
  readonly level: number;
  /** What each season takes of an error, 0 to 1. */
  readonly season: number;
  /** Whether logarithms are smoothed, so that seasons multiply. */
  readonly log: boolean;
  /** How many of the last values the network reads. */
  readonly window: number;
  /** Of how many values one after another it reads the mean; divides `window`. */
  readonly block: number;
}

/** The spread goes back over so many cold starts. */
const MEMORY = 8;

/** Samples of a cold start without a season. */
const LEAST_START = 8;

/** What a phase of the longer season keeps of the first value in it; the rest is taken for noise. */
const KEPT = 0.5;

/** A number that the network reads is no further from 0. */
const FARTHEST = 10;

/** A spread is at least this share of the level, so that what is left of a constant series can be measured in it. */
const LEAST_SPREAD = 1e-6;
const TINY = 1e-300;

/** A value that has no logarithm counts as this share of the level. */
const NOTHING = Math.log(1 / 100);

/** The greatest logarithm of a forecast. */
const MOST_LOG = 700;

// the numbers of a target: these, then the seasons, one after another, and then the last values as a ring
const LEVEL = 0;
const SPREAD = 1;
const SEASONS = 2;

/**
 * Exponential smoothing of a target with additive seasons (Holt 1957, Winters 1960; two seasons: Taylor 2003), in the
 * form of error correction. With the error e = y - (level + seasons) of the forecast one sample ahead:
 *
 *     level  l = l + a e
 *     season s = s + g e, of each period, for this phase
 *
 * With `log`, y is the logarithm of the value: of one that is not positive, that of a hundredth of the level. What is
 * left is measured in spreads: the mean distance of values a season apart, as in the mean absolute scaled error.
 *
 * The first samples of a stream are its cold start. At its end the level is their mean, the shorter season how the mean
 * in each phase differs from it, and the longer season half of what is left. Until then, the level is the last value.
 *
 * All that is remembered of a target is numbers in a row, from index `at` on. Nothing is allocated for a sample.
 */
export class Smoothing {
  /** Samples of the cold start. */
  readonly start: number;
  /** How many numbers are remembered of a target. */
  readonly size: number;
  /** How many numbers the network reads of a target. */
  readonly width: number;
  readonly #form: SmoothingForm;
  /** The distance of the values whose mean difference is the spread [samples]. */
  readonly #lag: number;
  /** How many steps ahead the network reads the seasons. */
  readonly #ahead: number;
  readonly #ringAt: number;
  readonly #ring: number;

  constructor(form: SmoothingForm, horizon: number) {
    const { periods, window, block } = form;
    const longest = periods.at(-1) ?? 0;
    this.#form = form;
    this.#lag = periods[0] ?? 1;
    this.start = Math.max(LEAST_START, 2 * this.#lag, longest);
    this.#ring = Math.max(this.start, window);
    this.#ringAt = periods.reduce((sum, period) => sum + period, SEASONS);
    this.size = this.#ringAt + this.#ring;
    this.#ahead = Math.min(horizon, longest);
    this.width = window / block + this.#ahead + 1;
  }

  /** Takes the next value, after `samples` others. */
  take(row: Float64Array, at: number, samples: number, value: number): void {
    const y = this.smoothed(row, at, samples, value);
    const ring = at + this.#ringAt;
    if (samples >= this.start) {
      this.#correct(row, at, samples, y);
      this.#widen(row, at, samples, y - this.#past(row, ring, samples - this.#lag));
    } else {
      row[at + LEVEL] = y;
      if (samples > 0) {
        const change = Math.abs(y - this.#past(row, ring, samples - 1));
        row[at + SPREAD]! += (change - row[at + SPREAD]!) / samples;
      }
    }
    row[ring + (samples % this.#ring)] = y;
    if (samples + 1 === this.start) this.#begin(row, at);
  }

  /** Writes what the network reads after `samples` samples; all 0 in the cold start. */
  write(row: Float64Array, at: number, samples: number, out: Float32Array, to: number): void {
    out.fill(0, to, to + this.width);
    if (samples < this.start) return;
    const ring = at + this.#ringAt;
    const level = row[at + LEVEL]!;
    const spread = this.spread(row, at);
    const { window, block } = this.#form;
    for (let last = samples - 1; last > samples - 1 - window; last -= block) {
      let sum = 0;
      for (let n = Math.max(0, last - block + 1); n <= last; n++) {
        sum += this.#past(row, ring, n) - this.season(row, at, n) - level;
      }
      out[to++] = clamp(sum / (block * spread)); // what was before the first value counts as the level
    }
    for (let step = 0; step < this.#ahead; step++) out[to++] = clamp(this.season(row, at, samples + step) / spread) / 2;
    const share = this.#form.log ? spread : spread / (Math.abs(level) + spread);
    out[to] = clamp(1 + Math.log(share) / 3);
  }

  /** What a value is on the scale that is smoothed, after `samples` samples. */
  smoothed(row: Float64Array, at: number, samples: number, value: number): number {
    if (!this.#form.log) return value;
    if (value > 0) return Math.log(value);
    if (samples >= this.start) return row[at + LEVEL]! + NOTHING;
    return samples > 0 ? row[at + LEVEL]! : 0;
  }

  /** What a number on the scale that is smoothed is in the target's own unit. */
  own(y: number): number {
    return this.#form.log ? Math.exp(Math.min(y, MOST_LOG)) : y;
  }

  /** The level, on the scale that is smoothed. */
  level(row: Float64Array, at: number): number {
    return row[at + LEVEL]!;
  }

  /** The unit of what is left, on the scale that is smoothed. */
  spread(row: Float64Array, at: number): number {
    const least = this.#form.log ? LEAST_SPREAD : LEAST_SPREAD * Math.abs(row[at + LEVEL]!);
    return Math.max(row[at + SPREAD]!, least, TINY);
  }

  /** The spread in the target's own unit. */
  deviation(row: Float64Array, at: number): number {
    const spread = this.spread(row, at);
    return this.#form.log ? spread * this.own(row[at + LEVEL]!) : spread;
  }

  /** What the seasons add to the level for sample `n`, counted from 0; nothing in the cold start. */
  season(row: Float64Array, at: number, n: number): number {
    let sum = 0;
    let from = at + SEASONS;
    for (const period of this.#form.periods) {
      sum += row[from + (n % period)]!;
      from += period;
    }
    return sum;
  }

  /** What is left of a value after `samples` samples, in spreads. */
  rest(row: Float64Array, at: number, samples: number, value: number): number {
    const y = this.smoothed(row, at, samples, value);
    return (y - row[at + LEVEL]! - this.season(row, at, samples)) / this.spread(row, at);
  }

  /** Sample `n`, one of the last ones, on the scale that is smoothed. */
  #past(row: Float64Array, ring: number, n: number): number {
    return row[ring + (n % this.#ring)]!;
  }

  #correct(row: Float64Array, at: number, samples: number, y: number): void {
    const { level, season, periods } = this.#form;
    const error = y - (row[at + LEVEL]! + this.season(row, at, samples));
    row[at + LEVEL]! += level * error;
    let from = at + SEASONS;
    for (const period of periods) {
      row[from + (samples % period)]! += season * error;
      from += period;
    }
  }

  /** Takes the difference of sample `n` from the one a season before into the spread. */
  #widen(row: Float64Array, at: number, n: number, difference: number): void {
    const count = n - this.#lag + 1; // of differences so far
    const before = count === 1 ? 0 : row[at + SPREAD]!;
    row[at + SPREAD] = before + (Math.abs(difference) - before) / Math.min(count, MEMORY * this.start);
  }

  /** Makes the state of the values of the cold start. */
  #begin(row: Float64Array, at: number): void {
    const ring = at + this.#ringAt;
    let level = 0;
    for (let n = 0; n < this.start; n++) level += (this.#past(row, ring, n) - level) / (n + 1);
    row[at + LEVEL] = level;
    let from = at + SEASONS;
    for (const period of this.#form.periods) {
      const kept = from === at + SEASONS ? 1 : KEPT;
      for (let phase = 0; phase < period; phase++) {
        let [mean, count] = [0, 0];
        for (let n = phase; n < this.start; n += period) {
          const rest = this.#past(row, ring, n) - level - this.season(row, at, n); // this season is still 0
          mean += (rest - mean) / ++count;
        }
        row[from + phase] = kept * mean;
      }
      from += period;
    }
    for (let n = this.#lag; n < this.start; n++) {
      this.#widen(row, at, n, this.#past(row, ring, n) - this.#past(row, ring, n - this.#lag));
    }
  }
}

function clamp(value: number): number {
  return Math.min(Math.max(value, -FARTHEST), FARTHEST);
}
