import { type Command, InvalidArgumentError } from 'commander';
import { NEVER } from 'rxjs';
import { forecastHeader, forecastLines } from '../adapters/csv-forecasts.ts';
import { type RollingForecast, rolling } from '../batch/rolling.ts';
import { predict } from '../batch/predict.ts';
import { seriesOf } from '../data/series.ts';
import { joinTables, rowCount } from '../data/table.ts';
import { GatecastError, misfit } from '../base/errors.ts';
import { addToHash } from '../base/noise.ts';
import { readyAfter } from '../model/model.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import { createBreath } from '../base/breath.ts';
import { levels as parseLevels, need, parseWhole } from './arguments.ts';
import { checkOutput } from './check-output.ts';
import { Interrupted } from './failure.ts';
import { type DataFlags, dataOptionsOf, withDataFlags } from './data-options.ts';
import { modelOf, readTables, type Tables } from './input.ts';
import { interrupts } from './interrupts.ts';
import { checkLevels } from './levels.ts';
import { fateOf, missingRows } from '../batch/missing-rows.ts';
import { tableInputs } from '../model/ahead.ts';
import { beforePlan, shortPlan } from '../batch/plan-rows.ts';
import { openOutput } from './output.ts';
import { showProgress } from './progress.ts';
import { say } from './say.ts';

const HELP = `
Writes CSV with a line for each step ahead: the series with --by, from (time of the last row used), at (time forecast),
step, and for each target its forecast and the bounds of its intervals, such as OT, OT_lo_80, OT_hi_80. Of a category it
is the most likely word, and the probability of each: state, state_p_off, state_p_on. With --paths it writes as many
possible courses of the targets, numbered in the column path, in place of forecast and intervals. Files without times
give row numbers, the first row being 1. Rows with missing values are skipped, or filled in if the model learned
with some. If the model reads columns known ahead, rows at the end without a value of the targets are their plan: the
forecast is made after the row before them.

Examples:
  gatecast forecast ETTh1.csv --model ETTh1.gatecast
  gatecast forecast ETTh1.csv --model ETTh1.gatecast --rolling 24 --levels 50,90 --out forecasts.csv
  gatecast forecast ETTh1.csv --model ETTh1.gatecast --paths 100 --out paths.csv`;

const STANDARD_OUTPUT = '-';
const DEFAULT_LEVELS = [0.8];

interface Flags extends DataFlags {
  model: string;
  rolling?: number;
  levels?: number[];
  paths?: number;
  seed?: number;
  out?: string;
}

export function forecastCommand(command: Command): void {
  withDataFlags(command)
    .argument('<file>', 'CSV or NDJSON with the columns the model was trained on; - is standard input')
    .option('--model <file>', 'model written by gatecast train')
    .option('--rolling <rows>', 'forecast after every N-th row, not only after the last', atLeastOne)
    .option('--levels <percent>', 'central intervals to write (default: 80, none of a category)', parseLevels)
    .option('--paths <count>', 'sample paths to write in place of forecast and intervals', atLeastOne)
    .option('--seed <seed>', 'seed of the paths; each series has its own noise (default: 1)', parseWhole)
    .option('--out <file>', 'CSV file to write (default: standard output)')
    .addHelpText('after', HELP)
    .action(runForecast);
  need(command, 'model');
}

function atLeastOne(text: string): number {
  const rows = parseWhole(text);
  if (rows < 1) throw new InvalidArgumentError('Expected a whole number >= 1.');
  return rows;
}

async function runForecast(file: string, flags: Flags): Promise<void> {
  const out = flags.out === STANDARD_OUTPUT ? undefined : flags.out;
  if (out !== undefined) await checkOutput(out, 'forecasts');
  const model = await modelOf(flags.model);
  const { by, rolling: every, paths, seed = 1 } = flags;
  if (paths === undefined && flags.seed !== undefined) throw misfit('none without --paths', '--seed', seed);
  const levels = flags.levels ?? (paths === undefined && !model.description.classes ? DEFAULT_LEVELS : []);
  if (paths === undefined) checkLevels(model, levels);
  const { interval } = model.description;
  const names = tableInputs(model.description);
  const roles = Object.fromEntries(names.map((name) => [name, 'past' as const]));
  const tables = await readTables(file, { ...dataOptionsOf(flags), roles });
  const known = [...tables.values()].map((table) => beforePlan(table, model.description));
  const missing = missingRows(joinTables(known), names, fateOf(model.description));
  if (missing !== undefined) say(missing);
  const short = every === undefined ? shortPlan([...tables.values()], model.description) : undefined;
  if (short !== undefined) say(short);
  const columns = { levels, ...(by && { series: { name: by.join('/') } }), ...(paths !== undefined && { paths }) };
  let stopped = false;
  // Without a file there is nothing to tidy up, and a signal may end the process as it does by default.
  const signals = (out ? interrupts('SIGINT', 'SIGTERM', 'SIGHUP') : NEVER).subscribe(() => {
    stopped = true;
  });
  const output = await openOutput(out);
  const progress = every && out ? showProgress('forecasting', rowsOf(tables)) : undefined;
  const breathe = createBreath();
  let complete = false;
  try {
    const header = forecastHeader(model.description, columns);
    let count = 0;
    for await (const entry of every === undefined
      ? latest(model, tables)
      : rolling(model, seriesOf(tables), { every })) {
      await breathe(); // without it no signal would ever be handled
      if (stopped) throw new Interrupted();
      if (!entry.forecast.ready) continue;
      const drawn = paths === undefined ? columns : { ...columns, seed: seedOf(seed, entry) };
      await output.write((count++ === 0 ? header : '') + forecastLines(entry, interval, drawn));
      progress?.update(entry.row + 1, '');
    }
    if (stopped) throw new Interrupted();
    if (count === 0) {
      if (every === undefined) throw tooFewRows(model, file);
      await output.write(header);
      const needed = readyAfter(model.description);
      const rows = `${rowsOf(tables)} rows, a forecast after every ${every}, none before ${needed} complete ones`;
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

/** What follows the last row of each series. Says which have too few rows. */
async function* latest(model: TrainedModel, tables: Tables): AsyncGenerator<RollingForecast> {
  const found = await predict(model, seriesOf(tables));
  const short = [...tables.keys()].filter((key) => !found.get(key)?.forecast.ready);
  if (tables.size > 1 && short.length > 0) {
    say(
      `${short.length} of ${tables.size} series have fewer than ${readyAfter(model.description)} complete rows: no forecast`,
    );
  }
  yield* found.values();
}

/** Another seed for each series and row, so that their paths are independent. */
function seedOf(seed: number, { key, row }: RollingForecast): number {
  let hash = addToHash(addToHash(0, seed), row);
  for (let i = 0; i < key.length; i++) hash = addToHash(hash, key.charCodeAt(i));
  return hash;
}

function rowsOf(tables: Tables): number {
  return [...tables.values()].reduce((sum, table) => sum + rowCount(table), 0);
}

function tooFewRows({ description }: TrainedModel, file: string): GatecastError {
  const message = `Expected at least ${readyAfter(description)} complete rows in ${file} but found fewer.`;
  return new GatecastError('invalid-data', message);
}
