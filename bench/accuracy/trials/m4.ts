// The hourly series of the M4 competition: one model for all of them, of each kind that is for many series.
import {
  baselines,
  type EsrnnOptions,
  fit,
  predict,
  type RollingModel,
  seriesOf,
  type Table,
  type TrainOptions,
} from 'gatecast';
import { readCsv } from 'gatecast/csv';
import { timed, type Outcome, type Task, type Trial } from '../trial.ts';

const HORIZON = 48;
const SEASON = 24;
const [TRAIN, TEST] = ['m4/Hourly-train.csv', 'm4/Hourly-test.csv'];
const TASK = { inputs: ['y'], horizon: HORIZON };
/** The first and the last are the ends of the 95 % interval that MSIS is of. */
const LEVELS = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];

export const m4: Trial = {
  name: 'm4',
  about: `the 414 hourly series of the M4 competition, ${HORIZON} steps ahead: sMAPE [%], MASE and MSIS as published`,
  needs: [TRAIN, TEST],
  run,
};

async function* run({ quick, file }: Task): AsyncIterable<Outcome> {
  const [history, future] = [await readSeries(file(TRAIN)), await readSeries(file(TEST))];
  // The errors of the organisers' table, "Evaluation and Ranks.xlsx" of github.com/Mcompetitions/M4-methods.
  const simple = [
    ['last value', baselines.last(TASK), { sMAPE: '43.00', MASE: '11.61' }],
    ['value of a day before', baselines.seasonal(SEASON, TASK), { sMAPE: '13.91', MASE: '1.193' }],
  ] as const;
  for (const [method, model, known] of simple) {
    const { value: errors, seconds } = await timed(() => measure(model, history, future));
    yield { method, errors, known, seconds };
  }
  const learned = quick ? new Map([...history].slice(0, 20)) : history;
  for (const [method, options] of [
    ['one model, default options', {}],
    ['one that draws paths', { model: 'deepar' }],
    // Chosen by the last 48 training rows of each series. The winner of the competition has 9.328, 0.893 and 7.93.
    ['one that smooths each series', { model: 'esrnn', layers: 2, dropout: 0.1, levels: LEVELS, refit: true }],
  ] satisfies [string, Partial<TrainOptions> | Partial<EsrnnOptions>][]) {
    const settings = { targets: 'y', horizon: HORIZON, ...options, ...(quick && { epochs: 1 }) };
    const { value, seconds } = await timed(async () => {
      const model = await fit(seriesOf(learned), settings as TrainOptions);
      const errors = await measure(model, history, future);
      model.dispose();
      return errors;
    });
    yield { method, errors: value, settings, seed: 1, seconds };
  }
}

/** A row for each series: a name, then the values in order. Short rows end in empty fields. */
export async function readSeries(path: string): Promise<Map<string, Table>> {
  const wide = await readCsv(path);
  const valuesOf = (row: number) => Float64Array.from(wide.columns, (column) => column[row]!).filter(Number.isFinite);
  return new Map(
    Array.from(wide.columns[0]!.keys(), (row) => [`H${row + 1}`, { names: ['y'], columns: [valuesOf(row)] }]),
  );
}

/** The errors of each series over its steps, then their mean over all series. */
async function measure(
  model: RollingModel,
  history: ReadonlyMap<string, Table>,
  future: ReadonlyMap<string, Table>,
): Promise<Record<string, number>> {
  const forecasts = await predict(model, seriesOf(history));
  const errors = [...history].map(([key, { columns }]) => {
    const truth = future.get(key)!.columns[0]!;
    const { mean, quantiles } = forecasts.get(key)!.forecast;
    const scale = seasonalChange(columns[0]!);
    const [low, high] = [quantiles[LEVELS[0]!], quantiles[LEVELS.at(-1)!]];
    return {
      sMAPE: percentageError(truth, mean),
      MASE: average(truth.map((y, step) => Math.abs(y - mean[step]!))) / scale,
      ...(low && high && { MSIS: average(truth.map((y, step) => intervalScore(y, low[step]!, high[step]!))) / scale }),
    };
  });
  const names = Object.keys(errors[0]!) as (keyof (typeof errors)[0])[];
  return Object.fromEntries(names.map((name) => [name, average(errors.map((each) => each[name]!))]));
}

/** The mean of 200 |y - f| / (|y| + |f|). */
function percentageError(truth: Float64Array, forecast: ArrayLike<number>): number {
  return average(
    truth.map((y, step) => (200 * Math.abs(y - forecast[step]!)) / (Math.abs(y) + Math.abs(forecast[step]!))),
  );
}

/** The width of the 95 % interval, and 2 / 0.05 times how far the value lies outside. */
function intervalScore(y: number, low: number, high: number): number {
  return high - low + 40 * Math.max(0, low - y, y - high);
}

/** The mean absolute difference between values a season apart. */
function seasonalChange(history: Float64Array): number {
  return average(history.subarray(SEASON).map((y, row) => Math.abs(y - history[row]!)));
}

function average(values: Float64Array | readonly number[]): number {
  return [...values].reduce((sum, value) => sum + value, 0) / values.length;
}
