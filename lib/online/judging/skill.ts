import { misfit } from '../../base/errors.ts';
import { list, number, oneOf, object, whole } from '../../base/schema.ts';
import { BASELINES, Baselines, type Naive } from './baselines.ts';
import { Calibration } from './calibration.ts';
import { DelayLines } from './delay-lines.ts';
import type { WritableTrust } from '../live-forecast.ts';
import { orUndefined, type Part } from '../part.ts';
import type { Step } from '../step.ts';

export interface SkillOptions {
  readonly targets: number;
  /** Steps that are forecast [samples]. */
  readonly horizon: number;
  /** Levels of the quantiles in a forecast: ascending, inside (0, 1). */
  readonly levels: readonly number[];
  /** The naive forecast, against which skill is measured and to which a target falls back; 'last' by default. */
  readonly naive?: Naive;
  /** Length of the season [samples]; 0, the default, for none. */
  readonly season?: number;
  /** Share of the newest value in the smoothed value; 0.3 by default. */
  readonly smoothing?: number;
  /** Samples over which errors are averaged, with exponential weights; 500 by default. */
  readonly window?: number;
  /**
   * How many samples must be scored with the skill below zero before a target falls back, and above zero before it
   * returns; 200 by default.
   */
  readonly patience?: number;
}

const checkOptions = object<SkillOptions>(
  {
    targets: whole(1, 4096),
    horizon: whole(1, 65_536),
    levels: list(number(1e-6, 1 - 1e-6), 0, 199),
    naive: oneOf(...BASELINES),
    season: whole(0, 1_000_000),
    smoothing: number(1e-6, 1),
    window: whole(1, 1_000_000_000),
    patience: whole(1, 1_000_000_000),
  },
  ['naive', 'season', 'smoothing', 'window', 'patience'],
);

/** The forecasts that are compared, in the order of an entry and of the errors. */
const FORECASTS = ['model', ...BASELINES] as const;

/**
 * Numbers kept per target: samples scored, samples in a row that speak against the present answer, whether it has
 * fallen back, and the errors.
 */
const TARGET = 3 + FORECASTS.length;

/**
 * Scores the model of a live stream against forecasts that need no model, and answers in its place when it is worse.
 *
 * Skill is measured against the one naive forecast that would answer, not against the best of all: which one is best
 * changes from sample to sample, and the smallest of several errors is too good to be a fair standard. With the
 * default, the last value, it is the skill that evaluation reports. While a target has fallen back, its model is still
 * scored, and it returns after being better for as long.
 */
export class Skill implements Part {
  readonly size: number;
  readonly reportSize: number;
  readonly #targets: number;
  readonly #horizon: number;
  readonly #naive: number; // its index in FORECASTS
  readonly #window: number;
  readonly #patience: number;
  readonly #baselines: Baselines;
  readonly #lines: DelayLines;
  /** Gives the naive forecast quantiles: those of its own errors at each step. */
  readonly #calibration: Calibration;
  readonly #block: Float64Array; // the naive forecast
  readonly #answers: boolean;
  readonly #errors = new Float64Array(FORECASTS.length); // of one sample

  /** `answers`: whether the naive forecast answers where it is better. Throws `invalid-argument`. */
  constructor(options: SkillOptions, answers = false) {
    const checked = checkOptions(options, 'options');
    const { targets, horizon, levels, season = 0, smoothing = 0.3 } = checked;
    if (checked.naive === 'seasonal' && season === 0) {
      throw misfit("a season for naive: 'seasonal'", 'options.season', season);
    }
    this.reportSize = 1 + targets;
    this.#answers = answers;
    this.#targets = targets;
    this.#horizon = horizon;
    this.#naive = FORECASTS.indexOf(checked.naive ?? 'last');
    this.#window = checked.window ?? 500;
    this.#patience = checked.patience ?? 200;
    this.#baselines = new Baselines(targets, season, smoothing);
    this.#lines = new DelayLines(targets, horizon, FORECASTS.length);
    this.#calibration = new Calibration({ targets, horizon, levels });
    this.#block = new Float64Array(targets * horizon * (1 + levels.length));
    this.size = targets * TARGET + this.#baselines.size + this.#lines.size + this.#calibration.size;
  }

  reset(row: Float64Array, at: number): void {
    this.#baselines.reset(row, this.#baselinesAt(at));
    this.#lines.reset(row, this.#linesAt(at));
    this.#calibration.reset(row, this.#calibrationAt(at));
  }

  before(step: Step): void {
    this.observe(step.row, step.at, step.truth());
  }

  after({ row, at, numbers, sound }: Step): void {
    this.#keep(row, at, numbers, 0);
    if (this.#answers) this.#replace(row, at, numbers, 0, !sound);
  }

  report({ row, at, report, reportAt, sound }: Step): void {
    let fallen = !sound;
    for (let target = 0; target < this.#targets; target++) {
      fallen ||= this.fallenBack(row, at, target);
      report[reportAt + 1 + target] = this.skill(row, at, target) ?? Number.NaN;
    }
    report[reportAt] = this.#answers && fallen ? 1 : 0;
  }

  trust(report: readonly number[], at: number, trust: WritableTrust): void {
    trust.source = report[at] === 1 ? 'naive' : 'model';
    trust.skill = orUndefined(report, at + 1, this.#targets);
  }

  /** Takes the next sample: one truth per target, NaN if missing. Scores what was forecast for it. */
  observe(row: Float64Array, at: number, truth: Float64Array): void {
    this.#lines.advance(row, this.#linesAt(at));
    for (let target = 0; target < this.#targets; target++) {
      if (this.#score(row, at, target, truth[target]!)) this.#decide(row, at, target);
    }
    this.#calibration.observe(row, this.#calibrationAt(at), truth);
    this.#baselines.observe(row, this.#baselinesAt(at), truth);
  }

  /**
   * Keeps the forecasts of the model and the baselines until their truth comes. For targets that have fallen back,
   * overwrites the model's forecast with the naive one. `block`, from `offset` on, holds the mean, then the quantiles
   * of each level, all [targets * horizon]. A step whose naive errors have never been seen keeps the model's forecast.
   * With `force` all targets get the naive forecast.
   */
  answer(row: Float64Array, at: number, block: Float64Array, offset: number, force = false): void {
    this.#keep(row, at, block, offset);
    this.#replace(row, at, block, offset, force);
  }

  /** True while the naive forecast answers in place of the model. */
  fallenBack(row: Float64Array, at: number, target: number): boolean {
    return row[at + target * TARGET + 2] === 1;
  }

  /** Recent mean absolute error over all steps, in the target's unit; undefined if nothing has been scored. */
  mae(row: Float64Array, at: number, target: number, of: 'model' | Naive): number | undefined {
    const base = at + target * TARGET;
    return row[base] === 0 ? undefined : row[base + 3 + FORECASTS.indexOf(of)]!;
  }

  /**
   * 1 - the model's recent error / the naive forecast's: above 0 if the model is better. Undefined if nothing has
   * been scored or the naive forecast made no error.
   */
  skill(row: Float64Array, at: number, target: number): number | undefined {
    const naive = this.mae(row, at, target, FORECASTS[this.#naive]!);
    return naive ? 1 - this.mae(row, at, target, 'model')! / naive : undefined;
  }

  /** Keeps what the model and the baselines say, and makes the naive forecast. */
  #keep(row: Float64Array, at: number, block: Float64Array, offset: number): void {
    const count = this.#targets * this.#horizon;
    const lines = this.#linesAt(at);
    const baselines = this.#baselinesAt(at);
    for (let target = 0, i = 0; target < this.#targets; target++) {
      for (let step = 1; step <= this.#horizon; step++, i++) {
        const entry = this.#lines.entry(row, lines, target, step);
        row[entry] = block[offset + i]!;
        this.#baselines.forecast(row, baselines, target, step, entry + 1);
        for (let k = i; k < this.#block.length; k += count) this.#block[k] = row[entry + this.#naive]!;
      }
    }
    this.#calibration.calibrate(row, this.#calibrationAt(at), this.#block, 0);
  }

  /** Puts the naive forecast that was just made in place of the model's. */
  #replace(row: Float64Array, at: number, block: Float64Array, offset: number, force: boolean): void {
    const count = this.#targets * this.#horizon;
    const calibration = this.#calibrationAt(at);
    for (let i = 0; i < count; i++) {
      const target = Math.floor(i / this.#horizon);
      if (!force && !this.fallenBack(row, at, target)) continue;
      if (this.#calibration.scored(row, calibration, target, (i % this.#horizon) + 1) === 0) continue;
      for (let k = i; k < this.#block.length; k += count) block[offset + k] = this.#block[k]!;
    }
  }

  /** Adds the errors of the forecasts of this sample, each averaged over the steps; false if there was no forecast. */
  #score(row: Float64Array, at: number, target: number, truth: number): boolean {
    const errors = this.#errors.fill(0);
    let steps = 0;
    for (let step = 1; step <= this.#horizon; step++) {
      const entry = this.#lines.entry(row, this.#linesAt(at), target, step);
      // Only steps that all have forecast: before its first value a target has no baselines.
      if (Number.isFinite(truth) && !Number.isNaN(row[entry]) && !Number.isNaN(row[entry + 1])) {
        steps++;
        for (let f = 0; f < errors.length; f++) {
          const error = Math.min(Math.abs(truth - row[entry + f]!), Number.MAX_VALUE);
          errors[f]! += (error - errors[f]!) / steps;
        }
      }
      row[entry] = Number.NaN;
    }
    if (steps === 0) return false;
    const base = at + target * TARGET;
    const scored = ++row[base]!;
    const rate = Math.max(1 / scored, 1 / this.#window);
    for (let f = 0; f < errors.length; f++) row[base + 3 + f]! += (errors[f]! - row[base + 3 + f]!) * rate;
    return true;
  }

  #decide(row: Float64Array, at: number, target: number): void {
    const base = at + target * TARGET;
    const skill = this.skill(row, at, target);
    if (skill === undefined) return;
    const against = this.fallenBack(row, at, target) ? skill > 0 : skill < 0;
    row[base + 1] = against ? row[base + 1]! + 1 : 0;
    if (row[base + 1]! < this.#patience) return;
    row[base + 1] = 0;
    row[base + 2] = 1 - row[base + 2]!;
  }

  #baselinesAt(at: number): number {
    return at + this.#targets * TARGET;
  }

  #linesAt(at: number): number {
    return this.#baselinesAt(at) + this.#baselines.size;
  }

  #calibrationAt(at: number): number {
    return this.#linesAt(at) + this.#lines.size;
  }
}
