import { GatecastError, misfit } from '../../base/errors.ts';
import { allocate } from '../../base/memory.ts';
import type { StateDict } from '../../base/tensor.ts';
import { KnownValues } from '../../batch/fit-baseline.ts';
import type { KeyedTable } from '../../data/series.ts';
import { rowCount, selectColumns, sliceRows, type Table } from '../../data/table.ts';
import { type EsrnnDescription, esrnnSpec, parseEsrnnDescription } from '../../model/esrnn/description.ts';
import { EsrnnForecaster } from '../../model/esrnn/esrnn-forecaster.ts';
import { Smoothing, type SmoothingForm } from '../../model/esrnn/smoothing.ts';
import { calendarParts } from '../../model/inputs/calendar.ts';
import { headLayout, headOf } from '../../model/heads/heads.ts';
import { parameterShapes } from '../../network/network-spec.ts';
import { Trainer } from '../../network/trainer.ts';
import { calibrated } from '../calibrated.ts';
import { cycleFor } from '../cycle.ts';
import type { TrainingData } from '../data.ts';
import { finishDescription, sharedDraft } from '../description.ts';
import type { Split } from '../even-steps.ts';
import { initialWeights } from '../initial.ts';
import type { ResolvedOptions } from '../options.ts';
import { layOut, longest, type Plan, type SeriesRows, withValidation } from '../plan.ts';
import { meanNetwork, Members } from '../members.ts';
import { refitted } from '../refitted.ts';
import { momentsOfColumn } from '../scale.ts';
import { fitSmoothing } from './fit-smoothing.ts';
import { gapOfTargets, planOfTargets } from './targets-only.ts';
import type { LearningTask } from './task.ts';

type EsrnnPlan = Plan<EsrnnDescription>;

/** The network reads so many means of values in each of the shorter seasons; without a season each value. */
const MEANS = 3;
/** By default it reads the longer season, or so many of the shorter one; without a season so many values. */
const READ_SEASONS = 7;
const READ_VALUES = 24;
/**
 * The share of the training rows that a pass forecasts once. Passes are short because the weights after each have a
 * share in the mean that is kept.
 */
const SHARE = 0.25;
/** Windows of a pass at most: long tables must not take long. */
const MOST_WINDOWS = 2 ** 12;
/** How many horizons all series together are validated on. */
const VALIDATED = 40;
/** What the native trainer takes for each row and target: the value, and centre and spread of the forecasts' scale. */
const NUMBERS = 3;
/** Steps of a window before the first with a loss, and those with a loss. */
const WARMUP = 24;
const STEPS = 24;
/** Steps of a window. */
export const ESRNN_STEPS = WARMUP + STEPS;
const WEEK = calendarParts.weekday.period; // [ms]

/**
 * Splits each series and plans the windows, as `planTraining` does. The cold start of each series teaches nothing.
 * Throws `invalid-data` if there are too few rows, and `invalid-argument` for options that this kind of model cannot
 * have.
 */
export function planEsrnn(
  tables: readonly KeyedTable[],
  options: ResolvedOptions,
  splits: readonly (Split | undefined)[],
): EsrnnPlan {
  const { horizon, cell, hidden, layers } = options;
  const gap = gapOfTargets(tables, options);
  const least = STEPS + horizon - 1; // validation rows of a window
  const own = tables.map((table, i) => splits[i] ?? splitOf(rowCount(table), tables.length, least));
  const laid = layOut(tables, own);
  const smoothing = smoothingOf(laid, options);
  const { start } = new Smoothing(smoothing, horizon);
  const shape = { window: ESRNN_STEPS, warmup: WARMUP, horizon, freeSteps: 0 };
  const series = laid.map((rows) => warmedUp(rows, start));
  const train = longest(series.map(({ training }) => training));
  const validation = longest(series.map(({ validation: rows }) => rows));
  if (validation < least || train < shape.window + horizon) {
    throw new GatecastError(
      'invalid-data',
      `Expected at least ${start + shape.window + horizon} rows to learn from (${start} for the first seasons + ` +
        `${shape.window} + horizon ${horizon}) and ${least} to validate on, but found ${start + train} and ${validation}.`,
    );
  }
  const split = series.map((rows) => withValidation(rows, least));
  const plan = planOfTargets(tables, options, { series: split, gap, shape });
  const description: EsrnnDescription = {
    ...sharedDraft(plan, options),
    lookback: start,
    model: 'esrnn',
    smoothing,
    recurrent: { cell, hidden, layers },
  };
  parseEsrnnDescription(description);
  return { ...plan, description };
}

/**
 * The seasons: those given, or else the strongest of the rows. Logarithms are smoothed if all values to learn from are
 * positive and the loss is that of a median or of quantiles, which stay what they are.
 */
function smoothingOf(series: readonly SeriesRows[], options: ResolvedOptions): SmoothingForm {
  const { targets, horizon, lookback, interval = null, loss } = options;
  const given = periodsOf(series, options);
  const tables = series.map(({ table, offset, training }) => sliceRows(table, 0, training.to - offset));
  const columns = tables.flatMap((table) => selectColumns(table, targets).columns);
  const log = loss !== 'mse' && columns.every((column) => column.every((value) => !(value <= 0)));
  const tried = given === 'auto' ? candidates(tables, options, interval) : [given];
  const fitted = fitSmoothing(columns, tried, log, horizon);
  const [first = 1, last = READ_SEASONS * first] = fitted.periods;
  const block = Math.max(1, Math.floor(first / MEANS));
  const usual = fitted.periods.length === 0 ? READ_VALUES : Math.floor(last / block) * block;
  if (lookback !== undefined && lookback % block !== 0) {
    throw misfit(`a multiple of ${block}, a third of the season,`, 'options.lookback', lookback);
  }
  return { ...fitted, window: lookback ?? usual, block };
}

/** The seasons of the options. A cycle is one that is given as a time; a week has days. */
function periodsOf(series: readonly SeriesRows[], options: ResolvedOptions): ResolvedOptions['periods'] {
  const { cycle: given, periods, interval = null } = options;
  const cycle = cycleFor(series, options, undefined, interval);
  if (cycle === undefined) return periods;
  const wrong = (what: string) => misfit(what, 'options.cycle', given);
  if (periods !== 'auto') throw wrong('no value with options.periods, which says the same,');
  const { period, phases } = cycle;
  if (phases * interval! !== period) throw wrong(`a multiple of the time between rows (${interval} ms)`);
  const days = phases / 7;
  return period === WEEK && Number.isInteger(days) && days > 1 ? [days, phases] : [phases];
}

/**
 * Seasons to try: none, the strongest period, and with it another one, or seven of it, as a week has days. Rows of a
 * few weeks show days plainly and hardly a week.
 */
function candidates(
  tables: readonly Table[],
  { targets, horizon }: ResolvedOptions,
  interval: number | null,
): (readonly number[])[] {
  const [first, ...others] = new KnownValues(tables, { description: { targets, horizon }, scaler: undefined }).periods(
    interval,
  );
  if (first === undefined) return [[]];
  const second = [...new Set([...others.slice(0, 2), 7 * first])].filter((period) => period !== first);
  return [[], [first], ...second.map((period) => [first, period].sort((a, b) => a - b))];
}

/**
 * The rows of a series to learn from and to validate on. All series together are validated on so many horizons at
 * most: the newest rows are those from which most is to be learned.
 */
function splitOf(rows: number, series: number, least: number): Split {
  const validation = Math.min(Math.ceil(rows / 5), Math.max(least, Math.ceil((VALIDATED * least) / series)));
  return { train: rows - validation, validation };
}

/** A series without the rows of its cold start, of which it needs the first season at least. */
function warmedUp(rows: SeriesRows, start: number): SeriesRows {
  const { training } = rows;
  return { ...rows, training: { from: Math.min(training.from + start, training.to), to: training.to } };
}

/** Learning of an esrnn model. */
export function esrnnTask(plan: EsrnnPlan, options: ResolvedOptions): LearningTask<EsrnnForecaster> {
  const { description } = plan;
  const { loss, dropout, batchSize, weightDecay, clipNorm, seed, threads, members } = options;
  const network = esrnnSpec(description);
  const head = headLayout(description);
  const joined = (learned: StateDict) => (members === 1 ? learned : meanNetwork(network, learned, members));
  return {
    createTrainer: (data) => {
      const smoothed = smoothedRows(plan, data);
      const initial = Array.from({ length: members }, (_, i) =>
        initialWeights({ ...description, network, anchor: 'none' }, { ...data, ...smoothed }, [], seed + i),
      );
      const trainer = new Trainer(
        smoothed.rows,
        {
          network,
          ...data.shape,
          feedForward: false,
          carries: false,
          targets: description.targets.map((_, t) => t),
          anchor: false,
          loss,
          levels: headOf(loss).gives === 'quantiles' ? [...options.levels] : [],
          dropout,
          batchSize,
          weightDecay,
          undecayed: [...parameterShapes(network).keys()].filter((name) => name.includes('bias')),
          clipNorm,
          seed,
          threads,
        },
        initial[0]!,
        smoothed.marks,
      );
      return members === 1 ? trainer : new Members(trainer, initial);
    },
    validated: ({ validation }) => validation,
    tolerance: () => 0,
    windowsOfPass: ({ training }) =>
      Math.min(training.length, MOST_WINDOWS, Math.ceil((SHARE * training.length) / STEPS)),
    head: { ...head, targets: members * head.targets },
    assemble: ({ scaler, shape }, best, learned, signal) => {
      const { lookback, recurrent } = description; // a window of training is one of the network's inputs
      const finished = {
        ...finishDescription(description, seed, shape, best),
        lookback,
        recurrent: { ...recurrent, hidden: members * recurrent.hidden },
      };
      const parts = { description: finished, weights: joined(learned), scaler };
      return calibrated(parts, (own) => EsrnnForecaster.from(own), plan.series, options.levels, signal);
    },
    refitted: (model, weights) => refitted(model, joined(weights), (own) => EsrnnForecaster.from(own)),
  };
}

/** The rows that the network reads, and the true values on the scale of each. */
export function smoothedRows(
  { series, rows, description }: EsrnnPlan,
  data: Pick<TrainingData, 'filled' | 'marks'>,
): Pick<TrainingData, 'rows' | 'marks'> {
  const { targets, horizon, smoothing: form } = description;
  const smoothing = new Smoothing(form, horizon);
  const width = targets.length * smoothing.width;
  const what = `${rows} rows of ${width} numbers that the network reads`;
  const inputs = allocate(4 * rows * width, what, () => new Float32Array(rows * width));
  const scaled = new Float32Array(rows * targets.length * NUMBERS);
  const memory = new Float64Array(smoothing.size);
  series.forEach(({ table, offset }, i) => {
    const { columns } = data.filled?.[i] ?? selectColumns(table, targets);
    columns.forEach((column, t) => {
      const { mean = 0, std = 0 } = momentsOfColumn(column) ?? {};
      const unit = std > 0 ? std : 1;
      let samples = 0;
      memory.fill(0);
      column.forEach((value, row) => {
        if (Number.isNaN(value)) {
          samples = 0;
          memory.fill(0);
          return;
        }
        const at = ((offset + row) * targets.length + t) * NUMBERS;
        scaled[at] =
          (smoothing.smoothed(memory, 0, samples, value) - smoothing.season(memory, 0, samples) - mean) / unit;
        smoothing.take(memory, 0, samples, value);
        samples += 1;
        smoothing.write(memory, 0, samples, inputs, (offset + row) * width + t * smoothing.width);
        scaled[at + 1] = (smoothing.level(memory, 0) - mean) / unit;
        scaled[at + 2] = smoothing.spread(memory, 0) / unit;
      });
    });
  });
  return { rows: inputs, marks: { ...data.marks, scaled } };
}
