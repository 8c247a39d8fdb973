import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exportMetrics } from '../../lib/adapters/opentelemetry.ts';
import { StreamMetrics } from '../../lib/metrics/stream-metrics.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';

let exporter: InMemoryMetricExporter;
let provider: MeterProvider;
beforeEach(() => {
  exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e9 });
  provider = new MeterProvider({ readers: [reader] });
});
afterEach(() => provider.shutdown());

/** What one collection exports: name, attributes and value, with the kind and unit of each. */
async function collect(): Promise<string[]> {
  exporter.reset();
  await provider.forceFlush();
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  return metrics.flatMap(({ descriptor: { name, unit }, dataPoints }) =>
    dataPoints.map(
      ({ attributes, value }) => `${name}${unit && ` [${unit}]`} ${JSON.stringify(attributes)} ${value as number}`,
    ),
  );
}

test('exports counters by reason, and times since the last collection', async () => {
  const metrics = new StreamMetrics();
  const stop = exportMetrics(metrics, provider.getMeter('test'), { site: 'north' });
  metrics.counter('samples').add(5);
  metrics.counter('skipped:late').add(2);
  for (const ns of [100, 100, 120]) metrics.time('step').record(ns);
  const first = await collect();
  expect(first).toContain('gatecast.samples {"site":"north"} 5');
  expect(first).toContain('gatecast.skipped {"site":"north","reason":"late"} 2');
  expect(first).toContain('gatecast.skipped {"site":"north","reason":"invalid"} 0');
  expect(first.filter((line) => line.startsWith('gatecast.step [s]'))).toEqual([
    'gatecast.step [s] {"site":"north","quantile":"0.5"} 1e-7',
    'gatecast.step [s] {"site":"north","quantile":"0.9"} 1.2e-7',
    'gatecast.step [s] {"site":"north","quantile":"0.99"} 1.2e-7',
    'gatecast.step [s] {"site":"north","quantile":"0.999"} 1.2e-7',
    'gatecast.step [s] {"site":"north","quantile":"1"} 1.2e-7',
  ]);
  metrics.counter('samples').add();
  metrics.time('step').record(50);
  const second = await collect();
  expect(second).toContain('gatecast.samples {"site":"north"} 6');
  expect(second).toContain('gatecast.step [s] {"site":"north","quantile":"1"} 5e-8');
  stop();
  metrics.counter('samples').add(100);
  expect(await collect()).not.toContain('gatecast.samples {"site":"north"} 106');
});

test('two metrics on one meter are distinguished by their attributes', async () => {
  for (const [i, pump] of ['a', 'b'].entries()) {
    const metrics = new StreamMetrics();
    exportMetrics(metrics, provider.getMeter('test'), { pump });
    metrics.counter('samples').add(i + 1);
  }
  const lines = await collect();
  expect(lines).toContain('gatecast.samples {"pump":"a"} 1');
  expect(lines).toContain('gatecast.samples {"pump":"b"} 2');
});

test('refuses values that are not metrics or a meter', () => {
  for (const [name, make] of HOSTILE_VALUES) {
    if (name === 'a revoked proxy') continue;
    expect(() => exportMetrics(make() as never, provider.getMeter('test')), name).toThrow(/StreamMetrics|hostile/);
    if (name === 'a proxy whose traps throw') continue;
    expect(() => exportMetrics(new StreamMetrics(), make() as never), name).toThrow(
      gatecastError('invalid-argument', /Meter of @opentelemetry\/api/),
    );
  }
});
