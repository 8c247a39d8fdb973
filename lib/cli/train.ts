import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { type Command, Option } from 'commander';
import { notBeaten } from '../batch/compare-with-baselines.ts';
import { type BaselineName, baselineNames } from '../batch/fit-baseline.ts';
import { GatecastError } from '../base/errors.ts';
import { stillness } from '../compare/rows.ts';
import { seriesOf } from '../data/series.ts';
import { joinTables, type Role, sliceRows } from '../data/table.ts';
import type { GradientFlow } from '../diagnosis/gradient-flow.ts';
import { Forecaster } from '../model/forecaster.ts';
import type { TrainedDescription, TrainedModel, TrainingRecord } from '../model/trained-model.ts';
import { knownAhead, tableInputs } from '../model/ahead.ts';
import { type FineTuneOptions, resolveFineTuning } from '../train/fine-tune.ts';
import { type ClassEvaluation, notBeatenClasses } from '../batch/evaluate-classes.ts';
import type { TrainProgress } from '../train/learn.ts';
import type { EsrnnOptions, SegmentOptions, TrainOptions } from '../train/options.ts';
import { describeSegments } from './describe-segments.ts';
import { describeSmoothed } from './describe-smoothing.ts';
import { trainUntil } from '../train/train.ts';
import { checkNeeded, names, split } from './arguments.ts';
import { checkOutput } from './check-output.ts';
import { exitCodes, Interrupted } from './failure.ts';
import { type DataFlags, dataOptionsOf, withDataFlags, withoutDataFlags } from './data-options.ts';
import { checkIsFile, readTables, STANDARD_INPUT, type Tables } from './input.ts';
import { flowOf } from './flow.ts';
import { interrupts } from './interrupts.ts';
import { fateOf, missingRows } from '../batch/missing-rows.ts';
import { isEsrnn } from '../model/esrnn/description.ts';
import { isSegment } from '../model/segment/description.ts';
import { type Progress, showProgress } from './progress.ts';
import { say } from './say.ts';
import { rolesOf, type TrainFlags, trainOptionsOf, withTrainFlags } from './train-options.ts';
import {
  type Comparison,
  compare,
  describeTest,
  measureTest,
  type Split,
  type TestScore,
  testRows,
} from './train-test.ts';
import { describeClasses, measureClasses } from './train-classes.ts';
import { undisturbed } from './undisturbed.ts';

const HELP = `
The rows are used in time order: the first to learn from, the next to validate on (learning stops when they are no
longer forecast better), and the last, which nothing was fitted to, to measure the model against the baselines, which
are fitted to the rows before. Without --split that is 68, 17 and 15% of the rows. With --must-beat, the exit code is 2
if the model does not beat this baseline; the model is written all the same.

Examples:
  gatecast train ETTh1.csv --target OT --horizon 24
  gatecast train ETTh1.csv --target OT --horizon 24 --split 8640,2880,2880 --cell lstm --hidden 64 --out ot.gatecast
  gatecast train pump.csv --target flow,pressure --horizon 60 --loss mse --json
  gatecast train sales.csv --target units --horizon 28 --must-beat best`;

const TESTED = 'Test on the last rows, seen neither in training nor in validation';

type Flags = TrainFlags &
  DataFlags & {
    from?: string;
    freeze?: string[];
    split?: Split;
    out?: string;
    json?: boolean;
    mustBeat?: BaselineName | 'best';
  };

export function trainCommand(command: Command): void {
  command.argument('<file>', 'CSV with a header line, or NDJSON; - is standard input');
  withTrainFlags(withDataFlags(command))
    .option('--split <rows>', 'rows to train, validate and test on, such as 8640,2880,2880', split)
    .option('--from <model>', 'model to go on learning from; its columns, horizon and scale stay')
    .option('--freeze <parts>', 'with --from, parts that keep their weights: layer0, layer1, recurrent, head', names)
    .option('--out <file>', 'model to write (default: named after the file, ending in .gatecast)')
    .addOption(
      new Option('--must-beat <baseline>', 'exit code 2 if the model does not beat it').choices([
        ...baselineNames,
        'best',
      ]),
    )
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action(runTrain);
  command.hook('preAction', () => {
    if (command.getOptionValue('from') === undefined) checkNeeded(command, 'target', 'horizon');
  });
}

async function runTrain(file: string, flags: Flags): Promise<void> {
  const { split, out = nameFor(file), json = false, mustBeat, from: before, freeze, ...given } = flags;
  const training = withoutDataFlags(given);
  const task = before === undefined ? newTask(training, flags) : await taskOf(before, freeze, training);
  await checkOutput(out, 'model');
  const tables = await readTables(file, { ...dataOptionsOf(flags), roles: task.roles });
  const options = task.optionsFor(tables.values().next().value?.names ?? []);
  checkMoves(tables, options);
  const tests = testRows(tables, task.horizon, split);
  const begun = performance.now();
  const known = new Map([...tables].map(([key, table]) => [key, sliceRows(table, 0, tests.get(key)!.from)]));
  const {
    forecaster: model,
    notes,
    compare: onValidation,
  } = await learn(known, {
    ...options,
    ...(split && { split: { train: split.train, validation: split.validation } }),
  });
  const seconds = (performance.now() - begun) / 1000;
  for (const sentence of [...notes, ...remarks(tables, model.description)]) say(sentence);
  await undisturbed(out, () => model.save(out));
  if (flags.checkpoint !== undefined) await rm(flags.checkpoint, { force: true }); // the model is there now
  const category = model.description.classes !== undefined;
  const test = category ? undefined : await measureTest(model, tables, tests);
  const comparison = category ? undefined : await compare(model, tables, tests, onValidation);
  const classes = category ? await measureClasses(model, tables, tests) : undefined;
  const lost = comparison && notBeaten(comparison, 'last') !== undefined;
  const flow = lost ? await flowOf(model, seriesOf(known)) : undefined;
  const result = {
    file: out,
    seconds,
    training: model.description.training,
    test,
    baselines: comparison,
    classes,
    flow,
  };
  process.stdout.write(
    json ? `${JSON.stringify(result)}\n` : summarize(model.description, result, split !== undefined),
  );
  model.dispose();
  const failure = mustBeat && beaten(mustBeat, comparison, classes);
  if (!failure) return;
  say(failure);
  process.exitCode = exitCodes.notBeaten;
}

/** Why the model does not beat a baseline; undefined if it does. */
function beaten(
  name: BaselineName | 'best',
  comparison: Comparison | undefined,
  classes: ClassEvaluation | undefined,
): string | undefined {
  if (classes) return notBeatenClasses(classes, name);
  return comparison ? notBeaten(comparison, name) : `There is nothing to compare the model with ${name} on.`;
}

type Choice = TrainOptions | FineTuneOptions | SegmentOptions | EsrnnOptions;

/** Throws `invalid-data` if no target ever changes: there is nothing to learn. */
function checkMoves(tables: Tables, options: Choice): void {
  const targets = 'from' in options ? options.from.description.targets : [options.targets ?? []].flat();
  const still = targets.map((target) => stillness([...tables.values()], target));
  if (still[0] !== undefined && still.every((each) => each !== undefined))
    throw new GatecastError('invalid-data', still[0]);
}

/** What is to be learned, and which columns are read for it. */
interface Task {
  /** The options for a file with these columns. */
  optionsFor(columns: readonly string[]): Choice;
  horizon: number;
  roles: Record<string, Role>;
}

function newTask(training: TrainFlags, { zone }: Flags): Task {
  const horizon = training.horizon!;
  return {
    optionsFor: (columns) => ({
      ...trainOptionsOf({ ...training, horizon }, columns),
      ...(zone !== undefined && { zone }),
    }),
    horizon,
    roles: rolesOf(training),
  };
}

/** The task of a model that learns on. Throws `invalid-argument` for flags that the model decides. */
async function taskOf(file: string, freeze: string[] | undefined, training: TrainFlags): Promise<Task> {
  checkIsFile(file, 'the model');
  const from = await Forecaster.load(file);
  const options = { ...training, from, ...(freeze && { freeze }) } as FineTuneOptions;
  const { roles } = resolveFineTuning(options);
  return { optionsFor: () => options, horizon: from.description.horizon, roles };
}

/** What was missing in the tables, what was too short, and how many of their values no forecast can reach. */
function remarks(tables: Tables, description: TrainedDescription): string[] {
  const { targets, bounds = [], training } = description;
  const table = joinTables([...tables.values()]);
  const missing = missingRows(table, tableInputs(description), fateOf(description));
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

type Learned = Required<Pick<TrainProgress<TrainedModel>, 'forecaster' | 'notes' | 'compare'>>;

interface Result {
  file: string;
  seconds: number;
  training: TrainingRecord;
  test: TestScore | undefined;
  baselines: Comparison | undefined;
  /** Of a category, instead of the other scores. */
  classes: ClassEvaluation | undefined;
  /** How gradients flow back, if the model does not beat the last value. */
  flow: GradientFlow | undefined;
}

/** Trains with a progress bar; Ctrl-C ends it. */
function learn(tables: Tables, options: Choice): Promise<Learned> {
  const alone = tables.size === 1 ? tables.get('') : undefined;
  const stop = new AbortController();
  const passes = trainUntil(stop.signal, alone ?? seriesOf(tables), options);
  return new Promise((resolve, reject) => {
    let progress: Progress | undefined;
    const interrupted = interrupts('SIGINT').subscribe(() => stop.abort());
    const end = () => {
      interrupted.unsubscribe();
      progress?.stop();
    };
    passes.subscribe({
      next(pass) {
        progress ??= showProgress('learning', pass.epochs);
        progress.update(pass.epoch, describePass(pass), pass.epochs);
        const { forecaster, notes, compare } = pass;
        if (!forecaster || !compare) return;
        end();
        resolve({ forecaster, notes, compare });
      },
      error(error) {
        end();
        reject(error);
      },
      complete() {
        end();
        if (stop.signal.aborted) reject(new Interrupted(wayOn(options.checkpoint)));
      },
    });
  });
}

/** How to go on after an interruption, if a checkpoint was written. */
function wayOn(checkpoint: string | undefined): string | undefined {
  if (checkpoint === undefined || !existsSync(checkpoint)) return undefined;
  return `the same command goes on from ${checkpoint}`;
}

function describePass({ trainLoss, validationLoss, bestEpoch, samplesPerSecond }: TrainProgress<TrainedModel>): string {
  const speed = `${Math.round(samplesPerSecond / 1000)}k samples/s`;
  return `loss ${trainLoss.toFixed(4)} validation ${validationLoss.toFixed(4)} best at ${bestEpoch} ${speed}`;
}

function describeNetwork(description: TrainedDescription): string {
  if (isSegment(description)) return describeSegments(description);
  if (isEsrnn(description)) return describeSmoothed(description);
  const { cell, numLayers, hiddenSize, bidirectional, attention } = description.network!;
  const layers = numLayers === 1 ? '1 layer' : `${numLayers} layers`;
  const directions = bidirectional ? ' in each direction' : '';
  const attends = attention ? `, attention over ${attention} outputs` : '';
  const alone = description.channels ? ' for each target alone' : '';
  const drawn = description.paths ? `; ${description.paths.count} paths of a forecast` : '';
  return `${cell.toUpperCase()}, ${layers} of ${hiddenSize} units${directions}${attends}${alone}${drawn}`;
}

function summarize(
  description: TrainedDescription,
  { file, seconds, test, baselines, classes, flow }: Result,
  split: boolean,
): string {
  const { targets, horizon, present, training } = description;
  const ahead = knownAhead(description);
  const inputs = description.inputs.filter(({ of }) => of === undefined);
  const from = inputs.map(({ name }) => (ahead.includes(name) ? `${name} (known ahead)` : name)).join(', ');
  const lines = [
    present
      ? `${file}: tells ${targets[0]} of the newest row from ${from}`
      : `${file}: forecasts ${targets.join(', ')} ${horizon} steps ahead from ${from}`,
    `${describeNetwork(description)}; ${training.rows} rows learned from, ` +
      `${training.validationRows} to validate, best of ${training.epochs} passes: ${training.bestEpoch}` +
      `${training.refit ? ', as many of all rows' : ''}; ${seconds.toFixed(1)} s`,
  ];
  const kept = split || test || classes ? [] : ['Too few rows to keep some for a test.'];
  const why = flow ? ['How gradients flow back through it:', ...flow.sentences] : [];
  return [...lines, ...kept, ...(classes ? describeClasses(classes, TESTED) : describeTest(test, baselines)), ...why]
    .map((line) => `${line}\n`)
    .join('');
}
