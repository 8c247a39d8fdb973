import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import type { Table } from '../../lib/data/table.ts';
import { gradientFlow } from '../../lib/diagnosis/gradient-flow.ts';
import { makeModel, makeSegmentModel } from '../support/models.ts';
import { gatecast } from './gatecast.ts';

let folder: string;
const model = makeModel();
const table: Table = {
  names: ['pressure', 'temperature'],
  columns: [10, 20].map((level) => Float64Array.from({ length: 80 }, (_, t) => level + (t % 7) / 4)),
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-flow-'));
  await model.save(join(folder, 'model.gatecast'));
  await makeSegmentModel().save(join(folder, 'segments.gatecast'));
  const rows = [...table.columns[0]!].map((value, row) => `${value},${table.columns[1]![row]}`);
  await writeFile(join(folder, 'rows.csv'), ['pressure,temperature', ...rows, ''].join('\n'));
  await writeFile(join(folder, 'short.csv'), 'pressure,temperature\n1,2\n3,4\n');
});
afterAll(() => rm(folder, { recursive: true }));

describe('gatecast inspect --flow', () => {
  test('prints the sentences, norms by lag and the gates', async () => {
    const { sentences } = await gradientFlow(model, table);
    const { code, stdout } = await gatecast(folder, ['inspect', 'model.gatecast', '--flow', 'rows.csv']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^model.gatecast on 64 windows of rows.csv, of 5 steps each$/m);
    for (const sentence of sentences) expect(stdout).toContain(sentence);
    expect(stdout).toMatch(/^layer 1, lag +0 +1 +2 +4$/m);
    expect(stdout).toMatch(/^gradient of update +[\d.]+/m);
    expect(stdout).toMatch(/^candidate +-?[\d.]+ +\d+% +\d+%$/m);
  });

  test('prints all numbers as JSON', async () => {
    const { code, stdout } = await gatecast(folder, ['inspect', 'model.gatecast', '--flow', 'rows.csv', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      file: 'rows.csv',
      model: 'model.gatecast',
      ...(await gradientFlow(model, table)),
    });
  });

  test('counts the segments of a model of segments', async () => {
    const { code, stdout } = await gatecast(folder, ['inspect', 'segments.gatecast', '--flow', 'rows.csv']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^segments.gatecast on 128 windows of rows.csv, of 3 segments of 2 rows each$/m);
    expect(stdout).toMatch(/lag 3 \(6 rows\)/);
    expect(stdout).toMatch(/^layer 0, lag +0 +1 +2 +3$/m);
  });

  test('says in one sentence why it cannot', async () => {
    const short = await gatecast(folder, ['inspect', 'model.gatecast', '--flow', 'short.csv']);
    expect(short.code).toBe(1);
    expect(short.stderr).toMatch(/consecutive rows/);
  });
});

test('gatecast train says how gradients flow back if the model does not beat the last value', async () => {
  const random = createRandom(3);
  let level = 0;
  const walk = Array.from({ length: 400 }, () => (level += random() - 0.5).toFixed(4));
  await writeFile(join(folder, 'walk.csv'), ['level', ...walk, ''].join('\n'));
  const words = ['train', 'walk.csv', '--target', 'level', '--horizon', '2', '--epochs', '1', '--hidden', '4'];
  const { code, stdout } = await gatecast(folder, [...words, '--lookback', '8', '--json']);
  expect(code).toBe(0);
  const { baselines, flow } = JSON.parse(stdout);
  expect(baselines.model.scaled.mse).toBeGreaterThanOrEqual(baselines.baselines.last.scaled.mse);
  expect(flow.sentences.join(' ')).toMatch(/In layer 0 the gradient at lag/);
});
