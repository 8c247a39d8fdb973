import { type Command, Option } from 'commander';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { pictureForecasts } from '../batch/pictures.ts';
import type { Duration } from '../base/duration.ts';
import { compare } from '../compare/compare.ts';
import type { CompareModelsOptions } from '../compare/options.ts';
import type { ModelComparison } from '../compare/result.ts';
import { type ModelName, modelNames } from '../train/models/names.ts';
import { seriesOf } from '../data/series.ts';
import { baselineGrid, candidateGrid, comparisonReport } from '../report/comparison-report.ts';
import { renderPage } from '../report/page.ts';
import type { TrainOptions } from '../train/options.ts';
import { duration, names, need, parseWhole } from './arguments.ts';
import { checkOutput } from './check-output.ts';
import { type DataFlags, dataOptionsOf, withDataFlags } from './data-options.ts';
import { Interrupted } from './failure.ts';
import { flowOf } from './flow.ts';
import { gridLines } from './grid-lines.ts';
import { readTables, type Tables } from './input.ts';
import { interrupts } from './interrupts.ts';
import { type Progress, showProgress } from './progress.ts';
import { reportJson } from './report-json.ts';
import { rolesOf, type TrainFlags, trainOptionsOf } from './train-options.ts';
import { runTune, searchFileFor } from './tune.ts';

const HELP = `
Trains a GRU, an LSTM with as many parameters and an LSTM with as many units, each from several seeds, and compares them
on the last rows with each other and with the baselines. Says plainly if a baseline is as good, and if a difference is
noise. Ctrl-C, or the end of the budget, ends it with the trainings that were done. With --models, further kinds of
models stand beside them, each with its own defaults.

With --tune, settings are searched in place of that: the kind of model, cell, size, layers, lookback, learning rate and
dropout, as far as they are not given. The validation rows choose, the last rows judge the best one. The search is kept
in a file named after the data, ending in .tune, until it is over: interrupted, the same command goes on from there.

Examples:
  gatecast compare pump.csv --target temperature --horizon 24
  gatecast compare ETTh1.csv --target OT --horizon 24 --budget 10m --report ot.html
  gatecast compare ETTh1.csv --target OT --horizon 96 --models recurrent,segment,esrnn --budget 30m
  gatecast compare pump.csv --target temperature --horizon 24 --tune 20m`;

interface Flags
  extends DataFlags,
    Pick<TrainFlags, 'target' | 'horizon' | 'past' | 'future' | 'static' | 'model' | 'hidden' | 'layers'> {
  epochs?: number;
  models?: ModelName[];
  seeds?: number;
  budget?: Duration;
  test?: number;
  tune?: Duration;
  report?: string;
  json?: boolean;
}

export function compareCommand(command: Command): void {
  withDataFlags(command)
    .argument('<file>', 'CSV with a header line, or NDJSON; - is standard input')
    .option('--target <columns>', 'column to forecast, or several between commas, or all', names)
    .option('--horizon <steps>', 'rows ahead to forecast', parseWhole)
    .option('--past <columns>', 'columns the networks see beside the targets, or all', names)
    .option('--future <columns>', 'columns known ahead', names)
    .option('--static <columns>', 'columns that say what kind of series it is', names)
    .addOption(new Option('--model <kind>', 'kind of model, as of train (default: recurrent)').choices(modelNames))
    .addOption(
      new Option('--models <kinds>', `kinds of models to compare, of ${modelNames.join(', ')} (default: recurrent)`)
        .argParser(names)
        .conflicts('model'),
    )
    .option('--hidden <units>', 'units of each layer (default: 32; with --models those of each kind)', parseWhole)
    .option('--layers <count>', 'layers (default: 1)', parseWhole)
    .option('--epochs <count>', 'most passes over the training rows (default: as many as train)', parseWhole)
    .option('--seeds <count>', 'trainings of each network (default: 3)', parseWhole)
    .option('--budget <time>', 'most time for all of it: 90s, 10m (default: 5m)', duration)
    .option('--test <rows>', 'last rows of each series, which decide (default: 15%)', parseWhole)
    .addOption(
      new Option('--tune <time>', 'search the best setting for at most this time: 90s, 20m')
        .argParser(duration)
        .conflicts(['seeds', 'budget', 'models']),
    )
    .option('--report <file>', 'HTML file to write, with pictures')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action(runCompare);
  need(command, 'target', 'horizon');
}

async function runCompare(file: string, flags: Flags): Promise<void> {
  const { models, seeds, budget, test, tune, report, json = false, zone } = flags;
  if (report !== undefined) await checkOutput(report, 'report');
  const searchFile = tune === undefined ? undefined : await searchFileFor(file, tune);
  const { target, horizon, past, future, static: fixed, model, hidden, layers, epochs } = flags;
  const training = {
    horizon: horizon!,
    target: target!,
    ...(past && { past }),
    ...(future && { future }),
    ...(fixed && { static: fixed }),
    ...(model && { model }),
    ...(hidden !== undefined && { hidden }),
    ...(layers !== undefined && { layers }),
    ...(epochs !== undefined && { epochs }),
    ...(zone !== undefined && { zone }),
  };
  const tables = await readTables(file, { ...dataOptionsOf(flags), roles: rolesOf(training) });
  const options = {
    train: trainOptionsOf(training, tables.values().next().value?.names ?? []) as TrainOptions,
    ...(test !== undefined && { test }),
  };
  if (tune !== undefined && searchFile !== undefined) {
    await runTune(tables, searchFile, { file, flags, options: { ...options, budget: tune }, report, json });
    return;
  }
  const result = await run(tables, {
    ...options,
    ...(models && { models }),
    ...(seeds !== undefined && { seeds }),
    ...(budget !== undefined && { budget }),
  });
  const { model: chosen, from, ...numbers } = result;
  try {
    if (report !== undefined) {
      const pictures = await pictureForecasts(chosen, tables, from);
      const page = renderPage(comparisonReport(file, result, pictures, await flowOf(chosen, seriesOf(tables))));
      await writeFileAtomic(report, Buffer.from(page));
    }
    process.stdout.write(json ? reportJson(file, plain(numbers)) : describeComparison(result));
  } finally {
    chosen.dispose();
  }
}

/** The result without what JSON cannot hold or nobody reads. */
function plain({ trials, ...others }: Omit<ModelComparison, 'model' | 'from'>): object {
  const short = trials.map(({ score: { series: _series, steps: _steps, targets: _targets, ...score }, ...trial }) => {
    return { ...trial, score };
  });
  return { ...others, trials: short };
}

/** Compares with a progress bar. Ctrl-C ends it with what is done, or as interrupted if that is nothing. */
function run(tables: Tables, options: CompareModelsOptions): Promise<ModelComparison> {
  const alone = tables.size === 1 ? tables.get('') : undefined;
  const stop = new AbortController();
  return new Promise((resolve, reject) => {
    let bar: Progress | undefined;
    let done = 0;
    const end = () => {
      interrupted.unsubscribe();
      bar?.stop();
    };
    const interrupted = interrupts('SIGINT').subscribe(() => stop.abort());
    compare(alone ?? seriesOf(tables), { ...options, stop: stop.signal }).subscribe({
      next({ trials, candidate, seed, training, result, ...progress }) {
        ({ done } = progress);
        bar ??= showProgress('comparing', trials);
        const pass = training ? ` pass ${training.epoch} of ${training.epochs}` : '';
        bar.update(done, `${candidate} seed ${seed}${pass}`);
        if (!result) return;
        end();
        resolve(result);
      },
      error(error) {
        end();
        reject(stop.signal.aborted && done === 0 ? new Interrupted() : error);
      },
    });
  });
}

function describeComparison(result: ModelComparison): string {
  const { recommendation, candidates, notes, seconds, baselines } = result;
  const lines = [
    ...recommendation.sentences,
    ...notes,
    '',
    ...gridLines(candidateGrid(candidates)),
    '',
    ...gridLines(baselineGrid(result)),
    ...baselines.leftOut,
    `${baselines.windows} test windows; ${seconds.toFixed(1)} s in all`,
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
