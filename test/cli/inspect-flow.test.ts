import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

  test('says in one sentence why it cannot', async () => {
    const other = await gatecast(folder, ['inspect', 'segments.gatecast', '--flow', 'rows.csv']);
    expect(other.code).not.toBe(0);
    expect(other.stderr).toMatch(/Expected a Forecaster/);
    const short = await gatecast(folder, ['inspect', 'model.gatecast', '--flow', 'short.csv']);
    expect(short.code).toBe(3);
    expect(short.stderr).toMatch(/consecutive rows/);
  });
});
