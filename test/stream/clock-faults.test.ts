import fc from 'fast-check';
import { from, type OperatorFunction, Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Sample, TimedSample } from '../../lib/model/sample.ts';
import type { Skipped } from '../../lib/model/skipped.ts';
import { OnlineForecaster } from '../../lib/online/learner/online-forecaster.ts';
import { memoryStore } from '../../lib/stores/memory-store.ts';
import { anomalies } from '../../lib/stream/anomaly/anomalies.ts';
import { forecast, type ForecastOptions } from '../../lib/stream/forecast.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import { LiveModel } from '../../lib/stream/swap/live-model.ts';
import { StreamMetrics } from '../../lib/metrics/stream-metrics.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { makeModel } from '../support/models.ts';
import { clockFaults, stampsOf } from './random-clock.ts';

const START = Date.UTC(2024, 0, 1);
const INTERVAL = 1000;
/** Samples at the end that are all to be heard. */
const HEARD = 10;
const model = makeModel();
const timeless = makeModel({ interval: null });
const online = () => new OnlineForecaster({ inputs: ['pressure', 'temperature'], hidden: 4, seed: 1 });

/** Which samples were answered, and what was last said of those left out. */
interface Outcome {
  readonly answered: readonly boolean[];
  readonly skipped: Skipped | undefined;
}

type Answering = OperatorFunction<Sample, { readonly skipped: Skipped }>;

function samplesAt(stamps: readonly number[]): TimedSample[] {
  return stamps.map((at, i) => ({ at, arrivedAt: i, values: [10 + Math.sin(i) / 3, 20 + Math.cos(i / 5)] }));
}

/** By an operator that answers within `next()`. */
function through(operator: Answering, samples: readonly TimedSample[]): Outcome {
  const source = new Subject<Sample>();
  let skipped: Skipped | undefined;
  let answers = 0;
  source.pipe(operator).subscribe((one) => {
    skipped = one.skipped;
    answers++;
  });
  const answered = samples.map((sample) => {
    const before = answers;
    source.next(sample);
    return answers > before;
  });
  source.complete();
  return { answered, skipped };
}

function stepped(step: (sample: TimedSample) => { readonly skipped: Skipped } | undefined, samples: TimedSample[]) {
  let skipped: Skipped | undefined;
  const answered = samples.map((sample) => {
    const one = step(sample);
    if (one) skipped = one.skipped;
    return one !== undefined;
  });
  return { answered, skipped };
}

const total = ({ invalid, duplicate, late, unbelieved }: Skipped) => invalid + duplicate + late + unbelieved;

/**
 * Checks that the last `after` samples, whose clock was right, were heard again after `limit`, and all that was lost is
 * counted.
 */
function expectHeard({ answered, skipped }: Outcome, after: number, limit: number): void {
  expect(answered.slice(-HEARD)).toEqual(Array(HEARD).fill(true));
  expect(answered.slice(-after).filter((heard) => !heard).length).toBeLessThanOrEqual(limit);
  expect(total(skipped!)).toBe(answered.filter((heard) => !heard).length);
  expect(Object.values(skipped!).every((count) => count >= 0)).toBe(true);
}

interface Case {
  readonly name: string;
  /** Both in intervals. */
  readonly resetAfter: number;
  readonly lateness: number;
  readonly run: (samples: TimedSample[]) => Outcome;
}

const by = (name: string, resetAfter: number, lateness: number, run: Case['run']): Case => ({
  name,
  resetAfter,
  lateness,
  run,
});

/** `forecast`, whose forecasts have to agree with its metrics. */
const forecasting =
  (options: ForecastOptions, of = model) =>
  (samples: TimedSample[]) => {
    const metrics = new StreamMetrics();
    const outcome = through(forecast(of, { ...options, metrics }), samples);
    const { counters } = metrics.reader().read();
    const { invalid, duplicate, late, unbelieved } = outcome.skipped!;
    expect([invalid, duplicate, late, unbelieved]).toEqual(
      ['invalid', 'duplicate', 'late', 'unbelieved'].map((reason) => counters[`skipped:${reason}`]),
    );
    return outcome;
  };

const cases: Case[] = [
  by('forecast with gap', 5, 0, forecasting({ gap: 'hold' })),
  by('forecast with resetAfter', 60, 0, forecasting({ resetAfter: '60s' })),
  by('forecast with a long resetAfter', 300, 0, forecasting({ resetAfter: '300s' })),
  by('forecast with lateness', 30, 12, forecasting({ lateness: '12s', resetAfter: '30s' })),
  by('forecast with more lateness than resetAfter', 20, 40, forecasting({ lateness: '40s', resetAfter: '20s' })),
  by('forecast with resample', 30, 0, forecasting({ resample: true, resetAfter: '30s', history: 3 })),
  by('forecast without an interval', 40, 0, forecasting({ resetAfter: '40s' }, timeless)),
  by('forecast that never resets', 100, 0, forecasting({ gap: 'hold' }, timeless)),
  by('a StreamState', 30, 0, (samples) => {
    const state = new StreamState(model, { resetAfter: '30s' });
    const { answered } = stepped((sample) => state.step(sample), samples);
    return { answered, skipped: state.skipped };
  }),
  by('a StreamState that is put back in the middle of it', 30, 3, (samples) => {
    let state = new StreamState(model, { resetAfter: '30s', lateness: '3s' });
    return stepped((sample) => {
      const later = new StreamState(model, { resetAfter: '30s', lateness: '3s' });
      later.restore(state.snapshot());
      state.dispose();
      state = later;
      return state.step(sample);
    }, samples);
  }),
  by('a LiveModel', 30, 0, (samples) => {
    const live = new LiveModel(model, { resetAfter: '30s', recent: 1 });
    return stepped((sample) => live.step(sample), samples);
  }),
  by('a store written while the clock was wrong', 30, 0, (samples) => {
    const store = memoryStore();
    const parts = [1, 3, 4].map((quarter) => Math.floor((quarter * samples.length) / 4));
    const outcomes = parts.map((to, i) =>
      through(forecast(model, { resetAfter: '30s', store }), samples.slice(parts[i - 1] ?? 0, to)),
    );
    return { answered: outcomes.flatMap(({ answered }) => answered), skipped: outcomes.at(-1)!.skipped };
  }),
  by('forecastBy, and another key never notices', 30, 0, (samples) => {
    const own = { answered: samples.map(() => false), skipped: undefined as Skipped | undefined };
    const other = samplesAt(samples.map((_, i) => START + i * INTERVAL));
    let others = 0;
    from(samples.flatMap((one, i) => [Object.assign({ key: 'a' }, one), Object.assign({ key: 'b' }, other[i]!)]))
      .pipe(forecastBy((sample) => sample.key, model, { resetAfter: '30s' }))
      .subscribe((f) => {
        if (f.key === 'b') {
          others++;
          return;
        }
        own.answered[f.arrivedAt!] = others === f.arrivedAt!; // each of the other key was answered so far
        own.skipped = f.skipped;
      });
    return own;
  }),
  by('anomalies of a trained model', 30, 0, (samples) =>
    through(anomalies(model, { resetAfter: '30s', warmup: 20 }), samples),
  ),
  by('anomalies of one that learns online', 40, 0, (samples) =>
    through(anomalies(online(), { interval: '1s', gap: 'hold', resetAfter: '40s', warmup: 20 }), samples),
  ),
];

describe('whatever its clock did, a stream that is regular again is heard again, and all that was lost is counted', () => {
  test.each(cases)('$name', ({ resetAfter, lateness, run }) => {
    const limit = Math.min(resetAfter, 100);
    const after = limit + lateness + HEARD;
    fc.assert(
      fc.property(clockFaults(INTERVAL, resetAfter, lateness), (faults) => {
        expectHeard(run(samplesAt(stampsOf(faults, START, INTERVAL, after))), after, limit);
      }),
      { numRuns: 25 },
    );
  });
});

describe('three false stamps in 1,103', () => {
  const minute = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i * INTERVAL);
  const around = (by: number) => [
    ...minute(START, 100),
    ...minute(START + by, 3),
    ...minute(START + 103 * INTERVAL, 1000),
  ];

  test.each([
    ['12 years ahead', 12 * 365 * 86_400_000],
    ['a day ahead', 86_400_000],
    ['four minutes ahead, less than resetAfter', 240_000],
    ['ten samples ahead', 10_000],
    ['a day back', -86_400_000],
    ['a minute back', -60_000],
    ['54 years back', -54 * 365 * 86_400_000],
  ])('%s cost a dozen at most', (_, offset) => {
    const { answered, skipped } = forecasting({ gap: 'hold', resetAfter: '5m' })(samplesAt(around(offset)));
    expect(answered.filter(Boolean).length).toBeGreaterThanOrEqual(1090);
    expect(answered.filter(Boolean).length + total(skipped!)).toBe(1103);
    const judged = through(
      anomalies(online(), { interval: '1s', gap: 'hold', resetAfter: '5m' }),
      samplesAt(around(offset)),
    );
    expect(judged).toEqual({ answered, skipped });
  });
});
