// `gatecast train --model segment`, with its linear forecast and without.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadModel } from '../../lib/model/load-model.ts';
import { isSegment } from '../../lib/model/segment/description.ts';
import { gatecast } from './gatecast.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-segments-'));
  const rows = Array.from({ length: 300 }, (_, t) => (t / 50 + Math.sin(t / 3) + Math.sin(t * t) / 5).toFixed(4));
  await writeFile(join(folder, 'rows.csv'), ['load', ...rows, ''].join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const words = ['train', 'rows.csv', '--target', 'load', '--horizon', '6', '--epochs', '2', '--out', 'load.gatecast'];
const trained = async (...more: string[]) => {
  const { code, stdout, stderr } = await gatecast(folder, [...words, ...more]);
  expect(code, stderr).toBe(0);
  const { description } = await loadModel(join(folder, 'load.gatecast'));
  return { stdout, linear: isSegment(description) ? description.segments.linear : undefined };
};

test('says which share of a forecast is linear', async () => {
  const { stdout, linear } = await trained('--model', 'segment');
  const percent = Math.round(100 * linear!.share);
  expect(stdout).toContain(`; ${percent} % of a forecast is linear in the last ${linear!.lookback} values;`);
});

test('--no-linear leaves the network alone', async () => {
  const { stdout, linear } = await trained('--model', 'segment', '--no-linear');
  expect(linear).toBeUndefined();
  expect(stdout).not.toContain('linear in');
});

test('--no-linear is refused for other models', async () => {
  expect(await gatecast(folder, [...words, '--no-linear'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no value without the model 'segment' for --linear/),
  });
});
