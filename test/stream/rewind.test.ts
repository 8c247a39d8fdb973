import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TimedSample } from '../../lib/model/sample.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { makeModel } from '../support/models.ts';

const model = makeModel(); // one sample a second
const HISTORY = 9;
const STEPS = 30;

/** Samples of a step, in the order of their times. */
const samplesOf = (step: number, count: number): TimedSample[] =>
  Array.from({ length: count }, (_, k) => ({
    at: 1000 * step + (1000 * k) / count,
    values: [10 + Math.sin(step + k / 4), 20 + Math.cos(step / 3) + k / 8],
  }));

const numbersOf = (state: StreamState, samples: readonly TimedSample[]) =>
  samples.map((one) => state.step(one)?.numbers);

const future = Array.from({ length: 12 }, (_, k) => samplesOf(STEPS + k, 1)[0]!);

/** Rewinds by `count` steps and takes their `samples` again. The stream must continue as one that was left alone. */
function expectSameAgain(state: StreamState, count: number, samples: readonly TimedSample[]): void {
  const alone = state.fork();
  state.rewind(count);
  for (const one of samples) state.step(one);
  expect(state.samples).toBe(alone.samples);
  expect(numbersOf(state, future)).toEqual(numbersOf(alone, future));
}

/** Those of the last `count` steps of a stream that began at 0. */
const last = (count: number, state: StreamState, samples: readonly TimedSample[]) =>
  samples.filter(({ at }) => Number(at) >= 1000 * (state.samples - count));

describe('after rewind, the samples taken back are taken again with the same result', () => {
  const steps = fc.nat(HISTORY);

  test('where samples are missing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { minLength: STEPS - 2, maxLength: STEPS - 2 }), steps, (there, count) => {
        const state = new StreamState(model, { history: HISTORY, lateness: '3s', resetAfter: '1m' });
        const samples = [1, ...there, 1].flatMap((one, step) => samplesOf(step, Math.min(one, 1)));
        numbersOf(state, samples);
        expectSameAgain(state, count, last(count, state, samples));
      }),
      { numRuns: 60 },
    );
  });

  test('where samples came late', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: STEPS, maxLength: STEPS }), steps, (delays, count) => {
        const state = new StreamState(model, { history: HISTORY, lateness: '4s', calibrate: true });
        const samples = delays.flatMap((_, step) => samplesOf(step, step % 6 === 5 ? 0 : 1));
        const due = (one: TimedSample) => (one.at === 0 ? -1 : Number(one.at) + 1000 * delays[Number(one.at) / 1000]!);
        numbersOf(
          state,
          samples.toSorted((a, b) => due(a) - due(b)),
        );
        expectSameAgain(state, count, last(count, state, samples));
      }),
      { numRuns: 60 },
    );
  });

  test('where several samples make a step', () => {
    const samples = Array.from({ length: STEPS }, (_, step) => samplesOf(step, 4)).flat();
    for (let count = 0; count <= 5; count++) {
      const state = new StreamState(model, { history: HISTORY, resample: true });
      const groups: TimedSample[][] = [];
      for (const one of samples) {
        if (state.step(one)!.kind === 'forecast') groups.push([]);
        groups.at(-1)!.push(one);
      }
      expectSameAgain(state, count, groups.slice(groups.length - count).flat());
    }
  });

  test('into a gap, whose samples then come: they are put in their place, or left out if none may come late', () => {
    const gap = (more: object) => {
      const state = new StreamState(model, { gap: 'hold', history: HISTORY, ...more });
      numbersOf(state, [samplesOf(0, 1)[0]!, samplesOf(1, 1)[0]!, samplesOf(5, 1)[0]!]);
      state.rewind(2); // 2 and 3 have been filled, 4 not yet
      return state;
    };
    const [third] = samplesOf(3, 1);
    for (const late of [third!, { ...third!, at: 2900 }, { ...third!, at: 3100 }]) {
      expect(gap({ lateness: 0 }).step(late)).toBeUndefined();
      const plain = new StreamState(model, { gap: 'hold' });
      numbersOf(plain, [samplesOf(0, 1)[0]!, samplesOf(1, 1)[0]!]);
      const wanted = plain.step({ ...third!, at: 3000 })!;
      const got = gap({ lateness: '2s' }).step(late)!;
      expect([got.kind, got.numbers]).toEqual(['correction', wanted.numbers]);
    }
  });

  test('where the stream had been reset', () => {
    const state = new StreamState(model, { history: HISTORY, resetAfter: '5s' });
    numbersOf(
      state,
      Array.from({ length: 10 }, (_, step) => samplesOf(step, 1)[0]!),
    );
    const later = Array.from({ length: 6 }, (_, k) => ({ ...samplesOf(k, 1)[0]!, at: 1e6 + 1000 * k }));
    numbersOf(state, later); // the first two are not accepted
    const alone = state.fork();
    expect(alone.samples).toBe(4);
    state.rewind(4);
    expect(numbersOf(state, later.slice(2)).at(-1)).toBeDefined();
    const next = Array.from({ length: 4 }, (_, k) => ({ ...samplesOf(k, 1)[0]!, at: 1_006_000 + 1000 * k }));
    expect(numbersOf(state, next)).toEqual(numbersOf(alone, next));
  });
});

test('the bytes of a stream grow in proportion to the lateness, by a few numbers for each step', () => {
  const bytesOf = (seconds: number) => {
    const state = new StreamState(model, { lateness: 1000 * seconds });
    state.step(samplesOf(0, 1)[0]!);
    const { length } = state.snapshot();
    state.dispose();
    return length;
  };
  const [none, one, ten, hundred] = [0, 60, 600, 6000].map(bytesOf);
  const step = (one! - none!) / 60;
  expect((ten! - one!) / 540 / step).toBeCloseTo(1, 1);
  expect((hundred! - ten!) / 5400 / step).toBeCloseTo(1, 1);
  const plain = new StreamState(model).snapshot().length; // the hidden vectors and their frame
  expect(step).toBeLessThan(plain + 8 * 50);
});

test('after a rewind or a reset, a stream equals one that never went further', () => {
  const options = { history: HISTORY, lateness: '4s', resample: true, resetAfter: '1m' } as const;
  fc.assert(
    fc.property(fc.nat(STEPS), fc.nat(HISTORY), fc.boolean(), (steps, count, gap) => {
      const state = new StreamState(model, options);
      const samples = Array.from({ length: steps }, (_, step) => samplesOf(step, 1)[0]!);
      numbersOf(state, samples);
      const twin = state.fork();
      const on = Array.from({ length: count }, (_, k) => samplesOf(steps + k, 1)[0]!);
      numbersOf(state, gap ? on.slice(-1) : on);
      state.rewind(state.samples - steps);
      expect(state.equals(twin)).toBe(true);
      expect(twin.equals(state)).toBe(true);
      const restored = new StreamState(model, options);
      restored.restore(state.snapshot());
      expect(restored.equals(twin)).toBe(true);
      state.reset();
      expect(state.equals(new StreamState(model, options))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('after a gap of many times the lateness, only the missing steps are open', () => {
  for (const missing of [1, 2, 3, 4, 5, 6, 9, 14]) {
    const state = new StreamState(model, { lateness: '1s', resetAfter: '1m' });
    numbersOf(state, [samplesOf(0, 1)[0]!, samplesOf(1, 1)[0]!]);
    const newest = 2 + missing;
    state.step(samplesOf(newest, 1)[0]!);
    expect(state.step({ ...samplesOf(newest, 1)[0]!, at: 1000 * newest + 100 })).toBeUndefined(); // this step has its sample
    expect(state.step(samplesOf(newest - 1, 1)[0]!)!.kind).toBe('correction');
    expect(state.step(samplesOf(newest - 1, 1)[0]!)).toBeUndefined();
  }
});
