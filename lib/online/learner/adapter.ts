import { number, object, whole } from '../../base/schema.ts';
import { clamp } from '../statistics/clamp.ts';
import { Contest } from '../judging/contest.ts';
import type { WritableTrust } from '../live-forecast.ts';
import type { Part } from '../part.ts';
import type { Step } from '../step.ts';
import { Rls } from './rls.ts';

export interface AdaptOptions {
  /** How many samples are remembered, with exponential weights; 1000 by default. */
  readonly window?: number;
  /** Weight of "there is nothing to correct" against the data, in squared units of the hidden vector; 10 by default. */
  readonly ridge?: number;
  /** How many samples in a row the correction must have been better before it is used; 200 by default. */
  readonly patience?: number;
}

/** The forecaster whose forecasts are corrected. */
export interface AdapterShape {
  /** Length of the hidden vectors of the last layer, of all streams of the network. */
  readonly units: number;
  /** Standard deviation of each target, in its own unit, until a step gives those of its stream. */
  readonly deviations: readonly number[];
  /** Steps that are forecast [samples]. */
  readonly horizon: number;
}

const checkOptions = object<AdaptOptions>(
  { window: number(2, 1e9), ridge: number(1e-6, 1e9), patience: whole(1, 1_000_000_000) },
  ['window', 'ridge', 'patience'],
);

/** An error larger than this many usual errors teaches no more than one of that size. */
const MOST_TAUGHT = 3;
/** The largest correction, in deviations. */
const LARGEST = 3;

/**
 * Corrects the forecasts of a frozen network by a linear read-out of its last layer, learned while the stream runs.
 *
 * There are two sets of weights, as in the two-path echo canceller (Ochiai, Araseki and Ogihara, 1977, "Echo canceler
 * with two echo path models"). The challenger always learns, by recursive least squares: from the hidden vector at the
 * time of a forecast it learns the forecast's error at each step, once the truth of the last step has come. The
 * promoted weights may answer, and do not learn. For each target a `Contest` of both and the frozen forecast, judged by
 * their errors before learning, decides which one answers, when the challenger is promoted, and when a challenger that
 * has gone astray is reset to the one that answers. So what a disturbance teaches is not used unless the disturbance
 * lasts.
 *
 * A disturbance also teaches little: no error counts as more than a few usual errors (Huber, 1964, "Robust estimation
 * of a location parameter"), and corrections are bounded.
 *
 * In the row: the place of the newest forecast; the contests; the challenger; the promoted weights [targets * horizon]
 * [features]; then for each of the last `horizon` forecasts its features (the hidden vector and 1), the frozen
 * forecast, which is replaced by its error in deviations when the truth comes, and both corrections in deviations. NaN
 * stands for a forecast that was not made or an error that is not known.
 */
export class Adapter implements Part {
  readonly size: number;
  readonly reportSize = 1;
  readonly #deviations: Float64Array;
  readonly #horizon: number;
  readonly #features: number;
  readonly #outputs: number;
  readonly #contest: Contest;
  readonly #rls: Rls;
  /** Offsets in the row. */
  readonly #at: { contests: number; challenger: number; promoted: number; forecasts: number };
  /** Offsets, within a kept forecast, of the numbers after its features. */
  readonly #in: { frozen: number; promoted: number; challenger: number };
  readonly #kept: number; // numbers kept per forecast
  readonly #x: Float64Array;
  readonly #correction: Float64Array;
  readonly #lesson: Float64Array;

  /** Throws `invalid-argument` for wrong options. */
  constructor(shape: AdapterShape, options: AdaptOptions = {}) {
    const { window = 1000, ridge = 10, patience = 200 } = checkOptions(options, 'options.adapt');
    const { units, deviations, horizon } = shape;
    const features = units + 1;
    const outputs = deviations.length * horizon;
    this.#deviations = Float64Array.from(deviations);
    this.#horizon = horizon;
    this.#features = features;
    this.#outputs = outputs;
    this.#contest = new Contest(patience);
    this.#rls = new Rls({ features, outputs, forgetting: 1 - 1 / window, ridge });
    const challenger = 1 + deviations.length * this.#contest.size;
    const promoted = challenger + this.#rls.size;
    const forecasts = promoted + outputs * features;
    this.#at = { contests: 1, challenger, promoted, forecasts };
    this.#in = { frozen: features, promoted: features + outputs, challenger: features + 2 * outputs };
    this.#kept = features + 3 * outputs;
    this.size = forecasts + horizon * this.#kept;
    this.#x = new Float64Array(features);
    this.#correction = new Float64Array(outputs);
    this.#lesson = new Float64Array(outputs);
  }

  reset(row: Float64Array, at: number): void {
    this.#rls.reset(row, at + this.#at.challenger);
    for (let age = 1; age <= this.#horizon; age++) {
      const frozen = this.#forecast(row, at, age) + this.#in.frozen;
      row.fill(Number.NaN, frozen, frozen + this.#outputs);
    }
  }

  before(step: Step): void {
    this.#deviations.set(step.deviations());
    this.observe(step.row, step.at, step.truth());
  }

  after(step: Step): void {
    this.#deviations.set(step.deviations());
    this.correct(step.row, step.at, step.vectors().last, step.numbers);
  }

  report({ row, at, report, reportAt }: Step): void {
    let adapted = false;
    for (let target = 0; target < this.#deviations.length; target++) adapted ||= this.adapted(row, at, target);
    report[reportAt] = adapted ? 1 : 0;
  }

  trust(report: readonly number[], at: number, trust: WritableTrust): void {
    trust.adapted = report[at] === 1;
  }

  /** True while forecasts of this target are corrected. */
  adapted(row: Float64Array, at: number, target: number): boolean {
    return this.#contest.answers(row, this.#contestAt(at, target));
  }

  /** Takes the next sample: one truth per target, NaN if missing. Scores what was forecast for it, and learns. */
  observe(row: Float64Array, at: number, truth: Float64Array): void {
    for (let target = 0; target < this.#deviations.length; target++) this.#score(row, at, target, truth[target]!);
    this.#learn(row, at);
  }

  /**
   * Corrects a forecast in place and keeps it until its truth comes; call it once after each `observe`. `h` is the last
   * layer's hidden vector; `block` holds the mean, then the quantiles of each level, all [targets * horizon]. If `h` is
   * not finite the forecast stays as it is and teaches nothing.
   */
  correct(row: Float64Array, at: number, h: Float32Array, block: Float64Array): void {
    row[at] = (row[at]! + 1) % this.#horizon;
    const kept = this.#forecast(row, at, 1);
    const sound = h.every(Number.isFinite);
    const x = this.#x;
    for (let i = 0; i < h.length; i++) x[i] = sound ? h[i]! : 0;
    x[h.length] = 1;
    row.set(x, kept);
    this.#rls.predict(row, at + this.#at.challenger, x, this.#correction);
    for (let target = 0, o = 0; target < this.#deviations.length; target++) {
      const adapted = sound && this.adapted(row, at, target);
      for (let step = 1; step <= this.#horizon; step++, o++) {
        const correction = clamp(this.#promised(row, at, o), LARGEST);
        row[kept + this.#in.frozen + o] = sound ? block[o]! : Number.NaN;
        row[kept + this.#in.promoted + o] = correction;
        row[kept + this.#in.challenger + o] = clamp(this.#correction[o]!, LARGEST);
        if (!adapted) continue;
        for (let k = o; k < block.length; k += this.#outputs) block[k]! += correction * this.#deviations[target]!;
      }
    }
  }

  /** Turns the forecasts of this sample into errors, and acts on the outcome of the contest. */
  #score(row: Float64Array, at: number, target: number, truth: number): void {
    let steps = 0;
    let frozen = 0;
    let promoted = 0;
    let challenger = 0;
    for (let step = 1; step <= this.#horizon; step++) {
      const said = this.#forecast(row, at, step) + target * this.#horizon + step - 1;
      const error = (truth - row[said + this.#in.frozen]!) / this.#deviations[target]!;
      row[said + this.#in.frozen] = Number.isFinite(error) ? error : Number.NaN;
      if (!Number.isFinite(error)) continue;
      steps++;
      frozen += Math.abs(error);
      promoted += Math.abs(error - row[said + this.#in.promoted]!);
      challenger += Math.abs(error - row[said + this.#in.challenger]!);
    }
    if (steps === 0) return;
    const contest = this.#contestAt(at, target);
    const verdict = this.#contest.score(row, contest, frozen / steps, promoted / steps, challenger / steps);
    const weights = this.#horizon * this.#features;
    const tried = at + this.#at.challenger + target * weights;
    const trusted = at + this.#at.promoted + target * weights;
    if (verdict === 'promote') row.copyWithin(trusted, tried, tried + weights);
    if (verdict === 'discard') {
      if (this.adapted(row, at, target)) row.copyWithin(tried, trusted, trusted + weights);
      else row.fill(0, tried, tried + weights);
    }
  }

  /** Learns from the forecast whose last truth has just come. */
  #learn(row: Float64Array, at: number): void {
    const kept = this.#forecast(row, at, this.#horizon);
    const challenger = at + this.#at.challenger;
    for (let i = 0; i < this.#features; i++) this.#x[i] = row[kept + i]!;
    this.#rls.predict(row, challenger, this.#x, this.#correction);
    for (let target = 0, o = 0; target < this.#deviations.length; target++) {
      const most = MOST_TAUGHT * this.#usual(row, at, target);
      for (let step = 1; step <= this.#horizon; step++, o++) {
        const expected = this.#correction[o]!;
        this.#lesson[o] = expected + clamp(row[kept + this.#in.frozen + o]! - expected, most);
      }
    }
    this.#rls.update(row, challenger, this.#x, this.#lesson);
  }

  /** The promoted correction of an output for the present features. */
  #promised(row: Float64Array, at: number, output: number): number {
    const weights = at + this.#at.promoted + output * this.#features;
    let sum = 0;
    for (let i = 0; i < this.#features; i++) sum += row[weights + i]! * this.#x[i]!;
    return sum;
  }

  #usual(row: Float64Array, at: number, target: number): number {
    return this.#contest.usual(row, this.#contestAt(at, target));
  }

  /** Offset of a kept forecast that is `age` samples old when a sample comes, from 1 to `horizon`. */
  #forecast(row: Float64Array, at: number, age: number): number {
    const place = (row[at]! - age + 1 + this.#horizon) % this.#horizon;
    return at + this.#at.forecasts + place * this.#kept;
  }

  #contestAt(at: number, target: number): number {
    return at + this.#at.contests + target * this.#contest.size;
  }
}
