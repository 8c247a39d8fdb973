import fc from 'fast-check';
import { of } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { TimedSample } from '../../lib/model/sample.ts';
import { forecastBy, type KeyedForecast } from '../../lib/stream/fleet/forecast-by.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import type { StreamOptions } from '../../lib/stream/state/stream-options.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';

const model = makeModel(); // pressure and temperature, of which the second is forecast 3 steps ahead; one sample a second
const everything: StreamOptions = {
  history: 4,
  gap: { temperature: 'impute', pressure: 'decay' },
  lateness: '5s',
  health: true,
  adapt: { patience: 5 },
  calibrate: true,
  skill: { patience: 5 },
  fallback: 'naive',
  watch: true,
};

const sample = (t: number, more: object = {}): TimedSample => ({
  at: 1000 * t,
  values: [10 + Math.sin(t / 2) / 3, 20 + Math.cos(t / 5) + (t % 3) / 10],
  offset: Math.floor(4 * t),
  ...more,
});
const series = (count: number) => Array.from({ length: count }, (_, t) => sample(t));

function run(state: StreamState, samples: readonly TimedSample[]): LiveForecast[] {
  return samples.map((one) => state.step(one)).filter((f) => f !== undefined);
}

describe('time', () => {
  test('missing samples are filled as if the last values had come again', () => {
    const plain = new StreamState(model);
    const gappy = new StreamState(model, { gap: 'hold' });
    const samples = series(30);
    for (const [t, one] of samples.entries()) {
      const missing = t > 5 && t % 7 < 3;
      const last = samples[t - (t % 7) - 1]!;
      const wanted = plain.step(missing ? { ...last, at: one.at! } : one);
      if (missing) continue;
      const got = gappy.step(one)!;
      expect(got.numbers).toEqual(wanted!.numbers);
      expect(got.trust!.missing).toBe(t > 7 && t % 7 === 3 ? 3 : 0);
    }
    expect(gappy.samples).toBe(28); // the last two do not count as missing yet
  });

  test('a missing value is filled and its age reported', () => {
    const state = new StreamState(model, { gap: 'hold' });
    const plain = new StreamState(model);
    for (const one of series(5)) {
      state.step(one);
      plain.step(one);
    }
    const { values } = sample(4) as { values: number[] };
    for (const lack of [Number.NaN, undefined, null]) {
      const got = state.step({ at: 5000, values: [11, lack as never] });
      if (lack !== lack) {
        expect(got!.numbers).toEqual(plain.step([11, values[1]!])!.numbers);
        expect(got!.trust!.ages).toEqual([0, 1]);
      } else {
        expect(got).toBeUndefined(); // the same time again
      }
    }
    expect(state.skipped.invalid).toBe(0);
  });

  test('samples that come twice, and a lone time a day ahead, change nothing', () => {
    const clean = new StreamState(model, { gap: 'hold', lateness: '3s' });
    const dirty = new StreamState(model, { gap: 'hold', lateness: '3s' });
    const wanted = run(clean, series(40));
    const got = series(40).flatMap((one, t) => {
      const extra = t === 20 ? [sample(20 + 86_400)] : t % 6 === 5 ? [sample(t), sample(t - 1)] : [];
      return run(dirty, [one, ...extra]);
    });
    expect(got.map((f) => f.numbers)).toEqual(wanted.map((f) => f.numbers));
  });

  test('after a silence longer than resetAfter the stream is reset', () => {
    const state = new StreamState(model, { resetAfter: '10s' });
    run(state, series(20));
    const late = Array.from({ length: 12 }, (_, k) => sample(100 + k));
    const got = run(state, late);
    const fresh = run(new StreamState(model, { resetAfter: '10s' }), late.slice(-got.length));
    expect(got.length).toBeGreaterThanOrEqual(9); // a time so far ahead needs confirmation
    expect(got.map((f) => f.numbers)).toEqual(fresh.map((f) => f.numbers));
  });

  test('a late sample is put in its place and reported as a correction', () => {
    const sorted = new StreamState(model, { lateness: '5s' });
    const state = new StreamState(model, { lateness: '5s' });
    const wanted = run(sorted, series(20));
    const order = [...Array(12).keys(), 13, 14, 12, 15, 16, 17, 18, 19];
    const got = order.map((t) => state.step(sample(t))!);
    expect(got.map((f) => f.kind === 'correction')).toEqual(order.map((t) => t === 12));
    const correction = got[14]!;
    expect(correction.at).toBe(14_000);
    expect(correction.numbers).toEqual(wanted[14]!.numbers);
    expect(got.at(-1)!.numbers).toEqual(wanted.at(-1)!.numbers);
  });

  test('further samples of one interval refine its step, as their mean', () => {
    const state = new StreamState(model, { resample: true });
    let before = state.fork();
    let group: { at: number; values: number[] }[] = [];
    const sizes: number[] = [];
    for (let n = 0; n < 80; n++) {
      const one = sample(n / 4) as { at: number; values: number[] };
      const previous = state.fork();
      const got = state.step(one)!;
      if (got.kind === 'forecast') {
        sizes.push(group.length);
        [before, group] = [previous, []];
      }
      group.push(one);
      const mean = [0, 1].map((i) => group.reduce((sum, { values }) => sum + values[i]! / group.length, 0));
      const wanted = before.fork().step({ at: group[0]!.at, values: mean })!;
      got.numbers.forEach((value, i) => expect(value).toBeCloseTo(wanted.numbers[i]!, 9));
    }
    expect(new Set(sizes.slice(6))).toEqual(new Set([4])); // the first few while the rate is being learned
    expect(state.samples).toBeLessThanOrEqual(22);
  });
});

test('the mean of a step is that of the values present', () => {
  const state = new StreamState(model, { resample: true });
  const plain = new StreamState(model, { resample: true });
  for (const each of [state, plain]) run(each, series(3));
  const got = [
    { at: 3000, values: [Number.NaN, 20] },
    { at: 3050, values: [10, 22] },
    { at: 3100, values: [11, Number.NaN] },
    { at: 3150, values: [12, 24] },
  ].map((one) => state.step(one)!.numbers);
  expect(got.at(-1)).toEqual(plain.step({ at: 3000, values: [11, 22] })!.numbers);
});

describe('with every part switched on', () => {
  const samples = series(80).map((one, t) => {
    if (t % 19 === 7) return { ...one, values: [Number.NaN, (one.values as number[])[1]!] };
    return t === 50 ? { ...one, values: [10, 500] } : one;
  });
  const some = samples.filter((_, t) => t % 13 !== 4);

  test('shuffled input within the lateness ends in the state of sorted input, to the bit', () => {
    const sorted = new StreamState(model, everything);
    run(sorted, some);
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: some.length, maxLength: some.length }), (delays) => {
        const shuffled = some
          .map((one, i) => ({ one, due: i === 0 ? -1 : Number(one.at) + 1000 * delays[i]! + 1 }))
          .sort((a, b) => a.due - b.due)
          .map(({ one }) => one);
        const state = new StreamState(model, everything);
        run(state, shuffled);
        const next = Array.from({ length: 12 }, (_, k) => sample(80 + k));
        const twin = sorted.fork();
        expect(run(state, next).map((f) => f.numbers)).toEqual(run(twin, next).map((f) => f.numbers));
      }),
      { numRuns: 15 },
    );
  });

  test('restored from a snapshot anywhere, a stream continues with the same bits', () => {
    const whole = run(new StreamState(model, everything), some);
    for (const at of [0, 1, 6, 30, 47, 60]) {
      const first = new StreamState(model, everything);
      const before = run(first, some.slice(0, at));
      const second = new StreamState(model, everything);
      second.restore(first.snapshot());
      expect(second.equals(first)).toBe(true);
      const after = run(second, some.slice(at));
      expect([...before, ...after]).toEqual(whole);
      expect(second.offset).toBe(4 * 79);
    }
  });

  test('rewound, a stream takes the same samples again with the same result', () => {
    const state = new StreamState(model, { ...everything, lateness: 0 });
    run(state, some.slice(0, 31));
    const first = run(state, some.slice(31, 34));
    state.rewind(3);
    expect(run(state, some.slice(31, 34))).toEqual(first);
  });

  test('many streams together forecast what each does alone', () => {
    const alone = [0, 1, 2, 3].map(() => new StreamState(model, everything));
    const mixed = some.flatMap((one, t) =>
      [0, 1, 2, 3].filter((id) => (t * 7 + id) % 5 !== 0).map((id) => ({ ...one, id })),
    );
    const wanted = mixed.map((one) => ({ id: one.id, f: alone[one.id]!.step(one) })).filter(({ f }) => f !== undefined);
    const got: KeyedForecast<number>[] = [];
    of(...mixed)
      .pipe(forecastBy((one) => one.id, model, everything))
      .subscribe((f) => got.push(f));
    expect(got.map((f) => f.key)).toEqual(wanted.map(({ id }) => id));
    expect(got.map((f) => f.numbers)).toEqual(wanted.map(({ f }) => f!.numbers));
    expect(got.map((f) => f.trust)).toEqual(wanted.map(({ f }) => f!.trust));
  });

  test('a forecast says how far it can be trusted', () => {
    const state = new StreamState(model, everything);
    const said = run(state, samples);
    const wild = said.find((f) => f.at === 50_000)!;
    expect(wild.trust!.flags).toEqual({ temperature: expect.arrayContaining(['out-of-range']) });
    expect(wild.trust!.ages).toEqual([0, 1]); // a reading with this flag is dropped and filled
    const calm = said.find((f) => f.at === 44_000)!.trust!;
    expect(calm.flags).toEqual({});
    expect(calm.novelty).toBeGreaterThan(0);
    expect(calm.skill[0]).toBeLessThan(0); // the weights are random
    expect(calm.coverage[0]).toBeGreaterThan(0);
    expect(said.at(-1)!.trust!.source).toBe('naive');
  });
});

test('options that do not fit the model are refused when the operator is made', () => {
  const ring: Record<string, unknown> = {};
  ring['pressure'] = ring;
  for (const [options, message] of [
    [{ gap: 'mask' }, /_missing/],
    [{ gap: 'fill' }, /hold/],
    [{ lateness: '1 week' }, /lateness/],
    [{ health: { reach: 0 } }, /reach/],
    [{ health: 1 }, /health/],
    [{ skill: { naive: 'seasonal' } }, /season/],
    [{ skill: false, fallback: 'naive' }, /fallback/],
    [{ gap: ring }, /hold/],
    [{ health: ring }, /only policy/],
    [{ calibrat: true }, /Did you mean calibrate/],
  ] as const) {
    expect(() => new StreamState(model, options as never), String(message)).toThrow(
      gatecastError('invalid-argument', message),
    );
    expect(() => forecastBy(() => 1, model, options as never)).toThrow(gatecastError('invalid-argument', message));
  }
});

test('intervals of a model without quantiles are not calibrated', () => {
  for (const levels of [[], [0.5]]) {
    const plain = makeModel({ loss: 'mse', levels });
    const wanted = gatecastError('invalid-argument', /quantile levels/);
    expect(() => new StreamState(plain, { calibrate: true })).toThrow(wanted);
    expect(run(new StreamState(plain, { skill: true, watch: true }), series(20)).at(-1)!.trust!.coverage).toEqual([]);
  }
});

test('options that need the time between samples are refused for a model that does not know it', () => {
  const plain = makeModel({ interval: null });
  for (const [options, message] of [
    [{ lateness: '5s' }, /lateness/],
    [{ resample: true }, /resample/],
    [{ gap: 'decay', decayTime: '5s' }, /decayTime/],
  ] as const) {
    expect(() => new StreamState(plain, options)).toThrow(gatecastError('invalid-argument', message));
  }
});
