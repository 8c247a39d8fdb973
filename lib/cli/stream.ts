import { Command, InvalidArgumentError, Option } from 'commander';
import { fromEvent, NEVER } from 'rxjs';
import { type Line, type Lines, linesOf } from '../adapters/lines.ts';
import { GatecastError } from '../errors.ts';
import { forecastJson } from '../model/forecast-json.ts';
import { Forecaster } from '../model/forecaster.ts';
import { fileStore } from '../stores/file-store.ts';
import type { LiveForecast } from '../stream/live-forecast.ts';
import { byteCount, levels, need, whole } from './arguments.ts';
import { checkOutput } from './check-output.ts';
import { exitCodes } from './failure.ts';
import { loadModel, standardInput } from './input.ts';
import { interrupts } from './interrupts.ts';
import { checkLevels } from './levels.ts';
import { LineStream, type LineStreamFlags } from './line-stream.ts';
import { type Output, openOutput } from './output.ts';
import { csvReader, type LineReader, ndjsonReader } from './samples.ts';
import { say } from './say.ts';
import { withStreamFlags } from './stream-options.ts';

const HELP = `
NDJSON in: a number, an array in the order of the inputs, {"at": ..., "values": ...}, or {"at": ..., "temperature": 21.5}.
CSV in: a header line, then a sample a line.
NDJSON out: {"at", "ready", "skipped", "mean": {"OT": [...]}, "intervals": {"80": {"OT": {"lower": [...], "upper": [...]}}}},
one line for each sample, as soon as it came. "ready" is false until the model has seen enough samples. With --gap and
the like there is "trust" too: how far the forecast can be trusted, and why; and "kind": "correction" for a forecast
that a late sample has changed.

Examples:
  sensor | gatecast stream --model pump.gatecast
  sensor | gatecast stream --model pump.gatecast --gap hold --health --store state --record run.rec
  tail -f log.csv | gatecast stream --model pump.gatecast --format csv --levels 50,90`;

interface Flags extends LineStreamFlags {
  model: string;
  format: 'ndjson' | 'csv';
  levels?: number[];
  time?: string;
  maxLine: number;
  store?: string;
}

export function streamCommand(): Command {
  const command = new Command('stream')
    .description('Forecast after every sample on standard input.')
    .option('--model <file>', 'model written by gatecast train')
    .addOption(new Option('--format <format>', 'of the samples').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--levels <percent>', 'central intervals to write (default: those that the model has learned)', levels)
    .option('--time <column>', 'column or field with the time (default: at, or the first that holds dates)')
    .addOption(
      new Option('--on-invalid <what>', 'what a line that is no sample does')
        .choices(['skip', 'error'])
        .default('skip'),
    )
    .addOption(
      new Option('--max-line <size>', 'a longer line is no sample: 100kB, 4MiB')
        .argParser(byteCount)
        .default(2 ** 20, '1MiB'),
    )
    .option('--store <folder>', 'keep the state there, and go on from what it holds')
    .option('--flush <how often>', 'samples, or time, after which the state is written: 1000, 5s', flush)
    .option('--record <file>', 'write samples and forecasts to a new file, for gatecast replay');
  withStreamFlags(command).addHelpText('after', HELP).action(runStream);
  need(command, 'model');
  return command;
}

function flush(text: string): NonNullable<LineStreamFlags['flush']> {
  if (/^\d/.test(text)) return /^\d+$/.test(text) ? { samples: whole(text) } : { every: text };
  throw new InvalidArgumentError('Expected a number of samples, or a time such as 5s.');
}

async function runStream(flags: Flags): Promise<void> {
  if (flags.record !== undefined) await checkOutput(flags.record, 'recording');
  const model = await loadModel(flags.model);
  const output = await openOutput(undefined);
  const store = flags.store === undefined ? undefined : fileStore(flags.store);
  const lines = linesOf(standardInput(), 'standard input', flags.maxLine);
  // What is being written must be brought to its end; otherwise a signal may end the process as it does by default.
  const writes = store !== undefined || flags.record !== undefined;
  const signals = (writes ? interrupts('SIGINT', 'SIGTERM', 'SIGHUP') : NEVER).subscribe(() => {
    process.exitCode = exitCodes.interrupted;
    lines.close();
  });
  const noReader = (writes ? fromEvent(process, 'SIGPIPE') : NEVER).subscribe(() => lines.close());
  try {
    checkLevels(model, flags.levels ?? []);
    const stream = new LineStream(model, store, flags);
    try {
      await forecastLines(lines, readerOf(model, flags), stream, output, flags);
      stream.end();
    } finally {
      stream.dispose();
    }
  } finally {
    signals.unsubscribe();
    noReader.unsubscribe();
    lines.close();
    store?.close();
    model.dispose();
  }
}

function readerOf({ description }: Forecaster, { format, time }: Flags): LineReader {
  const options = {
    inputs: description.inputs.map((input) => input.name),
    interval: description.interval,
    note: say,
    ...(time !== undefined && { time }),
  };
  return format === 'ndjson' ? ndjsonReader(options) : csvReader(options);
}

async function forecastLines(lines: Lines, read: LineReader, stream: LineStream, output: Output, flags: Flags) {
  let skipped = 0;
  for await (const line of lines) {
    let forecasts: readonly LiveForecast[] = [];
    try {
      const sample = read(textOf(line), line.number);
      if (sample !== undefined) forecasts = stream.next(sample);
    } catch (error) {
      if (!isOfLine(error)) throw error;
      if (flags.onInvalid === 'error') throw new GatecastError(error.code, `Line ${line.number}: ${error.message}`);
      skipped += 1;
      say(`line ${line.number} is skipped: ${error.message}`);
    }
    for (const one of forecasts) {
      await output.write(`${JSON.stringify({ ...forecastJson(one, flags.levels), skipped })}\n`);
    }
  }
}

function textOf({ text, tooLong }: Line): string {
  if (text !== undefined) return text;
  const what = `at most ${tooLong} bytes (--max-line)`;
  throw new GatecastError('invalid-sample', `Expected ${what} for a line but it is longer.`);
}

/** Not a header that lacks an input, which makes every line useless, nor a disk that fails. */
function isOfLine(error: unknown): error is GatecastError {
  return error instanceof GatecastError && (error.code === 'invalid-sample' || error.code === 'invalid-argument');
}
