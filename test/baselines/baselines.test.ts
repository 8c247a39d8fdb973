import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Baseline, BaselineOptions } from '../../lib/baselines/baseline.ts';
import { baselines } from '../../lib/baselines/baselines.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import type { Table } from '../../lib/data/table.ts';
import type { Model } from '../../lib/model/model.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import { anomalies } from '../../lib/stream/anomaly/anomalies.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { record } from '../../lib/stream/recording/record.ts';
import { replay } from '../../lib/stream/replay/replay.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { LiveModel } from '../../lib/stream/swap/live-model.ts';
import { forecastInWorker } from '../../lib/stream/worker/in-worker.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';

const kinds: [string, (task?: BaselineOptions | Model) => Baseline][] = [
  ['last', baselines.last],
  ['seasonal', (task) => baselines.seasonal(5, task)],
  ['drift', baselines.drift],
  ['movingAverage', (task) => baselines.movingAverage(4, task)],
  ['smoothed', (task) => baselines.smoothed(0.3, task)],
  ['holtWinters', (task) => baselines.holtWinters({ period: 3, level: 0.4, trend: 0.2, season: 0.3 }, task)],
  ['theta', (task) => baselines.theta({ period: 3, share: 0.4, season: 'multiplicative' }, task)],
];
/** Two values in a sample, of which the second is forecast. */
const task = { inputs: ['pressure', 'temperature'], targets: ['temperature'], horizon: 3, interval: '1s' };
const value = (i: number) => [10 + Math.sin(i), 20 + Math.cos(i / 3)];
const series = (count: number, begin = 0) =>
  Array.from({ length: count }, (_, i) => ({ at: 1000 * (begin + i), values: value(begin + i), offset: begin + i }));
const tableOf = (values: readonly (readonly number[])[]): Table => ({
  names: task.inputs,
  columns: task.inputs.map((_, i) => Float64Array.from(values, (row) => row[i]!)),
});
const means = (forecasts: readonly (LiveForecast | undefined)[]) => forecasts.map((f) => f && [...f.mean]);

describe('numbers worked by hand', () => {
  const after = (model: Baseline, values: readonly number[]) => {
    const state = model.createState();
    return [...values.map((one) => state.step(one)).at(-1)!.mean];
  };
  const options = { horizon: 4 };

  test('the last value', () => {
    expect(after(baselines.last(options), [1, 5, 9, 13])).toEqual([13, 13, 13, 13]);
  });

  test('the value one period before; the last value within the first period', () => {
    expect(after(baselines.seasonal(3, options), [1, 5, 9, 13])).toEqual([5, 9, 13, 5]);
    expect(after(baselines.seasonal(3, options), [1, 5])).toEqual([5, 1, 5, 5]);
    expect(after(baselines.seasonal(1, options), [1, 5])).toEqual([5, 5, 5, 5]);
  });

  test('the line from the first value to the last, continued', () => {
    expect(after(baselines.drift(options), [1, 8, 3, 13])).toEqual([17, 21, 25, 29]);
    expect(after(baselines.drift(options), [6])).toEqual([6, 6, 6, 6]);
  });

  test('the mean of the last values', () => {
    expect(after(baselines.movingAverage(3, options), [100, 1, 5, 9])).toEqual([5, 5, 5, 5]);
    expect(after(baselines.movingAverage(3, options), [4, 5])).toEqual([4.5, 4.5, 4.5, 4.5]);
  });

  test('exponential smoothing: 1, then 1 + 4/4, 2 + 7/4 and 3.75 + 9.25/4', () => {
    expect(after(baselines.smoothed(0.25, options), [1, 5, 9, 13])).toEqual([6.0625, 6.0625, 6.0625, 6.0625]);
  });

  test.each(kinds)('%s forecasts each target from its own values', (_, make) => {
    const both = make({ inputs: ['a', 'b', 'c'], targets: ['c', 'a'], horizon: 2 }).createState();
    const [a, c] = [make({ horizon: 2 }).createState(), make({ horizon: 2 }).createState()];
    for (let i = 0; i < 12; i++) {
      const [one, other] = value(i) as [number, number];
      const said = both.step([one, 99, other])!;
      expect([...said.mean]).toEqual([...c.step(other)!.mean, ...a.step(one)!.mean]);
      expect(said.targets).toEqual(['c', 'a']);
      expect([said.levels, said.quantiles]).toEqual([[], {}]);
    }
  });

  test('ready is true once as many samples have come as are remembered', () => {
    const ready = (model: Baseline) => {
      const state = model.createState();
      return Array.from({ length: 6 }, (_, i) => state.step(i)!.ready).indexOf(true) + 1;
    };
    expect(kinds.map(([, make]) => ready(make()))).toEqual([1, 5, 2, 4, 4, 3, 6]);
  });

  test('forecasts of large numbers are finite', () => {
    const options = { horizon: 65_536 };
    for (const [name, make] of kinds) {
      const said = after(make(options), [1e300, -1e300, 1e300, -1e300, 1e300, -1e300]);
      expect(said.every(Number.isFinite), name).toBe(true);
    }
    const state = baselines.last({ inputs: ['x'] }).createState({ onInvalid: 'error' });
    const refused = gatecastError(
      'invalid-sample',
      /^Expected a value from -1e\+300 to 1e\+300 for x but received 2e\+300/,
    );
    expect(() => state.step(2e300)).toThrow(refused);
  });
});

test('spikes of an unknown size are refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatecast-'));
  const file = join(folder, 'a.rec');
  const model = baselines.last(task);
  from(series(9)).pipe(record(file, { model })).subscribe();
  const spikes = replay(file, model, { faults: ['spike'] });
  const sentence = /^Expected a model with a scaler for the fault 'spike'/;
  await expect(spikes).rejects.toThrow(gatecastError('invalid-argument', sentence));
  rmSync(folder, { recursive: true });
});

describe('made for a model', () => {
  const forecaster = makeModel({ bounds: [{ min: 0, max: 21 }] });

  test.each(kinds)('%s takes its inputs, targets, horizon, interval, bounds and scaler', (_, make) => {
    const { inputs, targets, horizon, interval, bounds } = forecaster.description;
    const model = make(forecaster);
    expect(model.description).toMatchObject({ inputs, targets, horizon, interval, bounds, levels: [] });
    expect(model.scaler).toEqual(forecaster.scaler);
    const state = model.createState();
    expect(Math.max(...state.step([1, 50])!.mean)).toBe(21);
  });

  test('a live model goes from a baseline to a forecaster and back', async () => {
    const live = new LiveModel<Model>(baselines.seasonal(5, forecaster));
    const source = series(40);
    for (const one of source.slice(0, 20)) expect(live.step(one)!.levels).toEqual([]);
    expect(await live.swap(forecaster, { warm: 10 })).toMatchObject({ switched: true });
    expect(live.model).toBe(forecaster);
    expect(live.step(source[20]!)!.levels).toEqual([0.1, 0.5, 0.9]);
    expect(live.revert()).toBe(true);
    const plain = new StreamState(live.model);
    const said = source.slice(0, 22).map((one) => plain.step(one));
    expect(means([live.step(source[21]!)])).toEqual(means([said.at(-1)]));
    live.dispose();
  });

  test('with its scaler a stream watches its sensors', () => {
    const state = new StreamState(baselines.last(forecaster), { health: true, gap: 'decay' });
    for (const one of series(20)) state.step(one);
    expect(state.step({ at: 20_000, values: [1e9, 20] })!.trust!.flags).toHaveProperty('pressure');
  });
});

describe('evaluated', () => {
  const wave = tableOf(Array.from({ length: 200 }, (_, i) => [i % 5, (i * i) % 7]));

  test('the last value scores what the naive score of any model is', () => {
    const { windows, mse, mae, scaled, naive } = evaluate(baselines.last(task), wave, { from: 50 });
    expect({ mse, mae, scaled }).toEqual(naive);
    expect(windows).toBe(148);
    expect(naive.mae).toBeGreaterThan(0);
    const model = makeModel();
    expect(evaluate(baselines.last(model), wave, { from: 50 }).scaled).toEqual(
      evaluate(model, wave, { from: 50 }).naive.scaled,
    );
  });

  test('a seasonal forecast has no error on a period, nor the drift on a line', () => {
    expect(evaluate(baselines.seasonal(35, { ...task, targets: task.inputs }), wave)).toMatchObject({ mse: 0, mae: 0 });
    const line = tableOf(Array.from({ length: 50 }, (_, i) => [i, 2 * i]));
    expect(evaluate(baselines.drift(task), line)).toMatchObject({ mse: 0, windows: 46 });
    // The mean of t, t - 1, t - 2 and t - 3 is 1.5 steps of 2 behind: 5, 7 and 9.
    expect(evaluate(baselines.movingAverage(4, task), line).mae).toBe(7);
  });

  test('without a scaler errors are scaled by the rows before', () => {
    const { mae, scaled } = evaluate(baselines.last({ targets: ['temperature'] }), wave, { from: 100 });
    const { std } = Scaler.fit(['temperature'], [wave.columns[1]!], 0, 100);
    expect(scaled.mae).toBeCloseTo(mae / std[0]!, 12);
  });

  test('a function in place of a model forecasts every column by a row', () => {
    const all = evaluate(baselines.last({ inputs: task.inputs }), wave);
    expect(evaluate(baselines.last, wave)).toEqual(all);
    expect(evaluate((of) => baselines.seasonal(5, of), wave).mae).not.toBe(all.mae);
    expect(() => evaluate(baselines.last, {} as never)).toThrow(gatecastError('invalid-data'));
    expect(() => evaluate((() => 1) as never, wave)).toThrow(
      gatecastError('invalid-argument', /a Forecaster for model/),
    );
  });
});

describe('missing values', () => {
  test('are held, and there is no forecast before the first value', () => {
    const state = new StreamState(baselines.drift({ ...task, horizon: 1 }), { gap: 'hold' });
    const said = [Number.NaN, 4, 6, Number.NaN, 10].map((one, i) => state.step({ at: 1000 * i, values: [1, one] }));
    expect(means(said)).toEqual([[Number.NaN], [4], [8], [7], [12]]);
  });

  test('of a season are forecast by the last value until a period later', () => {
    const rule = baselines.seasonal(3, { horizon: 3 });
    const state = new StreamState(rule, { gap: 'hold' });
    const said = [1, 2, 3, Number.NaN].map((values) => state.step({ values: [values] }));
    expect(means([said.at(-1)])).toEqual([[2, 3, 3]]);
  });
});

describe('misuse is answered with a sentence', () => {
  const model = baselines.last(task);
  const cases: [string, () => unknown, RegExp][] = [
    [
      'the function itself',
      () => forecast(baselines.last as never),
      /^Expected a Forecaster, a baseline, a StreamState or a LiveModel for model but received a function\. A baseline is what the function returns\.$/,
    ],
    [
      'the function itself, by key',
      () => forecastBy(() => 1, baselines.last as never),
      /^Expected a Forecaster or a baseline for model but received a function\./,
    ],
    [
      'a period of none',
      () => baselines.seasonal(0),
      /^Expected a whole number from 1 to 1000000 for the period but received 0\.$/,
    ],
    [
      'options in place of the period',
      () => baselines.seasonal({ horizon: 2 } as never),
      /the period but received an object/,
    ],
    ['a window of a half', () => baselines.movingAverage(0.5), /for the window but received 0\.5/],
    ['a share of two', () => baselines.smoothed(2), /for the share of the newest value but received 2/],
    [
      'a trend of more than the level',
      () => baselines.holtWinters({ level: 0.1, trend: 0.2 }),
      /the parameters\.trend/,
    ],
    [
      'a season of a half',
      () => baselines.theta({ share: 0.1, period: 1.5 }),
      /the parameters\.period but received 1\.5/,
    ],
    [
      'a first state of another period',
      () => baselines.holtWinters({ level: 0.1, period: 2, initial: { level: 1, trend: 0, season: [1] } }),
      /^Expected 2 numbers for the parameters\.initial\.season/,
    ],
    ['an option misspelt', () => baselines.last({ horizn: 2 } as never), /Did you mean horizon\?$/],
    [
      'a target that is no input',
      () => baselines.last({ inputs: ['a'], targets: ['b'] }),
      /^Expected names of inputs for options.targets but received "b"\.$/,
    ],
    ['a name twice', () => baselines.last({ targets: ['a', 'a'] }), /^Expected different names/],
    ['an interval of 0', () => baselines.last({ interval: 0 }), /for options.interval but received 0/],
    ['quantiles', () => model.createState().step([1, 2])!.interval(0.9), /^Expected a forecaster with quantile levels/],
    [
      'calibration',
      () => forecast(model, { calibrate: true }),
      /^Expected a model with two quantile levels or more for calibrate/,
    ],
    ['adapting', () => forecast(model, { adapt: true }), /^Expected a model with a recurrent network for adapt/],
    ['watching', () => forecast(model, { watch: true }), /^Expected a model with a recurrent network for watch/],
    ['health', () => forecast(model, { health: true }), /^Expected a model with a scaler for health/],
    [
      'decay',
      () => forecast(model, { gap: { pressure: 'decay' } }),
      /^Expected 'hold' or 'impute' for a model without a scaler for options.gap/,
    ],
    ['anomalies', () => anomalies(model), /^Expected a forecaster with two quantile levels or more for model/],
    ['a worker', () => forecastInWorker(model as never), /^Expected a Forecaster for model/],
  ];
  test.each(cases)('%s', (_, run, sentence) => {
    expect(run).toThrow(gatecastError('invalid-argument', sentence));
  });
});

test('the fingerprint depends on the rule and on what it forecasts', () => {
  const prints = [
    ...kinds.map(([, make]) => make(task)),
    baselines.seasonal(6, task),
    baselines.holtWinters({ period: 3, level: 0.5, trend: 0.2, season: 0.3 }, task),
    baselines.theta({ period: 3, share: 0.5, season: 'multiplicative' }, task),
    baselines.theta({ period: 3, share: 0.5 }, task),
    baselines.last({ ...task, horizon: 4 }),
    baselines.last({ ...task, interval: '2s' }),
    baselines.last({ ...task, targets: ['pressure'] }),
    baselines.last({ ...task, inputs: ['power', 'temperature'] }),
    baselines.last({ ...task, targets: task.inputs }),
  ].map(({ fingerprint }) => fingerprint);
  expect(new Set(prints).size).toBe(prints.length);
  expect(prints.every((print) => /^[0-9a-f]{64}$/.test(print))).toBe(true);
  expect(baselines.last(task).fingerprint).toBe(prints[0]);
});

test('have types', () => {
  expectTypeOf(baselines.last()).toExtend<Model>();
  expectTypeOf(makeModel()).toExtend<Model>();
  // @ts-expect-error a baseline has no levels
  expect(() => baselines.last({ levels: [0.5] })).toThrow(gatecastError('invalid-argument'));
  // @ts-expect-error the period is needed
  expect(() => baselines.seasonal()).toThrow(gatecastError('invalid-argument'));
});
