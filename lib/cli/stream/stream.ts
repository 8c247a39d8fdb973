import { type Command, InvalidArgumentError, Option } from 'commander';
import { fromEvent } from 'rxjs';
import { type Lines, linesOf } from '../../adapters/lines.ts';
import { GatecastError } from '../../base/errors.ts';
import { givenInputs } from '../../model/gap.ts';
import { forecastJson } from '../../model/forecast-json.ts';
import type { TrainedModel } from '../../model/trained-model.ts';
import { fileStore } from '../../stores/file-store.ts';
import type { Store } from '../../stores/store.ts';
import { byteCount, levels, names, need, parseWhole } from '../arguments.ts';
import { checkOutput } from '../check-output.ts';
import { exitCodes } from '../failure.ts';
import { modelOf, standardInput } from '../input.ts';
import { interrupts } from '../interrupts.ts';
import { checkLevels } from '../levels.ts';
import { LineRun } from './line-run.ts';
import { LineStream, type LineStreamFlags } from './line-stream.ts';
import { endWithReader, openOutput } from '../output.ts';
import { offsetToResume, sayKeyed } from './resume.ts';
import { csvReader } from './csv-samples.ts';
import { type LineReader, type LineReading, ndjsonReader } from './samples.ts';
import { say } from '../say.ts';
import { withStreamFlags } from './stream-options.ts';

const HELP = `
NDJSON in: a number, an array in the order of the inputs, {"at": ..., "values": ...}, or {"at": ..., "temperature": 21.5}.
Without "at" a field such as timestamp, time or ts is the time. A column known ahead has a list, its value now and those
of the next steps: {"at": ..., "load": 3, "price": [10, 12, 11]}; in CSV columns such as price+1.
CSV in: a header line, then one sample per line.
NDJSON out, a line for each sample as soon as it arrives: {"at", "ready", "skipped": {"invalid", "duplicate", "late",
"unbelieved"}, "mean": {"OT": [...]}, "intervals": {"80": {"OT": {"lower": [...], "upper": [...]}}}}. "ready" is false
until the model has seen enough samples; "skipped" counts the samples left out, by reason. Options such as --gap add
"trust": how far the forecast can be trusted, and why; and "kind": "correction" for a forecast changed by a late sample.
With --key each line has its "key", and each key has a stream of its own.

Each reason for leaving a line out is printed once; the counts are printed at the end. Exit code 1: no line could be
used, or none of the first 1000.

With --store the offset of each line is kept: the "offset" it carries, or else its number. After a stop, --resume
continues the same input after the last line that was kept. If the process was killed, forecasts since the last write
(--flush) are printed again.

Examples:
  sensor | gatecast stream --model pump.gatecast
  sensor | gatecast stream --model pump.gatecast --gap hold --health --store state --record run.rec
  cat log.ndjson | gatecast stream --model pump.gatecast --store state --resume
  fleet | gatecast stream --model pump.gatecast --key pump --calibrate --fallback naive
  tail -f log.csv | gatecast stream --model pump.gatecast --format csv --levels 50,90`;

interface Flags extends LineStreamFlags, LineReading {
  model: string;
  format: 'ndjson' | 'csv';
  levels?: number[];
  maxLine: number;
  onInvalid: 'skip' | 'error';
  store?: string;
  resume?: boolean;
}

export function streamCommand(command: Command): void {
  command
    .option('--model <file>', 'model written by gatecast train')
    .addOption(new Option('--format <format>', 'of the samples').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--levels <percent>', 'central intervals to write (default: all that the model has learned)', levels)
    .option(
      '--time <fields>',
      'field with the time of each line, or its parts: date,time (default: at, or found)',
      names,
    )
    .option(
      '--time-format <format>',
      "how times are written: '%d.%m.%Y %H:%M', dmy, mdy, ymd, s, ms, us, ns (default: by the first)",
    )
    .option('--zone <zone>', 'zone of times without an offset: Europe/Berlin (default: UTC)')
    .option('--missing <words>', 'more words for a missing value: unknown,-999', names)
    .addOption(new Option('--decimal <sign>', 'decimal sign (default: by the first numbers)').choices(['.', ',']))
    .option('--key <field>', 'field that tells many streams apart, such as a device: each has a state of its own')
    .addOption(
      new Option('--on-invalid <what>', 'what to do with a line that is not a sample')
        .choices(['skip', 'error'])
        .default('skip'),
    )
    .addOption(
      new Option('--max-line <size>', 'longest line that can be a sample: 100kB, 4MiB')
        .argParser(byteCount)
        .default(2 ** 20, '1MiB'),
    )
    .option('--store <folder>', 'keep the state there, and continue from it')
    .option('--resume', 'with --store: leave out the lines that it already holds, when the same input is given again')
    .option('--flush <how often>', 'samples, or time, after which the state is written: 1000, 5s', flush)
    .option('--record <file>', 'write samples and forecasts to a new file, for gatecast replay');
  withStreamFlags(command)
    .addHelpText('after', HELP)
    .action((flags: Flags) => {
      if (flags.resume && flags.store === undefined) command.error("error: option '--resume' needs '--store <folder>'");
      return runStream(flags);
    });
  need(command, 'model');
}

function flush(text: string): NonNullable<LineStreamFlags['flush']> {
  if (/^\d/.test(text)) return /^\d+$/.test(text) ? { samples: parseWhole(text) } : { every: text };
  throw new InvalidArgumentError('Expected a number of samples, or a time such as 5s.');
}

async function runStream(flags: Flags): Promise<void> {
  if (flags.record !== undefined) await checkOutput(flags.record, 'recording');
  const model = await modelOf(flags.model);
  const store = flags.store === undefined ? undefined : fileStore(flags.store);
  const lines = linesOf(standardInput(), 'standard input', flags.maxLine, { note: say });
  const stop = new AbortController();
  // However the run ends, what is being written is finished, and what was left out is reported.
  const close = () => {
    stop.abort();
    lines.close();
  };
  const signals = interrupts('SIGINT', 'SIGTERM', 'SIGHUP').subscribe(() => {
    process.exitCode = exitCodes.interrupted;
    close();
  });
  const noReader = fromEvent(process, 'SIGPIPE').subscribe(close);
  try {
    checkLevels(model, flags.levels ?? []);
    const run = await runLines(model, store, lines, flags, stop.signal);
    run.sumUp(stop.signal.aborted);
  } finally {
    signals.unsubscribe();
    noReader.unsubscribe();
    lines.close();
    store?.close();
    model.dispose();
  }
  if (stop.signal.aborted) await endWithReader();
}

async function runLines(
  model: TrainedModel,
  store: Store | undefined,
  lines: Lines,
  flags: Flags,
  stop: AbortSignal,
): Promise<LineRun> {
  const output = await openOutput(undefined, stop);
  const after = store && offsetToResume(store, flags.store!, flags.resume === true);
  if (store && flags.key === undefined) sayKeyed(store, flags.store!);
  const stream = new LineStream(model, store, flags);
  try {
    const run = new LineRun(stream, readerOf(model, flags), { onInvalid: flags.onInvalid, keeps: !!store, after });
    try {
      for await (const line of lines) {
        for (const one of run.take(line)) await output.write(`${JSON.stringify(forecastJson(one, flags.levels))}\n`);
      }
      stream.end();
    } catch (error) {
      if (!isUnusable(error)) run.sumUp(true);
      throw error;
    }
    return run;
  } finally {
    stream.dispose();
  }
}

/** The error that already sums up everything that was left out. */
function isUnusable(error: unknown): boolean {
  return error instanceof GatecastError && error.code === 'unusable-source';
}

function readerOf({ description, scaler }: TrainedModel, flags: Flags): LineReader {
  const { format, time, timeFormat, zone, missing, decimal, key } = flags;
  const given = { time, timeFormat, zone, missing, decimal, key };
  const inputs = givenInputs(description);
  const options = {
    inputs,
    // What was 0 or 1 in training has a mean between them; a temperature that is `off` is not 0.
    toggles: inputs.filter((_, i) => scaler.mean[i]! >= 0 && scaler.mean[i]! <= 1 && scaler.std[i]! <= 1),
    categories: description.inputs.filter(({ words }) => words).map(({ name }) => name),
    interval: description.interval,
    note: say,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  return format === 'ndjson' ? ndjsonReader(options) : csvReader(options);
}
