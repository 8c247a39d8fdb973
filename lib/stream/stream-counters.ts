import { expected, GatecastError } from '../errors.ts';
import type { Check } from '../model/schema.ts';
import { DUPLICATE, INVALID, LATE, UNBELIEVED } from '../online/skipped-counts.ts';
import { type Counter, StreamMetrics } from './metrics.ts';
import { isA } from '../values.ts';

export interface CountOptions {
  /** Where it is counted what becomes of samples that make no ordinary step; `measure` counts and times the rest. */
  metrics?: StreamMetrics;
}

const aMetrics: Check<StreamMetrics> = (value, name) => {
  if (isA(value, StreamMetrics)) return value;
  throw new GatecastError('invalid-argument', expected('StreamMetrics', name, value));
};

export const countOptionChecks = { metrics: aMetrics };

/** The counters of what becomes of the samples of streams, at hand. */
export class StreamCounters {
  /** Of samples left out, by the reason, a place in `SkippedCounts`. */
  readonly skipped: readonly Counter[];
  readonly corrections: Counter;
  readonly missing: Counter;
  readonly resets: Counter;
  readonly evictions: Counter;
  readonly restores: Counter;

  constructor(metrics: StreamMetrics) {
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
