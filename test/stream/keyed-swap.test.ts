import fc from 'fast-check';
import { Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { memoryStore } from '../../lib/stores/memory-store.ts';
import { forecastBy, type KeyedForecast } from '../../lib/stream/fleet/forecast-by.ts';
import { KeyedStreams, type KeyedStreamsOptions } from '../../lib/stream/fleet/keyed-streams.ts';
import { StreamMetrics } from '../../lib/metrics/stream-metrics.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';
import { type Reading, nth, series, settled } from './readings.ts';

const old = makeModel(); // pressure and temperature, of which the second is forecast 3 steps ahead; one sample a second
const next = makeModel({ network: { cell: 'lstm', hiddenSize: 7 }, horizon: 5, lookback: 9, levels: [0.2, 0.5, 0.8] });
const narrow = makeModel({ inputs: [{ name: 'temperature' }], horizon: 2, levels: [0.3, 0.7], lookback: 3 });

/** The state of a model that has taken these samples and nothing else. */
function after(model: Forecaster, samples: readonly { at: number; values: number[]; offset: number }[], options = {}) {
  const state = new StreamState(model, options);
  for (const sample of samples) state.step(sample);
  return state;
}

function running(options: KeyedStreamsOptions = {}, model = old) {
  const streams = new KeyedStreams<string>(model, options);
  const source = new Subject<Reading>();
  const said: KeyedForecast<string>[] = [];
  const errors: unknown[] = [];
  source
    .pipe(forecastBy(({ id }) => id, streams))
    .subscribe({ next: (f) => said.push(f), error: (error) => errors.push(error) });
  const feed = (samples: readonly Reading[]) => {
    for (const sample of samples) source.next(sample);
  };
  return { streams, source, said, errors, feed };
}

const interleaved = (count: number, begin = 0) =>
  Array.from({ length: count }, (_, t) => [nth('a', begin + t), nth('b', begin + t), nth('c', begin + t)]).flat();

describe('a swap', () => {
  test('between two samples: the new model answers each key, warm from the last samples of that key', async () => {
    const { streams, said, feed } = running({ recent: 20 });
    feed(interleaved(40));
    streams.swap(next);
    expect(streams.model).toBe(next);
    feed(interleaved(10, 40));
    await settled();
    expect(said).toHaveLength(150);
    for (const id of ['a', 'b', 'c']) {
      const own = said.filter(({ key }) => key === id);
      expect(own.map(({ horizon }) => horizon)).toEqual([...Array(40).fill(3), ...Array(10).fill(5)]);
      const before = new StreamState(old);
      expect(own.slice(0, 40).map((f) => f.numbers)).toEqual(series(id, 40).map((s) => before.step(s)!.numbers));
      const warmed = after(next, series(id, 20, 20));
      expect(own.slice(40).map((f) => f.numbers)).toEqual(series(id, 10, 40).map((s) => warmed.step(s)!.numbers));
      expect(own[40]!.ready).toBe(true);
    }
  });

  test('in the midst of a turn leaves what came before it to the old model', async () => {
    const { streams, said, feed } = running({ recent: 20 });
    feed([...series('a', 9), nth('b', 0)]);
    expect(said).toHaveLength(0);
    streams.swap(next);
    feed([nth('a', 9), nth('b', 1)]);
    await settled();
    expect(said.map(({ key, horizon }) => key + horizon)).toEqual([...Array(9).fill('a3'), 'b3', 'a5', 'b5']);
  });

  test('by a subscriber takes effect when what came before is answered', async () => {
    const { streams, source, said, feed } = running({ recent: 20 });
    const other: KeyedForecast<string>[] = [];
    feed(series('a', 1));
    await settled();
    const swapping = new KeyedStreams<string>(old, { recent: 20 });
    source.pipe(forecastBy(({ id }) => id, swapping)).subscribe((f) => {
      other.push(f);
      if (other.length === 2) {
        swapping.swap(next);
        expect(swapping.model).toBe(next);
        expect(swapping.revert()).toBe(true);
        expect(swapping.revert()).toBe(true);
      }
    });
    feed(series('a', 5, 1));
    await settled();
    feed(series('a', 2, 6));
    await settled();
    expect(other.map(({ horizon }) => horizon)).toEqual([3, 3, 3, 3, 3, 5, 5]);
    expect(said.map(({ horizon }) => horizon)).toEqual(Array(8).fill(3));
    expect(streams.revert()).toBe(false);
  });

  test('to a model of some of the inputs gives it those, by name', async () => {
    const { streams, said, feed } = running({ recent: 30, gap: { pressure: 'hold', temperature: 'decay' } });
    feed(series('a', 12));
    streams.swap(narrow);
    feed(series('a', 5, 12));
    await settled();
    const only = (samples: Reading[]) =>
      samples.map(({ at, values, offset }) => ({ at, values: [values[1]!], offset }));
    const alone = after(narrow, only(series('a', 12)), { gap: { temperature: 'decay' } });
    expect(said.slice(12).map((f) => f.numbers)).toEqual(
      only(series('a', 5, 12)).map((sample) => alone.step(sample)!.numbers),
    );
  });

  test('of a key counts each sample once, and keeps its offset', () => {
    const metrics = new StreamMetrics();
    const options = { recent: 30, gap: 'hold', lateness: '3s', metrics } as const;
    const { streams, feed } = running(options);
    feed([...series('a', 8), nth('a', 10), nth('a', 9), nth('a', 9)]); // 8 is missing; 9 late, then twice
    streams.fork('a');
    const before = metrics.reader().read().counters;
    streams.swap(next);
    expect(streams.fork('a')!.offset).toBe(9);
    expect(metrics.reader().read().counters).toEqual(before);
    const { metrics: _, recent: __, ...own } = options;
    const alone = after(next, [...series('a', 8), nth('a', 10), nth('a', 9), nth('a', 9)], own);
    expect(streams.equals('a', alone)).toBe(true);
  });
});

describe('revert', () => {
  const parts = { gap: 'hold', calibrate: true, skill: true, adapt: true } as const;

  test('finds each key as the old model would have it, had it never been away', async () => {
    const { streams, said, feed } = running({ recent: 20, ...parts });
    feed(interleaved(60));
    streams.swap(next);
    feed([...series('a', 20, 60), ...series('b', 3, 60)]);
    expect(streams.revert()).toBe(true);
    expect(streams.model).toBe(old);
    expect(streams.equals('a', after(old, series('a', 80), parts))).toBe(true);
    expect(streams.equals('b', after(old, series('b', 63), parts))).toBe(true);
    expect(streams.equals('c', after(old, series('c', 60), parts))).toBe(true);
    feed([nth('c', 60)]);
    await settled();
    expect(said.at(-1)!.numbers).toEqual(after(old, series('c', 60), parts).step(nth('c', 60))!.numbers);
    expect(said).toHaveLength(204);
  });

  test('resets a key and warms it on the kept samples if it has missed more, and likewise a new key', () => {
    const { streams, feed } = running({ recent: 20 });
    feed(series('a', 60));
    streams.swap(next);
    feed([...series('a', 21, 60), ...series('new', 7)]);
    streams.revert();
    expect(streams.equals('a', after(old, series('a', 20, 61)))).toBe(true);
    expect(streams.equals('new', after(old, series('new', 7)))).toBe(true);
  });

  test('twice restores the newer one; after a swap that is not revertible there is none', () => {
    const { streams, feed } = running({ recent: 20 });
    feed(series('a', 9));
    expect(streams.revert()).toBe(false);
    streams.swap(next);
    streams.revert();
    streams.revert();
    expect(streams.equals('a', after(next, series('a', 9)))).toBe(true);
    streams.swap(old, { revertible: false });
    expect(streams.revert()).toBe(false);
    expect(streams.equals('a', after(old, series('a', 9)))).toBe(true);
  });

  test('does not undo a reset or restore made meanwhile', () => {
    const { streams, feed } = running({ recent: 20, history: 3 });
    feed([...series('a', 9), ...series('b', 9), ...series('c', 9)]);
    streams.swap(next);
    streams.reset('a');
    streams.restore('b', after(next, series('x', 5), { history: 3 }).snapshot());
    feed([nth('a', 50), nth('b', 50)]);
    streams.revert();
    expect(streams.equals('a', after(old, [nth('a', 50)], { history: 3 }))).toBe(true);
    expect(streams.equals('b', after(old, [nth('b', 50)], { history: 3 }))).toBe(true);
    streams.rewind('c', 2);
    expect(streams.equals('c', after(old, series('c', 7), { history: 3 }))).toBe(true);
  });
});

describe('with a store', () => {
  test('a key that was there during the swap comes back warm, and one that was written before it was warm', () => {
    const store = memoryStore();
    const { streams, feed } = running({ recent: 20, maxStreams: 1, store });
    feed(interleaved(30)); // a and b are in the store, or on their way
    streams.swap(next);
    streams.flush();
    const before = ['a', 'b', 'c'].map((key) => [key, after(next, series(key, 20, 10))] as const);
    for (const [key, state] of before) expect(streams.equals(key, state), key).toBe(true);
    streams.flush();
    const restarted = new KeyedStreams<string>(next, { recent: 20, store });
    for (const [key, state] of before) expect(restarted.equals(key, state), key).toBe(true);
  });

  test('a program that restarts with another model continues from the last samples', () => {
    const store = memoryStore();
    const first = running({ recent: 20, store });
    first.feed(interleaved(30));
    first.source.complete();
    const again = running({ recent: 20, store }, next);
    again.feed([nth('a', 30)]);
    expect(again.streams.equals('a', after(next, series('a', 21, 10)))).toBe(true);
    const same = new KeyedStreams<string>(old, { recent: 5, store }); // fewer than were kept
    expect(same.equals('b', after(old, series('b', 30)))).toBe(true);
  });

  test('takes snapshots alone, of this model', () => {
    const store = memoryStore();
    store.put('a', after(old, series('a', 9)).snapshot());
    store.put('b', after(next, series('b', 9)).snapshot());
    const streams = new KeyedStreams<string>(old, { recent: 5, store });
    expect(streams.equals('a', after(old, series('a', 9)))).toBe(true);
    expect(() => streams.fork('b')).toThrow(gatecastError('invalid-file', /of the model/));
  });

  test('refuses a snapshot that is damaged or of other inputs, and the fleet goes on', () => {
    const store = memoryStore();
    const { streams, source, feed } = running({ recent: 20, store });
    feed(interleaved(30));
    source.complete();
    for (const at of [4, 9, 13, 17, 30, 400, store.get('a')!.length - 1]) {
      const bytes = store.get('b')!;
      bytes[at]! ^= 4;
      store.put('damaged', bytes);
      const fresh = new KeyedStreams<string>(old, { recent: 20, store });
      expect(() => fresh.fork('damaged'), `${at}`).toThrow(gatecastError('invalid-file', /damaged/));
      expect(fresh.size).toBe(0);
      expect(fresh.equals('a', streams.fork('a')!)).toBe(true);
    }
    const other = new KeyedStreams<string>(narrow, { recent: 20, store });
    expect(() => other.fork('a')).toThrow(gatecastError('invalid-file', /inputs temperature/));
  });
});

test('whatever the moment of swaps and reverts, each sample has one forecast, of the model of that moment', async () => {
  const models = [old, next, narrow];
  const move = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('a', 'b', 'c', 'd') },
    { weight: 1, arbitrary: fc.constantFrom('swap 0', 'swap 1', 'swap 2', 'revert', 'turn', 'fork') },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 80 }), fc.boolean(), async (moves, small) => {
      const more = small ? { maxStreams: 2, store: memoryStore(), flush: { samples: 7 } } : {};
      const { streams, said, errors, feed } = running({ recent: 6, history: 1, ...more });
      const wanted: string[] = [];
      const taken = new Map<string, Reading[]>();
      let [model, former]: (Forecaster | undefined)[] = [old, undefined];
      for (const [t, what] of moves.entries()) {
        if (what === 'turn') await settled();
        else if (what === 'fork') streams.fork('a');
        else if (what === 'revert') {
          expect(streams.revert()).toBe(former !== undefined);
          if (former) [model, former] = [former, model];
        } else if (what.startsWith('swap')) {
          [model, former] = [models[Number(what.at(-1))], model];
          streams.swap(model!);
        } else {
          feed([nth(what, t)]);
          wanted.push(`${what} ${1000 * t} ${model!.description.horizon}`);
          taken.set(what, [...(taken.get(what) ?? []), nth(what, t)]);
        }
        expect(streams.model).toBe(model);
      }
      await settled();
      expect(said.map(({ key, at, horizon }) => `${key} ${at} ${horizon}`)).toEqual(wanted);
      expect(errors).toEqual([]);
      streams.swap(next, { revertible: false }); // a model that has nothing of any
      for (const [key, samples] of taken) {
        expect(streams.equals(key, after(next, samples.slice(-6), { history: 1 })), key).toBe(true);
      }
      streams.dispose();
    }),
    { numRuns: 60 },
  );
});

test('samples that are invalid for the new model alone are left out of its warming', () => {
  const scaler = new Scaler(['pressure', 'temperature'], [10, 20], [1e-30, 1]); // no pressure but 10 is in its range
  const strict = Forecaster.from({ ...partsFor(describeModel()), scaler });
  const { streams, feed, errors } = running({ recent: 20, onInvalid: 'error' });
  const samples = series('a', 9).map((one, t) => ({ ...one, values: [10 + (t % 2), 20 + t / 9] }));
  feed(samples);
  streams.swap(strict);
  const taken = samples.filter((_, t) => t % 2 === 0);
  expect(streams.equals('a', after(strict, taken, { onInvalid: 'error' }))).toBe(true);
  expect(errors).toEqual([]);
});

describe('what cannot be swapped in is refused at once, and nothing is changed', () => {
  const { streams, feed } = running({ recent: 5, calibrate: true });
  feed(series('a', 9));
  const refused: [string, unknown, RegExp][] = [
    ['no model', {}, /Forecaster.*model/],
    [
      'other inputs',
      makeModel({ inputs: [{ name: 'temperature' }, { name: 'flow' }] }),
      /inputs pressure, temperature/,
    ],
    ['other targets', makeModel({ targets: ['pressure'] }), /forecasts temperature too/],
    ['another interval', makeModel({ interval: 60_000 }), /interval near 1000/],
    ['no quantiles to calibrate', makeModel({ levels: [0.5] }), /calibrate/],
  ];

  test.each(refused)('%s', (_, model, message) => {
    expect(() => streams.swap(model as Forecaster)).toThrow(gatecastError('invalid-argument', message));
    expect(streams.model).toBe(old);
    expect(streams.equals('a', after(old, series('a', 9), { calibrate: true }))).toBe(true);
  });

  test('anything, without samples that are kept, and when disposed of', () => {
    const none = new KeyedStreams<string>(old);
    expect(() => none.swap(next)).toThrow(gatecastError('invalid-argument', /recent/));
    expect(() => streams.swap(next, { revertible: 1 as never })).toThrow(
      gatecastError('invalid-argument', /revertible/),
    );
    expect(() => new KeyedStreams(old, { recent: 0 })).toThrow(gatecastError('invalid-argument', /recent/));
    none.dispose();
    expect(() => none.swap(next)).toThrow(gatecastError('disposed', /KeyedStreams/));
    expect(() => none.revert()).toThrow(gatecastError('disposed', /KeyedStreams/));
  });
});
