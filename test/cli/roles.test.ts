import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { redescribe } from '../support/model-bytes.ts';
import { gatecast } from './gatecast.ts';

const ROWS = 300;
const PLAN = 3;
const TRAIN = ['train', 'load.csv', '--target', 'load', '--horizon', '3', '--hidden', '4', '--epochs', '2'];
let folder: string;

const price = (row: number) => 10 + ((row * 7) % 5);
const time = (row: number) => new Date(Date.UTC(2026, 0, 1) + 3_600_000 * row).toISOString();
const line = (row: number, known: boolean) => `${time(row)},${known ? 50 - 2 * price(row) : ''},${price(row)},north`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-roles-'));
  const header = 'when,load,price,region';
  const rows = Array.from({ length: ROWS }, (_, row) => line(row, true));
  const plan = Array.from({ length: PLAN }, (_, step) => line(ROWS + step, false));
  await writeFile(join(folder, 'load.csv'), [header, ...rows].join('\n'));
  await writeFile(join(folder, 'plan.csv'), [header, ...rows, ...plan].join('\n'));
  const { code, stderr } = await run(
    ...TRAIN,
    '--future',
    'price',
    '--static',
    'region',
    '--calendar',
    'hour',
    '--zone',
    'Asia/Tokyo',
  );
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => rm(folder, { recursive: true }));

const run = (...words: string[]) => gatecast(folder, words);

test('train takes roles, a calendar and its zone, and inspect prints what is known ahead', async () => {
  const { stdout } = await run('inspect', 'load.gatecast');
  expect(stdout).toMatch(/^from +price, region, load$/m);
  expect(stdout).toMatch(/^ahead +price: now and 3 steps ahead$/m);
  expect(stdout).toMatch(/^calendar +hour in Asia\/Tokyo$/m);
});

test('train --past all learns the same from columns in another order, and lists are in the order that inspect prints', async () => {
  const swapped = (await readFile(join(folder, 'load.csv'), 'utf8')).replaceAll(
    /^(.*),(.*),(.*),(.*)$/gm,
    '$4,$3,$1,$2',
  );
  const models = [];
  for (const [name, text] of [
    ['as-is', await readFile(join(folder, 'load.csv'), 'utf8')],
    ['swapped', swapped],
  ] as const) {
    await writeFile(join(folder, `${name}.csv`), text);
    const words = ['train', `${name}.csv`, '--target', 'price', '--past', 'all', '--horizon', '3', '--hidden', '4'];
    const { code, stderr } = await run(...words, '--epochs', '1', '--out', `${name}.gatecast`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const bytes = await readFile(join(folder, `${name}.gatecast`));
    models.push(
      redescribe(bytes, ({ training }) => {
        training.trainedAt = '';
      }),
    );
  }
  expect(Buffer.compare(models[0]!, models[1]!)).toBe(0);
  const { stdout } = await run('inspect', 'swapped.gatecast');
  expect(stdout).toMatch(/^from +price, load, region$/m);
  const named = JSON.stringify({ load: 30, region: 'north', price: 11 });
  const listed = JSON.stringify([11, 30, 'north']);
  const forecasts = [];
  for (const line of [named, listed]) {
    const { stdout } = await gatecast(folder, ['stream', '--model', 'swapped.gatecast'], `${line}\n`);
    forecasts.push(JSON.parse(stdout).mean);
  }
  expect(forecasts[1]).toEqual(forecasts[0]);
});

test('forecast takes rows at the end without the target as the plan, and says if it ends', async () => {
  const [short, planned] = [
    await run('forecast', 'load.csv', '--model', 'load.gatecast'),
    await run('forecast', 'plan.csv', '--model', 'load.gatecast'),
  ];
  expect(planned.stderr).toBe('');
  expect(short.stderr).toMatch(/price should be known for 3 steps after the last value of load/);
  const from = (csv: string) => csv.split('\n')[1]!.split(',')[0];
  expect(Date.parse(from(planned.stdout)!)).toBe(Date.parse(time(ROWS - 1)));
  expect(from(short.stdout)).toBe(from(planned.stdout));
  expect(short.stdout).not.toBe(planned.stdout);
  // a step without a row is a hole in the plan, and rows after it make up for none
  const plan = [0, 2, 3].map((step) => line(ROWS + step, false));
  const torn = [await readFile(join(folder, 'load.csv'), 'utf8'), ...plan].join('\n');
  const holed = await gatecast(folder, ['forecast', '-', '--model', 'load.gatecast'], torn);
  expect(holed.stderr).toMatch(/price should be known for 3 steps after the last value of load/);
  expect(holed.stdout.split('\n')).toHaveLength(planned.stdout.split('\n').length);
});

test('a stream of the rows with their plans gives the last forecast of the file', async () => {
  const samples = Array.from({ length: ROWS }, (_, row) => {
    const plan = [0, 1, 2, 3].map((step) => price(row + step));
    return JSON.stringify({ at: time(row), load: String(50 - 2 * price(row)), price: plan, region: 'north' });
  });
  const streamed = await gatecast(folder, ['stream', '--model', 'load.gatecast'], samples.join('\n'));
  const last = JSON.parse(streamed.stdout.trim().split('\n').at(-1)!).mean.load;
  const { stdout } = await run('forecast', 'plan.csv', '--model', 'load.gatecast');
  const [header, ...rows] = stdout
    .trim()
    .split('\n')
    .map((text) => text.split(','));
  const column = header!.indexOf('load');
  expect(rows.map((fields) => Number(fields[column]))).toEqual(last.map((mean: number) => Number(mean.toPrecision(7))));
});

test.each([
  [['--inputs', 'price'], /now called --past/],
  [['--future', 'price', '--static', 'price'], /one role for each column .*"price"/],
  [['--static', 'price'], /^.*Expected one value of "price", a static column, .* row 2 has/m],
  [['--future', 'region'], /Expected numbers in a column known ahead for region/],
  [['--calendar', 'fortnight'], /auto, none, or some of/],
  [['--gap', 'guess'], /Expected hold, decay/],
])('refuses %j', async (words, sentence) => {
  const { code, stderr } = await run(...TRAIN, ...words, '--out', 'other.gatecast');
  expect(code).not.toBe(0);
  expect(stderr).toMatch(sentence);
});
