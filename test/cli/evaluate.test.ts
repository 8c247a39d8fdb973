import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { baselines } from '../../lib/baselines/baselines.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { sliceRows, type Table } from '../../lib/data/table.ts';
import { fit } from '../../lib/train/train.ts';
import { noisySine } from '../train/series.ts';
import { gatecast } from './gatecast.ts';

const HOUR = 3_600_000;
const FIRST = Date.UTC(2026, 0, 1);
let folder: string;
let table: Table;
let expected: ReturnType<typeof evaluate>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-evaluate-'));
  const { columns } = noisySine(500);
  const at = Float64Array.from(columns[0]!, (_, row) => FIRST + row * HOUR);
  const values = columns[0]!.map((value) => Number(value.toFixed(4)));
  table = { names: ['sine'], columns: [values], at };
  const options = { targets: 'sine', horizon: 4, hidden: 4, lookback: 12, epochs: 2, calendar: 'none' } as const;
  const model = await fit(sliceRows(table, 0, 300), options);
  await model.save(join(folder, 'model.gatecast'));
  expected = evaluate(model, table, { from: 300 });
  model.dispose();
  const lines = (key: string) => [...values].map((value, row) => `${key}${new Date(at[row]!).toISOString()},${value}`);
  await writeFile(join(folder, 'rows.csv'), ['time,sine', ...lines('')].join('\n'));
  await writeFile(join(folder, 'fleet.csv'), ['device,time,sine', ...lines('a,'), ...lines('b,')].join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (...words: string[]) => gatecast(folder, ['evaluate', 'model.gatecast', ...words]);

describe('gatecast evaluate', () => {
  test('writes a report', async () => {
    const { code } = await run('rows.csv', '--from', '300', '--report', 'report.html');
    expect(code).toBe(0);
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    for (const heading of ['Errors', 'Forecasts', 'Error by horizon', 'Residuals', 'Coverage', 'Gradient flow']) {
      expect(page).toContain(`<h2>${heading}</h2>`);
    }
    expect(page).not.toMatch(/https?:|NaN|Infinity/);
  });

  test('prints, as JSON, what evaluate gives', async () => {
    const { code, stdout } = await run('rows.csv', '--from', '300', '--json');
    expect(code).toBe(0);
    const found = JSON.parse(stdout);
    const plain = JSON.parse(JSON.stringify(expected));
    expect(found).toMatchObject(plain);
    expect(found).toMatchObject({ file: 'rows.csv', model: 'model.gatecast', season: 24, windows: 197 });
    expect(found.series['']).toMatchObject({ windows: 197, mae: expected.mae });
    const day = evaluate(baselines.seasonal(24, { inputs: ['sine'], horizon: 4 }), table, { from: 300 });
    expect(found.simple.map(({ name }: { name: string }) => name)).toEqual(['last value', 'value a day before']);
    expect(found.simple[1].mae).toBeCloseTo(day.mae, 10);
    expect(found.simple[0].test).toMatchObject({ count: 197, verdict: expect.any(String) });
    expect(found.baselines).toMatchObject({ windows: 197, model: { mae: expected.mae } });
    expect(found.baselines.noise).toMatchObject({ count: 197 });
  });

  test('prints tables: beside simple forecasts, by target, by step, and how often the quantiles held', async () => {
    const { code, stdout } = await run('rows.csv', '--from', '2026-01-13T12:00');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^model.gatecast on rows.csv: 197 windows of 4 steps$/m); // hour 300 is half a day after day 12
    expect(stdout).toMatch(/^this model +\d/m);
    expect(stdout).toMatch(/^(Not|This may be) noise: .*the last value.* \(p [<=] [\d.]+\)\.$/m);
    expect(stdout).toMatch(/^ +MAE +RMSE +sMAPE +MASE +RMSSE +CRPS +WQL +MSIS$/m);
    expect(stdout).toMatch(new RegExp(`^sine +${expected.mae.toPrecision(4)} `, 'm'));
    expect(stdout).toMatch(/^steps ahead +1 +2 +3 +4$/m);
    expect(stdout).toMatch(/^The 90% interval held [\d.]+% of the values.$/m);
  });

  test('takes many series, a stride and a season, and fails if a baseline is not beaten', async () => {
    const words = ['fleet.csv', '--by', 'device', '--from', '300', '--stride', '4', '--season', '10'];
    const { code, stdout, stderr } = await run(...words, '--must-beat', 'best');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^gatecast: The model does not beat /m);
    expect(stdout).toMatch(/on 2 series of fleet.csv: 100 windows of 4 steps/);
    expect(stdout).toMatch(/^value 10 rows before +\d/m);
    expect(stdout).toMatch(/^by series +MAE/m);
    expect(stdout).toMatch(/^The model loses to the baseline .*(Not|This may be) noise: /m);
  });

  test.each([
    [2, /Expected a row, or a time such as/, ['rows.csv', '--from', 'March']],
    [
      2,
      /Expected --from beside it, because .* for --must-beat but received "best"/,
      ['rows.csv', '--must-beat', 'best'],
    ],
    [2, /for --stride but received 0/, ['rows.csv', '--stride', '0']],
    [1, /Expected rows of rows.csv from --from on but found none/, ['rows.csv', '--from', '2027-01-01']],
  ])('ends with code %i and a sentence: %s', async (code, sentence, words) => {
    const ended = await run(...words);
    expect([ended.code, ended.stdout]).toEqual([code, '']);
    expect(ended.stderr).toMatch(sentence);
  });
});
