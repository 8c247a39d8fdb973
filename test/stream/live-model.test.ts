import fc from 'fast-check';
import { from, type Observable, of, type OperatorFunction, Subject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { ForecasterStates } from '../../lib/model/forecaster-states.ts';
import { makeStates } from '../../lib/model/model.ts';
import type { Sample, TimedSample } from '../../lib/model/sample.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import { LiveModel, type LiveModelOptions, type ModelChange } from '../../lib/stream/swap/live-model.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import type { SwapOptions, SwapOutcome } from '../../lib/stream/swap/swap-options.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';
import { old, next, narrow, repeating, sample, series, numbersOf, turn, alone } from './live-model-set-up.ts';

/** Counts the states that live: how many were made less how many were disposed of. */
function countStates() {
  const made = [old, next, narrow].map((model) => vi.spyOn(model, makeStates));
  const dispose = vi.spyOn(ForecasterStates.prototype, 'dispose');
  for (const spy of [...made, dispose]) spy.mockClear();
  return {
    living: () => made.reduce((sum, spy) => sum + spy.mock.calls.length, 0) - new Set(dispose.mock.contexts).size,
    restore: () => {
      for (const spy of [...made, dispose]) spy.mockRestore();
    },
  };
}

describe('a swap', () => {
  test('without shadow answers with the new model as soon as it has taken the last samples', async () => {
    const live = new LiveModel(old);
    const samples = series(60);
    const before = samples.slice(0, 40).map((one) => live.step(one));
    const swapping = live.swap(next, { warm: 30 });
    expect(live.model).toBe(old);
    const outcome = await swapping;
    expect(outcome).toEqual({ switched: true, reason: undefined, gain: undefined, scores: [], error: undefined });
    expect(live.model).toBe(next);
    const after = samples.slice(40).map((one) => live.step(one));
    expect(numbersOf(before)).toEqual(numbersOf(alone(old, samples).slice(0, 40)));
    expect(numbersOf(after)).toEqual(numbersOf(alone(next, samples.slice(10)).slice(30)));
    expect(after[0]).toMatchObject({ horizon: 5, ready: true, at: 40_000 });
  });

  test('waits for samples if too few are kept', async () => {
    const live = new LiveModel(old);
    const settled = vi.fn<(outcome: SwapOutcome) => void>();
    void live.swap(next).then(settled); // as many as it needs to be ready: 9
    for (const one of series(8)) live.step(one);
    await turn();
    expect([live.model, settled.mock.calls.length]).toEqual([old, 0]);
    expect(live.step(sample(8))!.horizon).toBe(3);
    expect(live.model).toBe(next);
    expect(live.step(sample(9))).toMatchObject({ horizon: 5, ready: true });
  });

  test('warms in slices while the old model answers', async () => {
    const live = new LiveModel(old, { recent: 1000 });
    const samples = series(1100);
    for (const one of samples.slice(0, 1000)) live.step(one);
    const create = vi.spyOn(next, makeStates);
    const swapping = live.swap(next);
    const state = create.mock.results[0]!.value as ForecasterStates;
    create.mockRestore();
    const slices: number[] = [];
    const said: (LiveForecast | undefined)[] = [];
    while (live.model === old) {
      const before = state.samples(0);
      await turn();
      slices.push(state.samples(0) - before);
      said.push(live.step(samples[1000 + said.length]!));
    }
    expect((await swapping).switched).toBe(true);
    expect(Math.max(...slices)).toBeLessThan(1000);
    const answered = said.filter((f) => f!.horizon === 3).length;
    const wanted = [
      ...alone(old, samples).slice(1000, 1000 + answered),
      ...alone(next, samples).slice(1000 + answered),
    ];
    expect(numbersOf(said)).toEqual(numbersOf(wanted.slice(0, said.length)));
  });

  test('misses no sample, however many come before its turn', async () => {
    const live = new LiveModel(old, { recent: 20 });
    const samples = series(300);
    for (const one of samples.slice(0, 100)) live.step(one);
    const swapping = live.swap(next, { warm: 20 });
    for (const one of samples.slice(100, 299)) live.step(one); // all within one turn
    expect((await swapping).switched).toBe(true);
    expect(live.step(samples[299]!)!.numbers).toEqual(alone(next, samples.slice(80)).at(-1)!.numbers);
  });

  test('a model of some of the inputs has them by name', async () => {
    const options: LiveModelOptions = {
      gap: { pressure: 'decay', temperature: 'impute' },
      health: { limits: { pressure: { max: 12 } } },
    };
    const live = new LiveModel(old, options);
    const samples = series(30);
    for (const one of samples.slice(0, 20)) live.step(one);
    await live.swap(narrow, { warm: 20 });
    const temperatures = samples.map((one) => ({ ...one, values: [(one.values as number[])[1]!] }));
    const wanted = alone(narrow, temperatures, { gap: { temperature: 'impute' }, health: true });
    const got = samples.slice(20).map((one) => live.step(one));
    expect(numbersOf(got)).toEqual(numbersOf(wanted.slice(20)));
    const named = live.step({ at: 30_000, values: { pressure: 10, temperature: 20 } });
    expect(named!.targets).toEqual(['temperature']);
  });

  test('keeps counting offsets, and knows of samples that came already', async () => {
    const live = new LiveModel(old, { gap: 'hold' });
    for (const [i, one] of series(20).entries()) live.step({ ...one, offset: 10 * i });
    await live.swap(next, { warm: 1 });
    expect(live.state.offset).toBe(190);
    expect(live.step(sample(19))).toBeUndefined();
    expect(live.step(sample(20))!.horizon).toBe(5);
  });
});

describe('with shadow', () => {
  const better = repeating(0);
  const worse = repeating(0.5);
  const run = async (
    first: Forecaster,
    second: Forecaster,
    options: SwapOptions,
    count = 60,
    streamOptions: LiveModelOptions = {},
  ) => {
    const live = new LiveModel(first, streamOptions);
    const said = series(20).map((one) => live.step(one));
    const swapping = live.swap(second, { warm: 10, ...options });
    await turn();
    for (const one of series(count, 20)) said.push(live.step(one));
    return { live, said, outcome: await swapping };
  };

  test('the better one takes over after exactly so many samples, with the errors of both', async () => {
    const { said, outcome } = await run(worse, better, { shadow: 30, ifBetterBy: 0.02 });
    const from = said.findIndex((f, t) => f!.numbers[0] === (sample(t).values as number[])[1]);
    expect(from).toBe(50);
    // Repeating the last value, and that plus half a deviation of 1.5, scored on the 29 samples after the first of the shadow.
    const truths = series(30, 20).map(({ values }) => (values as number[])[1]!);
    const mae = (bias: number) =>
      truths.slice(1).reduce((sum, truth, i) => sum + Math.abs(truth - truths[i]! - bias) / 29, 0);
    expect(outcome).toMatchObject({ switched: true, reason: undefined });
    expect(outcome.scores).toHaveLength(1);
    const [score] = outcome.scores;
    expect(score).toMatchObject({ target: 'temperature', scored: 29 });
    expect(score!.after).toBeCloseTo(mae(0), 5);
    expect(score!.before).toBeCloseTo(mae(0.75), 5);
    expect(outcome.gain).toBeCloseTo(1 - mae(0) / mae(0.75), 5);
  });

  test('one that is not better by the margin never answers', async () => {
    for (const [first, second, ifBetterBy] of [
      [better, worse, undefined],
      [better, repeating(0), 0.01],
    ] as const) {
      const { live, outcome } = await run(first, second, { shadow: '30s', ...(ifBetterBy && { ifBetterBy }) });
      expect(outcome).toMatchObject({ switched: false, reason: 'not-better' });
      expect(live.model).toBe(first);
      expect(live.revert()).toBe(false);
    }
    const { outcome } = await run(better, repeating(0), { shadow: '30s' });
    expect(outcome).toMatchObject({ switched: true, gain: 0 }); // not worse is enough without a margin
  });

  test('both are scored on the same steps of the same samples, those that both forecast', async () => {
    const two = repeating(0, { horizon: 2, levels: [0.1, 0.5], loss: 'mse' });
    const { outcome } = await run(worse, two, { shadow: 30 });
    expect(outcome.scores[0]!.scored).toBe(29);
    expect(outcome.gain).toBeGreaterThan(0);
  });

  test('missing samples, late ones and flagged ones shift no score', async () => {
    const options: LiveModelOptions = { gap: 'hold', lateness: '5s', health: true };
    const live = new LiveModel(worse, options);
    const level = (t: number): TimedSample => ({ at: 1000 * t, values: [10 + (t % 5) / 50, 20 + t / 10] });
    for (let t = 0; t < 20; t++) live.step(level(t));
    const swapping = live.swap(better, { warm: 20, shadow: 12 });
    await turn();
    for (const t of [20, 21, 22, 25, 24, 26, 27, 28]) live.step(level(t)); // 23 never comes, 24 comes late
    live.step({ at: 29_000, values: [10, 1e4] });
    for (const t of [30, 31, 32, 33]) live.step(level(t));
    const outcome = await swapping;
    // On a ramp of 0.1 a step the last value is 0.1 behind, and the last one plus 0.75 is 0.65 ahead. Nothing had been said of
    // 25 a step before, and 29 is no truth; for 30 the last value is that of 28, held.
    expect(outcome.scores[0]!.scored).toBe(9); // 21, 22, 26, 27, 28, 30, 31, 32, 33
    expect(outcome.scores[0]!.after).toBeCloseTo((8 * 0.1 + 0.2) / 9, 5);
    expect(outcome.scores[0]!.before).toBeCloseTo((8 * 0.65 + 0.55) / 9, 5);
  });

  test('a forecast from before a long silence is not scored on what came after it', async () => {
    const live = new LiveModel(worse, { resetAfter: '10s' });
    const level = (t: number): TimedSample => ({ at: 1000 * t, values: [10, 20 + t / 10] });
    for (let t = 0; t < 20; t++) live.step(level(t));
    const swapping = live.swap(better, { warm: 20, shadow: 12 });
    await turn();
    for (let t = 20; t < 24; t++) live.step(level(t));
    for (let t = 200; live.model === worse; t++) live.step(level(t));
    const [score] = (await swapping).scores;
    expect(score!.scored).toBe(3 + 7); // 21 to 23, and after the first of the eight that are left
    expect(score!.after).toBeCloseTo(0.1, 5);
  });
});

describe('revert', () => {
  test('goes back to the old model, which has been kept in step', async () => {
    const live = new LiveModel(old);
    const changes: ModelChange[] = [];
    live.changes$.subscribe((change) => changes.push(change));
    const samples = series(80);
    const said = samples.slice(0, 30).map((one) => live.step(one));
    await live.swap(next, { revertible: '40s' });
    said.push(...samples.slice(30, 60).map((one) => live.step(one)));
    expect(live.revert()).toBe(true);
    said.push(...samples.slice(60, 65).map((one) => live.step(one)));
    expect(live.revert()).toBe(true);
    said.push(...samples.slice(65).map((one) => live.step(one)));
    const [a, b] = [alone(old, samples), alone(next, samples)];
    const wanted = samples.map((_, t) => (t < 30 || (t >= 60 && t < 65) ? a : b)[t]);
    expect(numbersOf(said)).toEqual(numbersOf(wanted));
    expect(live.revert()).toBe(false); // 50 samples are more than 40 s
    expect(changes.map(({ kind, from: model, to, at }) => [kind, model === old, to === next, at])).toEqual([
      ['swap', true, true, 29_000],
      ['revert', false, false, 59_000],
      ['revert', true, true, 64_000],
    ]);
  });

  test('cancels a swap that is not decided', async () => {
    const live = new LiveModel(old);
    for (const one of series(20)) live.step(one);
    const swapping = live.swap(next, { shadow: 10 });
    expect(live.revert()).toBe(false);
    expect(await swapping).toMatchObject({ switched: false, reason: 'cancelled' });
    const [first, second] = [live.swap(next, { shadow: 10 }), live.swap(narrow, { shadow: 10 })];
    live.dispose();
    expect([(await first).reason, (await second).reason]).toEqual(['cancelled', 'cancelled']);
  });
});

test('no forecast is missing, whatever the moment of swaps and reverts', async () => {
  const act = fc.record({
    at: fc.nat(59),
    kind: fc.constantFrom('next', 'narrow', 'old', 'revert'),
    warm: fc.integer({ min: 1, max: 20 }),
    shadow: fc.nat(10),
    revertible: fc.nat(15),
    turns: fc.boolean(),
  });
  const optionsOf: LiveModelOptions[] = [
    {},
    { gap: 'hold', lateness: '3s', health: true, calibrate: true, fallback: 'naive', watch: true },
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { maxLength: 6 }),
      fc.constantFrom(...optionsOf),
      fc.array(fc.nat(59), { maxLength: 5 }),
      async (acts, options, bad) => {
        const states = countStates();
        const live = new LiveModel(old, { ...options, recent: 15 });
        const models = { next, narrow, old };
        for (let t = 0; t < 60; t++) {
          for (const { at, kind, turns, ...swap } of acts) {
            if (at !== t) continue;
            if (kind === 'revert') live.revert();
            else void live.swap(models[kind], swap);
            if (turns) await turn();
          }
          const invalid = bad.includes(t) && options.gap === undefined;
          const model = live.model;
          const said = live.step(invalid ? [1] : sample(t));
          if (invalid) expect(said).toBeUndefined();
          else expect([said!.at, said!.kind, said!.horizon]).toEqual([1000 * t, 'forecast', model.description.horizon]);
          if (options.gap) expect(live.step(sample(t))).toBeUndefined(); // the same time again
        }
        live.dispose();
        expect(states.living()).toBe(0);
        states.restore();
      },
    ),
    { numRuns: 100 },
  );
});

describe('forecast of a LiveModel', () => {
  const letters: Record<string, Sample> = {
    a: { at: 1, values: [10, 20] },
    b: { at: 2, values: [11, 19] },
    c: { at: 3, values: [9, 25] },
    x: { at: 4, values: [Number.NaN, 1] },
    n: null as never,
  };
  const answers = (model: Forecaster, taken: string) => {
    const said = alone(
      model,
      taken.split('').map((letter) => letters[letter]!),
    );
    return Object.fromEntries(said.map((f, i) => [taken[i]!.toUpperCase(), f!]));
  };

  function marbles(
    source: string,
    subscription: string,
    expected: string,
    taken = '',
    error?: unknown,
    unsubscribe?: string,
  ) {
    const live = new LiveModel(old);
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(
      ({ hot, expectObservable, expectSubscriptions }) => {
        const samples = hot(source, letters);
        expectObservable(samples.pipe(forecast(live)), unsubscribe).toBe(expected, answers(old, taken), error);
        expectSubscriptions(samples.subscriptions).toBe(subscription);
      },
    );
    live.dispose();
  }

  test('never', () => marbles('---', '^--!', '---', '', undefined, '---!'));
  test('empty', () => marbles('--|', '^-!', '--|'));
  test('one', () => marbles('-a-|', '^--!', '-A-|', 'a'));
  test('many', () => marbles('-a-b-c-|', '^------!', '-A-B-C-|', 'abc'));
  test('error of the source', () => marbles('-a-#', '^--!', '-A-#', 'a'));
  test('early unsubscribe', () => marbles('-a-b-c-|', '^--!', '-A--', 'a', undefined, '---!'));
  test('a value that is not a sample', () =>
    marbles('-a-n-c-|', '^--!', '-A-#', 'a', gatecastError('invalid-argument')));

  test('a swap between two samples', () => {
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(({ hot, cold, expectObservable }) => {
      const live = new LiveModel(old);
      const samples = hot('-a-b-------c---a-|', letters);
      cold('-----s-------r').subscribe((what) => {
        if (what === 's') void live.swap(next, { warm: 2 });
        else live.revert();
      });
      const values = {
        ...answers(old, 'ab'),
        C: answers(next, 'abc')['C']!,
        D: alone(
          old,
          ['a', 'b', 'c', 'a'].map((l) => letters[l]!),
        )[3]!,
      };
      expectObservable(samples.pipe(forecast(live))).toBe('-A-B-------C---D-|', values);
    });
  });

  test('invalid samples are left out and counted', () => {
    const live = new LiveModel(old);
    const seen: LiveForecast[] = [];
    of(letters['a']!, letters['x']!, [1], letters['c']!)
      .pipe(forecast(live))
      .subscribe((f) => seen.push(f));
    expect(seen.map((f) => f.skipped.invalid)).toEqual([0, 2]);
    const error = vi.fn<(error: unknown) => void>();
    of([1])
      .pipe(forecast(new LiveModel(old, { onInvalid: 'error' })))
      .subscribe({ error });
    expect(error).toHaveBeenCalledWith(gatecastError('invalid-sample', /2 values/));
  });

  test('all subscriptions go on with the one stream, and one that ends leaves it', () => {
    const live = new LiveModel(old);
    const seen: LiveForecast[] = [];
    for (const part of [series(4), series(3, 4)])
      from(part)
        .pipe(forecast(live))
        .subscribe((f) => seen.push(f));
    expect(numbersOf(seen)).toEqual(numbersOf(alone(old, series(7))));
    expect(() => forecast(live as never, {})).toThrow(gatecastError('invalid-argument', /options/));
  });

  test('a subscriber may swap and revert', async () => {
    const live = new LiveModel(old);
    const source = new Subject<Sample>();
    const horizons: number[] = [];
    source.pipe(forecast(live)).subscribe((f) => {
      horizons.push(f.horizon);
      if (horizons.length === 1) void live.swap(next, { warm: 3 });
      if (horizons.length === 6) live.revert();
    });
    for (const one of series(8)) {
      source.next(one);
      await turn();
    }
    expect(horizons).toEqual([3, 3, 3, 5, 5, 5, 3, 3]);
  });

  test('has types', () => {
    const live = new LiveModel(old);
    expectTypeOf(forecast(live)).toEqualTypeOf<OperatorFunction<Sample, LiveForecast>>();
    expectTypeOf(live.changes$).toEqualTypeOf<Observable<ModelChange>>();
    expectTypeOf<ReturnType<LiveModel['swap']>>().toEqualTypeOf<Promise<SwapOutcome>>();
    expectTypeOf(live.model).toEqualTypeOf<Forecaster>();
    // @ts-expect-error a state has options of its own
    expect(() => forecast(live, { calibrate: true })).toThrow(gatecastError('invalid-argument'));
    // @ts-expect-error there is no such option
    expect(() => live.swap(next, { after: '1h' })).toThrow(gatecastError('invalid-argument'));
    live.dispose();
  });
});

test('a forecast reports how old its sample was on arrival', () => {
  const live = new LiveModel(old);
  expect(live.step({ at: 1000, values: [10, 20], arrivedAt: 1250 })!.ageMs).toBe(250);
  expect(live.step({ at: 2000, values: [10, 20] })!.ageMs).toBeUndefined();
  expect(live.step({ values: [10, 20], arrivedAt: 3000 })!.ageMs).toBeUndefined();
  const late = new StreamState(old, { lateness: '5s' });
  for (const t of [0, 1, 3]) late.step(sample(t));
  expect(late.step({ ...sample(2), arrivedAt: 3500 })).toMatchObject({ kind: 'correction', ageMs: 500 });
});

test('what cannot be read is skipped as by a state, and need not come again after a restart', () => {
  const model = makeModel();
  const live = new LiveModel(model);
  const state = new StreamState(model);
  const samples = [{ values: [1, 2] }, { values: [1] }, { values: [1, Number.NaN] }, { at: 'never', values: [1, 2] }];
  for (const [offset, sample] of samples.entries()) {
    for (const each of [live, state]) each.step({ ...sample, offset });
    expect([live.state.skipped, live.state.offset]).toEqual([state.skipped, state.offset]);
  }
});
