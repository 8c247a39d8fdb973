import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TimedSample } from '../../lib/model/sample.ts';
import { OnlineForecaster } from '../../lib/online/learner/online-forecaster.ts';
import type { AnomalyOptions } from '../../lib/stream/anomaly/anomaly-options.ts';
import { AnomalyState } from '../../lib/stream/anomaly/anomaly-state.ts';
import type { Judgement } from '../../lib/stream/anomaly/judgement.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';

const online = new OnlineForecaster({ inputs: ['pressure', 'temperature'], hidden: 4 });
const models: [string, ConstructorParameters<typeof AnomalyState>[0]][] = [
  ['a trained GRU', makeModel()],
  ['a trained LSTM', makeModel({ network: { cell: 'lstm' } })],
  ['a trained window', makeModel({ memory: 'window', lookback: 4 })],
  ['one that learns online', online],
];
const options: AnomalyOptions = { interval: '1s', warmup: 10, perDay: 5000, lateness: '6s', resetAfter: '1m' };

/** Second t of a plant; every 40th is far from the mean. */
const nth = (t: number): TimedSample => ({
  at: 1000 * t,
  values: [10 + Math.sin(t / 2) / 3 + (t % 5) / 20, 20 + Math.cos(t / 5) + (t % 3) / 10 + (t % 40 === 39 ? 15 : 0)],
});

const judge = (state: AnomalyState, samples: readonly TimedSample[]) => samples.map((sample) => state.step(sample));

/** A judgement without the fields that depend on when a sample came. */
const verdicts = (judged: readonly (Judgement | undefined)[]) =>
  judged.map((one) => one && { ...one, kind: undefined, skipped: undefined, alert: undefined });

/**
 * Some samples of the first `count` seconds, and the same samples in the order in which they come if each is late by so
 * many seconds.
 */
const arrivals = fc
  .array(fc.record({ gone: fc.constantFrom(false, false, false, true), lag: fc.constantFrom(0, 0, 0, 1, 2, 5) }), {
    minLength: 20,
    maxLength: 120,
  })
  .map((all) => {
    const kept = all.flatMap(({ gone, lag }, t) => (gone && t > 0 ? [] : [{ t, comes: t + (t > 6 ? lag : 0) }]));
    const samples = (list: readonly { t: number }[]) => list.map(({ t }) => nth(t));
    return { inOrder: samples(kept), shuffled: samples(kept.toSorted((x, y) => x.comes - y.comes)), end: all.length };
  });

describe.each(models)('late samples of %s', (_, model) => {
  test('are put in their place: later judgements are the same as if they had come in order', () => {
    let corrections = 0;
    fc.assert(
      fc.property(arrivals, ({ inOrder, shuffled, end }) => {
        const [one, other] = [new AnomalyState(model, options), new AnomalyState(model, options)];
        judge(one, inOrder);
        corrections += judge(other, shuffled).filter((judged) => judged?.kind === 'correction').length;
        const later = Array.from({ length: 30 }, (__, k) => nth(end + 6 + k));
        const [first, second] = [judge(one, later), judge(other, later)];
        expect(verdicts(second)).toEqual(verdicts(first));
        expect(second.at(-1)!.skipped).toEqual(first.at(-1)!.skipped);
        one.dispose();
        other.dispose();
      }),
      { numRuns: 25 },
    );
    expect(corrections).toBeGreaterThan(20);
  });

  test('alerts open and close in turn, whatever late samples change', () => {
    fc.assert(
      fc.property(arrivals, ({ shuffled }) => {
        const state = new AnomalyState(model, { ...options, hysteresis: '2s', refractory: '1s' });
        let open = false;
        for (const judged of judge(state, shuffled)) {
          if (judged === undefined) continue;
          expect(['opened', 'none']).toContain(open ? 'none' : judged.alert);
          expect(['open', 'closed', 'none']).toContain(open ? judged.alert : 'none');
          open = judged.alert === 'opened' || judged.alert === 'open';
        }
        state.dispose();
      }),
      { numRuns: 25 },
    );
  });

  test('samples that are too late or from before a silence are left out and counted', () => {
    const state = new AnomalyState(model, options);
    judge(
      state,
      Array.from({ length: 60 }, (__, t) => nth(t)),
    );
    expect(state.step(nth(20))).toBeUndefined();
    const after = judge(
      state,
      Array.from({ length: 6 }, (__, t) => nth(1000 + t)),
    ); // the third is accepted
    expect(after.filter((judged) => judged !== undefined)).toHaveLength(4);
    expect(after.at(-1)!.ready).toBe(true); // what was learned stays
    expect(state.step(nth(59))).toBeUndefined();
    expect(judge(state, [nth(1006)])[0]!.skipped).toEqual({ invalid: 0, duplicate: 0, late: 2, unbelieved: 2 });
    state.dispose();
  });

  test('directly after a silence are put in their place with all that was learned before it', () => {
    const [one, other] = [new AnomalyState(model, options), new AnomalyState(model, options)];
    const before = Array.from({ length: 60 }, (__, t) => nth(t));
    const silent = [1000, 1001, 1002].map(nth); // two samples that the clock does not accept yet
    for (const state of [one, other]) judge(state, [...before, ...silent]);
    judge(one, [1003, 1004, 1005, 1006].map(nth));
    judge(other, [1004, 1003, 1006, 1005].map(nth));
    const later = [1007, 1008, 1009].map(nth);
    const [first, second] = [judge(one, later), judge(other, later)];
    expect(verdicts(second)).toEqual(verdicts(first));
    expect(second.every((judged) => judged!.ready)).toBe(true);
  });
});

test('further samples of a step refine it, as their mean', () => {
  const resampling: AnomalyOptions = { ...options, lateness: 0, resample: true };
  const [twice, once] = [new AnomalyState(online, resampling), new AnomalyState(online, resampling)];
  for (let t = 0; t < 80; t++) {
    const { at, values } = nth(t) as { at: number; values: number[] };
    const off = [0.25, 0.5];
    const first = twice.step({ at, values: values.map((value, i) => value - off[i]!) })!;
    const second = twice.step({ at: at + 100, values: values.map((value, i) => value + off[i]!) })!;
    const mean = values.map((value, i) => value - off[i]! + (value + off[i]! - (value - off[i]!)) / 2);
    const wanted = once.step({ at, values: mean })!;
    expect([first.kind, second.kind, wanted.kind]).toEqual(['judgement', 'correction', 'judgement']);
    expect(verdicts([second])).toEqual(verdicts([{ ...wanted, at: second.at }]));
  }
  expect(() => new AnomalyState(online, { ...resampling, resample: 1 as never })).toThrow(
    gatecastError('invalid-argument', /resample/),
  );
});

describe('sensor health', () => {
  const model = makeModel();
  const steady = (t: number) => [10 + Math.sin(t) / 9, 20 + Math.cos(t / 3) / 5];

  test('flags faults, and leaves out dropped readings', () => {
    const state = new AnomalyState(model, { warmup: 10, perDay: 5000, health: true });
    for (let t = 0; t < 100; t++) expect(state.step(steady(t))!.flags).toEqual({});
    const dropped = state.step([steady(100)[0]!, 900])!;
    expect(dropped.flags).toEqual({ temperature: ['out-of-range', 'spike'] });
    expect(dropped).toMatchObject({ score: 0, alert: 'none', ready: true }); // no target has a value
    expect(state.step([Number.NaN, steady(101)[1]!])!.flags).toEqual({ pressure: ['dropout'] });
    expect(state.step(steady(102))!.flags).toEqual({});

    const flagging = { policy: { 'out-of-range': 'flag', spike: 'flag' } } as const;
    const judging = new AnomalyState(model, { warmup: 10, perDay: 5000, health: flagging });
    for (let t = 0; t < 100; t++) judging.step(steady(t));
    expect(judging.step([steady(100)[0]!, 900])).toMatchObject({ alert: 'opened', score: 1 });
  });

  test('a dropped reading is not learned from: it counts as missing', () => {
    const [faulty, missing] = [900, Number.NaN].map((value) => {
      const state = new AnomalyState(model, { warmup: 10, perDay: 5000, health: { policy: { stuck: 'off' } } });
      for (let t = 0; t < 100; t++) state.step(steady(t));
      for (let t = 100; t < 110; t++) state.step([steady(t)[0]!, value]);
      return Array.from({ length: 20 }, (_, k) => state.step(steady(110 + k)));
    });
    expect(verdicts(faulty!)).toEqual(verdicts(missing!));
  });

  test('is refused if the range of the inputs is unknown', () => {
    expect(() => new AnomalyState(online, { interval: 1000, health: true })).toThrow(
      gatecastError('invalid-argument', /false with an OnlineForecaster/),
    );
  });
});

test('a snapshot fits the same options only', () => {
  const state = new AnomalyState(online, options);
  judge(
    state,
    Array.from({ length: 30 }, (_, t) => nth(t)),
  );
  const snapshot = state.snapshot();
  const same = new AnomalyState(online, options);
  same.restore(snapshot);
  const later = [30, 32, 31, 33].map(nth);
  expect(judge(same, later)).toEqual(judge(state, later));
  for (const other of [{ lateness: '5s' }, { resample: true }, { gap: 'impute' }] as const) {
    const state = new AnomalyState(online, { ...options, ...other });
    expect(() => state.restore(snapshot)).toThrow(gatecastError('invalid-file', /same options/));
  }
});
