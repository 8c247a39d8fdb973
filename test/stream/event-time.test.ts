import fc from 'fast-check';
import { from } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../lib/stores/memory-store.ts';
import { EventTime } from '../../lib/stream/fleet/event-time.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import { type FleetOptions, KeyedStreams } from '../../lib/stream/fleet/keyed-streams.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';
import { type Reading, nth, series } from './readings.ts';

const model = makeModel();
const START = Date.UTC(2024, 0, 1);

/** What the fleet holds after these samples, all of one turn. */
function keysAfter(samples: readonly Reading[], options: FleetOptions): string[] {
  const streams = new KeyedStreams<string>(model, options);
  from(samples)
    .pipe(forecastBy((sample) => sample.id, streams))
    .subscribe();
  const keys = streams.keys();
  streams.dispose();
  return keys;
}

/** The samples of keys that come by turns, from one second to another. */
const together = (ids: string[], from: number, to: number) =>
  Array.from({ length: to - from }, (_, t) => ids.map((id) => nth(id, from + t))).flat();

describe('a ttl by event time', () => {
  const ttl = { event: '100s' };

  test('forgets a stream when the samples of others have come so much further, in whatever turns', () => {
    const before = together(['a', 'b', 'c'], 0, 50);
    expect(keysAfter([...before, ...together(['a', 'b'], 50, 140)], { ttl })).toEqual(['a', 'b', 'c']);
    expect(keysAfter([...before, ...together(['a', 'b'], 50, 160)], { ttl })).toEqual(['a', 'b']);
  });

  test('does not depend on the wall clock, nor the wall clock on the samples', () => {
    const samples = [...together(['a', 'b', 'c'], 0, 50), ...together(['a', 'b'], 50, 500)];
    expect(keysAfter(samples, { ttl: '1h' })).toEqual(['a', 'b', 'c']);
  });

  test('forgets with one stream left', () => {
    const samples = [...together(['a', 'b'], 0, 50), ...series('a', 130, 50)];
    expect(keysAfter(samples, { ttl })).toEqual(['a']);
  });

  test('brings a stream back from the store as it was', () => {
    const store = memoryStore();
    const streams = new KeyedStreams<string>(model, { ttl, store });
    const samples = [...together(['a', 'b', 'c'], 0, 50), ...together(['a', 'b'], 50, 200)];
    from(samples)
      .pipe(forecastBy((sample) => sample.id, streams))
      .subscribe();
    expect(streams.keys()).toEqual(['a', 'b']);
    expect(store.keys().toSorted()).toEqual(['a', 'b', 'c']);
    expect(streams.fork('c')!.samples).toBe(50);
    expect(streams.keys()).toEqual(['a', 'b', 'c']);
    streams.dispose();
  });

  test.each([
    ['one, years ahead', 1, 1e9],
    ['three, years ahead', 3, 1e9],
    ['50, a year back', 50, -3e7],
    ['one, nearly the ttl ahead', 1, 99],
  ])('forgets nothing for false stamps of one stream: %s', (_, count, by) => {
    const samples = [
      ...together(['a', 'b', 'c', 'd'], 0, 50),
      ...series('a', count, 50 + by).map((sample) => ({ ...sample, offset: 0 })),
      ...together(['a', 'b', 'c', 'd'], 50, 80),
    ];
    const seen: number[] = [];
    from(samples)
      .pipe(forecastBy((sample) => sample.id, model, { ttl }))
      .subscribe((f) => f.key === 'd' && seen.push(f.skipped.invalid));
    expect(keysAfter(samples, { ttl })).toEqual(['a', 'b', 'c', 'd']);
    expect(seen).toHaveLength(80);
  });

  test.each([[{ event: 'soon' }], [{ events: '1d' }], [{}], [null]])('is refused for %j', (wrong) => {
    expect(() => forecastBy((sample: Reading) => sample.id, model, { ttl: wrong as never })).toThrow(
      gatecastError('invalid-argument', /ttl/),
    );
  });
});

test('event time never goes back, and by regular samples of several streams it is the time that passed', () => {
  const stamp = fc.record({ key: fc.nat(3), at: fc.oneof(fc.nat(1e6), fc.integer({ min: -1e12, max: 1e12 })) });
  fc.assert(
    fc.property(fc.array(stamp, { maxLength: 60 }), (stamps) => {
      const clock = new EventTime(100_000);
      let before = 0;
      for (const { key, at } of stamps) {
        clock.take(key, at);
        expect(clock.elapsed).toBeGreaterThanOrEqual(before);
        expect(clock.elapsed - before).toBeLessThanOrEqual(25_000);
        before = clock.elapsed;
      }
      const far = START + 1e12;
      for (let i = 0; i < 1500; i++) clock.take(i % 3, far + 1000 * Math.floor(i / 3));
      expect(Math.abs(clock.elapsed - before - 499_000)).toBeLessThanOrEqual(50_000);
    }),
    { numRuns: 100 },
  );
});
