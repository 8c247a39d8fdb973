// The check values of the data sets: simple forecasts, whose errors are known to the digit. They test the evaluator.
import { baselines, evaluate, type Table } from 'gatecast';
import { readCsv } from 'gatecast/csv';
import { type Outcome, type Task, timed, type Trial } from '../trial.ts';

const HOURS = ['ett/ETTh1.csv', 1] as const;
const QUARTERS = ['ett/ETTm1.csv', 4] as const;
const EMPS = 'emps/emps_validation.csv';

/** MSE / MAE on scaled values: of all channels, then of the oil temperature; the last value, then that of a day before. */
const ETT: readonly [file: typeof HOURS | typeof QUARTERS, horizon: number, windows: string, known: string][] = [
  [HOURS, 24, '2857', '1.2220 0.6706 0.4244 0.3892 0.0343 0.1394 0.0458 0.1663'],
  [HOURS, 48, '2833', '1.2675 0.6945 0.4650 0.4073 0.0501 0.1711 0.0576 0.1880'],
  [HOURS, 96, '2785', '1.2944 0.7132 0.5122 0.4333 0.0693 0.2033 0.0715 0.2105'],
  [HOURS, 168, '2713', '1.3249 0.7300 0.5708 0.4625 0.0872 0.2288 0.0871 0.2302'],
  [HOURS, 192, '2689', '1.3249 0.7331 0.5808 0.4692 0.0920 0.2357 0.0916 0.2368'],
  [HOURS, 336, '2545', '1.3299 0.7460 0.6499 0.5008 0.1133 0.2652 0.1108 0.2634'],
  [HOURS, 720, '2161', '1.3351 0.7550 0.6554 0.5141 0.1292 0.2834 0.1252 0.2796'],
  [QUARTERS, 24, '11497', '0.7198 0.4760 0.4221 0.3863 0.0122 0.0774 0.0460 0.1666'],
  [QUARTERS, 48, '11473', '1.1655 0.6380 0.4224 0.3864 0.0225 0.1085 0.0459 0.1665'],
  [QUARTERS, 96, '11425', '1.2139 0.6648 0.4227 0.3865 0.0333 0.1365 0.0460 0.1666'],
  [QUARTERS, 192, '11329', '1.2612 0.6904 0.4631 0.4057 0.0494 0.1694 0.0578 0.1883'],
  [QUARTERS, 288, '11233', '1.2838 0.7032 0.4828 0.4184 0.0611 0.1894 0.0658 0.2019'],
  [QUARTERS, 336, '11185', '1.2866 0.7072 0.4961 0.4258 0.0652 0.1964 0.0691 0.2070'],
  [QUARTERS, 672, '10849', '1.3218 0.7276 0.5682 0.4608 0.0868 0.2282 0.0873 0.2305'],
  [QUARTERS, 720, '10801', '1.3223 0.7295 0.5739 0.4645 0.0892 0.2315 0.0897 0.2340'],
];

/** The root mean squared error of the last position [um], so many ms ahead. */
const HELD: readonly [horizon: number, known: string][] = [
  [1, '88.22'],
  [10, '882.2'],
  [50, '4405'],
  [100, '8779'],
  [500, '42590'],
];

export const checkValues: Trial = {
  name: 'check-values',
  about: 'simple forecasts whose errors are known to the digit: ETT (MSE and MAE, scaled) and the robot (RMSE in um)',
  needs: [HOURS[0], QUARTERS[0], EMPS],
  run,
};

async function* run({ quick, file }: Task): AsyncIterable<Outcome> {
  const tables = new Map<string, Table>();
  for (const [name] of [HOURS, QUARTERS]) tables.set(name, await readCsv(file(name)));
  for (const [[name, perHour], horizon, windows, known] of ETT) {
    if (quick && horizon > 48) continue;
    const table = tables.get(name)!;
    const numbers = known.split(' ');
    for (const inputs of [table.names, ['OT']]) {
      for (const steps of [0, 24 * perHour]) {
        const task = { inputs, horizon };
        const model = steps === 0 ? baselines.last(task) : baselines.seasonal(steps, task);
        const month = 30 * 24 * perHour;
        const span = { from: 12 * month, gap: 4 * month, to: 20 * month };
        const { value, seconds } = await timed(() => evaluate(model, table, span));
        const [MSE, MAE] = numbers.splice(0, 2) as [string, string];
        yield {
          method: `${name}, ${inputs.length} channels, ${horizon} steps: ${model.name}`,
          errors: { windows: value.windows, MSE: value.scaled.mse, MAE: value.scaled.mae },
          known: { windows, MSE, MAE },
          seconds,
        };
      }
    }
  }
  const positions = await readCsv(file(EMPS));
  for (const [horizon, known] of HELD) {
    const model = baselines.last({ inputs: ['qm'], horizon });
    const { value, seconds } = await timed(() => evaluate(model, positions));
    const micrometres = 1e6 * value.steps.at(-1)!.rmse;
    const RMSE = Number(micrometres.toPrecision(4));
    yield { method: `robot, ${horizon} ms: ${model.name}`, errors: { RMSE }, known: { RMSE: known }, seconds };
  }
}
