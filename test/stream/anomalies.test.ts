import { EMPTY, filter, NEVER, Observable, of, type OperatorFunction, retry, Subject, share, take } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { Sample } from '../../lib/model/sample.ts';
import { ForecasterStates } from '../../lib/model/forecaster-states.ts';
import { makeStates } from '../../lib/model/model.ts';
import { makeOnlineStates, OnlineForecaster } from '../../lib/online/learner/online-forecaster.ts';
import { OnlineStates } from '../../lib/online/learner/online-states.ts';
import { anomalies } from '../../lib/stream/anomaly/anomalies.ts';
import type { AnomalyOptions } from '../../lib/stream/anomaly/anomaly-options.ts';
import { AnomalyState } from '../../lib/stream/anomaly/anomaly-state.ts';
import type { Judgement } from '../../lib/stream/anomaly/judgement.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';
import { makeModel } from '../support/models.ts';

const options: AnomalyOptions = { interval: '1m', warmup: 2 };
const trained = makeModel();
const online = new OnlineForecaster({ inputs: ['pressure', 'temperature'], hidden: 4 });

/** The samples of the marbles; x is invalid, n is not a sample at all. */
const sample: Record<string, Sample> = {
  a: { at: 1, values: [10, 20] },
  b: { at: 2, values: [11, 19] },
  c: { at: 3, values: [9, 25] },
  d: { at: 4, values: [99, 25] },
  x: { at: 5, values: [Number.NaN, 1] },
  n: null as never,
};

/** Counts the live states: those made minus those disposed of. */
function countStates(): () => number {
  const create = [vi.spyOn(Forecaster.prototype, makeStates), vi.spyOn(OnlineForecaster.prototype, makeOnlineStates)];
  const dispose = [vi.spyOn(ForecasterStates.prototype, 'dispose'), vi.spyOn(OnlineStates.prototype, 'dispose')];
  for (const spy of [...create, ...dispose]) spy.mockClear();
  const made = () => create.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  return () => made() - new Set(dispose.flatMap((spy) => spy.mock.contexts as object[])).size;
}

describe.each([
  ['a trained forecaster', trained],
  ['one that learns online', online],
])('anomalies of %s', (_name, model) => {
  const operator = () => anomalies(model, options);

  /** The judgements of the samples, one after the other. */
  function offline(letters: string): Record<string, Judgement> {
    const state = new AnomalyState(model, options);
    const judged = letters.split('').map((letter) => [letter.toUpperCase(), state.step(sample[letter]!)!]);
    state.dispose();
    return Object.fromEntries(judged);
  }

  /** Runs marbles and checks that no state outlives them. */
  function marbles(
    source: string,
    subscription: string,
    expected: string,
    letters = '',
    error?: unknown,
    unsubscribe?: string,
  ) {
    const living = countStates();
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(
      ({ hot, expectObservable, expectSubscriptions }) => {
        const samples = hot(source, sample);
        expectObservable(samples.pipe(operator()), unsubscribe).toBe(expected, offline(letters), error);
        expectSubscriptions(samples.subscriptions).toBe(subscription);
      },
    );
    expect(living()).toBe(0);
  }

  test('never', () => marbles('---', '^--!', '---', '', undefined, '---!'));
  test('empty', () => marbles('--|', '^-!', '--|'));
  test('one', () => marbles('-a-|', '^--!', '-A-|', 'a'));
  test('many', () => marbles('-a-b-c-d-|', '^--------!', '-A-B-C-D-|', 'abcd'));
  test('error of the source', () => marbles('-a-#', '^--!', '-A-#', 'a'));
  test('early unsubscribe', () => marbles('-a-b-c-|', '^--!', '-A--', 'a', undefined, '---!'));
  test('a value that is not a sample', () =>
    marbles('-a-n-c-|', '^--!', '-A-#', 'a', gatecastError('invalid-argument')));

  test('invalid samples are left out and counted, or end the stream', () => {
    const samples = of(sample.a!, sample.x!, sample.c!);
    const seen: Judgement[] = [];
    samples.pipe(operator()).subscribe((judgement) => seen.push(judgement));
    expect(seen.map(({ at, skipped }) => [at, skipped.invalid])).toEqual([
      [1, 0],
      [3, 1],
    ]);
    const error = vi.fn<(error: unknown) => void>();
    samples.pipe(anomalies(model, { ...options, onInvalid: 'error' })).subscribe({ error });
    expect(error).toHaveBeenCalledWith(gatecastError('invalid-sample', /pressure/));
  });

  test('two subscribers have a state each, however they interleave', () => {
    const source = new Subject<Sample>();
    const shared = source.pipe(share(), operator());
    const [early, late]: Judgement[][] = [[], []];
    shared.subscribe((judgement) => early!.push(judgement));
    source.next(sample.a!);
    shared.subscribe((judgement) => late!.push(judgement));
    for (const letter of 'bcd') source.next(sample[letter]!);
    expect(early).toEqual(Object.values(offline('abcd')));
    expect(late).toEqual(Object.values(offline('bcd')));
  });

  test('retry starts cold', () => {
    const living = countStates();
    const seen: Judgement[] = [];
    let attempts = 0;
    const source = new Observable<Sample>((subscriber) => {
      subscriber.next(sample.a!);
      if (attempts++ === 0) subscriber.error(new Error('lost'));
      else subscriber.complete();
    });
    source.pipe(operator(), retry(1)).subscribe((judgement) => seen.push(judgement));
    expect(seen).toEqual([offline('a').A, offline('a').A]);
    expect(living()).toBe(0);
  });

  test('answers within the same next(), in which a consumer that has enough ends the source', () => {
    const living = countStates();
    let taken = 0;
    const endless = new Observable<Sample>((subscriber) => {
      while (!subscriber.closed) {
        taken++;
        subscriber.next(sample.a!);
      }
    });
    endless.pipe(operator(), take(3)).subscribe();
    expect(taken).toBe(3);
    expect(living()).toBe(0);
  });

  test('a state is made at subscription, not before', () => {
    const create =
      model instanceof Forecaster
        ? vi.spyOn(Forecaster.prototype, makeStates)
        : vi.spyOn(OnlineForecaster.prototype, makeOnlineStates);
    create.mockClear();
    const [never, empty] = [NEVER.pipe(operator()), EMPTY.pipe(operator())];
    expect(create).not.toHaveBeenCalled();
    never.subscribe().unsubscribe();
    empty.subscribe();
    expect(create).toHaveBeenCalledTimes(2);
  });

  test('an error of a consumer frees the state', () => {
    const living = countStates();
    const boom = new Error('boom');
    const error = vi.fn<(error: unknown) => void>();
    const thrower = filter<Judgement>(() => {
      throw boom;
    });
    of(sample.a!).pipe(operator(), thrower).subscribe({ error });
    expect(error).toHaveBeenCalledWith(boom);
    expect(living()).toBe(0);
  });
});

test('a trained forecaster finds what it did not predict', () => {
  const judged: Judgement[] = [];
  const steady = Array.from({ length: 2000 }, (_, t): Sample => [10 + Math.sin(t), 20 + Math.cos(t / 3)]);
  steady[1500] = [10, 60];
  of(...steady)
    .pipe(anomalies(trained, { interval: '1h', perDay: 0.1 }))
    .subscribe((judgement) => judged.push(judgement));
  expect(judged[1500]).toMatchObject({ alert: 'opened', ready: true });
  expect(trained.description.targets).toContain(judged[1500]!.input);
  expect(judged[1500]!.score).toBeGreaterThan(judged[1500]!.threshold);
  expect(judged.filter(({ alert }) => alert === 'opened').length).toBeLessThan(10);
});

describe('the arguments of anomalies', () => {
  test('are refused when it is called', () => {
    for (const [name, make] of HOSTILE_VALUES) {
      if (name === 'a revoked proxy') continue;
      expect(() => anomalies(make() as never, options), name).toThrow(/Expected a Forecaster|hostile/);
    }
    for (const wrong of [
      { perDay: 0 },
      { perDay: '1' },
      { warmup: 1 },
      { hysteresis: '2 weeks' },
      { refractory: -1 },
      { interval: 0 },
      { interval: undefined },
      { onInvalid: 'drop' },
      { perday: 1 },
    ]) {
      expect(() => anomalies(online, { ...options, ...wrong } as never)).toThrow(gatecastError('invalid-argument'));
    }
    expect(() => anomalies(online, { perday: 1 } as never)).toThrow(/Did you mean perDay/);
  });

  test('need an interval only if the forecaster has none', () => {
    const knows = makeModel({ interval: 60_000 });
    expect(() => anomalies(knows)).not.toThrow();
    expect(() => anomalies(makeModel({ interval: null }))).toThrow(gatecastError('invalid-argument', /interval/));
  });

  test('need a forecaster that gives a distribution', () => {
    const flat = makeModel({ loss: 'mse', levels: [] });
    expect(() => anomalies(flat, options)).toThrow(gatecastError('invalid-argument', /two quantile levels/));
  });

  test('have types', () => {
    expectTypeOf(anomalies(trained)).toEqualTypeOf<OperatorFunction<Sample, Judgement>>();
    expectTypeOf(of(1).pipe(anomalies(online, options))).toEqualTypeOf<Observable<Judgement>>();
    expectTypeOf<Judgement['alert']>().toEqualTypeOf<'none' | 'opened' | 'open' | 'closed'>();
    // @ts-expect-error text is no sample
    expect(() => of('1,2').pipe(anomalies(online, options))).not.toThrow();
    // @ts-expect-error there is no such option
    expect(() => anomalies(online, { ...options, every: '1d' })).toThrow(gatecastError('invalid-argument'));
  });
});

test('options are checked and copied when the operator is made', () => {
  const model = new OnlineForecaster({ inputs: ['a'] });
  expect(() => anomalies(model, null as never)).toThrow(gatecastError('invalid-argument', /options/));
  const options = { interval: 1000, onInvalid: 'skip' as 'skip' | 'error' };
  const operator = anomalies(model, options);
  options.onInvalid = 'error';
  options.interval = -1;
  const errors: unknown[] = [];
  of(Number.NaN)
    .pipe(operator)
    .subscribe({ error: (error) => errors.push(error) });
  expect(errors).toEqual([]);
});
