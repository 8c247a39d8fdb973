import { type Command, InvalidArgumentError } from 'commander';
import { fromEvent, lastValueFrom, map, merge, NEVER, type Observable, take, takeUntil, tap, timer } from 'rxjs';
import { GatecastError } from '../../base/errors.ts';
import { type About, aboutOf } from '../../live/about.ts';
import { liveSession } from '../../live/session.ts';
import type { Snapshot } from '../../live/snapshot.ts';
import { fileSource, machineSource } from '../../live/sources.ts';
import { names } from '../arguments.ts';
import { checkOutput, checkOutputName } from '../check-output.ts';
import { exitCodes } from '../failure.ts';
import { interrupts } from '../interrupts.ts';
import { undisturbed } from '../undisturbed.ts';
import { askToKeep } from './keep-model.ts';
import { jsonOutput, type Output, plainOutput, screenOutput } from './outputs.ts';
import { status } from './view.ts';

interface LiveOptions {
  csv?: string;
  target?: string[];
  horizon?: number;
  hz?: number;
  seconds?: number;
  json?: boolean;
  save?: string;
}

/** `gatecast live`: learns from samples as they come, and forecasts them. */
export function liveCommand(command: Command): void {
  command
    .option('--csv <file>', 'replay the rows of a CSV file instead of reading sensors')
    .option('--target <columns>', 'column of the file to forecast, or several between commas (default: all)', names)
    .option('--horizon <n>', 'how far ahead: seconds (default: 3), or rows of a file (default: 24)', positive)
    .option('--hz <n>', 'readings a second (default: 10), or rows of a file (default: 50)', positive)
    .option('--seconds <n>', 'end after this many seconds', positive)
    .option('--json', 'print each forecast as a line of JSON, and nothing else')
    .option('--save <file>', 'keep the last model in this file')
    .addHelpText('after', '\nq or Ctrl-C ends it; the exit code is 130 if that is before the first forecast.')
    .action(live);
}

async function live(options: LiveOptions): Promise<void> {
  if (options.target && !options.csv) {
    throw new GatecastError(
      'invalid-argument',
      '--target needs --csv: without it, all sensors of this machine are forecast.',
    );
  }
  if (options.save) await checkOutput(options.save, 'model');
  // A file waits while the first learning runs; a clock does not.
  let waiting = false;
  const source = options.csv
    ? await fileSource(options.csv, { ...options, targets: options.target, note: remark }, () => !waiting)
    : machineSource(options);
  const about = aboutOf(source);
  const interactive = !options.json && process.stdin.isTTY && process.stdout.isTTY && process.env.TERM !== 'dumb';
  const output = open(about, options, interactive);

  let last: Snapshot | undefined;
  let ending = 'complete' as Ending;
  const session = liveSession(source).pipe(
    tap((snapshot) => {
      last = snapshot;
      waiting = snapshot.phase === 'training';
      output.show(snapshot);
    }),
    takeUntil(endings(options, output).pipe(tap((reason) => (ending = reason)))),
  );
  try {
    await lastValueFrom(session, { defaultValue: undefined });
  } finally {
    output.close();
  }
  if (last?.model) {
    const { model } = last;
    // After a signal, or when the terminal is closed, nobody is there to answer.
    const save = async (file: string) => {
      checkOutputName(file, 'model');
      await undisturbed(file, () => model.save(file));
    };
    const ask = interactive && options.save === undefined && (ending === 'asked' || ending === 'complete');
    if (interactive && ending !== 'signalled') console.log(status(about, last, false));
    if (options.save !== undefined) await save(options.save);
    const file = ask ? await askToKeep(process.stdin, process.stdout, save) : options.save;
    if (file) remark(`Kept the model in ${file}.`);
    model.dispose();
  } else if (ending === 'asked' || ending === 'signalled') {
    process.exitCode = exitCodes.interrupted;
  }
}

/**
 * Why a session ends: the user asked for it, a signal came, nobody reads the output, its time is up, or its source has
 * ended.
 */
type Ending = 'asked' | 'signalled' | 'unread' | 'time' | 'complete';

function endings({ seconds }: LiveOptions, output: Output): Observable<Ending> {
  return merge(
    merge(output.endAsked, interrupts('SIGINT')).pipe(map(() => 'asked' as const)),
    interrupts('SIGTERM', 'SIGHUP').pipe(map(() => 'signalled' as const)),
    fromEvent(process, 'SIGPIPE').pipe(map(() => 'unread' as const)),
    seconds ? timer(seconds * 1000).pipe(map(() => 'time' as const)) : NEVER,
  ).pipe(take(1));
}

function open(about: About, { json }: LiveOptions, interactive: boolean): Output {
  if (interactive) return screenOutput(about, process.stdin, process.stdout);
  return json ? jsonOutput(about, print, remark) : plainOutput(about, print);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1e6)) throw new InvalidArgumentError('Expected a number above 0, 1,000,000 at most.');
  return value;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function remark(line: string): void {
  process.stderr.write(`${line}\n`);
}
