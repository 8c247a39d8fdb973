import type { Skipped } from '../../model/skipped.ts';
import type { AlertPhase } from '../../online/anomaly/alerts.ts';
import type { HealthFlag } from '../../online/sensors/health-flags.ts';

/** The judgement of one sample, normal or not. */
export interface Judgement {
  /**
   * 'correction' if a late sample was put in its place, or refined the newest step, and the newest step was judged
   * again.
   */
  readonly kind: 'judgement' | 'correction';
  /** Time of the sample, or of the newest sample for a correction [ms since the epoch]; undefined if it had none. */
  readonly at: number | undefined;
  /** False, with a score of 0, until `warmup` samples have been learned from. */
  readonly ready: boolean;
  /** How rare the sample is on this stream: -log10 of the probability of a rarer one, divided by 10, at most 1. */
  readonly score: number;
  /** The score at which an alert opens, learned so that as many open as `perDay` wants. */
  readonly threshold: number;
  /** Probability that the last ten samples together were further from the expectation than usual; 0 to 1. */
  readonly likelihood: number;
  /**
   * Name of the input, a target of the forecaster, that is the likely cause: a stuck one, else the one with the rarest
   * value.
   */
  readonly input: string;
  /** The phase of the alert: 'opened' and 'closed' in one judgement each, 'open' between them, else 'none'. */
  readonly alert: AlertPhase;
  /** True if the named input has had the same value unusually long, as a frozen sensor has. */
  readonly stuck: boolean;
  /** With `health`: the flags of each input with a fault. A reading that is left out for a flag is not judged. */
  readonly flags: Readonly<Record<string, readonly HealthFlag[]>>;
  /** Samples left out so far on this stream, by the reason. */
  readonly skipped: Skipped;
}
