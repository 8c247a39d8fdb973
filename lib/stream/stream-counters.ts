import { DUPLICATE, INVALID, LATE, UNBELIEVED } from '../online/skipped-counts.ts';
import { checkMetrics, type Counter, type StreamMetrics } from '../metrics/stream-metrics.ts';

export interface CountOptions {
  /** Metrics that count samples, forecasts and left-out samples; `measure` with the same metrics times them too. */
  metrics?: StreamMetrics;
}

export const countOptionChecks = { metrics: checkMetrics };

const counting = new WeakMap<object, StreamMetrics>();

/** Notes that an operator counts its samples and forecasts in these metrics, if given; returns the operator. */
export function countsIn<F extends object>(metrics: StreamMetrics | undefined, operator: F): F {
  if (metrics) counting.set(operator, metrics);
  return operator;
}

/** Whether an operator counts its samples and forecasts in these metrics. */
export function isCountedIn(metrics: StreamMetrics, operator: object): boolean {
  return counting.get(operator) === metrics;
}

/** The counters of what happens to the samples of streams, looked up once. */
export class StreamCounters {
  readonly samples: Counter;
  readonly forecasts: Counter;
  /** Left-out samples by reason, in the order of `SkippedCounts`. */
  readonly skipped: readonly Counter[];
  readonly corrections: Counter;
  readonly missing: Counter;
  readonly resets: Counter;
  readonly evictions: Counter;
  readonly restores: Counter;

  constructor(metrics: StreamMetrics) {
    this.samples = metrics.counter('samples');
    this.forecasts = metrics.counter('forecasts');
    const skipped: Counter[] = [];
    skipped[INVALID] = metrics.counter('skipped:invalid');
    skipped[DUPLICATE] = metrics.counter('skipped:duplicate');
    skipped[LATE] = metrics.counter('skipped:late');
    skipped[UNBELIEVED] = metrics.counter('skipped:unbelieved');
    this.skipped = skipped;
    this.corrections = metrics.counter('corrections');
    this.missing = metrics.counter('missing');
    this.resets = metrics.counter('resets');
    this.evictions = metrics.counter('evictions');
    this.restores = metrics.counter('restores');
  }
}
