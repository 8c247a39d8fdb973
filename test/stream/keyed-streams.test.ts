import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { concat, from, Subject, take } from 'rxjs';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { fileStore } from '../../lib/stores/file-store.ts';
import { memoryStore } from '../../lib/stores/memory-store.ts';
import { forecastBy, type KeyedForecast } from '../../lib/stream/fleet/forecast-by.ts';
import { type FleetOptions, KeyedStreams } from '../../lib/stream/fleet/keyed-streams.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';
import { type Reading, nth, series, settled } from './readings.ts';

const model = makeModel();

/** The state of a stream that is alone. */
function alone(samples: readonly Reading[], options = {}): StreamState {
  const state = new StreamState(model, options);
  for (const sample of samples) state.step(sample);
  return state;
}

/** Streams that are fed by hand, and all that they are answered. */
function running(options: FleetOptions = {}) {
  const streams = new KeyedStreams<string>(model, options);
  const source = new Subject<Reading>();
  const said: KeyedForecast<string>[] = [];
  const errors: unknown[] = [];
  const subscription = source
    .pipe(forecastBy(({ id }) => id, streams))
    .subscribe({ next: (f) => said.push(f), error: (error) => errors.push(error) });
  const feed = (samples: readonly Reading[]) => {
    for (const sample of samples) source.next(sample);
  };
  return { streams, source, said, errors, subscription, feed };
}

const refused = (message: RegExp) => gatecastError('invalid-argument', message);

describe('the state of one key among those that run', () => {
  test('a fork is the stream so far, and stepping it leaves the stream unchanged', () => {
    const { streams, feed } = running({ history: 2 });
    for (let t = 0; t < 20; t++) feed([nth('a', t), nth('b', t)]);
    const fork = streams.fork('a')!;
    expect(fork.equals(alone(series('a', 20), { history: 2 }))).toBe(true);
    expect(fork.step(nth('a', 20))!.numbers).toEqual(alone(series('a', 20)).step(nth('a', 20))!.numbers);
    expect(streams.equals('a', fork)).toBe(false);
    expect(streams.skipped('a')).toEqual({ invalid: 0, duplicate: 0, late: 0, unbelieved: 0 });
    expect(streams.skipped('nobody')).toBeUndefined();
    expect(streams.equals('a', alone(series('a', 20), { history: 2 }))).toBe(true);
    expect(streams.equals('b', alone(series('a', 20), { history: 2 }))).toBe(false);
  });

  test('includes the samples of the turn, which are answered first', async () => {
    const { streams, said, feed } = running();
    feed(series('a', 3));
    expect(said).toHaveLength(0);
    expect(streams.fork('a')!.samples).toBe(3);
    expect(said.map(({ at }) => at)).toEqual([0, 1000, 2000]);
    feed([nth('a', 3)]);
    await settled();
    expect(said).toHaveLength(4);
  });

  test('restored, rewound and reset at any moment, each continues as its own state would, and no other is touched', async () => {
    const keys = ['a', 'b', 'c'] as const;
    const move = fc.tuple(fc.constantFrom('feed', 'rewind', 'reset', 'save', 'load', 'turn'), fc.constantFrom(...keys));
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 60 }), fc.boolean(), async (moves, small) => {
        const options = { history: 3, ...(small && { maxStreams: 2, store: memoryStore() }) };
        const { streams, said, errors, feed } = running(options);
        const states = new Map<string, StreamState>();
        const wanted: unknown[] = [];
        let saved: [Uint8Array, Uint8Array] | undefined;
        for (const [t, [what, key]] of moves.entries()) {
          const state = states.get(key) ?? new StreamState(model, { history: 3 });
          if (what === 'turn') await settled();
          if (what === 'feed') {
            states.set(key, state);
            feed([nth(key, t)]);
            wanted.push([key, state.step(nth(key, t))!.numbers]);
          }
          if (what === 'load' && saved) {
            states.set(key, state);
            streams.restore(key, saved[0]);
            state.restore(saved[1]);
          }
          if (!states.has(key)) continue;
          const back = Math.min(state.samples, 1);
          const canRewind = (() => {
            try {
              state.rewind(what === 'rewind' ? back : 0);
              return true;
            } catch {
              return false;
            }
          })();
          if (what === 'rewind' && canRewind) streams.rewind(key, back);
          if (what === 'rewind' && !canRewind) expect(() => streams.rewind(key, back)).toThrow(refused(/rewind/));
          if (what === 'reset') {
            streams.reset(key);
            state.reset();
          }
          if (what === 'save') saved = [streams.snapshot(key)!, state.snapshot()];
        }
        await settled();
        expect(said.map((f) => [f.key, f.numbers])).toEqual(wanted);
        expect(errors).toEqual([]);
        for (const [key, state] of states) expect(streams.equals(key, state), key).toBe(true);
        streams.dispose();
      }),
      { numRuns: 40 },
    );
  });

  test('a snapshot is that of a StreamState, either way', () => {
    const { streams, feed } = running();
    feed(series('a', 9));
    expect(streams.snapshot('a')).toEqual(alone(series('a', 9)).snapshot());
    streams.restore('new', alone(series('b', 9)).snapshot());
    expect(streams.equals('new', alone(series('b', 9)))).toBe(true);
    expect(streams.size).toBe(2);
  });

  test('with all parts switched on, it goes on with the same bits', () => {
    const options = { gap: 'impute', lateness: '3s', health: true, calibrate: true, skill: true, adapt: true } as const;
    const late = [...series('a', 28), nth('a', 29), nth('a', 30), nth('a', 28), ...series('a', 20, 33)]; // 31 and 32 missing
    const { streams, said, feed } = running(options);
    feed(late.slice(0, 31));
    const other = running(options);
    other.streams.restore('a', streams.snapshot('a')!);
    for (const one of [feed, other.feed]) one(late.slice(31));
    expect(streams.equals('a', other.streams.fork('a')!)).toBe(true);
    expect(other.said.map((f) => f.numbers)).toEqual(said.slice(31).map((f) => f.numbers));
    expect(said.map((f) => f.numbers)).toEqual(
      late.map((sample, i) => alone(late.slice(0, i), options).step(sample)!.numbers),
    );
  });
});

describe('a key that has no stream', () => {
  const { streams } = running({ history: 1, store: memoryStore() });

  test('has nothing to fork, to write down or to compare', () => {
    expect(streams.fork('x')).toBeUndefined();
    expect(streams.snapshot('x')).toBeUndefined();
    expect(streams.equals('x', new StreamState(model, { history: 1 }))).toBe(false);
    expect(streams.size).toBe(0);
  });

  test('cannot be rewound or reset', () => {
    expect(() => streams.rewind('x', 0)).toThrow(refused(/key of a stream.*"x"/));
    expect(() => streams.reset('x')).toThrow(refused(/key of a stream.*"x"/));
  });

  test('is refused if a store cannot have it', () => {
    const numbered = streams as unknown as KeyedStreams<number>;
    expect(() => numbered.fork(1)).toThrow(refused(/key/));
    expect(() => numbered.restore(1, new StreamState(model, { history: 1 }).snapshot())).toThrow(refused(/key/));
    expect(streams.size).toBe(0);
  });
});

describe('what does not fit', () => {
  test('is refused, and nothing is changed', () => {
    const { streams, feed } = running({ history: 2, maxStreams: 1 });
    feed(series('a', 9));
    const before = streams.snapshot('a');
    const damaged = streams.snapshot('a')!;
    damaged[60]! ^= 1;
    const others = [damaged, new StreamState(model).snapshot(), new StreamState(makeModel({ horizon: 2 })).snapshot()];
    for (const bytes of others) {
      expect(() => streams.restore('a', bytes)).toThrow(gatecastError('invalid-file', /snapshot/));
      expect(() => streams.restore('b', bytes)).toThrow(gatecastError('invalid-file', /snapshot/));
    }
    expect(() => streams.rewind('a', 3)).toThrow(refused(/0 to 2.*rewind/));
    expect(() => streams.equals('a', {} as never)).toThrow(refused(/StreamState/));
    expect(streams.snapshot('a')).toEqual(before);
  });
});

describe('with a store', () => {
  test('a key that is only there is fetched back', () => {
    const store = memoryStore();
    const { streams, feed } = running({ store, maxStreams: 1, history: 1 });
    for (let t = 0; t < 9; t++) feed([nth('a', t), nth('b', t)]);
    streams.flush();
    expect(streams.size).toBe(1);
    const restarted = new KeyedStreams<string>(model, { store, history: 1 });
    for (const each of [streams, restarted]) {
      expect(each.equals('a', alone(series('a', 9), { history: 1 }))).toBe(true);
      expect(each.equals('b', alone(series('b', 9), { history: 1 }))).toBe(true);
      each.rewind('a', 1);
      expect(each.equals('a', alone(series('a', 8), { history: 1 }))).toBe(true);
    }
  });

  test('a change of a key is written with the next flush, and lasts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatecast-keyed-'));
    try {
      let store = fileStore(folder);
      const { streams, source, feed } = running({ store, history: 2 });
      for (let t = 0; t < 9; t++) feed([nth('a', t), nth('b', t), nth('c', t)]);
      streams.rewind('a', 2);
      streams.reset('b');
      source.complete();
      streams.restore('d', streams.snapshot('c')!); // nothing runs any more
      streams.flush();
      store.close();

      store = fileStore(folder);
      const after = new KeyedStreams<string>(model, { store, history: 2 });
      expect(after.equals('a', alone(series('a', 7), { history: 2 }))).toBe(true);
      expect(after.equals('b', new StreamState(model, { history: 2 }))).toBe(true);
      expect(after.equals('d', alone(series('c', 9), { history: 2 }))).toBe(true);
      expect(store.meta).toEqual({ samples: 27, offset: 8 });
      store.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('written by the timer when a key is changed while no sample comes', () => {
    vi.useFakeTimers();
    try {
      const store = memoryStore();
      const { streams, feed } = running({ store, flush: { every: '1s' } });
      feed(series('a', 3));
      streams.flush();
      streams.reset('a');
      vi.advanceTimersByTime(1000);
      expect(store.get('a')).toEqual(new StreamState(model).snapshot());
    } finally {
      vi.useRealTimers();
    }
  });

  test('a subscriber that leaves in a turn loses the samples not yet answered, and the store does not count them', () => {
    const store = memoryStore();
    const streams = new KeyedStreams<string>(model, { store });
    const source = new Subject<Reading>();
    const subscription = source.pipe(forecastBy(({ id }) => id, streams)).subscribe();
    for (const sample of series('a', 5)) source.next(sample);
    streams.fork('a'); // settles five
    for (const sample of series('a', 5, 5)) source.next(sample);
    subscription.unsubscribe();
    streams.flush();
    expect(store.meta).toEqual({ samples: 5, offset: 4 });
    expect(streams.equals('a', alone(series('a', 5)))).toBe(true);
  });
});

describe('subscriptions', () => {
  test('one after another go on with the same streams', () => {
    const streams = new KeyedStreams<string>(model);
    const run = (begin: number) => from(series('a', 5, begin)).pipe(forecastBy(({ id }) => id, streams));
    const said: unknown[] = [];
    concat(run(0), run(5), run(10).pipe(take(2)), run(12)).subscribe((f) => said.push(f.numbers));
    const state = new StreamState(model);
    const one = series('a', 17).map((sample) => state.step(sample)!.numbers);
    expect(said.slice(0, 12)).toEqual(one.slice(0, 12));
    expect(said).toHaveLength(17);
  });

  test('at once are refused, and the first goes on', async () => {
    const { streams, said, errors, feed } = running();
    const second: unknown[] = [];
    from(series('a', 2))
      .pipe(forecastBy(({ id }) => id, streams))
      .subscribe({ error: (error) => second.push(error) });
    expect(second).toEqual([gatecastError('busy', /one subscription at a time/)]);
    feed(series('a', 2));
    await settled();
    expect([said.length, errors.length]).toEqual([2, 0]);
  });

  test('fail when the streams are disposed of, also by the subscriber', () => {
    const { streams, source, said, errors, feed } = running();
    feed(series('a', 2));
    streams.dispose();
    streams.dispose();
    expect(errors).toEqual([gatecastError('disposed', /KeyedStreams/)]);
    expect(source.observed).toBe(false);
    for (const call of [() => streams.fork('a'), () => streams.reset('a'), () => streams.flush()]) {
      expect(call).toThrow(gatecastError('disposed', /KeyedStreams/));
    }
    expect(said.length).toBeLessThanOrEqual(2);

    const other = new KeyedStreams<string>(model);
    const failures: unknown[] = [];
    from(series('a', 9))
      .pipe(forecastBy(({ id }) => id, other))
      .subscribe({ next: () => other.dispose(), error: (error) => failures.push(error) });
    expect(failures).toEqual([gatecastError('disposed', /KeyedStreams/)]);
  });
});

test('a subscriber may act on any key while it is answered', async () => {
  const streams = new KeyedStreams<string>(model, { history: 1, maxStreams: 2, store: memoryStore() });
  const source = new Subject<Reading>();
  const errors: unknown[] = [];
  const answered = new Map<string, number>();
  source.pipe(forecastBy(({ id }) => id, streams)).subscribe({
    next: ({ key }) => {
      answered.set(key, (answered.get(key) ?? 0) + 1);
      for (const [other, count] of answered) expect(streams.fork(other)!.samples).toBeGreaterThanOrEqual(count); // fetches and evicts
    },
    error: (error) => errors.push(error),
  });
  for (let t = 0; t < 30; t++)
    for (const sample of [nth('a', 2 * t), nth('b', t), nth('c', t), nth('a', 2 * t + 1)]) source.next(sample);
  await settled();
  expect(errors).toEqual([]);
  expect(Object.fromEntries(answered)).toEqual({ a: 60, b: 30, c: 30 });
  expect(streams.equals('a', alone(series('a', 60), { history: 1 }))).toBe(true);
  expect(streams.equals('b', alone(series('b', 30), { history: 1 }))).toBe(true);
});

test('are refused with options beside, and keep their types', () => {
  const streams = new KeyedStreams<string>(model);
  expect(() => forecastBy(() => 'a', streams as never, {})).toThrow(refused(/no options with KeyedStreams/));
  expect(() => new KeyedStreams({} as never)).toThrow(refused(/Forecaster/));
  expect(() => new KeyedStreams(model, { maxStreams: 0 })).toThrow(refused(/maxStreams/));
  expectTypeOf(streams.fork('a')).toEqualTypeOf<StreamState | undefined>();
  expectTypeOf(from(series('a', 1)).pipe(forecastBy((r) => r.id, streams))).toExtend<{ subscribe: unknown }>();
});
