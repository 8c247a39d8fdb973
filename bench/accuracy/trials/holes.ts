// How well a rhythm is kept through holes in time: minute data in which forty minutes are missing now and then.
import { fit, type Forecaster, type Gap, rolling, sliceRows, type Table } from 'gatecast';
import { createRandom } from '../../../lib/base/random.ts';
import { type Outcome, type Task, timed, type Trial } from '../trial.ts';

const ROWS = 4000;
const LEARNED = 2800;
const HORIZON = 6;
const MINUTE = 60_000;
/** In each stretch of rows so many are missing at its beginning, not always at the same phase of the rhythm. */
const STRETCH = 300;
const HOLE = 40;

export const holes: Trial = {
  name: 'holes',
  about: `a noisy sine of 24 minutes with holes of ${HOLE} minutes, ${HORIZON} steps ahead: error of the five rows after a hole`,
  needs: [],
  run,
};

async function* run({ quick }: Task): AsyncIterable<Outcome> {
  const whole = noisySine();
  const left = [...whole.columns[0]!.keys()].filter((row) => row < HOLE || beyond(row) >= HOLE);
  const of = (column: Float64Array) => Float64Array.from(left, (row) => column[row]!);
  const table: Table = { ...whole, columns: whole.columns.map(of), at: of(whole.at) };
  const options = { targets: 'sine', horizon: HORIZON, hidden: 24, lookback: 60, learningRate: 0.01 } as const;
  for (const gap of ['hold', 'impute'] satisfies Gap[]) {
    const settings = { ...options, gap, calendar: 'none', epochs: quick ? 1 : 50 } as const;
    const { value: model, seconds } = await timed(() => fit(sliceRows(table, 0, LEARNED), settings));
    const error = (isMeant: (after: number) => boolean) => meanError(model, table, left, whole, isMeant);
    const [after, elsewhere] = [error((rows) => rows < 5), error((rows) => rows >= 20 && rows < 200)];
    model.dispose();
    yield { method: gap, errors: { after, elsewhere, ratio: after / elsewhere }, settings, seed: 1, seconds };
  }
}

/** How far a row is into its stretch. */
function beyond(row: number): number {
  return (row + 7 * Math.floor(row / STRETCH)) % STRETCH;
}

/** The mean absolute error of the forecasts from the rows that are so far after a hole. */
function meanError(
  model: Forecaster,
  table: Table,
  left: readonly number[],
  whole: Table,
  isMeant: (after: number) => boolean,
): number {
  let [sum, count] = [0, 0];
  for (const { row, forecast } of rolling(model, table, { from: LEARNED, to: left.length - HORIZON })) {
    const after = beyond(left[row]!) - HOLE;
    if (after < 0 || !isMeant(after)) continue;
    for (const [step, mean] of forecast.mean.entries()) {
      sum += Math.abs(mean - whole.columns[0]![left[row]! + step + 1]!);
      count += 1;
    }
  }
  return sum / count;
}

function noisySine(): Table & { at: Float64Array } {
  const random = createRandom(7);
  const noise = () => 0.1 * (random() + random() + random() - 1.5);
  const sine = (row: number) => 20 + 5 * (Math.sin((2 * Math.PI * row) / 24) + noise());
  return {
    names: ['sine'],
    columns: [Float64Array.from({ length: ROWS }, (_, row) => sine(row))],
    at: Float64Array.from({ length: ROWS }, (_, row) => row * MINUTE),
  };
}
