import { type AlertPhase, Alerts } from './alerts.ts';
import { Likelihood } from './likelihood.ts';
import { Moments } from '../statistics/moments.ts';
import type { Part } from '../part.ts';
import { Stillness } from './stillness.ts';
import { Tail } from './tail.ts';
import { Threshold } from './threshold.ts';

/** Samples over which what is usual is learned. */
const MEMORY = 10_000;
/** Rarity at which the score is full: probability 1e-10, as in Ahmad et al. */
const FULL = 10 * Math.LN10;

export interface DetectorOptions {
  /** Values judged at each sample. */
  targets: number;
  /** Alerts wanted for each sample, on average. */
  rate: number;
  /** Samples below the threshold after which an alert closes, 1 or more. */
  hysteresis: number;
  /** Samples after that in which none opens. */
  refractory: number;
  /** Samples that are learned from before any is judged. */
  warmup: number;
  /** Readings of the same number after which a value may be stuck. */
  stuckAfter: number;
}

/** What is said of a sample. */
export interface Verdict {
  ready: boolean;
  score: number;
  threshold: number;
  likelihood: number;
  alert: AlertPhase;
  /** Whether a target has been the same number for oddly long. */
  stuck: boolean;
  /** Index of the target that is most at fault: one that is stuck, else the rarest. */
  target: number;
}

/**
 * Judges each sample by what was expected of it.
 *
 * The surprise of a value is minus the logarithm of its density, constants left out, in two views that are added. Under
 * the forecast: Student's t with 3 degrees of freedom, because forecast errors of sensors have heavy tails. Under the
 * mean and deviation of the last ten thousand samples: normal; this sees what came so slowly that each forecast
 * followed it. `Tail` says how rare such a surprise is on this stream; of several targets the rarest counts, and its
 * probability times their number (Bonferroni). A stuck value surprises neither view, so it raises an alert by itself.
 *
 * In the row: samples seen, likelihood, threshold, alerts; of each target moments, tail, stillness.
 */
export class AnomalyDetector implements Part {
  readonly size: number;
  readonly #options: Readonly<DetectorOptions>;
  readonly #likelihood = new Likelihood(MEMORY);
  readonly #threshold: Threshold;
  readonly #alerts: Alerts;
  readonly #levels = new Moments(MEMORY);
  readonly #tail = new Tail(MEMORY);
  readonly #stillness: Stillness;
  readonly #at: Readonly<Record<'likelihood' | 'threshold' | 'alerts' | 'levels' | 'tails' | 'still', number>>;

  constructor(options: DetectorOptions) {
    const { targets, rate, hysteresis, refractory, stuckAfter } = options;
    this.#options = { ...options };
    this.#threshold = new Threshold(rate);
    this.#alerts = new Alerts({ hysteresis, refractory });
    this.#stillness = new Stillness(stuckAfter);
    const threshold = 1 + this.#likelihood.size;
    const alerts = threshold + this.#threshold.size;
    const levels = alerts + this.#alerts.size;
    const tails = levels + targets * this.#levels.size;
    const still = tails + targets * this.#tail.size;
    this.#at = { likelihood: 1, threshold, alerts, levels, tails, still };
    this.size = still + targets * this.#stillness.size;
  }

  reset(row: Float64Array, at: number): void {
    this.#threshold.reset(row, at + this.#at.threshold);
    for (let k = 0; k < this.#options.targets; k++) this.#tail.reset(row, at + this.#at.tails + k * this.#tail.size);
  }

  /**
   * Judges `values`, of which those that are NaN say nothing, and which lie `distances` deviations from what was
   * expected, into `verdict`; then learns from them. In the first half of the warm-up it learns levels only, so that no
   * first guess at them enters the tails.
   */
  judge(row: Float64Array, at: number, values: Float64Array, distances: Float64Array, verdict: Verdict): void {
    row[at]!++;
    let worst = 0;
    verdict.target = 0;
    for (let k = 0; k < this.#options.targets; k++) {
      const rarity = this.#rarity(row, at, k, values[k]!, distances[k]!);
      if (rarity > worst) [worst, verdict.target] = [rarity, k];
    }
    const stuck = this.#findStuck(row, at, values);
    if (stuck !== undefined) verdict.target = stuck;
    const rarity = Math.max(0, worst - Math.log(this.#options.targets));
    const ready = row[at]! > this.#options.warmup;
    const threshold = this.#threshold.rarity(row, at + this.#at.threshold);
    verdict.ready = ready;
    verdict.score = ready ? Math.min(1, rarity / FULL) : 0;
    verdict.threshold = Math.min(1, threshold / FULL);
    verdict.stuck = ready && stuck !== undefined;
    verdict.alert = this.#alerts.take(row, at + this.#at.alerts, ready && (verdict.stuck || rarity >= threshold));
    if (!this.#knowsLevels(row, at)) return;
    const likelihood = this.#likelihood.take(row, at + this.#at.likelihood, rarity);
    verdict.likelihood = ready ? likelihood : 0;
    const opened = verdict.alert === 'opened' && rarity >= threshold; // a stuck value says nothing of rarities
    if (ready) this.#threshold.learn(row, at + this.#at.threshold, opened);
  }

  /** What there is to say where no sample is judged: the score is 0, and the alert is as it was. */
  pass(row: Float64Array, at: number, verdict: Verdict): void {
    verdict.ready = row[at]! > this.#options.warmup;
    verdict.score = 0;
    verdict.threshold = Math.min(1, this.#threshold.rarity(row, at + this.#at.threshold) / FULL);
    verdict.likelihood = 0;
    verdict.alert = this.#alerts.isOpen(row, at + this.#at.alerts) ? 'open' : 'none';
    verdict.stuck = false;
    verdict.target = 0;
  }

  /** Shows the detector of each target its value; returns the first target that is stuck. */
  #findStuck(row: Float64Array, at: number, values: Float64Array): number | undefined {
    let stuck: number | undefined;
    for (let k = 0; k < this.#options.targets; k++) {
      if (Number.isNaN(values[k])) continue;
      const still = at + this.#at.still + k * this.#stillness.size;
      if (this.#stillness.take(row, still, values[k]!)) stuck ??= k;
    }
    return stuck;
  }

  #knowsLevels(row: Float64Array, at: number): boolean {
    return row[at]! > this.#options.warmup / 2;
  }

  /** -ln of the probability of a more surprising value of one target. */
  #rarity(row: Float64Array, at: number, target: number, value: number, distance: number): number {
    if (Number.isNaN(value)) return 0;
    const levels = at + this.#at.levels + target * this.#levels.size;
    const tail = at + this.#at.tails + target * this.#tail.size;
    const level = this.#levels.standardise(row, levels, value);
    const surprise = level ** 2 / 2 + 2 * Math.log1p(distance ** 2 / 3);
    this.#levels.add(row, levels, this.#levels.lesson(row, levels, value));
    if (!this.#knowsLevels(row, at)) return 0;
    const rarity = this.#tail.rarity(row, tail, surprise);
    this.#tail.learn(row, tail, surprise);
    return rarity;
  }
}
