import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeModel } from '../support/models.ts';
import { gatecast, startGatecast } from './gatecast.ts';

const start = Date.UTC(2024, 0, 1);
const rows = Array.from({ length: 40 }, (_, i) => `${new Date(start + 1000 * i).toISOString()},${i % 5},${i % 7}`);
const csv = `time,pressure,temperature\n${rows.join('\n')}\n`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-reading-'));
  await makeModel().save(join(folder, 'pump.gatecast'));
  await writeFile(join(folder, 'pump.csv'), csv);
});
afterAll(() => rm(folder, { recursive: true }));

const stream = (input: string, ...words: string[]) =>
  gatecast(folder, ['stream', '--model', 'pump.gatecast', ...words], input);
const timesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { at?: number | string }).at)
    .map((at) => at && new Date(at).getTime());

describe('gatecast stream', () => {
  test('reads what brokers send: quotes, NaN, other names and units of the time, a mark, CRLF', async () => {
    const lines = [
      `\ufeff{"timestamp":${start / 1000},"pressure":"1.5","temperature":20}`,
      '',
      `{"timestamp":"${start / 1000 + 1}","pressure":nan,"temperature":21}`,
      `{"timestamp":${start / 1000 + 2},"pressure":1,"temperature":-Infinity}`,
    ];
    const { code, stdout, stderr } = await stream(lines.join('\r\n'), '--gap', 'hold');
    expect(code).toBe(0);
    expect(timesOf(stdout)).toEqual([start, start + 1000, start + 2000]);
    expect(stderr).toBe(
      'gatecast: The field "timestamp" is taken as the time of each sample.\n' +
        'gatecast: The times of the samples are read as seconds since 1970.\n',
    );
  });

  test('leaves out and reports a line that is too long, even one that never ends, and goes on', async () => {
    const { child, ended } = startGatecast(folder, {}, 'stream', '--model', 'pump.gatecast', '--max-line', '1kB');
    for (let i = 0; i < 30; i++) child.stdin.write('7'.repeat(65_536));
    child.stdin.end('\n[1,2]\n');
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^gatecast: line 1 is skipped: Expected at most 1000 bytes \(--max-line\) [^\n]*\n/);
  });

  test('reads what is packed with gzip', async () => {
    const { child, ended } = startGatecast(folder, {}, 'stream', '--model', 'pump.gatecast', '--format', 'csv');
    child.stdin.end(gzipSync(`# a comment\n${csv}`));
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toHaveLength(csv.trimEnd().split('\n').length - 1);
  });

  test('refuses input that is not text at once', async () => {
    const { child, ended } = startGatecast(folder, {}, 'stream', '--model', 'pump.gatecast');
    child.stdin.end(Buffer.from('28b52ffd0458', 'hex'));
    expect(await ended).toEqual({
      code: 1,
      stdout: '',
      stderr: 'gatecast: Expected text but standard input is not text: it holds zstd data; unpack it first.\n',
    });
  });
});

describe('gatecast train', () => {
  const words = ['train', '-', '--target', 'temperature', '--horizon', '1', '--lookback', '4', '--hidden', '4'];

  test('says how many steps had no row, and refuses uneven times with what may help', async () => {
    const torn = csv.split('\n').filter((_, line) => line < 10 || line > 12);
    const { code, stderr } = await gatecast(folder, [...words, '--epochs', '1'], torn.join('\n'));
    expect(code).toBe(0);
    expect(stderr).toContain('gatecast: 3 steps of 1s without a row: values are missing there.\n');
    const uneven = rows.map((row, i) => row.replace(/^[^,]+/, new Date(start + 977 * i * i).toISOString()));
    const refused = await gatecast(folder, words, `time,pressure,temperature\n${uneven.join('\n')}\n`);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^gatecast: Expected rows at even times .*--every 1m\)\.\n$/);
  });
});

describe('standard input for a file', () => {
  test('is read by forecast and train', async () => {
    const fromFile = await gatecast(folder, ['forecast', 'pump.csv', '--model', 'pump.gatecast']);
    const piped = await gatecast(folder, ['forecast', '-', '--model', 'pump.gatecast', '--out', '-'], csv);
    expect(piped).toEqual(fromFile);
    const words = ['train', '-', '--target', 'temperature', '--horizon', '1', '--lookback', '4', '--hidden', '4'];
    const { code, stdout } = await gatecast(folder, [...words, '--epochs', '1'], csv);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^stdin\.gatecast: forecasts temperature/);
    expect(await readdir(folder)).toContain('stdin.gatecast');
  });

  test('is looked at by inspect', async () => {
    const { code, stdout } = await gatecast(folder, ['inspect', '-'], csv);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^file +standard input: /);
  });

  test.each([[['replay', '-', '--model', 'pump.gatecast']], [['forecast', '-', '--model', '-']]])(
    '%j refuses it',
    async (words) => {
      const { code, stderr } = await gatecast(folder, words, csv);
      expect(code).toBe(2);
      expect(stderr).toMatch(/Expected a file for the (model|recording) but received "-"/);
    },
  );
});

test.each([
  [['forecast', 'pump.csv', '--model', 'none', '--out', 'x.parquet'], /write CSV to .*"x\.parquet": .* Parquet/],
  [['forecast', 'pump.csv', '--model', 'none', '--out', 'x.csv.GZ'], /"x\.csv\.GZ": .* compressed/],
  [['train', 'none', '--target', 'a', '--horizon', '1', '--out', 'x.csv'], /write a model to .*"x\.csv": .* CSV/],
  [['stream', '--model', 'none', '--record', 'x.json'], /write a recording to .*"x\.json": .* JSON/],
])('%j is refused before anything is read', async (words, message) => {
  const { code, stderr } = await gatecast(folder, words);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect((await readdir(folder)).filter((name) => name.startsWith('x.'))).toEqual([]);
});
