import { from, lastValueFrom, Subject, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { StreamMetrics } from '../../lib/metrics/stream-metrics.ts';
import type { TimedSample } from '../../lib/model/sample.ts';
import { OnlineForecaster } from '../../lib/online/learner/online-forecaster.ts';
import { memoryStore } from '../../lib/stores/memory-store.ts';
import { anomaliesBy, type AnomalyFleetOptions, type KeyedJudgement } from '../../lib/stream/anomaly/anomalies-by.ts';
import { anomalies } from '../../lib/stream/anomaly/anomalies.ts';
import type { AnomalyOptions } from '../../lib/stream/anomaly/anomaly-options.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';

interface Reading extends TimedSample {
  readonly id: string;
}

const online = () => new OnlineForecaster({ inputs: ['pressure', 'temperature'], hidden: 5, seed: 1 });
const models: [string, () => ReturnType<typeof makeModel> | OnlineForecaster][] = [
  ['a trained GRU', () => makeModel()],
  ['a trained window', () => makeModel({ memory: 'window', lookback: 6 })],
  ['one that learns online', online],
];
const options: AnomalyOptions = { interval: '1s', warmup: 20, perDay: 2000, gap: 'impute', lateness: '3s' };
const KEYS = ['a', 'b', 'c', 'd', 'e'];

/** Readings of five devices: some late, some without a value, some far from the mean. */
function readings(count: number): Reading[] {
  const all = Array.from({ length: count }, (_, n) => {
    const [id, t] = [KEYS[(n * 7) % 5]!, Math.floor(n / 5)];
    const far = n % 131 === 130 ? 20 : 0;
    const pressure = n % 29 === 3 ? Number.NaN : 10 + Math.sin(t / 2) / 3 + (n % 5) / 20;
    const late = n % 17 === 4 ? 11 : 0; // readings, which are two seconds of each device
    const values = [pressure, 20 + Math.cos(t / 5) + (n % 3) / 10 + far];
    return { id, at: 1000 * t, values, offset: n, comes: n + late };
  });
  return all.toSorted((x, y) => x.comes - y.comes).map(({ id, at, values, offset }) => ({ id, at, values, offset }));
}

/** The judgements of `anomaliesBy`. Each turn of the event loop brings `turn` readings. */
async function judgeBy(
  model: Parameters<typeof anomaliesBy>[1],
  all: readonly Reading[],
  more: AnomalyFleetOptions = {},
  turn = 13,
): Promise<KeyedJudgement<string>[]> {
  const source = new Subject<Reading>();
  const judged: KeyedJudgement<string>[] = [];
  source
    .pipe(anomaliesBy(({ id }) => id, model, { ...options, ...more }))
    .subscribe((judgement) => judged.push(judgement));
  for (const [n, reading] of all.entries()) {
    source.next(reading);
    if (n % turn === turn - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  source.complete();
  return judged;
}

/** The judgements of one `anomalies` for each key. */
async function judgeEach(model: Parameters<typeof anomalies>[0], all: readonly Reading[], more: AnomalyOptions = {}) {
  const said = await Promise.all(
    KEYS.map(async (key) => {
      const own = from(all.filter(({ id }) => id === key));
      return [key, await lastValueFrom(own.pipe(anomalies(model, { ...options, ...more }), toArray()))] as const;
    }),
  );
  return Object.fromEntries(said);
}

/** By key, without the key. */
function withoutKey(judgement: KeyedJudgement<string>): Partial<KeyedJudgement<string>> {
  const rest: Partial<Record<keyof KeyedJudgement<string>, unknown>> = { ...judgement };
  delete rest.key;
  return rest as Partial<KeyedJudgement<string>>;
}

function byKey(judged: readonly KeyedJudgement<string>[]) {
  return Object.fromEntries(KEYS.map((key) => [key, judged.filter((one) => one.key === key).map(withoutKey)]));
}

describe.each(models)('anomaliesBy of %s', (_, make) => {
  test.each([1, 7, 400])('judges each key as `anomalies` judges it alone, in turns of %i readings', async (turn) => {
    const all = readings(1500);
    const judged = await judgeBy(make(), all, {}, turn);
    expect(byKey(judged)).toEqual(await judgeEach(make(), all));
    expect(judged.some(({ kind }) => kind === 'correction')).toBe(true);
    expect(judged.some(({ alert }) => alert === 'opened')).toBe(true);
  });

  test('continues from a store as if it had never stopped, also with streams that made room for others', async () => {
    const all = readings(900);
    const store = memoryStore();
    const judged: KeyedJudgement<string>[] = [];
    for (const [begin, end] of [
      [0, 333],
      [333, 600],
      [600, 900],
    ]) {
      judged.push(...(await judgeBy(make(), all.slice(begin, end), { store, maxStreams: 2 })));
    }
    expect(byKey(judged)).toEqual(await judgeEach(make(), all));
    expect(store.meta).toEqual({ samples: 900, offset: all.at(-1)!.offset });
  });
});

test('a stream that was idle for the ttl, or made room for another, is forgotten and counted', async () => {
  const metrics = new StreamMetrics();
  const all = readings(600);
  const judged = await judgeBy(online(), all, { maxStreams: 3, metrics });
  const counted = (name: string) => metrics.counter(name).value;
  expect(counted('evictions')).toBeGreaterThan(100);
  expect(counted('samples')).toBe(600);
  expect(counted('forecasts')).toBe(judged.length);
  expect(judged.every(({ ready }) => !ready)).toBe(true); // no stream lives long enough to learn

  const idle = new StreamMetrics();
  const alone = readings(200).map((reading, n) => ({ ...reading, id: n < 100 || n > 190 ? 'a' : 'b' }));
  await judgeBy(online(), alone, { ttl: { event: '3s' }, metrics: idle });
  expect(idle.counter('evictions').value).toBeGreaterThan(0);
});

test('corrections, filled steps and resets are counted as for forecasts', async () => {
  const metrics = new StreamMetrics();
  const all = readings(600);
  const judged = await judgeBy(online(), [...all, ...Array.from({ length: 4 }, (_, n) => later(n))], { metrics });
  const corrections = judged.filter(({ kind }) => kind === 'correction').length;
  expect(metrics.counter('corrections').value).toBe(corrections);
  expect(metrics.counter('missing').value).toBeGreaterThan(0);
  expect(metrics.counter('resets').value).toBe(1);
  expect(metrics.counter('samples').value).toBe(604);
});

/** A reading long after all others. */
const later = (n: number): Reading => ({ id: 'a', at: 9e6 + 1000 * n, values: [10, 20] });

test('a key that is not a function, a wrong model and wrong options are refused at once', () => {
  const refused = gatecastError('invalid-argument');
  expect(() => anomaliesBy('id' as never, online(), options)).toThrow(refused);
  expect(() => anomaliesBy(() => 1, {} as never, options)).toThrow(
    gatecastError('invalid-argument', /Expected a Forecaster or an OnlineForecaster/),
  );
  for (const wrong of [
    { maxStreams: 0 },
    { ttl: 'soon' },
    { key: 'a' },
    { perDay: 0 },
    { gap: 'fill' },
    { history: 3 },
  ]) {
    expect(() => anomaliesBy(() => 1, online(), { ...options, ...wrong } as never)).toThrow(refused);
  }
});
