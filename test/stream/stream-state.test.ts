import fc from 'fast-check';
import { of } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Forecast } from '../../lib/model/forecast.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { Sample } from '../../lib/model/sample.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

const models: [string, Forecaster][] = [
  ['a GRU', makeModel()],
  ['an LSTM', makeModel({ network: { cell: 'lstm' } })],
  ['a window', makeModel({ memory: 'window', lookback: 7 })],
  ['attention', makeModel({ network: { attention: 4 } })],
  ['a window of both directions', makeModel({ memory: 'window', lookback: 7, network: { bidirectional: true } })],
];

const samples: Sample[] = Array.from({ length: 60 }, (_, t) => ({
  at: 1000 * t,
  values: t % 11 === 5 ? [Number.NaN, 1] : [10 + Math.sin(t), 20 + Math.cos(t / 3)],
  offset: 2 * t,
}));

const run = (state: StreamState, from: number, to: number): (Forecast | undefined)[] =>
  samples.slice(from, to).map((sample) => state.step(sample));

const place = fc.integer({ min: 0, max: samples.length });

describe.each(models)('the state of a stream with %s', (_, model) => {
  const whole = run(new StreamState(model), 0, samples.length);

  test('a fork continues independently, and stepping it leaves the original unchanged', () => {
    fc.assert(
      fc.property(place, (at) => {
        const state = new StreamState(model, { history: 3 });
        run(state, 0, at);
        const fork = state.fork();
        expect(fork.equals(state)).toBe(true);
        for (let k = 0; k < 50; k++) fork.step([k, -k]);
        expect(fork.equals(state)).toBe(false);
        expect(run(state, at, samples.length)).toEqual(whole.slice(at));
      }),
      { numRuns: 20 },
    );
  });

  test('restored from a snapshot, it continues with the same bits, also after a rewind', () => {
    fc.assert(
      fc.property(place, place, (at, before) => {
        const first = new StreamState(model, { history: 5 });
        run(first, 0, at);
        const second = new StreamState(model, { history: 5 });
        run(second, 0, before); // whatever it was
        second.restore(first.snapshot());
        expect(second.equals(first)).toBe(true);
        expect([second.samples, second.skipped, second.offset]).toEqual([first.samples, first.skipped, first.offset]);
        const back = Math.min(first.samples, 5);
        for (const state of [first, second]) state.rewind(back);
        expect(second.snapshot()).toEqual(first.snapshot());
        expect(run(second, at, samples.length)).toEqual(run(first, at, samples.length));
      }),
      { numRuns: 20 },
    );
  });

  test('rewound, it is as it was, however the samples were divided', () => {
    const clean = samples.filter((_, t) => t % 11 !== 5);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(8), fc.nat(6)), { maxLength: 12 }), (moves) => {
        const state = new StreamState(model, { history: 6 });
        let at = 0;
        let kept = 0;
        for (const [forth, back] of moves) {
          const end = Math.min(at + forth, clean.length);
          for (; at < end; at++) state.step(clean[at]!);
          kept = Math.min(kept + forth, 6);
          const steps = Math.min(back, kept, at);
          state.rewind(steps);
          [at, kept] = [at - steps, kept - steps];
          const fresh = new StreamState(model, { history: 6 });
          for (const sample of clean.slice(0, at)) fresh.step(sample);
          expect(state.equals(fresh)).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('reset, it is as newly made', () => {
    const state = new StreamState(model, { history: 2 });
    run(state, 0, 30);
    state.reset();
    expect(state.equals(new StreamState(model, { history: 2 }))).toBe(true);
    expect(() => state.rewind(1)).toThrow(gatecastError('invalid-argument', /0 to 0/));
    expect(run(state, 0, samples.length)).toEqual(whole);
  });
});

describe('a snapshot', () => {
  const model = makeModel();
  const state = new StreamState(model, { history: 2 });
  run(state, 0, 20);
  const bytes = state.snapshot();

  test('is refused with any bit changed or any byte missing, and the state stays unchanged', () => {
    const other = new StreamState(model, { history: 2 });
    run(other, 0, 7);
    const before = other.fork();
    for (let k = 0; k < bytes.length; k += 7) {
      const damaged = bytes.slice();
      damaged[k]! ^= 1 << (k % 8);
      expect(() => other.restore(damaged), `byte ${k}`).toThrow(gatecastError('invalid-file'));
      expect(() => other.restore(bytes.subarray(0, k)), `first ${k} bytes`).toThrow(gatecastError('invalid-file'));
    }
    expect(other.equals(before)).toBe(true);
  });

  test('is refused by another model and by a stream with other options', () => {
    const parts = partsFor(describeModel());
    parts.weights['head.bias']!.data[0]! += 1e-3;
    const stranger = new StreamState(Forecaster.from(parts), { history: 2 });
    expect(() => stranger.restore(bytes)).toThrow(gatecastError('invalid-file', /of the model/));
    expect(() => new StreamState(model).restore(bytes)).toThrow(gatecastError('invalid-file', /same options/));
    expect(() => state.restore('abc' as never)).toThrow(gatecastError('invalid-argument', /bytes of a snapshot/));
  });

  test('fits the same options in another form, and no other options', () => {
    const gap = { pressure: 'hold', temperature: 'decay' } as const;
    const health = { reach: 9, policy: { stuck: 'drop', spike: 'off' } } as const;
    const first = new StreamState(model, { lateness: '2m', gap, health, skill: true, calibrate: true });
    run(first, 0, 20);
    const snapshot = first.snapshot();
    const same = new StreamState(model, {
      health: { policy: { spike: 'off', stuck: 'drop' }, reach: 9 },
      gap: { temperature: 'decay', pressure: 'hold' },
      lateness: 120_000,
      skill: {},
      calibrate: true,
      watch: false,
      fallback: 'none',
      history: 0,
      onInvalid: 'error',
    });
    same.restore(snapshot);
    expect(same.equals(first)).toBe(true);
    const other = new StreamState(model, { lateness: '2m', gap, health: { ...health, reach: 8 }, skill: true });
    expect(() => other.restore(snapshot)).toThrow(gatecastError('invalid-file', /same options/));
  });

  test('fits the same model loaded from its file, in any precision', () => {
    const loaded = Forecaster.fromBytes(model.toBytes(), 'x', { precision: 'bf16' });
    const second = new StreamState(loaded, { history: 2 });
    second.restore(bytes);
    expect([second.samples, second.offset]).toEqual([state.samples, 38]);
  });
});

test('a disposed state, a wrong offset and wrong options are refused', () => {
  const state = new StreamState(makeModel());
  expect(() => state.step({ values: [1, 2], offset: -1 })).toThrow(gatecastError('invalid-argument', /offset/));
  expect(state.samples).toBe(0);
  expect(() => state.equals({} as never)).toThrow(gatecastError('invalid-argument', /StreamState/));
  expect(() => new StreamState({} as never)).toThrow(gatecastError('invalid-argument', /Forecaster/));
  expect(() => new StreamState(makeModel(), { history: -1 })).toThrow(gatecastError('invalid-argument', /history/));
  state.dispose();
  state.dispose();
  for (const use of [() => state.step([1, 2]), () => state.fork(), () => state.snapshot(), () => state.rewind(0)]) {
    expect(use).toThrow(gatecastError('disposed'));
  }
});

test('options that are changed afterwards change nothing', () => {
  const skill = { naive: 'seasonal' as const, season: 4 };
  const state = new StreamState(makeModel(), { skill });
  run(state, 0, 10);
  skill.season = 9;
  const fork = state.fork();
  expect(fork.equals(state)).toBe(true);
  expect(run(fork, 10, 20)).toEqual(run(state, 10, 20));
});

test('options that need too much memory are refused', () => {
  const wide = makeModel({ horizon: 4000 }); // 8 million forecasts to remember until their true values come
  const options = { calibrate: true, history: 2 ** 20 };
  const wanted = gatecastError('invalid-argument', /memory/);
  expect(() => new StreamState(wide, options)).toThrow(wanted);
  expect(() => forecast(wide, options)).toThrow(wanted);
  expect(() => forecastBy(() => 1, wide, options)).toThrow(wanted);
  const errors: unknown[] = [];
  of([1, 2])
    .pipe(forecastBy(() => 1, makeModel(), { history: 2 ** 20, skill: { season: 200 } }))
    .subscribe({ error: (error) => errors.push(error) });
  expect(errors).toEqual([gatecastError('invalid-argument')]); // for its memory or, on a large machine, its slots
});

test('the offset is that of the newest sample, taken or skipped, so that none comes twice after a restart', () => {
  const state = new StreamState(makeModel());
  for (const [offset, value] of [1, Number.NaN, 2, Number.NaN].entries()) state.step({ values: [value, 1], offset });
  expect([state.skipped.invalid, state.offset]).toEqual([2, 3]);
});
