import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { from, Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Forecaster } from '../../lib/model/forecaster.ts';
import type { TimedSample } from '../../lib/model/sample.ts';
import type { Judgement } from '../../lib/stream/anomaly/judgement.ts';
import { OnlineForecaster } from '../../lib/online/learner/online-forecaster.ts';
import { fileStore } from '../../lib/stores/file-store.ts';
import { memoryStore } from '../../lib/stores/memory-store.ts';
import { anomalies, type AnomalyStreamOptions } from '../../lib/stream/anomaly/anomalies.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';

type Model = Forecaster | OnlineForecaster;

const inputs = ['pressure', 'temperature'];
const online = (seed = 0) => new OnlineForecaster({ inputs, hidden: 6, seed });
const models: [string, () => Model][] = [
  ['a trained GRU', () => makeModel()],
  ['a trained LSTM', () => makeModel({ network: { cell: 'lstm' } })],
  ['a trained window', () => makeModel({ memory: 'window', lookback: 7 })],
  ['one that learns online', () => online()],
];
const options: AnomalyStreamOptions = { interval: '1s', warmup: 20, perDay: 500 };

/** The t-th second of a plant. */
const nth = (t: number) => ({
  at: 1000 * t,
  values: [10 + Math.sin(t / 2) / 3 + (t % 5) / 20, 20 + Math.cos(t / 5) + (t % 3) / 10],
  offset: t,
});
const series = (count: number, begin = 0): TimedSample[] => Array.from({ length: count }, (_, k) => nth(begin + k));

function judge(model: Model, samples: readonly TimedSample[], more: AnomalyStreamOptions = {}): Judgement[] {
  const judged: Judgement[] = [];
  from(samples)
    .pipe(anomalies(model, { ...options, ...more }))
    .subscribe((judgement) => judged.push(judgement));
  return judged;
}

/** The series with some invalid and some missing samples. */
const rough = series(400).flatMap((sample, t): TimedSample[] => {
  if (t % 50 === 20 || (t > 260 && t < 266)) return [];
  if (t % 37 === 5) return [{ ...sample, values: [Number.NaN, 20] }];
  if (t % 90 === 80) return [{ ...sample, values: [10, 26] }];
  return [sample];
});

describe.each(models)('anomalies of %s with a store', (_, make) => {
  const variants: [string, AnomalyStreamOptions][] = [
    ['', {}],
    [', with gaps', { gap: 'impute', resetAfter: '1m' }],
  ];

  test.each(variants)('continue as if they had never stopped, wherever they stopped%s', (__, more) => {
    const whole = judge(make(), rough, more);
    fc.assert(
      fc.property(fc.array(fc.nat(rough.length), { maxLength: 3 }), (stops) => {
        const store = memoryStore();
        const places = [0, ...stops.sort((a, b) => a - b), rough.length];
        const said = places
          .slice(1)
          .flatMap((end, k) => judge(make(), rough.slice(places[k], end), { ...more, store, key: 'pump' }));
        expect(said).toEqual(whole);
        expect(store.meta).toEqual({ samples: rough.length, offset: 399 });
      }),
      { numRuns: 10 },
    );
  });

  test('lose only the samples since the last write when the subscriber leaves', () => {
    const store = memoryStore();
    const source = new Subject<TimedSample>();
    const subscription = source.pipe(anomalies(make(), { ...options, store, flush: { samples: 30 } })).subscribe();
    for (const sample of series(100)) source.next(sample);
    subscription.unsubscribe();
    expect(store.meta).toEqual({ samples: 90, offset: 89 });
    expect(judge(make(), series(50, 90), { store })).toEqual(judge(make(), series(140)).slice(90));
  });

  test('take another number of alerts a day and keep what they learned', () => {
    const store = memoryStore();
    judge(make(), series(100), { store });
    const [first] = judge(make(), series(1, 100), { store, perDay: 5000, warmup: 50, onInvalid: 'error' });
    expect(first!.ready).toBe(true);
  });
});

test('a new process continues from a store in files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatecast-anomalies-'));
  try {
    for (const [begin, end] of [
      [0, 150],
      [150, 300],
    ] as const) {
      const store = fileStore(folder);
      const said = judge(online(), series(end - begin, begin), { store });
      expect(said).toEqual(judge(online(), series(end)).slice(begin));
      store.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('the snapshot', () => {
  const store = memoryStore();
  judge(online(), series(50), { store });

  const refused = (model: Model, more: AnomalyStreamOptions, message: RegExp) => {
    const errors: unknown[] = [];
    from(series(5, 50))
      .pipe(anomalies(model, { ...options, store, ...more }))
      .subscribe({ error: (error) => errors.push(error) });
    expect(errors).toEqual([gatecastError('invalid-file', message)]);
  };

  test('is refused by another model, with other options for gaps, and if damaged', () => {
    refused(online(1), {}, /of the model/);
    refused(new OnlineForecaster({ inputs: inputs.toReversed(), hidden: 6 }), {}, /of the model/);
    refused(makeModel(), {}, /of the model/);
    refused(online(), { gap: 'hold' }, /same options/);
    const bytes = store.get('anomalies')!;
    bytes[100]! ^= 1;
    store.put('damaged', bytes);
    refused(online(), { key: 'damaged' }, /damaged/);
  });

  test('of forecasts is refused for anomalies', () => {
    const model = makeModel();
    store.put('forecasts', new StreamState(model).snapshot());
    refused(model, { key: 'forecasts' }, /same options/);
  });
});

describe.each(models)('gaps in the samples of %s', (_, make) => {
  test('do not exist if nothing is missing', () => {
    expect(judge(make(), series(200), { gap: 'impute', resetAfter: '1m' })).toEqual(judge(make(), series(200)));
  });

  test('in time are treated as samples without values', () => {
    const gone = (t: number) => t % 50 === 20 || (t > 260 && t < 266);
    const silent = series(400).filter((__, t) => !gone(t));
    const empty = series(400).map((one, t) => (gone(t) ? { ...one, values: [Number.NaN, Number.NaN] } : one));
    const [first, second] = [silent, empty].map((samples) => judge(make(), samples, { gap: 'hold', resetAfter: '1m' }));
    expect(first).toEqual(second);
    expect(first).toHaveLength(silent.length);
  });

  test('of one sensor are neither judged nor learned from', () => {
    const dropout = series(600).map((one, t) =>
      t >= 300 && t < 500 ? { ...one, values: [(one.values as number[])[0]!, Number.NaN] } : one,
    );
    const judged = judge(make(), dropout, { gap: 'hold', perDay: 20 });
    const targets = make() instanceof OnlineForecaster ? 600 : 400; // a trained model forecasts the temperature alone
    expect(judged).toHaveLength(targets);
    const during = judged.filter(({ at }) => at! >= 300_000 && at! < 500_000);
    expect(during.filter(({ input, score }) => input === 'temperature' && score > 0)).toEqual([]);
    expect(
      judged.every(({ score, likelihood, threshold }) => [score, likelihood, threshold].every(Number.isFinite)),
    ).toBe(true);
    expect(judged.at(-1)!.skipped).toMatchObject({ invalid: 0 });
  });

  test('leave out samples that come twice, late or too far ahead', () => {
    const bad = [...series(100), nth(99), nth(50), nth(100_000), ...series(50, 100)];
    const [judged, clean] = [bad, series(150)].map((samples) => judge(make(), samples, { gap: 'hold' }));
    expect(judged!.at(-1)!.skipped).toEqual({ invalid: 0, duplicate: 1, late: 1, unbelieved: 1 });
    const verdicts = (all: Judgement[]) => all.map((judgement) => ({ ...judgement, skipped: undefined }));
    expect(verdicts(judged!)).toEqual(verdicts(clean!));
  });

  test('too long to bridge erase nothing that was learned: usual values stay usual, another level does not', () => {
    const [same, other] = [0, 3].map((change) => judge(make(), afterSilence(change), { resetAfter: '1m', perDay: 20 }));
    expect(same).toHaveLength(558); // a time so far ahead is accepted with the third sample
    expect(same![500]).toMatchObject({ at: 5_002_000, ready: true });
    expect(same!.slice(500).map(({ alert }) => alert)).toEqual(Array(58).fill('none'));
    expect(other![500]).toMatchObject({ at: 5_002_000, ready: true, alert: 'opened' });
  });
});

/** Samples, a silence, and samples with this much added. */
function afterSilence(change: number): TimedSample[] {
  const later = series(60, 5000).map((one) => ({ ...one, values: (one.values as number[]).map((v) => v + change) }));
  return [...series(500), ...later];
}

test('after a silence, no sample is compared with a forecast from before it', () => {
  const alerts = (more: AnomalyStreamOptions) =>
    judge(makeModel(), afterSilence(1), { ...more, perDay: 20 })
      .slice(500, 510)
      .filter(({ alert }) => alert === 'opened');
  expect(alerts({})).toHaveLength(1); // the level alone is not so rare
  expect(alerts({ resetAfter: '1m' })).toHaveLength(0);
});

test('a gap in a steep cycle surprises only a stream that does not know of it', () => {
  const cycle = (t: number): TimedSample => ({
    at: 1000 * t,
    values: [10 * Math.sin(t / 12) + Math.cos(1.7 * t) / 50, 1],
  });
  const samples = Array.from({ length: 3000 }, (_, t) => cycle(t)).filter((_, t) => !(t >= 2500 && t < 2510));
  const [blind, knowing] = [judge(online(), samples), judge(online(), samples, { gap: 'impute' })];
  const at = (judged: Judgement[]) => judged.find((judgement) => judgement.at === 2_510_000)!;
  expect(at(blind).alert).toBe('opened');
  expect(at(knowing).alert).toBe('none');
  expect(at(knowing).score).toBeLessThan(at(blind).score / 2);
});

test('a value too far from the mean is invalid, or missing with `gap`', () => {
  const wild = [...series(30), { ...nth(30), values: [1e300, 20] }, ...series(10, 31)];
  expect(judge(online(), wild).at(-1)!.skipped).toMatchObject({ invalid: 1 });
  const empty = wild.map((one, t) => (t === 30 ? { ...one, values: [Number.NaN, 20] } : one));
  expect(judge(online(), wild, { gap: 'hold' })).toEqual(judge(online(), empty, { gap: 'hold' }));
});

test('options for gaps and stores are checked at once', () => {
  const wrong: [AnomalyStreamOptions, RegExp][] = [
    [{ gap: 'fill' as never }, /hold.*options.gap/],
    [{ gap: { preasure: 'hold' } as never }, /Did you mean "pressure"/],
    [{ gap: 7 as never }, /options.gap/],
    [{ gap: 'decay' }, /'hold' or 'impute', with an OnlineForecaster/],
    [{ gap: { pressure: 'mask' } }, /'hold' or 'impute', with an OnlineForecaster/],
    [{ resetAfter: 'long' }, /resetAfter/],
    [{ store: {} as never }, /a store/],
    [{ key: '' }, /options.key/],
    [{ store: memoryStore(), flush: { every: '30d' } }, /flush.every/],
  ];
  for (const [more, message] of wrong) {
    expect(() => anomalies(online(), { ...options, ...more })).toThrow(gatecastError('invalid-argument', message));
  }
  expect(() => anomalies(makeModel(), { gap: 'mask' })).toThrow(gatecastError('invalid-argument', /_missing/));
  expect(() => anomalies(makeModel(), { gap: 'decay', decayTime: '5s' })).not.toThrow();
});
