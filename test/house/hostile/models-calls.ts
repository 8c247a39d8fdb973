import { rmSync, writeFileSync } from 'node:fs';
import { firstValueFrom, lastValueFrom, type Observable } from 'rxjs';
import { expect } from 'vitest';
import * as gatecast from '../../support/every-name.ts';
import * as csv from '../../../lib/adapters/csv.ts';
import * as ndjson from '../../../lib/adapters/ndjson.ts';
import * as sensors from '../../../lib/adapters/sensors.ts';
import { gatecastError } from '../../support/gatecast-error.ts';
import { makeEsrnnModel, makeModel, makeSegmentModel, partsFor, describeModel } from '../../support/models.ts';
import { describePolicy, makePolicy, policyParts } from '../../support/policies.ts';
import type { Call, Calls } from './calls.ts';
import { baseline, task, model, plant, trained, state, forecast } from './subjects.ts';

const { EsrnnForecaster, Forecaster, metrics, RecurrentPolicy, Scaler, SegmentForecaster } = gatecast;

function segmentParts() {
  const { description, scaler } = makeSegmentModel();
  const open = structuredClone<typeof description>(description); // frozen, it could not be tried
  return { description: open, scaler, weights: makeSegmentModel().weights() };
}

function esrnnParts() {
  const { description, scaler } = makeEsrnnModel();
  const open = structuredClone<typeof description>(description); // frozen, it could not be tried
  return { description: open, scaler, weights: makeEsrnnModel().weights() };
}
const table = () => ({
  names: ['pressure', 'temperature'],
  columns: [1, 2].map((slope) => Float64Array.from({ length: 40 }, (_, t) => Math.sin(slope * t))),
  units: ['bar', undefined],
  at: Float64Array.from({ length: 40 }, (_, t) => 1000 * t),
});
const classifier = makeModel({
  targets: ['state'],
  classes: ['off', 'on'],
  present: true,
  horizon: 1,
  anchor: 'none',
  loss: 'classes',
  levels: [],
  network: { headSize: 2 },
});
const labelled = () => {
  const { names, columns } = table();
  const state = Float64Array.from({ length: 40 }, (_, t) => t % 2);
  return { names: [...names, 'state'], columns: [...columns, state], words: [undefined, undefined, ['off', 'on']] };
};
const training = () => ({
  targets: 'temperature',
  horizon: 1,
  inputs: ['pressure'],
  min: { temperature: -1e9 },
  max: 1e9,
  cell: 'lstm',
  hidden: 2,
  layers: 1,
  projSize: 0,
  lookback: 2,
  memory: 'carried',
  anchor: 'last',
  loss: 'mse',
  levels: [0.5],
  epochs: 1,
  patience: 1,
  learningRate: 0.01,
  batchSize: 4,
  weightDecay: 0,
  dropout: 0,
  clipNorm: 1,
  levelShift: 0,
  seed: 1,
  split: { train: 30, validation: 10 },
  interval: 1000,
});
const readAll = async (series: unknown) => {
  for await (const _ of series as gatecast.Series);
};
const enough = new Error('enough');
const dynamics = () => ({
  inputs: ['pressure'],
  outputs: 'temperature',
  steps: 2,
  lookback: 2,
  memory: 'carried',
  loss: 'mse',
  members: 2,
  epochs: 1,
  hidden: 2,
  interval: null,
  test: [table()],
  signal: AbortSignal.abort(enough),
  onEpoch: () => undefined,
});
const trial = () => ({
  train: () => gatecast.baselines.last({ inputs: ['temperature'], horizon: 2 }),
  horizon: 2,
  initial: 30,
  stride: 4,
  gap: 1,
  mode: 'sliding',
  refit: 2,
  season: 3,
  scale: 'series',
});
const comparison = () => ({
  train: { targets: 'temperature', horizon: 1, hidden: 2, lookback: 2, epochs: 1, levelShift: 0 },
  seeds: 1,
  budget: '1m',
  test: 6,
  stop: new AbortController().signal,
});
const search = () => ({
  train: { ...comparison().train, model: 'recurrent' as const },
  budget: '1m',
  test: 6,
  seed: 1,
  checkpoint: 'data.tune',
  stop: new AbortController().signal,
});
const judged = () => [
  [
    {
      scores: Float64Array.from({ length: 20 }, (_, t) => t / 20),
      windows: [
        [5, 7],
        [9, 12],
      ],
    },
  ],
  0.5,
  { found: 1, missed: 1, falseAlarm: 0.1 },
];
const writeCsv = () => writeFileSync('data.csv', 'at,temperature,pressure,text\n2020-01-01,1,2,a\n2020-01-02,3,4,b\n');
const writeNdjson = () => writeFileSync('log.ndjson', '{"run": 1, "x": 2}\n');
const tensors = () => ({ a: { shape: [1], data: new Float32Array(1) } });
const joint = () =>
  makeModel({ dependence: [[0.5, 0.5]] })
    .createState()
    .step([1, 2])!;
const csvOptions = () => ({ levels: [0.8], series: { name: 'id', value: 'x' } });

/** Calls a constructor that TypeScript keeps private, which says what to call instead. */
function privately(Class: { name: string }, ...values: unknown[]): void {
  expect(() => Reflect.construct(Class as never, values)).toThrow(
    gatecastError('invalid-argument', new RegExp(`${Class.name}\\.load.* to make a ${Class.name} but`)),
  );
}

/** Correct arguments of what users can call, and how to call it where that is not by its name. */
export const calls: Calls = {
  evaluate: {
    open: /^1$/,
    args: () => [model, table(), { from: 10, to: 30, gap: 2, stride: 3, season: 4, scale: 'series', origins: true }],
    call: gatecast.evaluate as Call,
  },
  evaluateClasses: {
    open: /^1$/,
    args: () => [classifier, labelled(), { from: 10, to: 30 }],
    call: gatecast.evaluateClasses as Call,
  },
  backtest: { open: /^0$/, args: () => [table(), trial()], call: gatecast.backtest as Call },
  // Its options are those of compare, of which only the first emission is awaited.
  compareModels: {
    open: /^0$/,
    args: () => [table()],
    call: async (data) => {
      const compared = await gatecast.compareModels(data as never, comparison());
      compared.model.dispose();
    },
  },
  compare: {
    args: () => [table(), comparison()],
    open: /^0$/,
    call: (...args) => firstValueFrom((gatecast.compare as (...args: unknown[]) => Observable<unknown>)(...args)),
  },
  tuneModel: {
    open: /^0$/,
    args: () => [table()],
    call: async (data) => {
      const { train, test } = search();
      const fixed = { ...train, cell: 'gru' as const, layers: 1, learningRate: 0.01, dropout: 0 }; // one setting
      const found = await gatecast.tuneModel(data as never, { train: fixed, test });
      found.model.dispose();
    },
  },
  tune: {
    open: /^0$/,
    args: () => [table(), search()],
    call: (...args) => {
      for (const name of ['data.tune', 'data.tune.1']) rmSync(name, { force: true });
      return firstValueFrom((gatecast.tune as (...args: unknown[]) => Observable<unknown>)(...args));
    },
  },
  backtestClasses: {
    open: /^0$/,
    args: () => [
      labelled(),
      { train: () => classifier, horizon: 1, initial: 30, stride: 4, gap: 1, mode: 'sliding', refit: 2 },
    ],
    call: gatecast.backtestClasses as Call,
  },
  backtestProgress: {
    open: /^0$/,
    args: () => [table(), trial()],
    call: (...args) =>
      lastValueFrom((gatecast.backtestProgress as (...args: unknown[]) => Observable<unknown>)(...args)),
  },
  metrics: {
    open: /^2$/,
    args: () => [[1, 2, 4], [1, 3, 3], { 0.1: [0, 1, 2], 0.9: [3, 4, 5] }, { history: [1, 2, 1], season: 1 }],
    call: (...args) => {
      const [truth, forecast, quantiles, history] = args as never[];
      metrics.pointErrors(truth!, forecast!);
      metrics.scaledErrors(truth!, forecast!, history!);
      metrics.quantileScores(truth!, quantiles!);
    },
  },
  'metrics, crps': {
    open: /^1\.quantiles$/,
    args: () => [
      [1, 2],
      { quantiles: { 0.1: [0, 1], 0.9: [3, 4] } },
      { samples: [[1, 2], [3]] },
      { mean: [1, 2], deviation: [1, 2] },
      { family: 'gaussian', parameters: { mean: [1, 2], deviation: [1, 2] } },
    ],
    call: (truth, ...forms) => {
      for (const form of forms) metrics.crps(truth as never, form as never);
    },
  },
  'metrics, energyScore': {
    args: () => [
      [[1, 2]],
      [
        [
          [1, 2],
          [2, 3],
        ],
      ],
    ],
    call: metrics.energyScore as Call,
  },
  'metrics, intervalScores': {
    args: () => [[1, 2], { lower: [0, 1], upper: [2, 3] }, 0.8, { history: [1, 2], season: 1 }],
    call: metrics.intervalScores as Call,
  },
  'metrics, classScores': {
    args: () => [
      ['a', 1, undefined],
      ['b', 1, 'a'],
    ],
    call: (...args) => {
      metrics.classScores(...(args as [never, never]));
      metrics.changeDelays(...(args as [never, never]));
    },
  },
  'metrics, dieboldMariano': {
    args: () => [[1, 2, 3, 4], [2, 3, 4, 6], { names: ['one', 'other'], significance: 0.1, horizon: 2 }],
    call: metrics.dieboldMariano as Call,
  },
  'metrics, wilcoxon': {
    args: () => [[1, 2, 3, 4], [2, 3, 4, 6], { names: ['one', 'other'], significance: 0.1 }],
    call: metrics.wilcoxon as Call,
  },
  compareWithBaselines: {
    open: /^1$/,
    args: () => [model, table(), { from: 20, to: 35 }],
    call: gatecast.compareWithBaselines as Call,
  },
  fitBaseline: {
    open: /^1$/,
    args: () => [
      'holtWinters',
      table(),
      task(),
      { period: 2, damped: false, initial: true, lookback: 4, validation: 30 },
    ],
    call: gatecast.fitBaseline as Call,
  },
  gradientFlow: {
    open: /^1$/,
    args: () => [model, table(), { lags: 4 }],
    call: gatecast.gradientFlow as Call,
  },
  findPeriods: { args: () => [table().columns[0], 1000], call: gatecast.findPeriods as Call },
  evaluateDynamics: {
    open: /^1\./,
    args: () => [[plant], [table()], { steps: 2, every: 9, slope: 1 }],
    call: gatecast.evaluateDynamics as Call,
  },
  fit: { open: /^0$/, args: () => [table(), training()], call: gatecast.fit as Call },
  trainDynamics: {
    open: /^(0|1\.test)\./,
    args: () => [[table(), [{ at: 0, pressure: 1, temperature: 2 }]], dynamics()],
    // Aborted before it learns, which is an error too, but by then all has been looked at.
    call: (...args) =>
      (gatecast.trainDynamics as (...values: unknown[]) => Promise<unknown>)(...args).catch((error) => {
        if (error !== enough) throw error;
      }),
  },
  bestNabScore: { open: /^0\./, args: () => [judged()[0], judged()[2]], call: gatecast.bestNabScore as Call },
  nabProbation: { args: () => [100], call: gatecast.nabProbation as Call },
  nabScore: { open: /^0\./, args: judged, call: gatecast.nabScore as Call },
  readSafetensors: {
    prepare: () => gatecast.writeSafetensors('weights.safetensors', tensors()),
    args: () => ['weights.safetensors'],
    call: gatecast.readSafetensors as Call,
  },
  rolling: {
    open: /^1$/,
    args: () => [model, table(), { every: 2, from: 0, to: 30 }],
    call: (...args) => [...(gatecast.rolling as unknown as (...args: unknown[]) => Iterable<unknown>)(...args)],
  },
  predict: { open: /^1$/, args: () => [model, table()], call: gatecast.predict as Call },
  seriesOf: { open: /^0$/, args: () => [table()], call: gatecast.seriesOf as Call },
  rowCount: { open: /^0$/, args: () => [table()], call: gatecast.rowCount as Call },
  selectColumns: { open: /^0$/, args: () => [table(), ['pressure']], call: gatecast.selectColumns as Call },
  sliceRows: { open: /^0$/, args: () => [table(), 1, 2], call: gatecast.sliceRows as Call },
  train: { open: /^0$/, args: () => [table(), training()], call: gatecast.train as Call },
  writeSafetensors: {
    open: /^1/,
    args: () => ['weights.safetensors', tensors()],
    call: gatecast.writeSafetensors as Call,
  },
  readCsv: {
    prepare: writeCsv,
    args: () => ['data.csv', { time: 'at', note: () => {}, by: 'text' }],
    call: csv.readCsv as Call,
  },
  forecastHeader: {
    open: /^0$/,
    args: () => [{ targets: ['a'], classes: ['x'] }, csvOptions()],
    call: csv.forecastHeader as Call,
  },
  forecastLines: {
    open: /^0$/,
    args: () => [{ row: 0, forecast: forecast() }, 1000, csvOptions()],
    call: csv.forecastLines as Call,
  },
  inspectCsv: {
    prepare: writeCsv,
    args: () => ['data.csv', { by: 'text', time: 'at', zone: 'UTC', missing: ['x'], encoding: 'utf-8' }],
    call: csv.inspectCsv as Call,
  },
  csvSeries: {
    prepare: writeCsv,
    open: /roles$/,
    args: () => ['data.csv', { by: 'text', time: 'at', note: () => {}, roles: { pressure: 'past' } }],
    call: async (...args) => readAll((csv.csvSeries as Call)(...args)),
  },
  ndjsonSeries: {
    prepare: writeNdjson,
    open: /roles$/,
    args: () => ['log.ndjson', { by: 'run', note: () => {}, roles: { x: 'target' } }],
    call: async (...args) => readAll((ndjson.ndjsonSeries as Call)(...args)),
  },
  inspectNdjson: {
    prepare: writeNdjson,
    args: () => ['log.ndjson', { time: 'run' }],
    call: ndjson.inspectNdjson as Call,
  },
  readNdjson: { prepare: writeNdjson, args: () => ['log.ndjson', { by: 'run' }], call: ndjson.readNdjson as Call },
  sensors: { args: () => [{ hz: 10 }], call: sensors.sensors as Call },
  Forecaster: { open: /./, args: () => [partsFor(describeModel())], call: (parts) => privately(Forecaster, parts) },
  loadModel: {
    prepare: () => model.save('model.gatecast'),
    args: () => ['model.gatecast'],
    call: (...args) => gatecast.loadModel(...(args as [never])),
  },
  SegmentForecaster: {
    open: /./,
    args: () => [segmentParts()],
    call: (parts) => privately(SegmentForecaster, parts),
  },
  'SegmentForecaster.from': {
    open: /./,
    args: () => [segmentParts()],
    call: (...args) => SegmentForecaster.from(...(args as [never])),
  },
  'SegmentForecaster.load': {
    prepare: () => makeSegmentModel().save('segments.gatecast'),
    args: () => ['segments.gatecast'],
    call: (...args) => SegmentForecaster.load(...(args as [never])),
  },
  'SegmentForecaster.fromBytes': {
    args: () => [makeSegmentModel().toBytes(), 'a name'],
    call: (...args) => SegmentForecaster.fromBytes(...(args as [never])),
  },
  'SegmentForecaster#toBytes': { args: () => [], call: () => makeSegmentModel().toBytes() },
  'SegmentForecaster#createState': {
    args: () => [{ onInvalid: 'skip' }],
    call: (options) => makeSegmentModel().createState(options!),
  },
  EsrnnForecaster: {
    open: /./,
    args: () => [esrnnParts()],
    call: (parts) => privately(EsrnnForecaster, parts),
  },
  'EsrnnForecaster.from': {
    open: /./,
    args: () => [esrnnParts()],
    call: (...args) => EsrnnForecaster.from(...(args as [never])),
  },
  'EsrnnForecaster.load': {
    prepare: () => makeEsrnnModel().save('smoothed.gatecast'),
    args: () => ['smoothed.gatecast'],
    call: (...args) => EsrnnForecaster.load(...(args as [never])),
  },
  'EsrnnForecaster.fromBytes': {
    args: () => [makeEsrnnModel().toBytes(), 'a name'],
    call: (...args) => EsrnnForecaster.fromBytes(...(args as [never])),
  },
  'EsrnnForecaster#toBytes': { args: () => [], call: () => makeEsrnnModel().toBytes() },
  'EsrnnForecaster#createState': {
    args: () => [{ onInvalid: 'skip' }],
    call: (options) => makeEsrnnModel().createState(options!),
  },
  RecurrentPolicy: {
    open: /./,
    args: () => [policyParts(describePolicy())],
    call: (parts) => privately(RecurrentPolicy, parts),
  },
  'Forecaster.from': {
    open: /./,
    args: () => [partsFor(describeModel())],
    call: (...args) => Forecaster.from(...(args as [never])),
  },
  'Forecaster.load': {
    prepare: () => model.save('model.gatecast'),
    args: () => ['model.gatecast', { precision: 'bf16' }],
    call: (...args) => Forecaster.load(...(args as [never])),
  },
  'Forecaster.fromBytes': {
    args: () => [model.toBytes(), 'a name'],
    call: (...args) => Forecaster.fromBytes(...(args as [never])),
  },
  'TrainedModel#save': { args: () => ['model.gatecast'], call: (path) => model.save(path as string) },
  'TrainedModel#parts': { args: () => [], call: () => (model as unknown as { parts(): object }).parts() },
  'TrainedModel#checkUsable': {
    args: () => [],
    call: () => (model as unknown as { checkUsable(): void }).checkUsable(),
  },
  'Forecaster#toBytes': { args: () => [], call: () => model.toBytes() },
  'Forecaster#createState': { args: () => [{ onInvalid: 'skip' }], call: (options) => model.createState(options!) },
  'TrainedModel#weights': { args: () => [], call: () => model.weights() },
  'TrainedModel#dispose': { args: () => [], call: () => makeModel().dispose() },
  baselines: {
    args: () => [task(), 3, 0.5],
    call: (task, samples, share) => {
      gatecast.baselines.last(task as never);
      gatecast.baselines.seasonal(samples as number, task as never);
      gatecast.baselines.drift(task as never);
      gatecast.baselines.movingAverage(samples as number, task as never);
      gatecast.baselines.smoothed(share as number, task as never);
      gatecast.baselines.holtWinters({ period: samples as number, level: share as number }, task as never);
      gatecast.baselines.theta({ period: samples as number, share: share as number }, task as never);
    },
  },
  'baselines, of a model': { args: () => [model], call: (like) => gatecast.baselines.last(like as never) },
  'Baseline#beside': { args: () => [model], call: (of) => baseline().beside(of as never) },
  'Baseline#createState': {
    args: () => [{ onInvalid: 'skip' }],
    call: (options) => baseline().createState(options as never),
  },
  'ModelState, of a baseline': {
    args: () => [{ at: 0, values: { pressure: 1, temperature: 2 } }, 0],
    call: (...args) =>
      baseline()
        .createState({ onInvalid: 'error' })
        .step(...(args as [never])),
  },
  'ModelState#step': {
    open: /^0/,
    args: () => [{ at: 0, values: { pressure: 1, temperature: 2 } }, 0],
    call: (...args) => state().step(...(args as [never])),
  },
  'ModelState#fork': { args: () => [], call: () => state().fork() },
  'ModelState#reset': { args: () => [], call: () => state().reset() },
  'ModelState#dispose': { args: () => [], call: () => state().dispose() },
  'Forecast#interval': { args: () => [0.8], call: (level) => forecast().interval(level as number) },
  'Forecast#toJSON': { args: () => [], call: () => forecast().toJSON() },
  'Forecast#paths': { args: () => [3, { seed: 1 }], call: (...args) => joint().paths(...(args as [never])) },
  'Forecast#target': { args: () => ['temperature'], call: (name) => forecast().target(name as string) },
  'RecurrentPolicy.from': {
    open: /./,
    args: () => [policyParts(describePolicy())],
    call: (...args) => RecurrentPolicy.from(...(args as [never])),
  },
  'RecurrentPolicy.load': {
    prepare: () => trained.save('policy.gatecast'),
    args: () => ['policy.gatecast'],
    call: (...args) => RecurrentPolicy.load(...(args as [never])),
  },
  'RecurrentPolicy.fromBytes': {
    args: () => [trained.toBytes(), 'a name'],
    call: (...args) => RecurrentPolicy.fromBytes(...(args as [never])),
  },
  'RecurrentPolicy#save': { args: () => ['policy.gatecast'], call: (path) => trained.save(path as string) },
  'RecurrentPolicy#toBytes': { args: () => [], call: () => trained.toBytes() },
  'RecurrentPolicy#weights': { args: () => [], call: () => trained.weights() },
  'RecurrentPolicy#dispose': { args: () => [], call: () => makePolicy().dispose() },
  Scaler: { args: () => [['a'], [0], [1]], call: (...args) => new Scaler(...(args as [never, never, never])) },
  'Scaler.fit': {
    args: () => [['a'], [new Float64Array(3)], 0, 3],
    call: (...args) => Scaler.fit(...(args as [never, never])),
  },
  'Scaler#scale': {
    args: () => [[1], new Float32Array(1)],
    call: (...args) => new Scaler(['a'], [0], [1]).scale(...(args as [never, never])),
  },
};
