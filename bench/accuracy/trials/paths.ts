// Sample paths: what they say of single steps, and of whole courses, which single steps do not tell.
import { fit, metrics, rolling, seriesOf, type Table, type TrainOptions } from 'gatecast';
import { readCsv } from 'gatecast/csv';
import { timed, type Outcome, type Task, type Trial } from '../trial.ts';
import { readSeries } from './m4.ts';

const DUST = 'classic/beijing_pm25.csv';
const [TRAIN, TEST] = ['m4/Hourly-train.csv', 'm4/Hourly-test.csv'];
const PATHS = 100;

export const paths: Trial = {
  name: 'paths',
  about: `${PATHS} paths of fine dust in Beijing (a day) and of the hourly series of M4 (two days): CRPS in % of the mean size`,
  needs: [DUST, TRAIN, TEST],
  run,
};

/** Series, how many rows of each are learned from, the distance between forecasts after them, and what to forecast. */
interface Data {
  readonly name: string;
  readonly series: ReadonlyMap<string, Table>;
  readonly known: (rows: number) => number;
  readonly every: number;
  readonly task: { readonly targets: string; readonly horizon: number };
}

async function* run({ quick, file }: Task): AsyncIterable<Outcome> {
  for (const data of [await dust(file(DUST)), await hours(file(TRAIN), file(TEST), quick)]) {
    for (const [method, options] of [
      ['quantiles and a copula', {}],
      ['deepar', { model: 'deepar' }],
    ] satisfies [string, Partial<TrainOptions>][]) {
      const settings: TrainOptions = { ...data.task, ...options, ...(quick && { epochs: 1 }) };
      const { value, seconds } = await timed(() => measure(data, settings));
      yield { method: `${data.name}: ${method}`, errors: value, settings, seed: 1, seconds };
    }
  }
}

/** The last 15 % of the hours are forecast, a day after another. */
async function dust(path: string): Promise<Data> {
  const { names, columns, at } = await readCsv(path, { time: ['year', 'month', 'day', 'hour'] });
  const target = names.indexOf('pm2.5');
  const table = { names: ['dust'], columns: [columns[target]!], ...(at && { at }) };
  return {
    name: 'dust',
    series: new Map([['', table]]),
    known: (rows) => Math.floor(0.85 * rows),
    every: 24,
    task: { targets: 'dust', horizon: 24 },
  };
}

/** The last 48 hours are forecast. */
async function hours(train: string, test: string, quick: boolean): Promise<Data> {
  const [history, future] = [await readSeries(train), await readSeries(test)];
  const all = [...history].map(([key, { names, columns }]): [string, Table] => [
    key,
    { names, columns: [Float64Array.of(...columns[0]!, ...future.get(key)!.columns[0]!)] },
  ]);
  return {
    name: 'M4 hourly',
    series: new Map(quick ? all.slice(0, 20) : all),
    known: (rows) => rows - 48,
    every: 48,
    task: { targets: 'y', horizon: 48 },
  };
}

/** The score of single steps, and that of the sum over the horizon. */
async function measure({ series, known, every }: Data, settings: TrainOptions): Promise<Record<string, number>> {
  const { horizon } = settings;
  const learned = [...series].map(([key, table]): [string, Table] => [key, head(table, known(rowsOf(table)))]);
  const model = await fit(seriesOf(new Map(learned)), settings);
  const [steps, sums] = [new Scores(), new Scores()];
  for (const [, table] of series) {
    const from = known(rowsOf(table)) - 1;
    for (const { row, forecast } of rolling(model, table, { from, every, to: rowsOf(table) - horizon })) {
      const truth = table.columns[0]!.subarray(row + 1, row + 1 + horizon);
      if (!truth.every(Number.isFinite)) continue;
      const drawn = forecast.paths(PATHS);
      const valuesAt = (of: (p: number) => number) => Float64Array.from({ length: PATHS }, (_, p) => of(p));
      truth.forEach((value, step) =>
        steps.add(
          value,
          valuesAt((p) => drawn[p * horizon + step]!),
        ),
      );
      const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
      sums.add(
        sum(truth),
        valuesAt((p) => sum(drawn.subarray(p * horizon, (p + 1) * horizon))),
      );
    }
  }
  model.dispose();
  return { 'CRPS of steps': steps.percent, 'CRPS of sums': sums.percent };
}

/** The continuous ranked probability score of many forecasts by samples. */
class Scores {
  readonly #truth: number[] = [];
  readonly #samples: Float64Array[] = [];

  add(truth: number, samples: Float64Array): void {
    this.#truth.push(truth);
    this.#samples.push(samples);
  }

  /** Its mean in per cent of the mean size of the true values. */
  get percent(): number {
    const size = this.#truth.reduce((sum, value) => sum + Math.abs(value), 0) / this.#truth.length;
    return (100 * metrics.crps(this.#truth, { samples: this.#samples }).crps) / size;
  }
}

function head({ names, columns, at }: Table, rows: number): Table {
  return { names, columns: columns.map((column) => column.slice(0, rows)), ...(at && { at: at.slice(0, rows) }) };
}

function rowsOf({ columns }: Table): number {
  return columns[0]!.length;
}
