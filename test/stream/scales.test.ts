// A model with a scale for each stream gives the same bits on every path, and the same forecasts at every level.
import fc from 'fast-check';
import { from } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { predict } from '../../lib/batch/predict.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { sliceRows, type Table } from '../../lib/data/table.ts';
import type { Forecast } from '../../lib/model/forecast.ts';
import { anomalies } from '../../lib/stream/anomaly/anomalies.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { LiveModel } from '../../lib/stream/swap/live-model.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';

const scale = { samples: 6, inputs: ['pressure', 'temperature'] };
const models = [
  ['carried', makeModel({ scale })],
  ['window', makeModel({ scale, memory: 'window', anchor: 'none' })],
  [
    'carried, of gaps and hours',
    makeModel({ scale, gap: 'hold', calendar: { zone: 'UTC', parts: ['hour'] }, network: { inputSize: 8 } }),
  ],
] as const;

const reading = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 1000);
const anySamples = fc
  .array(fc.tuple(reading, reading), { minLength: 1, maxLength: 40 })
  .map((rows) => rows.map((values, i) => ({ at: 1000 * i, values: [...values] })));
type Samples = { at: number; values: number[] }[];

const tableOf = (samples: Samples): Table => ({
  names: ['pressure', 'temperature'],
  columns: [0, 1].map((i) => Float64Array.from(samples, ({ values }) => values[i]!)),
  at: Float64Array.from(samples, ({ at }) => at),
});
const numbers = (forecasts: readonly (Forecast | undefined)[]) => forecasts.map((one) => one?.numbers);
const stepped = (state: { step(sample: never): Forecast | undefined }, samples: Samples) =>
  numbers(samples.map((one) => state.step(one as never)));

describe.each(models)('with memory %s', (_, model) => {
  test('a state, a table, chunks and streams give the same bits', async () => {
    await fc.assert(
      fc.asyncProperty(anySamples, fc.nat(), async (samples, cut) => {
        const alone = stepped(model.createState(), samples);
        const table = tableOf(samples);
        expect(numbers([...rolling(model, table)].map((one) => one.forecast))).toEqual(alone);
        const at = cut % samples.length;
        const chunks = async function* () {
          yield { key: 'b', ...tableOf(samples.toReversed()), at: table.at! };
          yield { key: 'a', ...sliceRows(table, 0, at) };
          yield { key: 'a', ...sliceRows(table, at, samples.length) };
        };
        const last = await predict(model, { [Symbol.asyncIterator]: chunks });
        expect(last.get('a')!.forecast.numbers).toEqual(alone.at(-1));
        for (const options of [{}, { gap: 'hold', history: 2, lateness: '2s', watch: true, health: false }] as const) {
          expect(stepped(new StreamState(model, options), samples)).toEqual(alone);
        }
        const streamed: Forecast[] = [];
        from(samples as never[])
          .pipe(forecast(model))
          .subscribe((one) => streamed.push(one));
        expect(numbers(streamed)).toEqual(alone);
        const live = new LiveModel(model);
        expect(stepped(live, samples)).toEqual(alone);
        live.dispose();
        const both: Record<string, Forecast[]> = { a: [], b: [] };
        const keyed = samples.flatMap((one) => [
          { ...one, key: 'a' },
          { at: one.at, values: one.values.map((value) => 1e6 - 5 * value), key: 'b' },
        ]);
        from(keyed as never[])
          .pipe(forecastBy((one) => (one as { key?: string }).key!, model))
          .subscribe((one) => both[one.key]!.push(one));
        expect(numbers(both['a']!)).toEqual(alone);
      }),
      { numRuns: 30 },
    );
  });

  test('snapshots, forks and rewinds hold the scale', () => {
    fc.assert(
      fc.property(anySamples, anySamples, fc.nat({ max: 3 }), (before, after, back) => {
        const next = after.map(({ at, values }) => ({ at: at + 1000 * before.length, values }));
        const state = new StreamState(model, { history: 3 });
        stepped(state, before);
        const fresh = new StreamState(model, { history: 3 });
        fresh.restore(state.snapshot());
        const fork = state.fork();
        const told = stepped(state, next);
        expect(stepped(fork, next)).toEqual(told);
        expect(stepped(fresh, next)).toEqual(told);
        expect(fresh.equals(state)).toBe(true);
        const steps = Math.min(back, next.length);
        state.rewind(steps);
        expect(stepped(state, next.slice(next.length - steps))).toEqual(told.slice(next.length - steps));
      }),
      { numRuns: 30 },
    );
  });

  test('a series moved and stretched has its forecasts moved and stretched', () => {
    const move = fc.constantFrom([0, 1000], [1e6, 3], [-20, 0.01], [1e5, 1]);
    fc.assert(
      fc.property(anySamples, move, (samples, [level, stretch]) => {
        const [one, other] = [model.createState(), model.createState()];
        for (const { at, values } of samples) {
          const moved = [values[0]! * 7 - 3, level + stretch * values[1]!];
          const [a, b] = [one.step({ at, values })!.numbers, other.step({ at, values: moved })!.numbers];
          const largest = Math.max(1, ...a.map(Math.abs));
          a.forEach((number, i) => expect(Math.abs((b[i]! - level) / stretch - number) / largest).toBeLessThan(1e-3));
        }
      }),
      { numRuns: 30 },
    );
  });
});

const [, plain] = models[0];

test('a still stream stays where it is, and its first move is no explosion', () => {
  const state = plain.createState({ onInvalid: 'error' });
  for (let t = 0; t < 200; t++) {
    const { mean, quantiles, ready } = state.step([3, 42])!;
    expect([...mean, ...quantiles[0.1]!].every((value) => Math.abs(value - 42) < 1e-6)).toBe(true);
    expect(ready).toBe(t >= 4);
  }
  const jumped = state.step([3, 43])!;
  expect(jumped.mean.every((value) => Math.abs(value - 43) < 20)).toBe(true);
  expect(() => state.step([3, 1e30])).toThrow(gatecastError('invalid-sample', /within 1e\+24 deviations of the mean/));
});

test('a stand-in for the first value of a series is no sample of it', () => {
  const model = makeModel({ scale, gap: 'hold' });
  const state = new StreamState(model, {});
  for (const [i, temperature] of [Number.NaN, Number.NaN, 9e6, 9e6 + 1, 9e6 + 3].entries()) {
    const { mean } = state.step({ at: 1000 * i, values: [i, temperature] })!;
    // with the mean of the training rows, 20, as a sample the deviation would be millions
    if (i > 2) expect(mean.every((value) => Math.abs(value - temperature) < 20)).toBe(true);
  }
});

describe('what streams do beside forecasting', () => {
  const samples = Array.from({ length: 300 }, (_, t) => ({
    at: 1000 * t,
    values: [1e7 + Math.sin(t), 2e7 + 5 * Math.sin(t / 3) + Math.cos(7 * t)],
  }));

  test('health drops no reading of a level that training never saw, unless the limits say so', () => {
    const state = new StreamState(plain, { health: true });
    for (const sample of samples) expect(state.step(sample)!.trust!.flags).toEqual({});
    const limited = new StreamState(plain, { health: { limits: { temperature: { max: 1e6 } } } });
    expect(limited.step(samples[0]!)!.trust!.flags).toEqual({ temperature: ['out-of-range'] });
  });

  test('novelty is that of the stream, not that of the fleet', () => {
    const state = new StreamState(plain, { watch: true });
    const novelty = samples.map((sample) => state.step(sample)!.trust!.novelty!);
    expect(Math.max(...novelty)).toBeLessThan(0.99);
    const one = makeModel();
    const far = new StreamState(one, { watch: true });
    expect(far.step(samples[0]!)!.trust!.novelty).toBeGreaterThan(0.999);
  });

  test('adapting corrects in the deviations of the stream', () => {
    const [low, high] = [
      new StreamState(plain, { adapt: { patience: 20 } }),
      new StreamState(plain, { adapt: { patience: 20 } }),
    ];
    let adapted = false;
    for (const { at, values } of samples) {
      const a = low.step({ at, values: [values[0]! - 1e7, values[1]! - 2e7] })!;
      const b = high.step({ at, values: [values[0]! - 1e7, 1000 * (values[1]! - 2e7)] })!;
      adapted ||= a.trust?.adapted ?? false;
      a.mean.forEach((value, i) => expect(b.mean[i]! / 1000).toBeCloseTo(value, 0));
    }
    expect(adapted).toBe(true);
  });

  test("gaps cannot be filled with 'decay' to a mean that no stream has", () => {
    const refused = gatecastError('invalid-argument', /^Expected 'hold' or 'impute' for .*pressure/);
    expect(() => forecast(plain, { gap: 'decay' })).toThrow(refused);
    expect(() => anomalies(plain, { gap: { pressure: 'decay' } })).toThrow(refused);
    expect(() =>
      forecast(makeModel({ scale: { ...scale, inputs: ['temperature'] } }), { gap: { pressure: 'decay' } }),
    ).not.toThrow();
  });
});

test.each<[string, object, RegExp]>([
  [
    'of a name that is no input',
    { samples: 5, inputs: ['temperature', 'wind'] },
    /inputs of numbers for description.scale.inputs but received "?wind/,
  ],
  [
    'without a target',
    { samples: 5, inputs: ['pressure'] },
    /all targets for description.scale.inputs but received "?none for temperature/,
  ],
  ['over one sample', { samples: 1, inputs: ['temperature'] }, /description.scale.samples/],
])('a scale %s is refused', (_, wrong, message) => {
  expect(() => makeModel({ scale: wrong as never })).toThrow(gatecastError('invalid-argument', message));
});
