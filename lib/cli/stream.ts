import { createInterface } from 'node:readline';
import { Command, Option } from 'commander';
import { GatecastError } from '../errors.ts';
import type { Forecast } from '../model/forecast.ts';
import { Forecaster } from '../model/forecaster.ts';
import { levels, need } from './arguments.ts';
import { forecastJson } from './forecast-json.ts';
import { checkLevels } from './levels.ts';
import { openOutput } from './output.ts';
import { csvReader, ndjsonReader } from './samples.ts';

const HELP = `
NDJSON in: a number, an array in the order of the inputs, {"at": ..., "values": ...}, or {"at": ..., "temperature": 21.5}.
CSV in: a header line, then a sample a line.
NDJSON out: {"at", "ready", "skipped", "mean": {"OT": [...]}, "intervals": {"80": {"OT": {"lower": [...], "upper": [...]}}}},
one line for each sample, as soon as it came. "ready" is false until the model has seen enough samples.

Examples:
  sensor | gatecast stream --model pump.gatecast
  tail -f log.csv | gatecast stream --model pump.gatecast --format csv --levels 50,90`;

interface Flags {
  model: string;
  format: 'ndjson' | 'csv';
  levels: number[];
  time?: string;
  onInvalid: 'skip' | 'error';
}

export function streamCommand(): Command {
  const command = new Command('stream')
    .description('Forecast after every sample on standard input.')
    .option('--model <file>', 'model written by gatecast train')
    .addOption(new Option('--format <format>', 'of the samples').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--levels <percent>', 'central intervals to write', levels, [0.8])
    .option('--time <column>', 'with CSV, column with the time of each row (default: the first that holds dates)')
    .addOption(
      new Option('--on-invalid <what>', 'what a line that is no sample does')
        .choices(['skip', 'error'])
        .default('skip'),
    )
    .addHelpText('after', HELP)
    .action(runStream);
  need(command, 'model');
  return command;
}

async function runStream(flags: Flags): Promise<void> {
  const model = await Forecaster.load(flags.model);
  checkLevels(model, flags.levels);
  const inputs = model.description.inputs.map((input) => input.name);
  const read = flags.format === 'csv' ? csvReader(inputs, flags.time) : ndjsonReader();
  const state = model.createState({ onInvalid: 'error' });
  const output = await openOutput(undefined);
  let line = 0;
  let skipped = 0;
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    let forecast: Forecast | undefined;
    try {
      const sample = read(text, line);
      if (sample !== undefined) forecast = state.step(sample);
    } catch (error) {
      // A header that lacks an input makes every line useless.
      if (!(error instanceof GatecastError) || error.code === 'invalid-data') throw error;
      if (flags.onInvalid === 'error') throw new GatecastError(error.code, `Line ${line}: ${error.message}`);
      skipped += 1;
      process.stderr.write(`gatecast: line ${line} is skipped: ${error.message}\n`);
    }
    if (forecast) await output.write(forecastJson(forecast, skipped, flags.levels));
  }
  state.dispose();
  model.dispose();
}
