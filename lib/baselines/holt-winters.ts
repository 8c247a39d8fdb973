import { misfit } from '../base/errors.ts';
import { list, number, object, whole } from '../base/schema.ts';
import type { Rule } from './rule.ts';

/** The parameters of Holt-Winters: each is a share of the newest error. */
export interface HoltWintersParameters {
  /** Samples of a season, 1 to 100,000; 1 (the default) for no season. */
  period?: number;
  /** What the level takes of an error, 0 to 1. */
  level: number;
  /** What the trend takes of an error, 0 to `level`; default 0. */
  trend?: number;
  /** What the season takes of an error, 0 to 1 - `level`; default 0. */
  season?: number;
  /** The share of the trend that stays at each step ahead, 0 to 1; default 1, a trend that never ends. */
  damping?: number;
  /**
   * The state before the first sample of a stream, for streams that begin in this phase of the season; default that of
   * the first season of each stream.
   */
  initial?: HoltWintersState;
}

/** What Holt-Winters remembers. */
export interface HoltWintersState {
  level: number;
  trend: number;
  /** What the season adds in each phase, that of the next sample first: [period]. */
  season: readonly number[];
}

const LARGEST = 1e300;
const any = number(-LARGEST, LARGEST);
const checkState = object<HoltWintersState>({ level: any, trend: any, season: list(any, 1, 100_000) });
const share = number(0, 1);
const checkParameters = object<HoltWintersParameters>(
  { period: whole(1, 100_000), level: share, trend: share, season: share, damping: share, initial: checkState },
  ['period', 'trend', 'season', 'damping', 'initial'],
);

// The numbers: these, then what the season adds in each phase, as a ring.
const COUNT = 0; // samples so far; of the first season as they come, then by phase
const LEVEL = 1;
const TREND = 2;
const SEASON = 3;

/**
 * The additive method of Holt and Winters, with a damped trend (Holt 1957, Winters 1960; Gardner and McKenzie 1985). In
 * the error-correction form of Hyndman and Athanasopoulos, "Forecasting: principles and practice", 2nd ed., ch. 7.5,
 * with the error e of the forecast one sample ahead:
 *
 *     level  l = l + damping b + level e
 *     trend  b = damping b + trend e
 *     season s = s + season e, for this phase
 *
 * The first season of a stream gives its first state: the level is its mean, and the season how its values differ from
 * it; the trend is 0. Until then, the last value is forecast. With `initial`, a stream begins with that state instead.
 */
export class HoltWinters implements Rule {
  readonly name: string;
  readonly weights: Float64Array;
  readonly size: number;
  readonly warmup: number;
  readonly parameters: Readonly<Required<Omit<HoltWintersParameters, 'initial'>>>;
  readonly #initial: HoltWintersState | undefined;

  /** Throws `invalid-argument` for parameters out of their ranges. */
  constructor(parameters: HoltWintersParameters) {
    const checked = checkParameters(parameters, 'the parameters');
    const { period = 1, level, trend = 0, season = 0, damping = 1, initial } = checked;
    if (trend > level) throw misfit(`a number from 0 to the level, ${level},`, 'the parameters.trend', trend);
    // a rounded sum of shares that are 1 together is no mistake
    if (season > 1 - level + 1e-9) throw misfit(`a number from 0 to ${1 - level}`, 'the parameters.season', season);
    if (initial && initial.season.length !== period) {
      throw misfit(`${period} numbers`, 'the parameters.initial.season', initial.season);
    }
    this.#initial = initial;
    this.parameters = Object.freeze({ period, level, trend, season, damping });
    this.name = period > 1 ? `holtWinters(${period})` : 'holtWinters';
    const begun = initial ? [initial.level, initial.trend, ...initial.season] : [];
    this.weights = Float64Array.of(period, level, trend, season, damping, ...begun);
    this.size = SEASON + period;
    this.warmup = Math.max(2, period);
  }

  reset(row: Float64Array, at: number): void {
    row.fill(0, at, at + this.size);
    row[at + LEVEL] = Number.NaN;
    if (!this.#initial) return;
    row.set([this.parameters.period, this.#initial.level, this.#initial.trend, ...this.#initial.season], at);
  }

  observe(row: Float64Array, at: number, value: number): void {
    const { period, level, trend, season, damping } = this.parameters;
    const count = row[at + COUNT]!;
    const phase = at + SEASON + (count % period);
    // counting on from the second season keeps the count a small number that tells the phase
    row[at + COUNT] = count + 1 < 2 * period ? count + 1 : period;
    if (count < period) {
      row[phase] = value;
      if (!Number.isNaN(value)) row[at + LEVEL] = value;
      if (count + 1 === period) this.#begin(row, at);
      return;
    }
    const [before, slope] = [row[at + LEVEL]!, damping * row[at + TREND]!];
    const begins = Number.isNaN(before);
    if (Number.isNaN(value)) {
      if (!begins) row[at + LEVEL] = before + slope;
      row[at + TREND] = slope;
      return;
    }
    if (begins) {
      row[at + LEVEL] = value;
      return;
    }
    const error = value - (before + slope + row[phase]!);
    row[at + LEVEL] = before + slope + level * error;
    row[at + TREND] = slope + trend * error;
    if (period > 1) row[phase]! += season * error;
  }

  forecast(row: Float64Array, at: number, step: number): number {
    const { period, damping } = this.parameters;
    const count = row[at + COUNT]!;
    if (count < period) return row[at + LEVEL]!;
    const one = damping === 1 || step === 1; // spares the power
    const steps = one ? damping * step : (damping * (1 - damping ** step)) / (1 - damping);
    return row[at + LEVEL]! + steps * row[at + TREND]! + row[at + SEASON + ((count + step - 1) % period)]!;
  }

  /** Makes the state of the values of the first season, where a missing one adds nothing. */
  #begin(row: Float64Array, at: number): void {
    let [mean, known] = [0, 0];
    for (let i = at + SEASON; i < at + this.size; i++) if (!Number.isNaN(row[i]!)) mean += (row[i]! - mean) / ++known;
    for (let i = at + SEASON; i < at + this.size; i++) row[i] = Number.isNaN(row[i]!) ? 0 : row[i]! - mean;
    if (known > 0) row[at + LEVEL] = mean;
  }
}
