import { from, Subject, take } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { memoryStore } from '../../lib/stores/memory-store.ts';
import { forecastBy, type KeyedForecast } from '../../lib/stream/fleet/forecast-by.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { makeModel } from '../support/models.ts';

const model = makeModel();

interface Reading {
  id: unknown;
  values: number[];
  offset: number;
}

const nth = (n: number, id: unknown = `key ${(n * 7) % 5}`): Reading => ({
  id,
  values: [10 + Math.sin(n), 20 + Math.cos(n / 3)],
  offset: n,
});

const settled = () => new Promise((resolve) => setTimeout(resolve));

/** What each sample is answered one by one, each key with a state of its own. */
function oneByOne(readings: readonly Reading[]): unknown[] {
  const states = new Map<unknown, StreamState>();
  return readings.map((reading) => {
    const state = states.get(reading.id) ?? new StreamState(model);
    states.set(reading.id, state);
    return [reading.id, state.step(reading)!.numbers];
  });
}

const said = (f: KeyedForecast<unknown>) => [f.key, f.numbers];

describe('a subscriber that acts on the source', () => {
  test('may feed it: all samples are taken in the order they came', async () => {
    const source = new Subject<Reading>();
    const sent: Reading[] = [];
    const got: unknown[] = [];
    const send = (id: string) => {
      const reading = nth(sent.length, id);
      sent.push(reading);
      source.next(reading);
    };
    source.pipe(forecastBy(({ id }) => id, model)).subscribe((f) => {
      got.push(said(f));
      if (sent.length < 60) for (const id of ['a', 'a', 'b']) send(id);
    });
    send('a');
    await settled();
    expect(got).toEqual(oneByOne(sent));
  });

  test('may complete it: what came before is answered', async () => {
    const source = new Subject<Reading>();
    const got: unknown[] = [];
    let completed = 0;
    source.pipe(forecastBy(({ id }) => id, model)).subscribe({
      next: (f) => {
        got.push(said(f));
        if (got.length > 1) return;
        source.next(nth(3, 'c'));
        source.complete();
      },
      complete: () => completed++,
    });
    const readings = [nth(0, 'a'), nth(1, 'b'), nth(2, 'c')];
    for (const reading of readings) source.next(reading);
    await settled();
    expect(got).toEqual(oneByOne([...readings, nth(3, 'c')]));
    expect(completed).toBe(1);
  });

  test('may fail it: what came before is answered, then the error', async () => {
    const source = new Subject<Reading>();
    const got: unknown[] = [];
    source.pipe(forecastBy(({ id }) => id, model)).subscribe({
      next: (f) => {
        got.push(f.key);
        if (got.length === 1) source.error('broken');
      },
      error: (error) => got.push(error),
    });
    for (const id of ['a', 'b', 'c']) source.next(nth(1, id));
    await settled();
    expect(got).toEqual(['a', 'b', 'c', 'broken']);
  });

  test('may leave it in the midst of a turn, and nothing is thrown afterwards', async () => {
    const uncaught = vi.fn<() => void>();
    process.on('uncaughtException', uncaught);
    const got: unknown[] = [];
    for (const maxStreams of [1, 9]) {
      from([nth(0, 'a'), nth(1, 'a'), nth(2, 'b'), nth(3, 'c')])
        .pipe(
          forecastBy(({ id }) => id, model, { history: 2, gap: 'hold', maxStreams }),
          take(1),
        )
        .subscribe((f) => got.push(f.key));
    }
    await settled();
    process.off('uncaughtException', uncaught);
    expect(got).toEqual(['a', 'a']);
    expect(uncaught).not.toHaveBeenCalled();
  });
});

test('any key a Map takes may be forgotten for another', () => {
  const got: unknown[] = [];
  const keys = [undefined, 'a', null, Number.NaN, undefined];
  const readings = keys.map((id, n) => ({ ...nth(n), id }));
  from(readings)
    .pipe(forecastBy(({ id }) => id, model, { maxStreams: 1 }))
    .subscribe((f) => got.push(said(f)));
  expect(got).toEqual(readings.map((reading) => oneByOne([reading])[0])); // each has been forgotten when it comes again
});

test('unsubscribed, streams that had been forgotten since the last flush are as that flush left them', async () => {
  const readings = Array.from({ length: 100 }, (_, n) => nth(n));
  const store = memoryStore();
  const options = { store, maxStreams: 2, flush: { samples: 20, every: '1h' } };
  const source = new Subject<Reading>();
  const subscription = source.pipe(forecastBy(({ id }) => id, model, options)).subscribe();
  for (const reading of readings.slice(0, 50)) source.next(reading);
  await settled();
  subscription.unsubscribe();
  const { offset } = store.meta as { offset: number };
  expect(offset).toBe(39);
  const rest: unknown[] = [];
  from(readings.slice(offset + 1))
    .pipe(forecastBy(({ id }) => id, model, options))
    .subscribe((f) => rest.push(said(f)));
  expect(rest).toEqual(oneByOne(readings).slice(offset + 1));
});
