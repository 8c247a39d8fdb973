import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { noisySine } from '../train/series.ts';
import { gatecast, startGatecast } from './gatecast.ts';

const TRAIN = ['train', 'pump.csv', '--target', 'sine', '--horizon', '3', '--lookback', '24', '--hidden', '8'];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-train-on-'));
  const rows = [...noisySine(400).columns[0]!].map((value) => value.toFixed(4));
  await writeFile(join(folder, 'pump.csv'), ['sine', ...rows].join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

test('after Ctrl-C, the checkpoint is written though it was not due yet', async () => {
  const passes = ['--epochs', '5000', '--patience', '5000', '--batch-size', '2'];
  const words = [
    ...TRAIN,
    ...passes,
    '--checkpoint',
    'early.ckpt',
    '--checkpoint-every',
    '1h',
    '--out',
    'early.gatecast',
  ];
  const { child, ended } = startGatecast(folder, {}, ...words);
  child.stderr.on('data', (text) => {
    if (String(text).includes('learning')) child.kill('SIGINT');
  });
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/interrupted, the same command goes on from early.ckpt$/m);
  expect((await readdir(folder)).filter((name) => name.startsWith('early'))).toEqual(['early.ckpt']);
  await rm(join(folder, 'early.ckpt'));
});

test('after Ctrl-C, the same command goes on from its checkpoint, and removes it when the model is written', async () => {
  const passes = ['--epochs', '150', '--patience', '150', '--batch-size', '2'];
  const words = [...TRAIN, ...passes, '--checkpoint', 'run.ckpt', '--checkpoint-every', '50ms'];
  const { child, ended } = startGatecast(folder, {}, ...words);
  const looking = setInterval(() => {
    if (!existsSync(join(folder, 'run.ckpt'))) return;
    clearInterval(looking);
    child.kill('SIGINT');
  }, 5);
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/interrupted, the same command goes on from run.ckpt$/m);
  expect(await readdir(folder)).toEqual(['pump.csv', 'run.ckpt']);

  const other = await gatecast(folder, [...words, '--learning-rate', '0.1']);
  expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/there --learning-rate is .*, here 0.1/) });
  const whole = await gatecast(folder, words);
  expect(whole.stderr).toMatch(/goes on after pass \d+, from run.ckpt/);
  expect(whole.code).toBe(0);
  expect(await readdir(folder)).toEqual(['pump.csv', 'pump.gatecast']);
});

test('--from goes on from a model, whose columns need not be named again, and --freeze keeps parts', async () => {
  const other = [...noisySine(400).columns[0]!].map((value) => (value / 2).toFixed(4));
  await writeFile(join(folder, 'other.csv'), ['sine', ...other].join('\n'));
  const words = [
    'train',
    'other.csv',
    '--from',
    'pump.gatecast',
    '--freeze',
    'layer0',
    '--epochs',
    '1',
    '--out',
    'on.gatecast',
  ];
  const { code, stdout } = await gatecast(folder, words);
  expect(code).toBe(0);
  expect(stdout).toMatch(/on.gatecast: forecasts sine 3 steps ahead from sine/);
  const [before, after] = await Promise.all(
    ['pump', 'on'].map((name) => Forecaster.load(join(folder, `${name}.gatecast`))),
  );
  expect(after!.description.training.from).toBe(before!.fingerprint);
  for (const [name, tensor] of Object.entries(after!.weights())) {
    if (name.startsWith('head')) expect(tensor).not.toEqual(before!.weights()[name]);
    else expect(tensor).toEqual(before!.weights()[name]);
  }
  expect(await gatecast(folder, [...words, '--hidden', '4'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/only epochs, .* but received "hidden"/),
  });
});
