import {
  EMPTY,
  NEVER,
  Observable,
  of,
  retry,
  Subject,
  share,
  take,
  throwError,
  concat,
  map,
  type OperatorFunction,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import type { Forecast } from '../../lib/model/forecast.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { ForecasterStates } from '../../lib/model/forecaster-states.ts';
import { makeStates } from '../../lib/model/model.ts';
import type { Sample } from '../../lib/model/sample.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { forecastBy, type KeyedForecast } from '../../lib/stream/fleet/forecast-by.ts';
import type { FleetOptions } from '../../lib/stream/fleet/keyed-streams.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';
import { makeModel } from '../support/models.ts';

const model = makeModel();

/** The samples of the marbles; x is invalid, n is not a sample at all. */
const sample: Record<string, Sample> = {
  a: { at: 1, values: [10, 20] },
  b: { at: 2, values: [11, 19] },
  c: { at: 3, values: [9, 25] },
  x: { at: 4, values: [Number.NaN, 1] },
  n: null as never,
};

/** The forecasts of one state that is stepped through the samples. */
function offline(letters: string): Record<string, Forecast> {
  const state = model.createState();
  const steps = letters.split('').map((letter) => [letter.toUpperCase(), state.step(sample[letter]!)!]);
  return Object.fromEntries(steps);
}

/** How many times the state that made this forecast has taken the first sample. */
function depth(found: Forecast): string {
  const state = model.createState();
  for (let n = 1; n < 10; n++) {
    if (state.step(sample.a!)!.mean.every((value, i) => value === found.mean[i])) return String(n);
  }
  return '?';
}

/** Counts the live states: those made minus those disposed of. */
function countStates(): { made: () => number; living: () => number } {
  const create = vi.spyOn(Forecaster.prototype, makeStates);
  const dispose = vi.spyOn(ForecasterStates.prototype, 'dispose');
  create.mockClear();
  dispose.mockClear();
  return {
    made: () => create.mock.calls.length,
    living: () => create.mock.calls.length - new Set(dispose.mock.contexts).size,
  };
}

const operators: [string, () => OperatorFunction<Sample, Forecast>][] = [
  ['forecast', () => forecast(model)],
  ['forecastBy of one key', () => forecastBy(() => 'key', model)],
];

describe.each(operators)('%s', (name, operator) => {
  const keyed = (values: Record<string, Forecast>) =>
    name === 'forecast'
      ? values
      : Object.fromEntries(Object.entries(values).map(([k, v]) => [k, Object.assign(v, { key: 'key' })]));

  /** Runs marbles and checks that no state outlives them. */
  function marbles(
    source: string,
    subscription: string,
    expected: string,
    letters = '',
    error?: unknown,
    unsubscribe?: string,
  ) {
    const states = countStates();
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(
      ({ hot, expectObservable, expectSubscriptions }) => {
        const samples = hot(source, sample);
        expectObservable(samples.pipe(operator()), unsubscribe).toBe(expected, keyed(offline(letters)), error);
        expectSubscriptions(samples.subscriptions).toBe(subscription);
      },
    );
    expect(states.living()).toBe(0);
  }

  test('never', () => marbles('---', '^--!', '---', '', undefined, '---!'));
  test('empty', () => marbles('--|', '^-!', '--|'));
  test('one', () => marbles('-a-|', '^--!', '-A-|', 'a'));
  test('many', () => marbles('-a-b-c-|', '^------!', '-A-B-C-|', 'abc'));
  test('error of the source', () => marbles('-a-#', '^--!', '-A-#', 'a'));
  test('early unsubscribe', () => marbles('-a-b-c-|', '^--!', '-A--', 'a', undefined, '---!'));
  test('a value that is not a sample', () =>
    marbles('-a-n-c-|', '^--!', '-A-#', 'a', gatecastError('invalid-argument')));

  test('invalid samples are left out and counted', () => {
    const seen: Forecast[] = [];
    of(sample.a!, sample.x!, sample.c!)
      .pipe(operator())
      .subscribe((f) => seen.push(f));
    const clean = offline('ac');
    expect(seen.map((f) => f.skipped.invalid)).toEqual([0, 1]);
    expect(seen.map((f) => f.mean)).toEqual([clean.A!.mean, clean.C!.mean]);
  });

  test('two subscribers have a state each', () => {
    const states = countStates();
    const shared = of(sample.a!, sample.b!, sample.c!).pipe(operator());
    const runs = [1, 2].map(() => {
      const seen: Forecast[] = [];
      shared.subscribe((f) => seen.push(f));
      return seen;
    });
    expect(runs[0]).toEqual(Object.values(keyed(offline('abc'))));
    expect(runs[1]).toEqual(runs[0]);
    expect(states.living()).toBe(0);
  });

  test('retry starts cold', () => {
    const states = countStates();
    const seen: Forecast[] = [];
    let attempts = 0;
    const source = new Observable<Sample>((subscriber) => {
      attempts++;
      subscriber.next(sample.a!);
      if (attempts === 1) subscriber.error(new Error('lost'));
      else subscriber.complete();
    });
    source.pipe(operator(), retry(1)).subscribe((f) => seen.push(f));
    expect(seen).toHaveLength(2);
    expect(seen[1]).toEqual(seen[0]);
    expect([states.made(), states.living()]).toEqual([2, 0]);
  });

  test('a consumer that has enough ends the source within next()', () => {
    const states = countStates();
    let taken = 0;
    const endless = new Observable<Sample>((subscriber) => {
      while (!subscriber.closed) {
        taken++;
        subscriber.next(sample.a!);
      }
    });
    endless.pipe(operator(), take(3)).subscribe();
    expect(taken).toBeLessThanOrEqual(name === 'forecast' ? 4 : 512); // a fleet answers 512 at once
    expect(states.living()).toBe(0);
  });

  test('a state is made at subscription, not before', () => {
    const states = countStates();
    const [never, empty] = [NEVER.pipe(operator()), EMPTY.pipe(operator())];
    expect(states.made()).toBe(0);
    const subscription = never.subscribe();
    empty.subscribe();
    subscription.unsubscribe();
    expect(states.living()).toBe(0);
  });

  test('a forecaster disposed of is an error downstream', () => {
    const gone = makeModel();
    const build = name === 'forecast' ? forecast(gone) : forecastBy(() => 1, gone);
    gone.dispose();
    const error = vi.fn<(error: unknown) => void>();
    of(sample.a!).pipe(build).subscribe({ error });
    expect(error).toHaveBeenCalledWith(gatecastError('disposed'));
  });
});

describe('forecast', () => {
  test('interleaved subscribers never mix', () => {
    const source = new Subject<Sample>();
    const shared = source.pipe(share(), forecast(model));
    const [early, late]: Forecast[][] = [[], []];
    shared.subscribe((f) => early!.push(f));
    source.next(sample.a!);
    shared.subscribe((f) => late!.push(f));
    source.next(sample.b!);
    source.next(sample.c!);
    expect(early).toEqual(Object.values(offline('abc')));
    expect(late).toEqual(Object.values(offline('bc')));
  });

  test('answers within the same next()', () => {
    const log: string[] = [];
    const source = new Subject<Sample>();
    source.pipe(forecast(model)).subscribe(() => log.push('forecast'));
    log.push('before');
    source.next(sample.a!);
    log.push('after');
    expect(log).toEqual(['before', 'forecast', 'after']);
  });

  test('given a state, continues it from subscription to subscription', () => {
    const state = new StreamState(model);
    const seen: Forecast[] = [];
    of(sample.a!)
      .pipe(forecast(state))
      .subscribe((f) => seen.push(f));
    of(sample.b!, sample.c!)
      .pipe(forecast(state))
      .subscribe((f) => seen.push(f));
    expect(seen).toEqual(Object.values(offline('abc')));
    expect(() => forecast(state as never, {})).toThrow(gatecastError('invalid-argument', /StreamState/));
    expect(state.samples).toBe(3);
    state.dispose();
    const error = vi.fn<(error: unknown) => void>();
    of(sample.a!).pipe(forecast(state)).subscribe({ error });
    expect(error).toHaveBeenCalledWith(gatecastError('disposed'));
  });

  test("ends with the first invalid sample with onInvalid: 'error'", () => {
    const error = vi.fn<(error: unknown) => void>();
    const next = vi.fn<(value: Forecast) => void>();
    of(sample.a!, sample.x!, sample.c!)
      .pipe(forecast(model, { onInvalid: 'error' }))
      .subscribe({ next, error });
    expect(next).toHaveBeenCalledTimes(1);
    expect(error).toHaveBeenCalledWith(gatecastError('invalid-sample', /pressure/));
  });

  test('refuses wrong arguments when called', () => {
    for (const [name, make] of HOSTILE_VALUES) {
      if (name === 'a revoked proxy') continue;
      expect(() => forecast(make() as never), name).toThrow(/Expected a Forecaster|hostile/);
      if (['undefined', '{}', 'an object without prototype'].includes(name)) continue;
      if (isPlain(make()))
        expect(() => forecast(model, make() as never), name).toThrow(gatecastError('invalid-argument'));
    }
    expect(() => forecast(model, { onInvalit: 'skip' } as never)).toThrow(
      gatecastError('invalid-argument', /Did you mean onInvalid/),
    );
  });

  test('has types', () => {
    expectTypeOf(forecast(model)).toEqualTypeOf<OperatorFunction<Sample, LiveForecast>>();
    expectTypeOf(of(1).pipe(forecast(model))).toEqualTypeOf<Observable<LiveForecast>>();
    expectTypeOf(of([1, 2]).pipe(forecast(model, { onInvalid: 'error' }))).toEqualTypeOf<Observable<LiveForecast>>();
    expectTypeOf(of({ at: new Date(), values: { a: 1 }, more: 'x' }).pipe(forecast(model))).toEqualTypeOf<
      Observable<LiveForecast>
    >();
    // @ts-expect-error text is no sample
    expect(() => of('1,2').pipe(forecast(model))).not.toThrow();
    // @ts-expect-error there is no such option
    expect(() => forecast(model, { onInvalid: 'drop' })).toThrow(gatecastError('invalid-argument'));
  });
});

describe('forecastBy', () => {
  const reading = (id: unknown, letter: string) => ({ id, values: (sample[letter] as { values: number[] }).values });
  const means = (letters: string) => Object.values(offline(letters)).map((f) => f.mean);

  test('keeps a state per key, whatever the key', () => {
    const object = {};
    for (const [k1, k2] of [
      ['a', 'b'],
      [1, '1'],
      [Number.NaN, 0],
      [object, {}],
      [undefined, null],
      [Symbol('a'), Symbol('a')],
    ]) {
      const seen: KeyedForecast<unknown>[] = [];
      of(reading(k1, 'a'), reading(k2, 'b'), reading(k1, 'c'), reading(k2, 'a'))
        .pipe(forecastBy((r) => r.id, model))
        .subscribe((f) => seen.push(f));
      expect(seen.map((f) => f.key)).toEqual([k1, k2, k1, k2]);
      expect(seen.filter((_, i) => i % 2 === 0).map((f) => f.mean)).toEqual(means('ac'));
      expect(seen.filter((_, i) => i % 2 === 1).map((f) => f.mean)).toEqual(means('ba'));
    }
  });

  test('steps the samples of a turn together, at its end and in their order', async () => {
    const advance = vi.spyOn(ForecasterStates.prototype, 'advance');
    const source = new Subject<{ id: number; values: number[] }>();
    const seen: number[] = [];
    const subscription = source.pipe(forecastBy((r) => r.id, model)).subscribe((f) => seen.push(f.key));
    for (const id of [3, 1, 2, 1, 4]) source.next({ id, values: [10, 20] });
    expect(seen).toEqual([]);
    await Promise.resolve();
    expect(seen).toEqual([3, 1, 2, 1, 4]);
    expect(advance.mock.calls).toEqual([[3], [2]]); // the second sample of 1 has to wait for its first
    subscription.unsubscribe();
  });

  test('forgets an idle stream, and the least recently used beyond `maxStreams`', () => {
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(({ cold, expectObservable }) => {
      const samples = (marbles: string) =>
        cold(marbles).pipe(map((id) => ({ id, values: (sample['a'] as { values: number[] }).values })));
      const cases: [string, string, FleetOptions][] = [
        ['a 9ms a 10ms a 11ms a|', '1 9ms 2 10ms 3 11ms 1|', { ttl: 11 }],
        ['abcabcddc|', '111111121|'.replace('121', '122'), { maxStreams: 2 }],
        ['abaab|', '11232|', { maxStreams: 2 }],
      ];
      for (const [marbles, expected, options] of cases) {
        const means = samples(marbles).pipe(
          forecastBy((r) => r.id, model, options),
          map((f) => depth(f)),
        );
        expectObservable(means).toBe(expected);
      }
    });
  });

  test('a subscriber may feed the source', () => {
    const source = new Subject<{ id: number; values: number[] }>();
    const seen: number[] = [];
    source.pipe(forecastBy((r) => r.id, model)).subscribe((f) => {
      seen.push(f.key);
      if (f.key < 5) source.next({ id: f.key + 1, values: [10, 20] });
    });
    source.next({ id: 1, values: [10, 20] });
    source.complete();
    expect(seen).toEqual([1]);
  });

  test('answers all samples before an end that comes while it answers', () => {
    const source = new Subject<{ id: number; values: number[] }>();
    const seen: unknown[] = [];
    source.pipe(forecastBy((r) => r.id, model)).subscribe({
      next: ({ key }) => {
        seen.push(key);
        if (key === 1) source.complete();
      },
      complete: () => seen.push('complete'),
    });
    for (let id = 1; id <= 512; id++) source.next({ id, values: [10, 20] });
    expect(seen).toEqual([...Array.from({ length: 512 }, (_, n) => n + 1), 'complete']);
  });

  test('reads a sample when it comes, so the source may reuse its memory', async () => {
    const [wanted, seen]: number[][][] = [[], []];
    const alone = model.createState();
    const memory = [0, 0];
    const source = new Subject<number[]>();
    source.pipe(forecastBy(() => 1, model)).subscribe((f) => seen!.push([...f.mean]));
    for (let t = 0; t < 5; t++) {
      memory[0] = 10 + t;
      memory[1] = 20 - t;
      source.next(memory);
      wanted!.push([...alone.step([10 + t, 20 - t])!.mean]);
    }
    await Promise.resolve();
    expect(seen).toEqual(wanted);
  });

  test('counts invalid samples by key', () => {
    const seen: KeyedForecast<unknown>[] = [];
    of(reading(1, 'x'), reading(2, 'a'), reading(1, 'a'))
      .pipe(forecastBy((r) => r.id, model))
      .subscribe((f) => seen.push(f));
    expect(seen.map((f) => [f.key, f.skipped.invalid])).toEqual([
      [2, 0],
      [1, 1],
    ]);
  });

  test('frees all states at the end, at an error and at unsubscribe', async () => {
    const source = concat(of(...'abcdefgh'.split('').map((id) => reading(id, 'a'))), NEVER);
    const ends: ((o: Observable<unknown>) => void)[] = [
      (o) => o.subscribe().unsubscribe(),
      (o) => o.pipe(take(8)).subscribe(),
    ];
    for (const end of ends) {
      const states = countStates();
      end(source.pipe(forecastBy((r) => r.id, model)));
      await Promise.resolve(); // the end of the turn
      expect([states.made(), states.living()]).toEqual([1, 0]);
    }
    const states = countStates();
    concat(
      of(reading('a', 'a')),
      throwError(() => new Error('lost')),
    )
      .pipe(forecastBy((r) => r.id, model))
      .subscribe({ error: () => {} });
    expect([states.made(), states.living()]).toEqual([1, 0]);
  });

  test('delivers an error of the key function', () => {
    const states = countStates();
    const boom = new Error('boom');
    const [next, error] = [vi.fn<(value: Forecast) => void>(), vi.fn<(error: unknown) => void>()];
    of(reading('a', 'a'), reading('bad', 'b'), reading('a', 'c'))
      .pipe(
        forecastBy((r) => {
          if (r.id === 'bad') throw boom;
          return r.id;
        }, model),
      )
      .subscribe({ next, error });
    expect(next).toHaveBeenCalledTimes(1);
    expect(error).toHaveBeenCalledWith(boom);
    expect(states.living()).toBe(0);
  });

  test('refuses wrong arguments when called', () => {
    for (const [name, make] of HOSTILE_VALUES) {
      if (name === 'a revoked proxy' || typeof make() === 'function') continue;
      expect(() => forecastBy(make() as never, model), name).toThrow(gatecastError('invalid-argument', /key/));
    }
    expect(() => forecastBy(() => 1, {} as never)).toThrow(gatecastError('invalid-argument', /Forecaster/));
    for (const [wrong, message] of [
      [{ ttl: 'soon' }, /ttl/],
      [{ maxStreams: 0 }, /maxStreams/],
      [{ maxStream: 1 }, /Did you mean maxStreams/],
      [null, /options/],
    ] as const) {
      expect(() => forecastBy(() => 1, model, wrong as never)).toThrow(gatecastError('invalid-argument', message));
    }
  });

  test('has types', () => {
    const readings = of({ id: 'a', at: 1, values: [1, 2] });
    const keyed = readings.pipe(forecastBy((r) => r.id, model));
    expectTypeOf(keyed).toEqualTypeOf<Observable<KeyedForecast<string>>>();
    expectTypeOf<KeyedForecast<number>['key']>().toEqualTypeOf<number>();
    expectTypeOf<KeyedForecast<string>>().toExtend<Forecast>();
    // @ts-expect-error a reading has no such field
    expect(() => readings.pipe(forecastBy((r) => r.nothing, model))).not.toThrow();
  });
});

test('streaming is the offline loop, for any interleaving of keys', () => {
  const letters = Array.from({ length: 200 }, (_, i) => 'abcx'[(i * 7 + (i >> 3)) % 4]!);
  const keys = letters.map((_, i) => (i * i) % 5);
  const streamed: Forecast[] = [];
  of(...letters.map((letter, i) => ({ ...(sample[letter] as object), id: keys[i] }) as never))
    .pipe(forecastBy((r: { id: number; values: number[] }) => r.id, model))
    .subscribe((f) => streamed.push(f));
  const states = Array.from({ length: 5 }, () => model.createState());
  const looped = letters.map((letter, i) => states[keys[i]!]!.step(sample[letter]!)).filter((f) => f !== undefined);
  expect(streamed.map(({ mean, quantiles, skipped }) => ({ mean, quantiles, skipped }))).toEqual(
    looped.map(({ mean, quantiles, skipped }) => ({ mean, quantiles, skipped })),
  );
});

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Array.isArray(value);
}
