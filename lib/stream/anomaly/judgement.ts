import type { Skipped } from '../../model/skipped.ts';
import type { AlertPhase } from '../../online/anomaly/alerts.ts';
import type { HealthFlag } from '../../online/sensors/health-flags.ts';

/** What is said of one sample, healthy or not. */
export interface Judgement {
  /**
   * 'correction': a late sample was put in its place, or refined the newest step, and the newest step was judged again.
   */
  readonly kind: 'judgement' | 'correction';
  /** Time of the sample [ms since the epoch], of the newest one in a correction; undefined when it carried none. */
  readonly at: number | undefined;
  /** False, and the score 0, until `warmup` samples have been learned from. */
  readonly ready: boolean;
  /** How rare the sample is on this stream: -log10 of the probability of a rarer one, divided by 10, at most 1. */
  readonly score: number;
  /** The score at which an alert opens, learned so that as many open as are welcome. */
  readonly threshold: number;
  /** Probability that the last ten samples are, together, further from what was expected than is usual; 0 to 1. */
  readonly likelihood: number;
  /** Name of the input, a target of the forecaster, that is most at fault: one that is stuck, else the rarest. */
  readonly input: string;
  /** 'opened' and 'closed' in one judgement each, 'open' between them. */
  readonly alert: AlertPhase;
  /** Whether an input, the one named, has been the very same number for oddly long, as that of a frozen sensor is. */
  readonly stuck: boolean;
  /** With `health`: what is wrong with which input. A reading that is left out for it is not judged. */
  readonly flags: Readonly<Record<string, readonly HealthFlag[]>>;
  /** Samples left out so far on this stream, by the reason. */
  readonly skipped: Skipped;
}
