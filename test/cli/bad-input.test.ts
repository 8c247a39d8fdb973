import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gather, type Series, seriesOf } from '../../lib/data/series.ts';
import { withinMemory } from '../../lib/cli/input.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { gatecast } from './gatecast.ts';

const column = (count: number, value: (t: number) => string) =>
  ['y,z', ...Array.from({ length: count }, (_, t) => `${value(t)},${t % 7}`), ''].join('\n');
const wave = (t: number) => (5 + Math.sin(t / 3)).toFixed(4);
const HUGE = 2 ** 31;

let folder: string;
/** The names in the folder before a command that is to leave nothing behind. */
let before: string[];
const small = ['--hidden', '3', '--epochs', '1', '--lookback', '8'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-bad-'));
  const files = {
    'good.csv': column(600, wave),
    'constant.csv': column(200, () => '5'),
    'missing.csv': column(200, () => ''),
    'one.csv': column(1, wave),
    'short.csv': column(20, wave),
    'class.csv': column(200, () => 'idle'),
    'empty.csv': '',
    'header.csv': 'y,z\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await mkdir(join(folder, 'folder.csv'));
  // Two gigabytes of which the disk holds none: one line without an end, and a good beginning with a hole after it.
  for (const [name, text] of [
    ['endless.csv', 'y,z'],
    ['hole.csv', column(200, wave)],
  ] as const) {
    const file = await open(join(folder, name), 'w');
    await file.write(text);
    await file.truncate(HUGE);
    await file.close();
  }
  for (const [model, horizon] of [
    ['y', '2'],
    ['far', '50'],
  ] as const) {
    const words = ['train', 'good.csv', '--target', 'y', '--horizon', horizon, ...small, '--out', `${model}.gatecast`];
    const { code, stderr } = await gatecast(folder, words);
    if (code !== 0) throw new Error(stderr);
  }
  before = (await readdir(folder)).sort();
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

const OUT = ['--out', 'new.gatecast'];
const train = (file: string, horizon = '2') => ['train', file, '--target', 'y', '--horizon', horizon, ...small, ...OUT];
const compare = (file: string, horizon = '2', ...more: string[]) => {
  const task = ['--target', 'y', '--horizon', horizon, '--hidden', '3', '--epochs', '1'];
  return ['compare', file, ...task, '--report', 'new.html', ...more];
};
const tune = (file: string, horizon = '2') => compare(file, horizon, '--tune', '20s');
const evaluate = (file: string, model = 'y') => ['evaluate', `${model}.gatecast`, file, '--report', 'new.html'];
const forecast = (file: string, model = 'y') => ['forecast', file, '--model', `${model}.gatecast`, '--out', 'new.csv'];
const live = (file: string, save = 'new.gatecast') => [
  'live',
  '--csv',
  file,
  '--seconds',
  '20',
  '--json',
  '--save',
  save,
];
/** All commands that read this file as data. */
const reading = (file: string) => [
  train(file),
  compare(file),
  tune(file),
  evaluate(file),
  forecast(file),
  live(file),
  ['inspect', file],
  ['inspect', 'y.gatecast', '--flow', file],
];
/** All commands that write this file, which cannot be written. */
const writing = (file: string) => [
  [...train('good.csv'), '--out', file],
  [...compare('good.csv'), '--report', file],
  [...evaluate('good.csv'), '--report', file],
  [...forecast('good.csv'), '--out', file],
  live('good.csv', file),
  ['stream', '--model', 'y.gatecast', '--record', file],
];
const each = (what: string, commands: string[][], said: RegExp) =>
  commands.map((words): [string, string[], RegExp] => [what, words, said]);

describe('bad input is answered with one sentence and leaves no file:', () => {
  test.each<[string, string[], RegExp]>([
    ['a constant column', train('constant.csv'), /values of "y" that change but found only the value 5/],
    ['a constant column', compare('constant.csv'), /values of "y" that change but found only the value 5/],
    ['a constant column', tune('constant.csv'), /values of "y" that change but found only the value 5/],
    ['no value at all', train('missing.csv'), /y/],
    ['no value at all', compare('missing.csv'), /y/],
    ['no value at all', tune('missing.csv'), /y/],
    ['no value at all', evaluate('missing.csv'), /y/],
    ['no value at all', forecast('missing.csv'), /y/],
    ['one row', train('one.csv'), /rows/],
    ['one row', compare('one.csv'), /found 1\./],
    ['one row', tune('one.csv'), /found 1\./],
    ['one row', evaluate('one.csv'), /at least one complete window/],
    ['a horizon longer than the data', train('short.csv', '50'), /rows to learn from/],
    ['a horizon longer than the data', compare('short.csv', '50'), /forecasts of 50 steps on but found 20/],
    ['a horizon longer than the data', tune('short.csv', '50'), /forecasts of 50 steps on but found 20/],
    ['a horizon longer than the data', evaluate('short.csv', 'far'), /at least one complete window of horizon 50/],
    ['one class only', train('class.csv'), /at least two words in "y" .* found only "idle"/],
    ['one class only', compare('class.csv'), /numbers to forecast in "y" but it holds words/],
    ['words for numbers', evaluate('class.csv'), /y/],
    ['words for numbers', forecast('class.csv'), /y/],
    ...each('an empty file', reading('empty.csv'), /a header line in empty\.csv but it is empty/),
    ...each('a header only', reading('header.csv'), /header\.csv (but found none|but all its fields are missing)/),
    ...each('a folder', reading('folder.csv'), /to read folder\.csv but .*is a folder/),
    ...each('no such folder', writing('none/new'), /a folder that can be written to for none\/new/),
    ...(existsSync('/dev/full') ? each('a full disk', writing('/dev/full'), /device/) : []),
  ])('%s, %j', async (_, words, said) => {
    const { code, stdout, stderr } = await gatecast(folder, words);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(said) });
    expect(stderr).toMatch(/^(gatecast: (?!Expected)[^\n]*\n)*gatecast: Expected [^\n]*\.\n$/);
    expect((await readdir(folder)).sort()).toEqual(before);
  });

  test.each(
    ['endless.csv', 'hole.csv'].flatMap((file) =>
      [train(file), compare(file), tune(file), evaluate(file), forecast(file)].map((words) => [file, words] as const),
    ),
  )('two gigabytes in %s, %j', async (file, words) => {
    const begun = performance.now();
    const { code, stdout, stderr } = await gatecast(folder, words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^gatecast: Expected CSV or NDJSON but ${file} .*\\.\n$`));
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect((await readdir(folder)).sort()).toEqual(before);
  });

  test('more rows than fit into memory', async () => {
    const table = { names: ['y'], columns: [new Float64Array(1000)], at: new Float64Array(1000) };
    const endless: Series = {
      async *[Symbol.asyncIterator]() {
        for (;;) yield { ...table, key: '' };
      },
    };
    await expect(gather(withinMemory(endless, 'huge.csv', 2 ** 22))).rejects.toThrow(
      gatecastError(
        'invalid-data',
        /^Expected rows of huge\.csv that fit into 0\.00391 GiB of memory but there are more/,
      ),
    );
    expect((await gather(withinMemory(seriesOf(table), 'huge.csv', 2 ** 22))).size).toBe(1);
  });
});

test.each([
  ['a constant', evaluate('constant.csv')],
  ['a constant', forecast('constant.csv').slice(0, -2)],
  ['one row', forecast('one.csv').slice(0, -2)], // a state that is carried forecasts from its first sample
])('%s is no bad input of a model that is there, %j', async (_, words) => {
  const { code, stdout } = await gatecast(folder, words);
  expect(code).toBe(0);
  expect(stdout).not.toMatch(/NaN|Infinity|undefined/);
  await rm(join(folder, 'new.html'), { force: true });
});
