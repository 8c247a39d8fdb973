// A drive of a robot: where it will be in 10, 50 and 100 ms, from all signals up to now.
import { fit, type Forecaster, rolling, seriesOf, type Table } from 'gatecast';
import { readCsv } from 'gatecast/csv';
import { type Outcome, type Task, timed, type Trial } from '../trial.ts';

const [LEARNED, TESTED] = ['emps/emps_estimation.csv', 'emps/emps_validation.csv'] as const;
/** Rows of 1 ms in a step. Every row begins a forecast: the rows of each phase of a step are a series. */
const STEP = 10;
const HORIZON = 10;
const AHEAD = [10, 50, 100];
const SEEDS = [1, 2, 3];
/** The known errors of constant velocity, the slope over the last 10 ms [um]. */
const KNOWN = { '10 ms': '43.30', '50 ms': '549.1', '100 ms': '1733' };

export const emps: Trial = {
  name: 'emps',
  about:
    'position of a robot drive (EMPS) 10, 50 and 100 ms ahead, learned on one file and tested on the other: RMSE in um',
  needs: [LEARNED, TESTED],
  run,
};

async function* run({ quick, file }: Task): AsyncIterable<Outcome> {
  const [learned, tested] = [await readCsv(file(LEARNED)), await readCsv(file(TESTED))];
  const position = tested.columns[tested.names.indexOf('qm')]!;
  const { value, seconds } = await timed(() => errorsOf(position, AHEAD, STEP, constantVelocity(position)));
  yield { method: 'constant velocity', errors: value, known: KNOWN, seconds };
  for (const [method, role] of [
    ['command known up to now', 'past'],
    ['command known ahead', 'future'],
  ] as const) {
    const roles = { moved: 'target', commanded: role, lag: 'past', force: 'past', position: 'past' } as const;
    const settings = { model: 'recurrent', roles, horizon: HORIZON, loss: 'mse', ...(quick && { epochs: 1 }) } as const;
    for (const seed of quick ? SEEDS.slice(0, 1) : SEEDS) {
      const { value, seconds } = await timed(async () => {
        const model = await fit(seriesOf(stepsOf(learned)), { ...settings, seed });
        const errors = errorsOf(position, AHEAD, STEP, await learnedForecast(model, tested));
        model.dispose();
        return errors;
      });
      yield { method, errors: value, settings, seed, seconds };
    }
  }
}

/** The position so many rows after a row; NaN if there is no forecast. */
type Ahead = (row: number, ahead: number) => number;

function constantVelocity(position: Float64Array): Ahead {
  return (row, ahead) => position[row]! + (ahead / STEP) * (position[row]! - position[row - STEP]!);
}

/** The signals in steps of 10 ms, a table for each phase: how far the drive moved and was told to, and what acts on it. */
function stepsOf({ names, columns }: Table): Map<string, Table> {
  const [told, position, force] = ['qg', 'qm', 'vir'].map((name) => columns[names.indexOf(name)]!) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const of: Record<string, (row: number) => number> = {
    moved: (row) => position[row]! - position[row - STEP]!,
    commanded: (row) => told[row]! - told[row - STEP]!,
    lag: (row) => told[row]! - position[row]!,
    force: (row) => force.subarray(row - STEP + 1, row + 1).reduce((sum, each) => sum + each, 0) / STEP,
    position: (row) => position[row]!,
  };
  return new Map(
    Array.from({ length: STEP }, (_, phase) => {
      const rows = Array.from(
        { length: Math.floor((position.length - 1 - phase) / STEP) },
        (_, i) => phase + (i + 1) * STEP,
      );
      const table = {
        names: Object.keys(of),
        columns: Object.values(of).map((value) => Float64Array.from(rows, value)),
      };
      return [String(phase), table];
    }),
  );
}

/** The sums of the movements that a model forecasts. */
async function learnedForecast(model: Forecaster, table: Table): Promise<Ahead> {
  const position = table.columns[table.names.indexOf('qm')]!;
  const moves = new Map<number, Float64Array>();
  for await (const { key, row, forecast } of rolling(model, seriesOf(stepsOf(table)))) {
    if (forecast.ready) moves.set(Number(key) + (row + 1) * STEP, forecast.mean.slice());
  }
  return (row, ahead) => {
    const next = moves.get(row)?.subarray(0, ahead / STEP);
    return next ? next.reduce((sum, move) => sum + move, position[row]!) : Number.NaN;
  };
}

/** The root mean squared error of each horizon [um] over all rows from `from` on that have a forecast. */
function errorsOf(position: Float64Array, horizons: readonly number[], from: number, forecast: Ahead) {
  return Object.fromEntries(
    horizons.map((ahead) => {
      let [sum, count] = [0, 0];
      for (let row = from; row + ahead < position.length; row++) {
        const error = position[row + ahead]! - forecast(row, ahead);
        if (Number.isNaN(error)) continue;
        sum += error * error;
        count++;
      }
      return [`${ahead} ms`, Number((1e6 * Math.sqrt(sum / count)).toPrecision(4))];
    }),
  );
}
