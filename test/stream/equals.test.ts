import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TimedSample } from '../../lib/model/sample.ts';
import type { StreamOptions } from '../../lib/stream/state/stream-options.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { makeModel } from '../support/models.ts';

const INTERVAL = 1000;
const WINDOW = 6; // steps a sample may be late
const models = [makeModel(), makeModel({ memory: 'window', lookback: 4 }), makeModel({ network: { cell: 'lstm' } })];
const variants: StreamOptions[] = [
  { lateness: '6s', resetAfter: '1m' },
  { lateness: '6s', resetAfter: '1m', gap: 'impute', history: 9 },
  {
    lateness: '6s',
    resetAfter: '1m',
    resample: true,
    health: true,
    adapt: true,
    calibrate: true,
    skill: true,
    watch: true,
  },
];

const arrival = fc.record({
  gap: fc.constantFrom(0, 0, 0, 1, 3),
  lag: fc.nat(WINDOW),
  off: fc.double({ min: -0.12, max: 0.12, noNaN: true }),
  a: fc.double({ min: 8, max: 12, noNaN: true }),
});

/** The samples of a stream in order, and how many steps after its own each comes. */
function samplesOf(arrivals: readonly { gap: number; lag: number; off: number; a: number }[]) {
  let step = 0;
  return arrivals.map(({ gap, lag, off, a }) => {
    step += 1 + gap;
    return { comes: step + lag, sample: { at: (step + off) * INTERVAL, values: [a, 20 + Math.sin(step)] } };
  });
}

const taken = (state: StreamState, samples: readonly TimedSample[]) => samples.map((sample) => state.step(sample));
const said = (state: StreamState, samples: readonly TimedSample[]) =>
  JSON.stringify(taken(state, samples).map((f) => f && [f.at, f.numbers, f.ready, f.skipped, f.trust]));

test('streams whose samples came late in different orders are equal if all their later forecasts are', () => {
  let late = 0;
  fc.assert(
    fc.property(
      fc.array(arrival, { minLength: 2, maxLength: 40 }),
      fc.constantFrom(...models),
      fc.constantFrom(...variants),
      (arrivals, model, options) => {
        const all = samplesOf(arrivals);
        const [one, other] = [new StreamState(model, options), new StreamState(model, options)];
        const inOrder = all.map(({ sample }) => sample);
        const shuffled = all.toSorted((x, y) => x.comes - y.comes).map(({ sample }) => sample);
        taken(one, inOrder);
        late += taken(other, shuffled).filter((f) => f?.kind === 'correction').length;
        const equal = one.equals(other);
        const end = Math.round(inOrder.at(-1)!.at / INTERVAL);
        const later = [1, 2, 3, 4, 5, 9, 8, 10].map((step) => ({
          at: (end + step) * INTERVAL,
          values: [10 + step / 9, 20 - step / 7],
        }));
        expect(equal).toBe(said(one.fork(), later) === said(other.fork(), later));
        taken(one, later);
        taken(other, later);
        expect(one.equals(other)).toBe(equal);
      },
    ),
    { numRuns: 120 },
  );
  expect(late).toBeGreaterThan(100);
});

test('streams are not equal if one took another value, left out another sample, or knows of another gap', () => {
  const state = (stamps: number[], value = 20) => {
    const one = new StreamState(models[0]!, { lateness: '6s' });
    for (const at of stamps) one.step({ at: at * INTERVAL, values: [10, at === 2 ? value : 20] });
    return one;
  };
  const wanted = state([0, 1, 2, 3, 4]);
  expect(wanted.equals(state([0, 1, 3, 4, 2]))).toBe(true);
  expect(wanted.equals(state([0, 1, 2, 3, 4], 21))).toBe(false);
  expect(wanted.equals(state([0, 1, 2, 2, 3, 4]))).toBe(false); // its forecasts report that one came twice
  expect(wanted.equals(state([0, 1, 3, 4]))).toBe(false);
  expect(wanted.equals(state([0, 1, 2, 3, 4, 9000]))).toBe(false);
});
