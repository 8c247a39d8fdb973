// A file as it was published, through the command line: missing values, words, and a time in four columns.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fitBaseline, Forecaster, metrics, rolling, type RollingModel, sliceRows, type Table } from 'gatecast';
import { readCsv } from 'gatecast/csv';
import { baselineNames } from '../../../lib/batch/fit-baseline.ts';
import { quantile } from '../../../lib/base/sorted.ts';
import { root } from '../../paths.ts';
import { type Outcome, type Task, timed, type Trial } from '../trial.ts';

const FILE = 'classic/beijing_pm25.csv';
const TIME = ['year', 'month', 'day', 'hour'];
const WEATHER = ['DEWP', 'TEMP', 'PRES', 'cbwd', 'Iws', 'Is', 'Ir'];
const HORIZON = 24;
/** Central intervals [%]: the CRPS is taken from the quantiles at their ends and the median. */
const INTERVALS = [20, 40, 60, 80, 90, 95];
const LEVELS = [0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975];
const DAY = 24;

export const pm25: Trial = {
  name: 'pm25',
  about:
    'fine dust in Beijing by gatecast train, 24 hours ahead, the last 15 % of the rows: errors in ug/m3, and the share of true values in intervals of 80 and 95 %',
  needs: [FILE],
  run,
};

/** Rows and where those for validation and for the test begin, as `gatecast train` has them. */
interface Rows {
  table: Table;
  validation: number;
  test: number;
}

async function* run({ quick, file }: Task): AsyncIterable<Outcome> {
  const words = ['--target', 'pm2.5', '--horizon', String(HORIZON), '--time', TIME.join(',')];
  const levels = ['--levels', INTERVALS.join(',')];
  const table = await readCsv(file(FILE), { time: TIME });
  const test = table.columns[0]!.length - Math.floor(0.15 * table.columns[0]!.length);
  const rows = { table, validation: Math.floor(0.8 * test), test };
  for (const [method, given] of [
    ['with the weather', [...words, '--past', WEATHER.join(','), ...levels]],
    ['gatecast train', [...words, ...levels]],
  ] as const) {
    const command = [file(FILE), ...given, ...(quick ? ['--epochs', '1'] : [])];
    const { value: model, seconds } = await timed(() => train(command));
    const settings = { command: ['gatecast train', FILE, ...given].join(' ') };
    yield { method, errors: errorsOf(forecasts(model, rows)), settings, seed: 1, seconds };
    if (method === 'gatecast train') yield* baselinesBeside(model, rows);
    model.dispose();
  }
}

/** The model that `gatecast train` writes. */
async function train(words: readonly string[]): Promise<Forecaster> {
  const folder = await mkdtemp(join(tmpdir(), 'gatecast-accuracy-'));
  try {
    const out = join(folder, 'model.gatecast');
    const command = [...process.execArgv, join(root, 'lib', 'cli', 'main.ts'), 'train', ...words, '--out', out];
    await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 24 });
    return await Forecaster.load(out);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Baselines of the same task. They have no intervals of their own: to each step ahead are added the quantiles of the
 * errors that the same baseline, fitted to the rows before, makes on the validation rows.
 */
async function* baselinesBeside(model: Forecaster, { table, validation, test }: Rows): AsyncIterable<Outcome> {
  const fitted = async (name: (typeof baselineNames)[number], to: number, period: number) =>
    (await fitBaseline(name, sliceRows(table, 0, to), model, { period })).beside(model);
  for (const [name, period] of [...baselineNames.map((name) => [name, DAY] as const), ['seasonal', 7 * DAY] as const]) {
    const { value, seconds } = await timed(async () => {
      const before = { table: sliceRows(table, 0, test), validation: 0, test: validation };
      const residuals = residualsOf(forecasts(await fitted(name, validation, period), before));
      const baseline = await fitted(name, test, period);
      return {
        method: baseline.name,
        errors: errorsOf(widened(forecasts(baseline, { table, validation, test }), residuals)),
      };
    });
    yield { ...value, seconds };
  }
}

/** True values and forecasts of all windows one after another, [windows][horizon]. */
interface Forecasts {
  truth: number[];
  mean: number[];
  /** By level. */
  quantiles: Record<number, number[]>;
}

/** The forecasts whose horizon lies in the rows from `test` on. */
function forecasts(model: RollingModel, { table, test }: Rows): Forecasts {
  const target = table.columns[table.names.indexOf('pm2.5')]!;
  const levels = model.description.levels;
  const all: Forecasts = { truth: [], mean: [], quantiles: Object.fromEntries(levels.map((level) => [level, []])) };
  for (const { row, forecast } of rolling(model, table, { from: test - 1, to: target.length - HORIZON })) {
    if (!forecast.ready) continue;
    all.truth.push(...target.subarray(row + 1, row + 1 + HORIZON));
    all.mean.push(...forecast.mean);
    for (const level of levels) all.quantiles[level]!.push(...forecast.quantiles[level]!);
  }
  return all;
}

/** The quantiles of the errors of each step ahead, [horizon] by level. */
function residualsOf({ truth, mean }: Forecasts): Record<number, number[]> {
  const steps = Array.from({ length: HORIZON }, (_, step) =>
    Float64Array.from(truth.flatMap((y, i) => (i % HORIZON === step && y === y ? [y - mean[i]!] : []))).sort(),
  );
  return Object.fromEntries(LEVELS.map((level) => [level, steps.map((errors) => quantile(errors, level))]));
}

function widened(all: Forecasts, residuals: Record<number, number[]>): Forecasts {
  const moved = (list: number[]) => all.mean.map((value, i) => Math.max(0, value + list[i % HORIZON]!));
  return { ...all, quantiles: Object.fromEntries(LEVELS.map((level) => [level, moved(residuals[level]!)])) };
}

function errorsOf({ truth, mean, quantiles }: Forecasts): Record<string, number> {
  const { mae, rmse } = metrics.pointErrors(truth, mean);
  const { crps, coverage } = metrics.quantileScores(truth, quantiles);
  const held = (low: number, high: number) => coverage[high]! - coverage[low]!;
  return { MAE: mae, RMSE: rmse, CRPS: crps, 'in 80 %': held(0.1, 0.9), 'in 95 %': held(0.025, 0.975) };
}
