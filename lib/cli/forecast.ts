import { Command } from 'commander';
import { readCsv } from '../adapters/csv.ts';
import { forecastHeader, forecastLines } from '../adapters/csv-forecasts.ts';
import { type RollingForecast, rolling } from '../batch/rolling.ts';
import { rowCount, type Table } from '../batch/table.ts';
import { GatecastError } from '../errors.ts';
import { Forecaster } from '../model/forecaster.ts';
import { levels as parseLevels, need, whole } from './arguments.ts';
import { checkLevels } from './levels.ts';
import { openOutput } from './output.ts';
import { showProgress } from './progress.ts';

const HELP = `
Writes CSV with a line for each step ahead: from (time of the last row used), at (time forecast), step, and for each
target its forecast and the bounds of its intervals, such as OT, OT_lo_80, OT_hi_80. Files without times give row
numbers, the first row being 1. Rows with missing values are skipped.

Examples:
  gatecast forecast ETTh1.csv --model ETTh1.gatecast
  gatecast forecast ETTh1.csv --model ETTh1.gatecast --rolling 24 --levels 50,90 --out forecasts.csv`;

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
    .argument('<file>', 'CSV with the columns the model was trained on')
    .option('--model <file>', 'model written by gatecast train')
    .option('--rolling <rows>', 'forecast after every so many rows, not only after the last', whole)
    .option('--levels <percent>', 'central intervals to write', parseLevels, [0.8])
    .option('--time <column>', 'column with the time of each row (default: the first that holds dates)')
    .option('--out <file>', 'file to write (default: standard output)')
    .addHelpText('after', HELP)
    .action(runForecast);
  need(command, 'model');
  return command;
}

async function runForecast(file: string, flags: Flags): Promise<void> {
  const model = await Forecaster.load(flags.model);
  const { levels } = flags;
  checkLevels(model, levels);
  const table = await readCsv(file, flags.time === undefined ? {} : { time: flags.time });
  const { interval } = model.description;
  const output = await openOutput(flags.out);
  const progress = flags.rolling && flags.out ? showProgress('forecasting', rowCount(table)) : undefined;
  let complete = false;
  try {
    // Goes out with the first forecast, so that nothing is written where the rows are too few for one.
    let header = forecastHeader(model.description, { levels });
    for (const entry of flags.rolling === undefined ? last(model, table, file) : ready(model, table, flags.rolling)) {
      await output.write(header + forecastLines(entry, interval, { levels }));
      header = '';
      progress?.update(entry.row + 1, '');
    }
    await output.write(header);
    complete = true;
  } finally {
    progress?.stop();
    await output.close(complete);
    model.dispose();
  }
}

function* ready(model: Forecaster, table: Table, every: number): Generator<RollingForecast> {
  for (const entry of rolling(model, table, { every })) if (entry.forecast.ready) yield entry;
}

/** The forecast after the last complete row. Throws `invalid-data` when there were too few for a warm state. */
function* last(model: Forecaster, table: Table, file: string): Generator<RollingForecast> {
  let newest: RollingForecast | undefined;
  for (const entry of rolling(model, table)) newest = entry;
  if (!newest?.forecast.ready) {
    const { lookback } = model.description;
    throw new GatecastError('invalid-data', `Expected at least ${lookback} complete rows in ${file} but found fewer.`);
  }
  yield newest;
}
