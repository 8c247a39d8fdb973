import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { LineRun } from '../../lib/cli/stream/line-run.ts';
import { LineStream } from '../../lib/cli/stream/line-stream.ts';
import { ndjsonReader } from '../../lib/cli/stream/samples.ts';
import { forecastJson } from '../../lib/model/forecast-json.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';
import { gatecast, startGatecast } from './gatecast.ts';

const model = makeModel(); // of pressure and temperature, a sample a second
let folder: string;

const values = (i: number) => ({ pressure: 10 + Math.sin(i / 3) / 2, temperature: 20 + Math.cos(i / 5) });
const line = (i: number, changes = {}) => JSON.stringify({ at: 1_000_000 + 1000 * i, ...values(i), ...changes });
const lines = (count: number) => Array.from({ length: count }, (_, i) => line(i));
const text = (all: readonly string[]) => all.map((one) => `${one}\n`).join('');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-cli-'));
  await model.save(join(folder, 'pump.gatecast'));
});
afterAll(() => rm(folder, { recursive: true }));

const stream = (all: readonly string[], ...words: string[]) =>
  gatecast(folder, ['stream', '--model', 'pump.gatecast', ...words], text(all));

/** What a run says on stderr, in this process; `end` is what it throws at its end. */
function run(all: readonly string[], flags: ConstructorParameters<typeof LineStream>[2] = {}, after?: number) {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const own = new LineStream(model, undefined, flags);
  let forecasts = 0;
  let end: unknown;
  try {
    const key = flags.key === undefined ? {} : { key: flags.key };
    const read = ndjsonReader({ inputs: model.scaler.names, interval: 1000, note: () => {}, ...key });
    const lineRun = new LineRun(own, read, { onInvalid: 'skip', keeps: after !== undefined, after });
    all.forEach((one, i) => (forecasts += lineRun.take({ number: i + 1, text: one }).length));
    own.end();
    lineRun.sumUp(false);
  } catch (error) {
    end = error;
  }
  own.dispose();
  const stderr = said.mock.calls.map(([words]) => String(words)).join('');
  said.mockRestore();
  return { forecasts, end, stderr, told: stderr.split('\n').length - 1 };
}

describe('lines that are left out', () => {
  test('are reported once for each reason, and summed up by kind; without any, nothing is printed', () => {
    expect(run(lines(5))).toEqual({ forecasts: 5, end: undefined, stderr: '', told: 0 });
    const future = line(1e9);
    const all = [
      line(0),
      line(1),
      line(1),
      'x',
      line(2),
      line(0),
      line(0),
      future,
      line(3),
      'y',
      '{"pressure":3}',
      line(3),
    ];
    const { forecasts, stderr, end } = run(all, { gap: 'hold' });
    expect({ forecasts, end }).toEqual({ forecasts: 5, end: undefined });
    expect(stderr.match(/line \d+ is skipped/g)).toEqual([3, 4, 6, 8].map((n) => `line ${n} is skipped`));
    expect(stderr).toMatch(/5 of 12 lines used, left out: 2 invalid, 1 duplicate, 3 late, 1 unbelieved\n$/);
  });

  test('with a misspelt name are reported once with the right one, and are not a success', () => {
    const all = Array.from({ length: 300 }, (_, i) => line(i, { temperature: undefined, temperatur: 20 }));
    const { end, stderr, told } = run(all);
    expect(told).toBe(2);
    expect(stderr).toMatch(/line 1 is skipped: .* has "temperatur". Did you mean "temperature"\?/);
    expect(stderr).toMatch(/none of the first 10 lines was used: 10 invalid\.\n$/);
    expect(end).toEqual(gatecastError('unusable-source', /none of 300 lines was usable: 300 invalid/));
    const many = Array.from({ length: 5 }, () => all).flat();
    expect(run(many).end).toEqual(gatecastError('unusable-source', /first 1000 .*Did you mean "temperature"/));
  });

  test('are reported at most ten times, whatever comes', () => {
    const wild = Array.from(
      { length: 999 },
      (_, i) => `{"values":${JSON.stringify(Array(i % 40).fill(i))},"at":"${i}x"}`,
    );
    expect(run([line(0), ...wild, ...wild]).told).toBeLessThanOrEqual(11);
  });

  test('a misspelt name is reported even if gaps are filled', () => {
    const all = Array.from({ length: 3 }, (_, i) => line(i, { temperature: undefined, Temprature: 20 }));
    const { forecasts, stderr, told } = run(all, { gap: 'hold' });
    expect({ forecasts, told }).toEqual({ forecasts: 3, told: 2 });
    expect(stderr).toMatch(
      /line 1 has no temperature, .* "Temprature". Did you mean "temperature"\?\n.*no line had a value of temp/,
    );
  });

  test('an input that never has a value is reported at the hundredth line and at the end; without any value a run is not a success', () => {
    const without = (count: number) => Array.from({ length: count }, (_, i) => line(i, { temperature: undefined }));
    const { forecasts, end, stderr } = run(without(150), { gap: 'hold' });
    expect({ forecasts, end }).toEqual({ forecasts: 150, end: undefined });
    expect(stderr).toMatch(
      /^[^\n]*line 100 has no temperature, which is filled[^\n]*\n[^\n]*no line had a value of temp[^\n]*\n$/,
    );
    expect(run([...without(50), line(50)], { gap: 'hold' }).stderr).toBe('');
    const empty = Array.from({ length: 9 }, (_, i) => line(i, { temperature: null, pressure: null }));
    expect(run(empty, { gap: 'hold' }).end).toEqual(gatecastError('unusable-source', /none of 9 lines had a value of/));
  });

  test('a sample without a time is reported once if times matter', () => {
    const untimed = Array.from({ length: 5 }, (_, i) => JSON.stringify({ timestmp: 1000 * i, ...values(i) }));
    expect(run(untimed).stderr).toBe('');
    expect(run(untimed, { lateness: '5s' })).toMatchObject({
      forecasts: 5,
      told: 1,
      stderr: expect.stringMatching(/line 1 has no time \(--time names its field\)/),
    });
  });

  test('of many streams lack a key, or are counted for their stream', () => {
    const all = [
      line(0, { pump: 'a' }),
      line(0, { pmp: 'a' }),
      'x',
      line(1, { pump: 'b', pressure: 'x' }),
      line(1, { pump: 7 }),
    ];
    const { forecasts, stderr } = run(all, { key: 'pump' });
    expect(forecasts).toBe(2);
    expect(stderr).toMatch(/line 2 is skipped: .*the key "pump" .*The sample has "pmp"/);
    expect(stderr).toMatch(/2 of 5 lines used, left out: 3 invalid\n$/);
  });
});

test('a line is recognised by its own offset, or else by its number, until one is beyond', () => {
  const placed = (offset: number, i: number) => JSON.stringify({ at: 1000 * i, values: [10, 20], offset });
  const own = [700, 707, 714, 721, 3].map(placed);
  expect(run(own, {}, 707)).toMatchObject({
    forecasts: 3,
    told: 1,
    stderr: expect.stringMatching(/2 lines left out because the store/),
  });
  expect(run(['x', ...lines(5)], {}, 4)).toMatchObject({ forecasts: 2, told: 1 });
  expect(run(lines(5), {}, 9)).toMatchObject({ forecasts: 0, told: 1, end: undefined });
});

describe.concurrent('gatecast stream', () => {
  test('reports an empty input, and ends with 3 if no line can be used', async () => {
    expect(await stream([])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'gatecast: there was no sample on standard input\n',
    });
    expect(await stream(['x'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/none of 1 line was/),
    });
  });

  test('prints a forecast as JSON.stringify does', async () => {
    const { stdout } = await stream(lines(3), '--gap', 'hold');
    const state = new StreamState(model, { gap: 'hold' });
    const forecasts = Array.from({ length: 3 }, (_, i) => state.step({ at: 1_000_000 + 1000 * i, values: values(i) }));
    expect(stdout).toBe(text(forecasts.map((one) => JSON.stringify(one))));
    expect(JSON.parse(stdout.split('\n')[2]!)).toEqual(JSON.parse(JSON.stringify(forecastJson(forecasts[2]!))));
  });

  test('keeps a stream for each key, to the bit as if it were alone, with skill, fallback and adaptation', async () => {
    const words = ['--skill', '--fallback', '--adapt', '--gap', 'hold'];
    const mixed = lines(20).flatMap((_, i) => ['north', 'south'].map((pump, p) => line(i * (1 + p), { pump })));
    const { stdout } = await stream(mixed, '--key', 'pump', ...words);
    const all = stdout
      .trimEnd()
      .split('\n')
      .map((one) => JSON.parse(one));
    const alone = await stream(
      Array.from({ length: 20 }, (_, i) => line(2 * i)),
      ...words,
    );
    const south = all.filter(({ key }) => key === 'south');
    expect(south.map(({ key: _key, ...one }) => one)).toEqual(
      alone.stdout
        .trimEnd()
        .split('\n')
        .map((one) => JSON.parse(one)),
    );
    expect(south[19].trust.skill).toHaveLength(1);
  });

  test('continues where it was stopped: with --resume the same input gives exactly what was missing', async () => {
    const all = [...lines(20), 'nonsense', line(3), ...lines(60).slice(20), 'nonsense', ...lines(80).slice(60)];
    const words = ['--gap', 'hold', '--calibrate', '--store', 'resumed', '--flush', '1'];
    const whole = await stream(all, '--gap', 'hold', '--calibrate');
    const { child, ended } = startGatecast(folder, {}, 'stream', '--model', 'pump.gatecast', ...words);
    child.stdin.write(text(all.slice(0, 50)));
    let seen = '';
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        seen += String(chunk);
        if (seen.split('\n').length > 48) resolve();
      });
    });
    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    const rest = await stream(all, ...words, '--resume');
    expect(stdout + rest.stdout).toBe(whole.stdout);
    expect(rest.stderr).toMatch(/continues from resumed, which holds 50 samples up to offset 50\n/);
    expect(rest.stderr).toMatch(/50 lines left out because the store already holds them\n/);
    const again = await stream(all, ...words, '--resume');
    expect(again).toMatchObject({ code: 0, stdout: '' });
    const fresh = await stream(all.slice(0, 3), ...words);
    expect(fresh.stderr).toMatch(/up to offset 83; with --resume the same input continues from there/);
  });

  test('continues after a kill from what was written last', async () => {
    const words = ['--store', 'killed', '--flush', '10', '--key', 'pump'];
    const all = lines(60).map((_, i) => line(i, { pump: i % 3 }));
    const whole = await stream(all, '--key', 'pump');
    const { child, ended } = startGatecast(folder, {}, 'stream', '--model', 'pump.gatecast', ...words);
    child.stdin.write(text(all.slice(0, 45)));
    let seen = 0;
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        seen += String(chunk).split('\n').length - 1;
        if (seen === 45) resolve();
      });
    });
    child.kill('SIGKILL');
    await ended;
    const rest = await stream(all, ...words, '--resume');
    const lost = 60 - (rest.stdout.split('\n').length - 1);
    expect(lost).toBe(40);
    expect(rest.stdout).toBe(whole.stdout.split('\n').slice(lost).join('\n'));
  });

  test.each([
    [['--resume'], 2, /'--resume' needs '--store/],
    [['--fallback', 'mean'], 2, /naive, none/],
    [['--levels', '95'], 2, /at most 0\.8 .*gatecast train --levels 95/],
  ])('refuses %j', async (words, code, message) => {
    expect(await stream(lines(1), ...words)).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });

  test('cannot record many streams that continue from a store', async () => {
    await stream([line(0, { pump: 1 })], '--key', 'pump', '--store', 'many', '--record', 'many.rec');
    expect((await gatecast(folder, ['replay', 'many.rec', '--model', 'pump.gatecast'])).code).toBe(0);
    const second = await stream([line(1, { pump: 1 })], '--key', 'pump', '--store', 'many', '--record', 'again.rec');
    expect(second).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/an empty store with --record and --key/),
    });
  });
});

test('gatecast train takes what fit takes, and its model reaches the levels that it learned', async () => {
  const rows = Array.from({ length: 200 }, (_, i) => `${(50 + 50 * Math.sin(i / 5)).toFixed(2)},${i % 7}`);
  await writeFile(join(folder, 'cpu.csv'), ['cpu,mem', ...rows].join('\n'));
  const words = [
    '--target',
    'cpu',
    '--horizon',
    '2',
    '--epochs',
    '1',
    '--levels',
    '95',
    '--interval',
    '1m',
    '--anchor',
    'none',
  ];
  const lstm = [
    '--cell',
    'lstm',
    '--hidden',
    '6',
    '--proj-size',
    '3',
    '--clip-norm',
    '2',
    '--level-shift',
    '0',
    '--max',
    'cpu=90',
  ];
  const trained = await gatecast(folder, ['train', 'cpu.csv', ...words, ...lstm, '--out', 'cpu.gatecast']);
  expect(trained.code).toBe(0);
  const { stdout } = await gatecast(folder, ['inspect', 'cpu.gatecast', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    inputs: [{ name: 'cpu' }],
    levels: [0.025, 0.5, 0.975],
    interval: 60_000,
    anchor: 'none',
    bounds: [{ max: 90 }],
    network: { cell: 'lstm', projSize: 3 },
    training: { clipNorm: 2 },
  });
  const forecast = await gatecast(folder, ['forecast', 'cpu.csv', '--model', 'cpu.gatecast', '--levels', '95']);
  expect(forecast.stdout.split('\n')[0]).toBe('from,at,step,cpu,cpu_lo_95,cpu_hi_95');
});
