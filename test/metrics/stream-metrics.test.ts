import { from, map, type Observable, of, type OperatorFunction, tap } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { measure } from '../../lib/stream/measure.ts';
import { type MetricsSnapshot, StreamMetrics } from '../../lib/metrics/stream-metrics.ts';
import type { Forecast } from '../../lib/model/forecast.ts';
import type { Skipped } from '../../lib/model/skipped.ts';
import type { Sample, TimedSample } from '../../lib/model/sample.ts';
import { memoryStore } from '../../lib/stores/memory-store.ts';
import { type ForecastOptions, forecast } from '../../lib/stream/forecast.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import { KeyedStreams } from '../../lib/stream/fleet/keyed-streams.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { runChild } from '../support/child.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';
import { makeModel } from '../support/models.ts';

describe('StreamMetrics', () => {
  test('counts since the start, and gives the times since the reading before', () => {
    const metrics = new StreamMetrics({ counters: ['pumped'], times: ['saving'] });
    const reader = metrics.reader();
    metrics.counter('samples').add();
    metrics.counter('pumped').add(3);
    for (const ns of [10, 20, 90]) metrics.time('saving').record(ns);
    const first = reader.read();
    expect(first.counters).toMatchObject({ samples: 1, forecasts: 0, 'skipped:invalid': 0, pumped: 3 });
    expect(first.times.saving).toEqual({ count: 3, mean: 40, p50: 20, p90: 90, p99: 90, p999: 90, max: 90 });
    expect(first.times.step).toMatchObject({ count: 0, p50: Number.NaN, max: 0 });
    metrics.counter('samples').add();
    metrics.time('saving').record(5);
    const second = reader.read();
    expect(second.counters).toMatchObject({ samples: 2, pumped: 3 });
    expect(second.times.saving).toMatchObject({ count: 1, max: 5 });
    expect(first.counters.samples).toBe(1); // a snapshot stays as it was
  });

  test('what one reader reads is not missing for another, and each starts when it is made', () => {
    const metrics = new StreamMetrics();
    const step = metrics.time('step');
    const longest = (reader: { read(): MetricsSnapshot }) => reader.read().times.step.max;
    const early = metrics.reader();
    step.record(100);
    const late = metrics.reader();
    step.record(7);
    expect([longest(late), longest(early)]).toEqual([7, 100]);
    step.record(3);
    expect(longest(early)).toBe(3);
    late.close();
    step.record(1);
    expect(longest(early)).toBe(1);
  });

  test('snapshots come until unsubscribed', () => {
    const metrics = new StreamMetrics();
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(({ hot, expectObservable }) => {
      const taken = hot('-a-a-aa-|').pipe(tap(() => metrics.counter('samples').add()));
      expectObservable(taken).toBe('-a-a-aa-|');
      const samples = metrics.snapshots('3ms').pipe(map(({ counters }) => counters.samples));
      expectObservable(samples, '----------!').toBe('---x--y--z', { x: 2, y: 4, z: 4 });
    });
  });

  test('recording allocates nothing', () => {
    // A young generation that takes all that an allocating call would use up: no collection can hide it.
    const flags = ['--expose-gc', '--max-semi-space-size=64', '--min-semi-space-size=64'];
    const { lines } = runChild('stream/children/count-heap.ts', flags);
    const bytes = JSON.parse(lines[0]!) as Record<string, number>;
    expect(bytes['a list']).toBeGreaterThanOrEqual(12); // it counts
    expect(bytes['a count']).toBeLessThan(0.5);
    expect(bytes['a time']).toBeLessThan(0.5);
  });

  test('refuses names that are not registered, and wrong options', () => {
    const metrics = new StreamMetrics();
    expect(() => metrics.counter('sampels')).toThrow(gatecastError('invalid-argument', /Did you mean "samples"/));
    expect(() => metrics.time('samples')).toThrow(gatecastError('invalid-argument', /registered time/));
    for (const [name, make] of HOSTILE_VALUES) {
      if (name === 'a revoked proxy') continue;
      expect(() => metrics.counter(make() as never), name).toThrow(gatecastError('invalid-argument'));
    }
    expect(() => new StreamMetrics({ counters: [1] } as never)).toThrow(gatecastError('invalid-argument', /counters/));
    for (const every of [0, '0s', '30d', 'soon']) {
      expect(() => metrics.snapshots(every)).toThrow(gatecastError('invalid-argument', /every/));
    }
  });
});

describe('measure', () => {
  /** Measures an operator that gives capitals and throws at n; returns samples, forecasts and times. */
  function marbles(source: string, subscription: string, expected: string, error?: unknown, unsubscribe?: string) {
    const metrics = new StreamMetrics();
    const reader = metrics.reader();
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(
      ({ hot, expectObservable, expectSubscriptions }) => {
        const samples = hot(source);
        const operator: OperatorFunction<string, string> = map((letter) => {
          if (letter === 'n') throw new Error('no sample');
          return letter.toUpperCase();
        });
        expectObservable(samples.pipe(measure(metrics, operator)), unsubscribe).toBe(expected, undefined, error);
        expectSubscriptions(samples.subscriptions).toBe(subscription);
      },
    );
    const { counters, times } = reader.read();
    return [counters.samples, counters.forecasts, times.step.count];
  }

  test('never', () => expect(marbles('---', '^--!', '---', undefined, '---!')).toEqual([0, 0, 0]));
  test('empty', () => expect(marbles('--|', '^-!', '--|')).toEqual([0, 0, 0]));
  test('one', () => expect(marbles('-a-|', '^--!', '-A-|')).toEqual([1, 1, 1]));
  test('many', () => expect(marbles('-a-b-c-|', '^------!', '-A-B-C-|')).toEqual([3, 3, 3]));
  test('error of the source', () => expect(marbles('-a-#', '^--!', '-A-#', 'error')).toEqual([1, 1, 1]));
  test('early unsubscribe', () => {
    expect(marbles('-a-b-c-|', '^--!', '-A--', undefined, '---!')).toEqual([1, 1, 1]);
  });
  test('the operator throws', () => {
    expect(marbles('-a-n-c-|', '^--!', '-A-#', new Error('no sample'))).toEqual([2, 1, 1]);
  });

  test('times the operator alone, by the clock', () => {
    const now = vi.spyOn(performance, 'now');
    let clock = 0;
    now.mockImplementation(() => clock);
    const metrics = new StreamMetrics();
    const reader = metrics.reader();
    const slow = tap(() => void (clock += 0.25));
    of(1, 2)
      .pipe(measure(metrics, slow))
      .subscribe(() => void (clock += 1000));
    now.mockRestore();
    expect(reader.read().times.step).toMatchObject({ count: 2, mean: 250_000, max: 250_000 });
  });

  test('two subscribers add to the same counts and give the same as without', () => {
    const model = makeModel();
    const metrics = new StreamMetrics();
    const samples: Sample[] = [
      [1, 2],
      [Number.NaN, 2],
      [3, 4],
    ];
    const runs = [1, 2].map(() => {
      const seen: Forecast[] = [];
      of(...samples)
        .pipe(measure(metrics, forecast(model)))
        .subscribe((f) => seen.push(f));
      return seen;
    });
    const plain: Forecast[] = [];
    of(...samples)
      .pipe(forecast(model))
      .subscribe((f) => plain.push(f));
    expect(runs).toEqual([plain, plain]);
    expect(metrics.counter('samples').value).toBe(6);
    expect(metrics.counter('forecasts').value).toBe(4);
  });

  test('refuses wrong arguments when called', () => {
    for (const [name, make] of HOSTILE_VALUES) {
      if (name === 'a revoked proxy') continue;
      expect(() => measure(make() as never, forecast(makeModel())), name).toThrow(/StreamMetrics|hostile/);
      if (typeof make() === 'function') continue;
      expect(() => measure(new StreamMetrics(), make() as never), name).toThrow(gatecastError('invalid-argument'));
    }
  });

  test('has types', () => {
    const metrics = new StreamMetrics();
    const measured = of(1).pipe(measure(metrics, forecast(makeModel())));
    expectTypeOf(measured).toEqualTypeOf<Observable<LiveForecast>>();
    expectTypeOf(metrics.snapshots(1000)).toEqualTypeOf<Observable<MetricsSnapshot>>();
    // @ts-expect-error text is no sample
    expect(() => of('1,2').pipe(measure(metrics, forecast(makeModel())))).not.toThrow();
  });
});

describe('what happens to samples', () => {
  const model = makeModel(); // a sample a second
  const at = (second: number, values = [10, 20]): Sample => ({ at: 1000 * second, values });

  /** The counters that are not 0 after a stream has taken these samples. */
  function countersOf(run: (metrics: StreamMetrics) => void): Record<string, number> {
    const metrics = new StreamMetrics();
    run(metrics);
    const { counters } = metrics.reader().read();
    return Object.fromEntries(Object.entries(counters).filter(([, count]) => count > 0));
  }
  const counted = (samples: Sample[], options: ForecastOptions) =>
    countersOf((metrics) => {
      from(samples)
        .pipe(forecast(model, { ...options, metrics }))
        .subscribe();
    });

  test('nothing else, if each makes a step', () => {
    expect(counted([at(1), at(2), at(3)], { gap: 'hold' })).toEqual({ samples: 3, forecasts: 3 });
  });

  test('invalid, doubled, late, not believed, and filled', () => {
    expect(counted([at(1), at(2, [Number.NaN, 1]), at(3)], {})).toEqual({
      samples: 3,
      forecasts: 2,
      'skipped:invalid': 1,
    });
    expect(counted([at(1), at(1), at(2), at(2)], { gap: 'hold' })).toMatchObject({
      samples: 4,
      'skipped:duplicate': 2,
    });
    expect(counted([at(1), at(5), at(3), at(6)], { gap: 'hold' })).toMatchObject({ 'skipped:late': 1, missing: 3 });
    expect(counted([at(1), at(5000), at(2)], { gap: 'hold' })).toMatchObject({ 'skipped:unbelieved': 1 });
  });

  test('as the forecasts themselves count them', () => {
    const samples = [at(1), at(1), at(2, [Number.NaN]), at(5), at(3), at(5000), at(6), at(6)];
    const skipped: Skipped[] = [];
    const counts = countersOf((metrics) => {
      from(samples)
        .pipe(forecast(model, { gap: 'hold', metrics }))
        .subscribe((f) => skipped.push(f.skipped));
    });
    expect(skipped.at(-1)).toEqual({ invalid: 1, duplicate: 1, late: 1, unbelieved: 1 });
    expect(skipped[0]).toEqual({ invalid: 0, duplicate: 0, late: 0, unbelieved: 0 });
    expect(counts).toMatchObject({
      'skipped:invalid': 1,
      'skipped:duplicate': 2, // the very last sample, which no forecast reports
      'skipped:late': 1,
      'skipped:unbelieved': 1,
    });
  });

  test('corrections, by late samples and by those that refine a step', () => {
    const late = [at(1), at(5), at(3), at(2), at(6)];
    expect(counted(late, { lateness: '10s' })).toEqual({ samples: 5, forecasts: 5, corrections: 2, missing: 3 });
    const dense = [at(1), at(1.1), at(2), at(2.1), at(1.9)];
    expect(counted(dense, { resample: true })).toMatchObject({ corrections: 3 });
  });

  test('resets, after a long silence', () => {
    const samples = [at(1), at(2), at(5000), at(5001), at(5002), at(5003)];
    expect(counted(samples, { resetAfter: '1m' })).toEqual({
      samples: 6,
      forecasts: 4,
      'skipped:unbelieved': 2,
      resets: 1,
    });
  });

  test('once, where they are timed as well', () => {
    const samples = [at(1), at(2, [Number.NaN]), at(3)];
    const keyed = samples.map((sample) => Object.assign({ id: 'a' }, sample as TimedSample));
    const measured: ((metrics: StreamMetrics) => void)[] = [
      (metrics) =>
        from(samples)
          .pipe(measure(metrics, forecast(model, { metrics })))
          .subscribe(),
      (metrics) =>
        from(samples)
          .pipe(measure(metrics, forecast(model)))
          .subscribe(),
      (metrics) => {
        const state = new StreamState(model, {}, metrics);
        from(samples)
          .pipe(measure(metrics, forecast(state)))
          .subscribe();
      },
      (metrics) =>
        from(keyed)
          .pipe(
            measure(
              metrics,
              forecastBy((s) => s.id, model, { metrics }),
            ),
          )
          .subscribe(),
      (metrics) => {
        const streams = new KeyedStreams<string>(model, { metrics });
        from(keyed)
          .pipe(forecastBy((s) => s.id, streams))
          .subscribe();
      },
    ];
    for (const run of measured) expect(countersOf(run)).toMatchObject({ samples: 3, forecasts: 2 });
  });

  test('of a StreamState, and not of its fork', () => {
    const counts = countersOf((metrics) => {
      const state = new StreamState(model, {}, metrics);
      state.step([Number.NaN, 1]);
      state.fork().step([Number.NaN, 1]);
      from([[Number.NaN, 2]])
        .pipe(forecast(state))
        .subscribe();
    });
    expect(counts).toEqual({ samples: 2, 'skipped:invalid': 2 });
  });

  test('of many streams, with those that are evicted and come back', () => {
    const counts = countersOf((metrics) => {
      const by = forecastBy((s: { id: string } & TimedSample) => s.id, model, {
        maxStreams: 2,
        store: memoryStore(),
        metrics,
      });
      of('a', 'b', 'c', 'a', 'a')
        .pipe(
          map((id, i) => ({ id, values: [10, i === 4 ? Number.NaN : 20] })),
          by,
        )
        .subscribe();
    });
    expect(counts).toEqual({ samples: 5, forecasts: 4, 'skipped:invalid': 1, evictions: 2, restores: 1 });
  });

  test('a stream that continues from its store is a restore', () => {
    const store = memoryStore();
    const counts = countersOf((metrics) => {
      for (let i = 0; i < 3; i++) {
        of([10, 20]).pipe(forecast(model, { store, metrics })).subscribe();
      }
    });
    expect(counts).toEqual({ samples: 3, forecasts: 3, restores: 2 });
  });

  test('is counted with the same forecasts as without', () => {
    const samples = [at(1), at(5), at(3), at(3), at(2), at(6), at(7, [Number.NaN, 1])];
    const seen = (options: ForecastOptions) => {
      const forecasts: LiveForecast[] = [];
      from(samples)
        .pipe(forecast(model, { lateness: '10s', ...options }))
        .subscribe((f) => forecasts.push(f));
      return forecasts;
    };
    expect(seen({ metrics: new StreamMetrics() })).toEqual(seen({}));
  });

  test('values that are not metrics are refused', () => {
    const message = gatecastError('invalid-argument', /StreamMetrics for .*metrics/);
    expect(() => forecast(model, { metrics: {} as never })).toThrow(message);
    expect(() => forecastBy((s: number) => s, model, { metrics: {} as never })).toThrow(message);
    expect(() => new StreamState(model, {}, {} as never)).toThrow(message);
  });
});
