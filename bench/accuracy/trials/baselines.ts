// The baselines by the usual protocol of ETTh1: all channels, 96 hours ahead, errors on values scaled by the training rows.
import { evaluate, fitBaseline, Scaler, sliceRows, type Table } from 'gatecast';
import { readCsv } from 'gatecast/csv';
import { timed, type Outcome, type Task, type Trial } from '../trial.ts';

const FILE = 'ett/ETTh1.csv';
const [TRAIN, VALIDATION, TEST] = [8640, 11_520, 14_400];

export const baselinesTrial: Trial = {
  name: 'baselines',
  about: 'the seven channels of ETTh1, 96 hours ahead, by the usual protocol; published: NLinear 0.374, DLinear 0.375',
  needs: [FILE],
  run,
};

async function* run({ quick, file }: Task): AsyncIterable<Outcome> {
  const table = scaledBy(sliceRows(await readCsv(file(FILE)), 0, TEST), TRAIN);
  const task = { inputs: table.names, horizon: 96, interval: '1h' };
  const known = sliceRows(table, 0, VALIDATION);
  const options = { period: 24, lookback: 336, validation: TRAIN };
  const score = async (method: string, make: () => ReturnType<typeof fitBaseline>): Promise<Outcome> => {
    const { value, seconds } = await timed(async () => evaluate(await make(), table, { from: VALIDATION }));
    return { method, errors: { MSE: value.mse, MAE: value.mae }, settings: options, seconds };
  };
  const names = ['nlinear', 'dlinear', ...(quick ? [] : (['theta', 'holtWinters', 'smoothed'] as const))] as const;
  for (const name of names) yield await score(name, () => fitBaseline(name, known, task, options));
}

/** Every column on the scale of its first rows. */
function scaledBy(table: Table, rows: number): Table {
  const { mean, std } = Scaler.fit(table.names, table.columns, 0, rows);
  return { ...table, columns: table.columns.map((column, i) => column.map((value) => (value - mean[i]!) / std[i]!)) };
}
