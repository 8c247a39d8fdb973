/**
 * StreamMetrics for an OpenTelemetry meter.
 * @module gatecast/opentelemetry
 */
import type { Attributes, BatchObservableCallback, Meter, Observable } from '@opentelemetry/api';
import { misfit } from '../base/errors.ts';
import { StreamMetrics, type TimesSummary } from '../metrics/stream-metrics.ts';
import { isA, reading } from '../base/values.ts';

const QUANTILES: readonly [string, keyof TimesSummary][] = [
  ['0.5', 'p50'],
  ['0.9', 'p90'],
  ['0.99', 'p99'],
  ['0.999', 'p999'],
  ['1', 'max'],
];

/**
 * Exports metrics to OpenTelemetry. They are read only when it collects, so a sample costs nothing more.
 *
 * A counter is `gatecast.<name>`, with the attribute `reason` if it has one. A measured time is the gauge
 * `gatecast.<name>` [s], with the attribute `quantile`, '1' for the longest. It covers the times since the last
 * collection, so a meter should have one reader. The attributes `given` are added to all, to distinguish several
 * metrics. `meter` comes from your own `@opentelemetry/api`, which this package does not load. Returns a function that
 * ends the export.
 *
 * ```ts
 * import { metrics as api } from '@opentelemetry/api';
 *
 * const stop = exportMetrics(metrics, api.getMeter('pumps'), { site: 'north' });
 * ```
 *
 * Throws `invalid-argument` for a value that is not `StreamMetrics` or a meter.
 */
export function exportMetrics(metrics: StreamMetrics, meter: Meter, given: Attributes = {}): () => void {
  if (!isA(metrics, StreamMetrics)) {
    throw misfit('StreamMetrics', 'metrics', metrics);
  }
  if (!reading('meter', () => typeof meter?.addBatchObservableCallback === 'function')) {
    throw misfit('a Meter of @opentelemetry/api', 'meter', meter);
  }
  const attributes = reading('attributes', () => ({ ...given }));
  const reader = metrics.reader();
  const first = reader.read();
  const instruments = new Map<string, Observable>();
  const counters = Object.keys(first.counters).map((name) => {
    const [what, reason] = name.split(':') as [string, string?];
    const instrument = instruments.get(what) ?? meter.createObservableCounter(`gatecast.${what}`);
    instruments.set(what, instrument);
    return { name, instrument, own: reason === undefined ? attributes : { ...attributes, reason } };
  });
  const gauges = Object.keys(first.times).map((name) => {
    const instrument = meter.createObservableGauge(`gatecast.${name}`, { unit: 's' });
    instruments.set(name, instrument);
    return { name, instrument };
  });
  const observe: BatchObservableCallback = (result) => {
    const snapshot = reader.read();
    for (const { name, own, instrument } of counters) result.observe(instrument, snapshot.counters[name]!, own);
    for (const { name, instrument } of gauges) {
      const times = snapshot.times[name]!;
      if (times.count === 0) continue;
      for (const [quantile, key] of QUANTILES) {
        result.observe(instrument, times[key] / 1e9, { ...attributes, quantile });
      }
    }
  };
  meter.addBatchObservableCallback(observe, [...instruments.values()]);
  return () => {
    meter.removeBatchObservableCallback(observe, [...instruments.values()]);
    reader.close();
  };
}
