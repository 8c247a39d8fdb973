import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../../lib/adapters/csv.ts';
import { intervalScores } from '../../lib/accuracy/metrics.ts';
import { Baseline } from '../../lib/baselines/baseline.ts';
import { baselines } from '../../lib/baselines/baselines.ts';
import type { Rule } from '../../lib/baselines/rule.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { seriesOf } from '../../lib/data/series.ts';
import { sliceRows, type Table } from '../../lib/data/table.ts';

// The data sets may not be shipped. They are beside the project, with their protocols and check values; otherwise these
// tests are skipped. `npm run bench:accuracy` checks all of the table.
const fileOf = (name: string) => fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
function present(...names: string[]): boolean {
  const missing = names.map(fileOf).filter((file) => !existsSync(file));
  if (missing.length > 0) console.warn(`SKIPPED: the check values need ${missing.join(', ')}`);
  return missing.length === 0;
}
/** As the check values are printed. */
const printed = (...values: number[]) => values.map((value) => value.toFixed(4));

describe.skipIf(!present('ett/ETTh1.csv'))('ETTh1: the check values of', () => {
  test.each<[number, number, ...string[][]]>([
    [24, 2857, ['1.2220', '0.6706'], ['0.4244', '0.3892'], ['0.0343', '0.1394'], ['0.0458', '0.1663']],
    [96, 2785, ['1.2944', '0.7132'], ['0.5122', '0.4333'], ['0.0693', '0.2033'], ['0.0715', '0.2105']],
  ])('%i steps: %i windows', async (horizon, windows, ...known) => {
    const table = await readCsv(fileOf('ett/ETTh1.csv'));
    const all = { inputs: table.names, horizon };
    const alone = { inputs: ['OT'], horizon };
    const models = [
      baselines.last(all),
      baselines.seasonal(24, all),
      baselines.last(alone),
      baselines.seasonal(24, alone),
    ];
    for (const [i, model] of models.entries()) {
      // Train to row 8640, validation to 11,520, test to 14,400; scaled by the training rows.
      const score = evaluate(model, table, { from: 8640, gap: 2880, to: 14_400 });
      expect([score.windows, ...printed(score.scaled.mse, score.scaled.mae)], model.name).toEqual([
        windows,
        ...known[i]!,
      ]);
    }
  });
});

describe.skipIf(!present('m4/Hourly-train.csv', 'm4/Hourly-test.csv'))('the 414 hourly series of M4:', () => {
  const horizon = 48;
  const read = async () => {
    const [before, after] = await Promise.all(
      ['train', 'test'].map((part) => readCsv(fileOf(`m4/Hourly-${part}.csv`))),
    );
    const valuesOf = ({ columns }: Table, row: number) => columns.map((column) => column[row]!).filter(Number.isFinite);
    return Array.from(before!.columns[0]!, (_, row) => [valuesOf(before!, row), valuesOf(after!, row)] as const);
  };

  test('last value and seasonal naive have the sMAPE, the MASE and the MSIS that the organisers published', async () => {
    const values = await read();
    const table = (parts: readonly number[][]) => ({ names: ['y'], columns: [Float64Array.from(parts.flat())] });
    const series = seriesOf(new Map(values.map((parts, i) => [`H${i + 1}`, table(parts as never)])));
    const from = new Map(values.map(([train], i) => [`H${i + 1}`, train.length]));
    const task = { inputs: ['y'], horizon };
    const last = await evaluate(baselines.last(task), series, { from, season: 24 });
    expect([last.windows, last.smape.toFixed(2), last.mase.toFixed(2)]).toEqual([414, '43.00', '11.61']);
    const seasonal = await evaluate(baselines.seasonal(24, task), series, { from, season: 24 });
    expect([seasonal.smape.toFixed(2), seasonal.mase.toFixed(3)]).toEqual(['13.91', '1.193']);
    // The interval of the last value: normal, with the deviation of a random walk with these steps.
    const msis = values.map(([train, truth]) => {
      const steps = train.slice(1).map((value, i) => value - train[i]!);
      const deviation = Math.sqrt(steps.reduce((sum, step) => sum + step * step, 0) / steps.length);
      const bound = (sign: number) =>
        truth.map((_, step) => train.at(-1)! + sign * 1.959964 * deviation * Math.sqrt(step + 1));
      return intervalScores(truth, { lower: bound(-1), upper: bound(1) }, 0.95, { history: train, season: 24 }).msis;
    });
    expect((msis.reduce((sum, each) => sum + each, 0) / msis.length).toFixed(1)).toBe('71.2');
  });
});

/** The line through the last value and the one ten rows before, continued. */
class ConstantVelocity implements Rule {
  readonly name = 'constant velocity';
  readonly size = 12;
  readonly warmup = 11;
  reset(row: Float64Array, at: number): void {
    row.fill(0, at, at + this.size);
  }
  observe(row: Float64Array, at: number, value: number): void {
    row.copyWithin(at + 1, at, at + this.size - 1);
    row[at] = value;
  }
  forecast(row: Float64Array, at: number, step: number): number {
    return row[at]! + ((row[at]! - row[at + 10]!) / 10) * step;
  }
}

describe.skipIf(!present('emps/emps_validation.csv'))('EMPS: position ahead by', () => {
  test.each([
    [1, 8.822e-5, 2.464e-6],
    [10, 8.822e-4, 4.33e-5],
    [50, 4.405e-3, 5.491e-4],
    [100, 8.779e-3, 1.733e-3],
  ])('%i ms', async (horizon, hold, velocity) => {
    const table = sliceRows(await readCsv(fileOf('emps/emps_validation.csv')), 0, 24_841);
    const task = { inputs: ['qm'], horizon };
    const last = (model: Baseline) => evaluate(model, table).steps.at(-1)!.rmse.toExponential(3);
    expect(last(baselines.last(task))).toBe(hold.toExponential(3));
    expect(last(new Baseline(new ConstantVelocity(), task))).toBe(velocity.toExponential(3));
  });
});
