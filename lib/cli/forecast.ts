import { Command, InvalidArgumentError } from 'commander';
import { NEVER } from 'rxjs';
import { forecastHeader, forecastLines } from '../adapters/csv-forecasts.ts';
import { type RollingForecast, rolling } from '../batch/rolling.ts';
import { rowCount } from '../data/table.ts';
import { GatecastError } from '../base/errors.ts';
import { readyAfter } from '../model/model.ts';
import { Forecaster } from '../model/forecaster.ts';
import { createBreath } from '../base/breath.ts';
import { levels as parseLevels, need, parseWhole } from './arguments.ts';
import { checkOutput } from './check-output.ts';
import { Interrupted } from './failure.ts';
import { loadModel, readTable } from './input.ts';
import { interrupts } from './interrupts.ts';
import { checkLevels } from './levels.ts';
import { fateOf, missingRows } from '../batch/missing-rows.ts';
import { givenInputs } from '../model/gap.ts';
import { openOutput } from './output.ts';
import { showProgress } from './progress.ts';
import { say } from './say.ts';

const HELP = `
Writes CSV with a line for each step ahead: from (time of the last row used), at (time forecast), step, and for each
target its forecast and the bounds of its intervals, such as OT, OT_lo_80, OT_hi_80. Files without times give row
numbers, the first row being 1. Rows with missing values are skipped.

Examples:
  gatecast forecast ETTh1.csv --model ETTh1.gatecast
  gatecast forecast ETTh1.csv --model ETTh1.gatecast --rolling 24 --levels 50,90 --out forecasts.csv`;

const STANDARD_OUTPUT = '-';

interface Flags {
  model: string;
  rolling?: number;
  levels: number[];
  time?: string;
  out?: string;
}

export function forecastCommand(): Command {
  const command = new Command('forecast')
    .description('Forecast what follows the rows of a CSV file.')
    .argument('<file>', 'CSV with the columns the model was trained on; - is standard input')
    .option('--model <file>', 'model written by gatecast train')
    .option('--rolling <rows>', 'forecast after every N-th row, not only after the last', atLeastOne)
    .option('--levels <percent>', 'central intervals to write', parseLevels, [0.8])
    .option('--time <column>', 'column with the time of each row (default: the first that holds dates)')
    .option('--out <file>', 'CSV file to write (default: standard output)')
    .addHelpText('after', HELP)
    .action(runForecast);
  need(command, 'model');
  return command;
}

function atLeastOne(text: string): number {
  const rows = parseWhole(text);
  if (rows < 1) throw new InvalidArgumentError('Expected a whole number >= 1.');
  return rows;
}

async function runForecast(file: string, flags: Flags): Promise<void> {
  const out = flags.out === STANDARD_OUTPUT ? undefined : flags.out;
  if (out !== undefined) await checkOutput(out, 'forecasts');
  const model = await loadModel(flags.model);
  const { levels } = flags;
  checkLevels(model, levels);
  const table = await readTable(file, flags.time);
  const { interval } = model.description;
  const missing = missingRows(table, givenInputs(model.description), fateOf(model.description));
  if (missing !== undefined) say(missing);
  const header = forecastHeader(model.description, { levels });
  const every = flags.rolling;
  let stopped = false;
  // Without a file there is nothing to tidy up, and a signal may end the process as it does by default.
  const signals = (out ? interrupts('SIGINT', 'SIGTERM', 'SIGHUP') : NEVER).subscribe(() => {
    stopped = true;
  });
  const output = await openOutput(out);
  const progress = every && out ? showProgress('forecasting', rowCount(table)) : undefined;
  const breathe = createBreath();
  let complete = false;
  let newest: RollingForecast | undefined;
  try {
    for (const entry of rolling(model, table, every === undefined ? {} : { every })) {
      await breathe(); // without it no signal would ever be handled
      if (stopped) throw new Interrupted();
      if (!entry.forecast.ready) continue;
      if (every !== undefined) await output.write((newest ? '' : header) + forecastLines(entry, interval, { levels }));
      newest = entry;
      progress?.update(entry.row + 1, '');
    }
    if (every === undefined) {
      if (!newest) throw tooFewRows(model, file);
      await output.write(header + forecastLines(newest, interval, { levels }));
    } else if (!newest) {
      await output.write(header);
      const needed = readyAfter(model.description);
      const rows = `${rowCount(table)} rows, a forecast after every ${every}, none before ${needed} complete ones`;
      say(`there is nothing to forecast: ${rows}`);
    }
    complete = true;
  } finally {
    signals.unsubscribe();
    progress?.stop();
    await output.close(complete);
    model.dispose();
  }
}

function tooFewRows({ description }: Forecaster, file: string): GatecastError {
  const message = `Expected at least ${readyAfter(description)} complete rows in ${file} but found fewer.`;
  return new GatecastError('invalid-data', message);
}
