// The contract of every model. Add a new model to the list.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { from } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { baselines } from '../../lib/baselines/baselines.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { KnownValues } from '../../lib/batch/fit-baseline.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { isModel, makeStates, type Model } from '../../lib/model/model.ts';
import { type Forecast, numberCount } from '../../lib/model/forecast.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import { fileStore } from '../../lib/stores/file-store.ts';
import { memoryStore } from '../../lib/stores/memory-store.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { record } from '../../lib/stream/recording/record.ts';
import { replay } from '../../lib/stream/replay/replay.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { LiveModel } from '../../lib/stream/swap/live-model.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeEsrnnModel, makeModel, makeSegmentModel, partsFor } from '../support/models.ts';

/** The task: of two values in a sample, forecast the second by so many steps. */
const task = (horizon: number) => ({
  inputs: ['pressure', 'temperature'],
  targets: ['temperature'],
  horizon,
  interval: '1s',
});
const linear = (horizon: number) => new KnownValues([table(series(80))], baselines.last(task(horizon)));
/** Forecasts all of its inputs. */
const segments: [string, (horizon: number) => Model][] = [
  ['a model of segments', (horizon) => makeSegmentModel({ horizon })],
  [
    'a model of segments on the scale of each window',
    (horizon) =>
      makeSegmentModel({ horizon, loss: 'mse', segments: { cell: 'lstm', channels: false, normalise: 'instance' } }),
  ],
  [
    'a model of segments mixed with a linear forecast',
    (horizon) => makeSegmentModel({ horizon, segments: { linear: { lookback: 5, share: 0.4 } } }),
  ],
  [
    'a model of segments with a cycle and a linear forecast, on the scale of each window',
    (horizon) =>
      makeSegmentModel({
        horizon,
        cycle: { period: 7000, phases: 7, zone: 'UTC' },
        segments: { normalise: 'instance', linear: { lookback: 6, share: 1 } },
      }),
  ],
  [
    'a model of segments with a cycle',
    (horizon) => makeSegmentModel({ horizon, cycle: { period: 7000, phases: 7, zone: 'UTC' } }),
  ],
];
const both = ['pressure', 'temperature'];
const channels: [string, (horizon: number) => Model][] = [
  ['a GRU for each target alone', (horizon) => makeModel({ horizon, targets: both, channels: 'independent' })],
  [
    'an LSTM for each target alone, with embeddings and scales',
    (horizon) =>
      makeModel({
        horizon,
        targets: both,
        channels: 'embedded',
        anchor: 'none',
        loss: 'mse',
        network: { cell: 'lstm' },
        scale: { samples: 20, inputs: both },
      }),
  ],
  [
    'a GRU for each target alone, with a window',
    (horizon) => makeModel({ horizon, targets: both, channels: 'embedded', memory: 'window' }),
  ],
  [
    'a GRU of both directions with attention for each target alone',
    (horizon) => {
      const network = { bidirectional: true, attention: 3 };
      return makeModel({ horizon, targets: both, channels: 'independent', memory: 'window', network });
    },
  ],
];
const models: [string, (horizon: number) => Model][] = [
  ...channels,
  ...segments,
  ['smoothing with a network', (horizon) => makeEsrnnModel({ horizon })],
  [
    'smoothing of two seasons with a network of points',
    (horizon) =>
      makeEsrnnModel({
        horizon,
        loss: 'mae',
        smoothing: { periods: [2, 8], log: false, window: 10 },
        recurrent: { cell: 'gru', layers: 2 },
      }),
  ],
  ['a GRU', (horizon) => makeModel({ horizon })],
  ['a GRU of earlier values', (horizon) => makeModel({ horizon, lags: [2, 3, 9], network: { inputSize: 5 } })],
  ['an LSTM', (horizon) => makeModel({ horizon, loss: 'mse', network: { cell: 'lstm' } })],
  [
    'an LSTM with normalised and residual layers',
    (horizon) => makeModel({ horizon, network: { cell: 'lstm', projSize: 3, layerNorm: true, residual: true } }),
  ],
  ['a GRU with a window', (horizon) => makeModel({ horizon, memory: 'window', levels: [], loss: 'mae' })],
  ['a GRU with attention', (horizon) => makeModel({ horizon, network: { attention: 3 } })],
  [
    'an LSTM with attention over its whole window',
    (horizon) => makeModel({ horizon, memory: 'window', loss: 'mse', network: { cell: 'lstm', attention: 5 } }),
  ],
  [
    'an LSTM of both directions',
    (horizon) => makeModel({ horizon, memory: 'window', network: { cell: 'lstm', bidirectional: true } }),
  ],
  [
    'a GRU of both directions with attention',
    (horizon) => makeModel({ horizon, memory: 'window', network: { bidirectional: true, attention: 2 } }),
  ],
  ...[0, 2].map((attention): [string, (horizon: number) => Model] => [
    `a GRU${attention > 0 ? ' with attention' : ''} that draws paths`,
    (horizon) => {
      const paths = { count: 15, seed: 2 };
      const network = { headSize: 3, ...(attention > 0 && { attention }) };
      const { residuals: _, ...parts } = partsFor(describeModel({ horizon, loss: 'student-t', paths, network }));
      return Forecaster.from(parts);
    },
  ]),
  ['the last value', (horizon) => baselines.last(task(horizon))],
  ['a season', (horizon) => baselines.seasonal(5, task(horizon))],
  ['a drift', (horizon) => baselines.drift(task(horizon))],
  ['a moving average', (horizon) => baselines.movingAverage(4, task(horizon))],
  ['a smoothed value', (horizon) => baselines.smoothed(0.3, task(horizon))],
  [
    'Holt-Winters',
    (horizon) => baselines.holtWinters({ period: 4, level: 0.3, trend: 0.1, season: 0.2 }, task(horizon)),
  ],
  ['Theta', (horizon) => baselines.theta({ period: 4, share: 0.3 }, task(horizon))],
  ['NLinear', (horizon) => linear(horizon).fit('nlinear', task(horizon), { lookback: 5 })],
  ['DLinear', (horizon) => linear(horizon).fit('dlinear', task(horizon), { lookback: 5 })],
];

const series = (count: number, begin = 0) =>
  Array.from({ length: count }, (_, k) => {
    const i = begin + k;
    return { at: 1000 * i, values: [10 + Math.sin(i), 20 + Math.cos(i / 3)], offset: i };
  });
const table = (samples: ReturnType<typeof series>) => ({
  names: ['pressure', 'temperature'],
  columns: [0, 1].map((input) => Float64Array.from(samples, ({ values }) => values[input]!)),
  at: Float64Array.from(samples, ({ at }) => at),
});
const numbers = (forecasts: readonly (Forecast | undefined)[]) => forecasts.map((f) => f?.numbers);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.each(models)('%s', (_, make) => {
  const model = make(3);

  test('is a model with a frozen description', () => {
    expect(isModel(model)).toBe(true);
    const { inputs, targets, horizon, interval } = model.description;
    expect(Object.isFrozen(model.description)).toBe(true);
    expect([inputs.map(({ name }) => name), targets, horizon, interval]).toEqual([
      ['pressure', 'temperature'],
      model.description.targets.length === 1 ? ['temperature'] : ['pressure', 'temperature'],
      3,
      1000,
    ]);
    expect(model.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(make(3).fingerprint).toBe(model.fingerprint);
    expect(make(4).fingerprint).not.toBe(model.fingerprint);
  });

  test('gives a state, a stream, a table and a stream among others the same bits', () => {
    const samples = series(60);
    const state = model.createState();
    const alone = numbers(samples.map((one) => state.step(one)));
    const streamed: LiveForecast[] = [];
    from(samples)
      .pipe(forecast(model))
      .subscribe((f) => streamed.push(f));
    expect(numbers(streamed)).toEqual(alone);
    expect(numbers([...rolling(model, table(samples))].map((one) => one.forecast))).toEqual(alone);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 }), (keys) => {
        const taken = [0, 0, 0, 0];
        const mixed = keys.map((key) => ({ ...samples[taken[key]!++]!, key }));
        const said: unknown[] = [];
        from(mixed)
          .pipe(forecastBy((one) => one.key, model))
          .subscribe((f) => said.push([f.key, f.numbers]));
        const next = [0, 0, 0, 0];
        expect(said).toEqual(keys.map((key) => [key, alone[next[key]!++]!]));
      }),
      { numRuns: 20 },
    );
  });

  test('is ready when its description says so, and an invalid sample changes only the count', () => {
    const { warmup, lookback } = model.description;
    const [state, tidy] = [model.createState(), model.createState()];
    for (const [i, one] of series(12).entries()) {
      expect(state.step([Number.NaN, 1])).toBeUndefined();
      expect(state.step([1, 1e301])).toBeUndefined();
      const said = state.step(one)!;
      expect([said.ready, said.skipped.invalid]).toEqual([i + 1 >= (warmup ?? lookback), 2 * (i + 1)]);
      expect(said.numbers).toEqual(tidy.step(one)!.numbers);
    }
    const fork = state.fork();
    const next = series(1, state.samples)[0]!;
    state.reset();
    expect(state.samples).toBe(0);
    expect(state.step(series(1)[0]!)!.numbers).toEqual(model.createState().step(series(1)[0]!)!.numbers);
    expect(fork.step(next)!.numbers).toEqual(tidy.step(next)!.numbers);
  });

  test('its stream can be forked, rewound, saved and restored', () => {
    const options = { history: 3, gap: 'hold', skill: true } as const;
    const state = new StreamState(model, options);
    for (const one of series(20)) state.step(one);
    const [snapshot, fork] = [state.snapshot(), state.fork()];
    expect(fork.equals(state)).toBe(true);
    const on = numbers(series(10, 20).map((one) => state.step(one)));
    expect(fork.equals(state)).toBe(false);
    expect(numbers(series(10, 20).map((one) => fork.step(one)))).toEqual(on);
    const restored = new StreamState(make(3), options);
    restored.restore(snapshot);
    expect(numbers(series(10, 20).map((one) => restored.step(one)))).toEqual(on);
    expect(restored.equals(state)).toBe(true);
    state.rewind(3);
    expect(numbers(series(3, 27).map((one) => state.step(one)))).toEqual(on.slice(7));
    state.reset();
    expect(state.equals(new StreamState(model, options))).toBe(true);
    const other = new StreamState(make(4), options);
    expect(() => other.restore(snapshot)).toThrow(gatecastError('invalid-file', /^Expected a snapshot of the model/));
  });

  test('its fleet grows, moves idle streams to the store and continues from there', () => {
    const keyed = (begin: number, end: number) =>
      series(end - begin, begin).map((one) => ({ ...one, key: String(one.offset % 150) }));
    const run = (samples: ReturnType<typeof keyed>, options = {}) => {
      const said: unknown[] = [];
      from(samples)
        .pipe(forecastBy((one) => one.key, model, options))
        .subscribe((f) => said.push([f.key, f.numbers]));
      return said;
    };
    const whole = run(keyed(0, 800));
    expect(whole).toHaveLength(800);
    for (const store of [memoryStore(), fileStore(join(folder, 'store'))]) {
      const options = { store, maxStreams: 40 };
      expect([...run(keyed(0, 333), options), ...run(keyed(333, 800), options)]).toEqual(whole);
      store.close?.();
    }
  });

  test('late samples are put in their place', () => {
    const [tidy, late] = [0, 1].map(() => new StreamState(model, { lateness: '5s' })) as [StreamState, StreamState];
    const samples = series(30);
    const inOrder = samples.map((one) => tidy.step(one));
    const swapped = samples.flatMap((one, i) => (i % 7 === 3 ? [] : i % 7 === 5 ? [one, samples[i - 2]!] : [one]));
    const untidy = swapped.map((one) => late.step(one));
    expect(late.equals(tidy)).toBe(true);
    expect(untidy.filter((f) => f?.kind === 'correction').length).toBeGreaterThan(2);
    expect(numbers([untidy.at(-1)])).toEqual(numbers([inOrder.at(-1)]));
  });

  test('its stream is reset by a long silence', () => {
    const [state, fresh] = [0, 1].map(() => new StreamState(model, { resetAfter: '20s' })) as [
      StreamState,
      StreamState,
    ];
    for (const one of series(20)) state.step(one);
    const later = series(30, 200);
    const said = later.map((one) => state.step(one));
    const begins = said.findIndex((f) => f !== undefined);
    expect(begins).toBe(2); // a jump is doubted at first
    expect(numbers(said.slice(begins))).toEqual(numbers(later.slice(begins).map((one) => fresh.step(one))));
    expect(
      said
        .slice(begins)
        .map((f) => f!.ready)
        .indexOf(true),
    ).toBe((model.description.warmup ?? model.description.lookback) - 1);
  });

  test("its states reset beside the caller's numbers, and grow", () => {
    const states = model[makeStates](1, 2);
    const answers = (slot: number) =>
      series(6).map(({ at, values }) => {
        const answer = new Float64Array(numberCount(model.description));
        states.stepNow(slot, at, Float64Array.from(values), answer);
        return [...answer];
      });
    const first = answers(0);
    states.rows.fill(7, states.spare, states.rowSize);
    answers(0);
    expect(states.samples(0)).toBe(12);
    states.restart(0);
    expect(states.samples(0)).toBe(0);
    expect(answers(0)).toEqual(first);
    expect([...states.rows.subarray(states.spare, states.rowSize)]).toEqual([7, 7]);
    states.grow(3);
    expect(answers(2)).toEqual(first);
    expect(states.samples(0)).toBe(6);
    states.dispose();
  });

  test('takes the place of another model in a live stream', async () => {
    const live = new LiveModel<Model>(baselines.last(task(2)));
    for (const one of series(20)) live.step(one);
    expect(await live.swap(model, { warm: 20 })).toMatchObject({ switched: true });
    const plain = new StreamState(model);
    const said = numbers(series(25).map((one) => plain.step(one)));
    expect(numbers(series(5, 20).map((one) => live.step(one)))).toEqual(said.slice(20));
    live.dispose();
  });

  test('is recorded, replayed to the bit, and evaluated', async () => {
    const file = join(folder, 'a.rec');
    from(series(50))
      .pipe(record(file, { model, around: forecast(model, { skill: true }), options: { skill: true } }))
      .subscribe();
    const { comparison, changed } = await replay(file, model);
    expect([comparison, changed]).toEqual([{ compared: 50, different: 0, first: undefined }, []]);
    const disturbed = await replay(file, model, { faults: ['stall', 'drop'], seed: 1 });
    expect(disturbed.disturbance).toBeDefined();
    const { windows, mae, scaled } = evaluate(model, table(series(50)));
    const { warmup, lookback } = model.description;
    expect(windows).toBe(50 - (warmup ?? lookback) - 3 + 1);
    expect([mae, scaled.mae].every((error) => error > 0 && Number.isFinite(error))).toBe(true);
  });
});
