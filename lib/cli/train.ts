import { basename, extname } from 'node:path';
import { Command } from 'commander';
import { evaluate } from '../batch/evaluate.ts';
import type { ErrorScore, Score } from '../batch/score.ts';
import { rowCount, sliceRows, type Table } from '../data/table.ts';
import { expected, GatecastError, misfit } from '../base/errors.ts';
import type { Description, TrainingRecord } from '../model/description.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { givenInputs } from '../model/gap.ts';
import type { TrainProgress } from '../train/learn.ts';
import type { TrainOptions } from '../train/options.ts';
import { train } from '../train/train.ts';
import type { Span } from '../train/windows.ts';
import { need, split } from './arguments.ts';
import { checkOutput } from './check-output.ts';
import { Interrupted } from './failure.ts';
import { readTable, STANDARD_INPUT } from './input.ts';
import { interrupts } from './interrupts.ts';
import { fateOf, missingRows } from '../batch/missing-rows.ts';
import { type Progress, showProgress } from './progress.ts';
import { say } from './say.ts';
import { type TrainFlags, trainOptionsOf, withTrainFlags } from './train-options.ts';
import { undisturbed } from './undisturbed.ts';

const HELP = `
The rows are used in time order: the first to learn from, the next to validate on (learning stops when they are no
longer forecast better), and the last, which nothing was fitted to, to measure the model against repeating the last
value. Without --split that is 68, 17 and 15% of the rows.

Examples:
  gatecast train ETTh1.csv --target OT --horizon 24
  gatecast train ETTh1.csv --target OT --horizon 24 --split 8640,2880,2880 --cell lstm --hidden 64 --out ot.gatecast
  gatecast train pump.csv --target flow,pressure --horizon 60 --loss mse --json`;

type Flags = TrainFlags & {
  time?: string;
  split?: { train: number; validation: number; test: number };
  out?: string;
  json?: boolean;
};

export function trainCommand(): Command {
  const command = new Command('train')
    .description('Learn a forecaster from a CSV file and write it to one file.')
    .argument('<file>', 'CSV with a header line, rows in time order; - is standard input');
  withTrainFlags(command)
    .option('--split <rows>', 'rows to train, validate and test on, such as 8640,2880,2880', split)
    .option('--out <file>', 'model to write (default: named after the CSV, ending in .gatecast)')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action(runTrain);
  need(command, 'target', 'horizon');
  return command;
}

async function runTrain(file: string, flags: Flags): Promise<void> {
  const { split, time, out = nameFor(file), json = false, ...given } = flags;
  const options = trainOptionsOf(given);
  await checkOutput(out, 'model');
  const table = await readTable(file, time);
  const test = testRows(rowCount(table), options.horizon, split);
  const begun = performance.now();
  const model = await learn(sliceRows(table, 0, test.from), {
    ...options,
    ...(split && { split: { train: split.train, validation: split.validation } }),
  });
  const seconds = (performance.now() - begun) / 1000;
  for (const sentence of remarks(table, model.description)) say(sentence);
  await undisturbed(out, () => model.save(out));
  const score = test.to > test.from ? evaluate(model, table, test) : undefined;
  const result = { file: out, seconds, training: model.description.training, test: score && { rows: test, ...score } };
  process.stdout.write(
    json ? `${JSON.stringify(result)}\n` : summarize(model.description, result, split !== undefined),
  );
  model.dispose();
}

/** What was missing in a table, what was too short, and how many of its values no forecast can reach. */
function remarks(table: Table, description: Description): string[] {
  const { targets, bounds = [], training } = description;
  const missing = missingRows(table, givenInputs(description), fateOf(description));
  const short = training.unvalidated
    ? `${training.unvalidated} series are too short to validate on and were only learned from`
    : undefined;
  const beyond = bounds.flatMap(({ min = -Infinity, max = Infinity }, i) => {
    const column = table.columns[table.names.indexOf(targets[i]!)]!;
    const count = column.reduce((sum, value) => sum + (value < min || value > max ? 1 : 0), 0);
    return count === 0 ? [] : [`${count} values of ${targets[i]} lie outside its bounds, which forecasts never leave`];
  });
  return [missing, short, ...beyond].filter((sentence) => sentence !== undefined);
}

function nameFor(file: string): string {
  return file === STANDARD_INPUT ? 'stdin.gatecast' : `${basename(file, extname(file))}.gatecast`;
}

interface Result {
  file: string;
  seconds: number;
  training: TrainingRecord;
  test: (Score & { rows: Span }) | undefined;
}

/** The rows kept for the test: as given, or the last 15% if that is at least two horizons long. */
function testRows(rows: number, horizon: number, split: Flags['split']): Span {
  if (!split) {
    const tail = Math.floor(rows * 0.15);
    return { from: tail >= 2 * horizon ? rows - tail : rows, to: rows };
  }
  const from = split.train + split.validation;
  const to = from + split.test;
  if (split.test > 0 && split.test < horizon) {
    const what = `no rows to test on, or at least ${horizon} for one forecast,`;
    throw misfit(what, '--split', split.test);
  }
  if (to <= rows) return { from, to };
  throw new GatecastError('invalid-data', expected(`at most ${rows} rows in all`, '--split', to));
}

/** Trains with a progress bar; Ctrl-C ends it. */
function learn(table: Table, options: TrainOptions): Promise<Forecaster> {
  const passes = train(table, options);
  return new Promise((resolve, reject) => {
    let progress: Progress | undefined;
    const end = () => {
      interrupted.unsubscribe();
      progress?.stop();
    };
    const subscription = passes.subscribe({
      next(pass) {
        progress ??= showProgress('learning', pass.epochs);
        progress.update(pass.epoch, describePass(pass));
        if (!pass.forecaster) return;
        end();
        resolve(pass.forecaster);
      },
      error(error) {
        end();
        reject(error);
      },
    });
    const interrupted = interrupts('SIGINT').subscribe(() => {
      subscription.unsubscribe();
      end();
      reject(new Interrupted());
    });
  });
}

function describePass({ trainLoss, validationLoss, bestEpoch, samplesPerSecond }: TrainProgress): string {
  const speed = `${Math.round(samplesPerSecond / 1000)}k samples/s`;
  return `loss ${trainLoss.toFixed(4)} validation ${validationLoss.toFixed(4)} best at ${bestEpoch} ${speed}`;
}

function summarize(
  { targets, horizon, inputs, network, training }: Description,
  { file, seconds, test }: Result,
  split: boolean,
): string {
  const { cell, hiddenSize, numLayers } = network;
  const layers = numLayers === 1 ? '1 layer' : `${numLayers} layers`;
  const lines = [
    `${file}: forecasts ${targets.join(', ')} ${horizon} steps ahead from ${inputs.map(({ name }) => name).join(', ')}`,
    `${cell.toUpperCase()}, ${layers} of ${hiddenSize} units; ${training.rows} rows learned from, ` +
      `${training.validationRows} to validate, best of ${training.epochs} passes: ${training.bestEpoch}; ${seconds.toFixed(1)} s`,
  ];
  if (!test) return `${lines.join('\n')}\n${split ? '' : 'Too few rows to keep some for a test.\n'}`;
  const { naive, scaled, windows, rows, interval } = test;
  const row = (name: string, score: ErrorScore) =>
    [
      name.padEnd(13),
      ...[score.scaled.mse, score.scaled.mae, score.mse, score.mae].map((v) => v.toFixed(4).padStart(12)),
    ].join('');
  lines.push(
    `Test on rows ${rows.from} to ${rows.to - 1}, seen neither in training nor in validation (${windows} windows):`,
    ' '.repeat(13) + ['MSE scaled', 'MAE scaled', 'MSE', 'MAE'].map((name) => name.padStart(12)).join(''),
    row('this model', test),
    row('repeat last', naive),
    compared(scaled.mse, naive.scaled.mse) + covered(interval),
  );
  return `${lines.join('\n')}\n`;
}

function compared(mse: number, naive: number): string {
  if (naive === 0) return 'Repeating the last value makes no error here: the values do not change.';
  const better = 100 * (1 - mse / naive);
  return `MSE ${Math.abs(better).toFixed(1)}% ${better > 0 ? 'below' : 'above'} repeating the last value.`;
}

/** The share of true values in the widest interval, next to its level. */
function covered(interval: Score['interval']): string {
  if (interval === null) return '';
  const [level, held] = [interval.level, interval.held].map((share) => `${Math.round(100 * share)}%`);
  return ` The ${level} interval held ${held} of the values.`;
}
