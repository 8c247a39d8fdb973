import { existsSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import type { Duration } from '../base/duration.ts';
import { GatecastError } from '../base/errors.ts';
import { pictureForecasts } from '../batch/pictures.ts';
import { checkBudget } from '../compare/options.ts';
import { seriesOf } from '../data/series.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { renderPage } from '../report/page.ts';
import { trialGrid, tuningReport } from '../report/tuning-report.ts';
import type { TuneOptions } from '../tune/options.ts';
import type { TuneProgress, Tuning } from '../tune/result.ts';
import { removeSearch } from '../tune/search-file.ts';
import { searched } from '../tune/settings.ts';
import { tune } from '../tune/tune.ts';
import { checkOutput } from './check-output.ts';
import { type DataFlags, dataOptionsOf } from './data-options.ts';
import { Interrupted } from './failure.ts';
import { gridLines } from './grid-lines.ts';
import { STANDARD_INPUT, type Tables } from './input.ts';
import { interrupts } from './interrupts.ts';
import { type Progress, showProgress } from './progress.ts';
import { reportJson } from './report-json.ts';
import { say } from './say.ts';
import type { TrainFlags } from './train-options.ts';

/** What `gatecast compare --tune` was given. */
interface Asked {
  /** The data. */
  readonly file: string;
  /** The flags that `gatecast train` takes too. */
  readonly flags: DataFlags & Pick<TrainFlags, 'target' | 'horizon' | 'past' | 'future' | 'static'>;
  readonly options: Omit<TuneOptions, 'checkpoint' | 'stop'>;
  readonly report: string | undefined;
  readonly json: boolean;
}

/** Most trials that are printed. */
const SHOWN = 10;

/**
 * The file in which a search of this data is kept until it has ended. Throws `io` if it cannot be written, and
 * `invalid-argument` for a wrong time.
 */
export async function searchFileFor(file: string, time: Duration): Promise<string> {
  checkBudget(time, 'options.tune');
  const path = `${file === STANDARD_INPUT ? 'stdin' : basename(file, extname(file))}.tune`;
  await checkOutput(path, 'search');
  return path;
}

/** Searches settings with a progress bar, and prints the best one. */
export async function runTune(tables: Tables, path: string, asked: Asked): Promise<void> {
  const { file, flags, options, report, json } = asked;
  const { result, interrupted } = await search(tables, path, options);
  const { model, from, ...found } = result;
  try {
    const command = commandFor(file, flags, result);
    if (report !== undefined) {
      const pictures = await pictureForecasts(model, tables, from);
      await writeFileAtomic(report, Buffer.from(renderPage(tuningReport(file, result, command, pictures))));
    }
    process.stdout.write(json ? reportJson(file, { command, ...plain(found) }) : describeTuning(result, command));
    if (interrupted) say(wayOn(path));
    else await removeSearch(path, result.trials.length);
  } finally {
    model.dispose();
  }
}

/** Ctrl-C ends the search with the best setting so far, or as interrupted if there is none. */
async function search(
  tables: Tables,
  checkpoint: string,
  options: Asked['options'],
): Promise<{ result: Tuning; interrupted: boolean }> {
  const alone = tables.size === 1 ? tables.get('') : undefined;
  const stop = new AbortController();
  const steps = tune(alone ?? seriesOf(tables), { ...options, checkpoint, stop: stop.signal });
  let bar: Progress | undefined;
  let done = 0;
  const show = (progress: TuneProgress) => {
    ({ done } = progress);
    bar ??= showProgress('searching', Math.round(progress.budget));
    bar.update(Math.min(Math.round(progress.seconds), Math.round(progress.budget)), describeProgress(progress));
  };
  const signals = interrupts('SIGINT').subscribe(() => stop.abort());
  try {
    const { result } = await lastValueFrom(steps.pipe(tap(show)));
    return { result: result!, interrupted: stop.signal.aborted };
  } catch (error) {
    if (!(error instanceof GatecastError) || error.code !== 'invalid-argument') throw error;
    if (!stop.signal.aborted) {
      await removeSearch(checkpoint, done); // nothing came of it
      throw error;
    }
    const kept = existsSync(checkpoint) || existsSync(`${checkpoint}.${done + 1}`);
    throw new Interrupted(kept ? wayOn(checkpoint) : undefined);
  } finally {
    signals.unsubscribe();
    bar?.stop();
  }
}

function wayOn(path: string): string {
  return `the same command goes on from ${path}`;
}

function describeProgress({ done, setting, training, best }: TuneProgress): string {
  const so = best ? `best ${best.mse.toPrecision(4)}, ` : '';
  const pass = training ? ` pass ${training.epoch} of ${training.epochs}` : '';
  return `s, ${done} trials, ${so}${setting.model}${pass}`;
}

/** The command that trains the best setting. */
function commandFor(file: string, flags: Asked['flags'], { best, model }: Tuning): string {
  const { target, horizon, past, future, static: fixed } = flags;
  const values = {
    target,
    horizon,
    past,
    future,
    static: fixed,
    ...dataOptionsOf(flags),
    model: best.setting.model,
    ...Object.fromEntries(searched.map((name) => [name, best.setting[name]])),
    epochs: best.epochs,
    seed: model.description.training.seed,
  };
  const words = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, textOf(value)],
  );
  return ['gatecast', 'train', file, ...words].map(quoted).join(' ');
}

/** A value as an option of the command line takes it. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, each]) => `${name}=${String(each)}`)
    .join(',');
}

/** A word for a shell. */
function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The result without what JSON cannot hold or nobody reads. */
function plain({ score, ...others }: Omit<Tuning, 'model' | 'from'>): object {
  const { series: _series, steps: _steps, targets: _targets, ...short } = score;
  return { ...others, score: short };
}

function describeTuning({ sentences, notes, trials, seconds }: Tuning, command: string): string {
  const done = trials.filter(({ failure }) => failure === undefined).toSorted((a, b) => a.mse - b.mse);
  const lines = [
    ...sentences,
    ...notes,
    '',
    'To train it:',
    `  ${command}`,
    '',
    ...gridLines(trialGrid(done.slice(0, SHOWN))),
    `${trials.length} trials on the validation rows${done.length > SHOWN ? ', the best of them above' : ''}; ${seconds.toFixed(1)} s in all`,
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
