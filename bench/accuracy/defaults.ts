/**
 * How good a model is that is trained with its target and horizon only, beside the simple forecasts that need no
 * training, and its loss on the validation rows. The defaults of a training are chosen by this table.
 *
 *     npx tsx bench/accuracy/defaults.ts [--data FOLDER] [--only CASE,CASE] [--options JSON] [--seeds N]
 *
 * FOLDER holds ETTh1.csv and so on in folders (default: ../shared/data). A case whose file is not there is left out,
 * and said to be. `--options` are further options of `fit` for all cases, to try others.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { csvSeries, type ReadCsvOptions } from '../../lib/adapters/csv.ts';
import {
  baselines,
  evaluate,
  fit,
  rowCount,
  seriesOf,
  sliceRows,
  type Table,
  type TrainOptions,
} from '../../lib/index.ts';
import { gather } from '../../lib/data/series.ts';
import { createRandom } from '../../lib/base/random.ts';

/** The share of the rows of each series that is kept for the test. */
const TEST = 0.15;

interface Case {
  readonly name: string;
  /** The series by key; undefined if the file is not there. */
  readonly tables: () => Promise<ReadonlyMap<string, Table> | undefined>;
  readonly options: TrainOptions;
  /** Periods of seasonal baselines in rows. */
  readonly seasons: readonly number[];
}

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    only: { type: 'string' },
    options: { type: 'string', default: '{}' },
    seeds: { type: 'string', default: '1' },
  },
});

const cases: readonly Case[] = [
  { name: 'lead', tables: made(lead), options: { targets: 'y', inputs: ['x'], horizon: 1 }, seasons: [] },
  { name: 'sine', tables: made(sine), options: { targets: 'y', horizon: 6 }, seasons: [24] },
  {
    name: 'pump',
    tables: file('examples/data/pump.csv'),
    options: { targets: 'temperature', inputs: 'all', horizon: 10 },
    seasons: [],
  },
  {
    name: 'sites',
    tables: file('examples/data/sites.csv', { by: 'site' }),
    options: { targets: 'power_kW', horizon: 24 },
    seasons: [24, 168],
  },
  {
    name: 'min-temp',
    tables: data('classic/daily-min-temperatures.csv'),
    options: { targets: 'Temp', horizon: 7 },
    seasons: [365],
  },
  {
    name: 'sunspots',
    tables: data('classic/monthly-sunspots.csv'),
    options: { targets: 'Sunspots', horizon: 12 },
    seasons: [132],
  },
  { name: 'etth1-ot', tables: data('ett/ETTh1.csv', 14_400), options: { targets: 'OT', horizon: 24 }, seasons: [24] },
  {
    name: 'etth1-all',
    tables: data('ett/ETTh1.csv', 14_400),
    options: { targets: ['HUFL', 'HULL', 'MUFL', 'MULL', 'LUFL', 'LULL', 'OT'], horizon: 24 },
    seasons: [24],
  },
  {
    name: 'pm2.5',
    tables: data('classic/beijing_pm25.csv', 12_000, { time: ['year', 'month', 'day', 'hour'] }),
    options: { targets: 'pm2.5', inputs: ['DEWP', 'TEMP', 'PRES', 'cbwd', 'Iws'], horizon: 24 },
    seasons: [24],
  },
];

function data(name: string, rows?: number, options: ReadCsvOptions = {}): Case['tables'] {
  return file(join(flags.data, name), options, rows);
}

function file(path: string, options: ReadCsvOptions = {}, rows = Infinity): Case['tables'] {
  return async () => {
    if (!existsSync(path)) return undefined;
    const tables = await gather(csvSeries(path, options));
    return new Map([...tables].map(([key, table]) => [key, sliceRows(table, 0, Math.min(rows, rowCount(table)))]));
  };
}

function made(table: () => Table): Case['tables'] {
  return async () => new Map([['', table()]]);
}

/** Noise `y`, and `x`, which is `y` one row ahead: nothing but `x` says anything. */
function lead(): Table {
  const random = createRandom(5);
  const noise = Float64Array.from({ length: 2001 }, () => 2 * (random() + random() + random()) - 3);
  return { names: ['y', 'x'], columns: [noise.slice(0, -1), noise.slice(1)] };
}

/** A sine of 24 rows with noise. */
function sine(): Table {
  const random = createRandom(7);
  const noise = () => (random() + random() + random() - 1.5) / 5;
  return {
    names: ['y'],
    columns: [Float64Array.from({ length: 1500 }, (_, t) => Math.sin((2 * Math.PI * t) / 24) + noise())],
  };
}

async function measure({ name, tables, options, seasons }: Case, seed: number): Promise<void> {
  const all = await tables();
  if (all === undefined) {
    console.log(`${name.padEnd(10)} left out: its file is not in ${flags.data}`);
    return;
  }
  const firsts = new Map([...all].map(([key, table]) => [key, rowCount(table) - Math.floor(TEST * rowCount(table))]));
  const known = new Map([...all].map(([key, table]) => [key, sliceRows(table, 0, firsts.get(key)!)]));
  const begun = performance.now();
  const [only] = known.values();
  const given = { ...options, seed, ...(JSON.parse(flags.options) as object) };
  const model = await fit(known.size === 1 ? only! : seriesOf(known), given);
  const seconds = (performance.now() - begun) / 1000;
  const score = await evaluate(model, seriesOf(all), { from: firsts });
  const scale = model.description.scale ? 'series' : 'global';
  const simple: [string, number][] = [['last', score.naive.scaled.mse]];
  for (const period of seasons) {
    const { scaled } = await evaluate(baselines.seasonal(period, model), seriesOf(all), { from: firsts, scale });
    simple.push([`${period} before`, scaled.mse]);
  }
  const [best, mse] = simple.reduce((a, b) => (b[1] < a[1] ? b : a));
  const { training } = model.description;
  console.log(
    [
      name.padEnd(10),
      score.scaled.mse.toFixed(5).padStart(9),
      score.scaled.mae.toFixed(5).padStart(9),
      mse.toFixed(5).padStart(9),
      best.padEnd(11),
      (score.scaled.mse / mse).toFixed(4).padStart(7),
      training.validationLoss.toFixed(5).padStart(10),
      `${training.bestEpoch}/${training.epochs}`.padStart(8),
      `${training.batchSize}`.padStart(4),
      (score.interval?.held ?? Number.NaN).toFixed(3).padStart(6),
      seconds.toFixed(1).padStart(6),
    ].join(' '),
  );
  model.dispose();
}

console.log('case             MSE       MAE      best simple         ratio validation   passes batch  held      s');
const chosen = flags.only?.split(',');
for (const each of cases) {
  if (chosen && !chosen.includes(each.name)) continue;
  for (let seed = 1; seed <= Number(flags.seeds); seed++) await measure(each, seed);
}
