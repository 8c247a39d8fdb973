import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noisySine } from '../train/series.ts';
import { gatecast, startGatecast } from './gatecast.ts';

const TRAIN = ['train', 'pump.csv', '--target', 'sine', '--horizon', '3', '--lookback', '24', '--hidden', '8'];
let folder: string;
let trained: { code: number | null; stdout: string; stderr: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-cli-'));
  const { columns, at } = noisySine(600);
  const rows = [...columns[0]!].map(
    (value, row) => `${new Date(at![row]!).toISOString()},${value.toFixed(4)},${row % 7}`,
  );
  await writeFile(join(folder, 'pump.csv'), ['when,sine,saw', ...rows].join('\n'));
  trained = await gatecast(folder, [...TRAIN, '--epochs', '5', '--json']);
});
afterAll(() => rm(folder, { recursive: true }));

const run = (...words: string[]) => gatecast(folder, words);

describe('gatecast train', () => {
  test('writes a model, one JSON object on stdout and progress on stderr', async () => {
    expect(trained.code).toBe(0);
    const result = JSON.parse(trained.stdout);
    expect(result).toMatchObject({ file: 'pump.gatecast', training: { rows: 408, validationRows: 102 } });
    expect(result.test.rows).toEqual({ from: 510, to: 600 });
    expect(result.test.windows).toBe(90 - 3 + 1);
    expect(result.test.naive.scaled.mse).toBeGreaterThan(0);
    const { on, windows, model, baselines, best, skill, verdict } = result.baselines;
    expect([on, windows, model.mse]).toEqual(['test', 88, result.test.mse]);
    expect(baselines.last).toEqual(result.test.naive);
    expect(skill).toBeCloseTo(1 - model.scaled.mse / baselines[best].scaled.mse, 12);
    expect(verdict).toContain(best);
    expect(trained.stderr).toMatch(/^learning 5\/5 loss/m);
    expect(await readdir(folder)).toContain('pump.gatecast');
  });

  test('says how good the model is on rows it has not seen, or that there were too few', async () => {
    const split = await run(...TRAIN, '--epochs', '1', '--split', '400,100,50', '--out', 'split.gatecast');
    expect(split.stdout).toMatch(/Test on rows 500 to 549, seen neither in training nor in validation \(48 windows\)/);
    expect(split.stdout).toMatch(/^last +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+$/m);
    expect(split.stdout).toMatch(/^nlinear\(100\) /m);
    const untested = await run(...TRAIN, '--epochs', '1', '--split', '400,100,0', '--out', 'split.gatecast');
    expect(untested.stdout).not.toMatch(/Test on|Too few rows/);
    expect(untested.stdout).toMatch(/^Compared with the baselines on the validation rows, .* \(\d+ windows\):$/m);
    await writeFile(join(folder, 'few.csv'), ['sine', ...Array.from({ length: 30 }, (_, t) => t % 5)].join('\n'));
    const few = await run('train', 'few.csv', '--target', 'sine', '--horizon', '3', '--epochs', '1');
    expect(few.stdout).toMatch(/Too few rows to keep some for a test/);
  });

  test('ends with 2 if the model does not beat what --must-beat names, and has written it', async () => {
    const words = [...TRAIN, '--epochs', '1', '--learning-rate', '1e-9', '--out', 'loses.gatecast', '--must-beat'];
    const loses = await run(...words, 'best');
    expect(loses.code).toBe(2);
    expect(loses.stdout).toMatch(/^The model loses to the baseline .*: its MSE is .*\.$/m);
    expect(loses.stderr).toMatch(
      /^gatecast: The model does not beat .*: its MSE on scaled values is .*, not below .*\.$/m,
    );
    expect(await readdir(folder)).toContain('loses.gatecast');
    const wins = await run(...TRAIN, '--out', 'loses.gatecast', '--must-beat', 'drift');
    expect([wins.code, wins.stderr]).toEqual([0, expect.not.stringMatching(/beat/)]);
    const unknown = await run(...words, 'arima');
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringMatching(/Allowed choices are last, drift, seasonal/),
    ]);
  });

  test('a series that hardly ever changes gives no ratio, and intervals that hold it', async () => {
    await writeFile(join(folder, 'still.csv'), ['sine', 4, ...Array.from({ length: 300 }, () => 5)].join('\n'));
    const { code, stdout } = await run('train', 'still.csv', '--target', 'sine', '--horizon', '3', '--epochs', '1');
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/NaN|Infinity/);
    expect(stdout).toMatch(/The best baseline, .*, makes no error here.* The 90% interval held 100% of the values/);
  });

  test('learns a fleet with a scale for each device, and inspect says so', async () => {
    const rows = Array.from({ length: 300 }, (_, t) => `a,${Math.sin(t / 4)}\nb,${1e5 + 3 * Math.cos(t / 4)}`);
    await writeFile(join(folder, 'fleet.csv'), ['device,load', ...rows].join('\n'));
    const words = ['train', 'fleet.csv', '--by', 'device', '--target', 'load', '--horizon', '3', '--lookback', '24'];
    for (const [scale, said] of [
      [[], /^scale +each series has its own, over 96 samples: load$/m],
      [['--scale', 'global'], /^interval/m],
    ] as const) {
      const { code } = await run(...words, '--epochs', '1', '--out', 'fleet.gatecast', ...scale);
      expect(code).toBe(0);
      const { stdout } = await run('inspect', 'fleet.gatecast');
      expect(stdout).toMatch(said);
      expect(stdout.includes('each series has its own')).toBe(scale.length === 0);
    }
  });

  test('changes what layers pass on, and inspect says so', async () => {
    const deep = [
      '--layers',
      '2',
      '--layer-norm',
      '--residual',
      '--stateful',
      '--epochs',
      '1',
      '--out',
      'deep.gatecast',
    ];
    expect((await run(...TRAIN, ...deep)).code).toBe(0);
    expect((await run('inspect', 'deep.gatecast')).stdout).toMatch(/GRU, 2 x 8 units, layer norm, residual$/m);
  });

  test('Ctrl-C ends it with 130 and no file', async () => {
    const long = ['--epochs', '1000000', '--patience', '1000000', '--out', 'never.gatecast'];
    const { child, ended } = startGatecast(folder, {}, ...TRAIN, ...long);
    child.stderr.once('data', () => child.kill('SIGINT'));
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/interrupted, nothing was written/);
    expect((await readdir(folder)).filter((name) => name.startsWith('never'))).toEqual([]);
  });
});

describe('gatecast forecast', () => {
  test('forecasts what follows the last row', async () => {
    const { code, stdout, stderr } = await run('forecast', 'pump.csv', '--model', 'pump.gatecast');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('from,at,step,sine,sine_lo_80,sine_hi_80');
    expect(lines.length).toBe(4);
    expect(lines[3]).toMatch(/^1970-01-01T09:59:00.000Z,1970-01-01T10:02:00.000Z,3,/);
    const [, , , mean, low, high] = lines[3]!.split(',').map(Number);
    expect(low).toBeLessThan(mean!);
    expect(mean).toBeLessThan(high!);
  });

  test('--rolling forecasts after every n-th row, into a file', async () => {
    const words = ['--rolling', '100', '--levels', '50,90', '--out', 'rolling.csv'];
    const { code, stdout } = await run('forecast', 'pump.csv', '--model', 'pump.gatecast', ...words);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const lines = (await readFile(join(folder, 'rolling.csv'), 'utf8')).trimEnd().split('\n');
    expect(lines[0]).toMatch(/sine_lo_50,sine_hi_50,sine_lo_90,sine_hi_90$/);
    expect(lines.length).toBe(1 + 6 * 3);
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  test('--paths writes sample paths, the same for the same seed', async () => {
    const paths = (...words: string[]) => run('forecast', 'pump.csv', '--model', 'pump.gatecast', '--paths', ...words);
    const { code, stdout, stderr } = await paths('2');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('path,from,at,step,sine');
    expect(lines.length).toBe(1 + 2 * 3);
    expect(lines[6]).toMatch(/^2,1970-01-01T09:59:00.000Z,1970-01-01T10:02:00.000Z,3,-?[\d.]+$/);
    expect((await paths('2', '--seed', '1')).stdout).toBe(stdout);
    expect((await paths('2', '--seed', '2')).stdout).not.toBe(stdout);
    expect(await paths('2', '--levels', '50')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/none with paths/),
    });
  });
});

describe('gatecast forecast --out', () => {
  const leftovers = async () => (await readdir(folder)).filter((name) => name.includes('partial'));

  test('Ctrl-C ends it with 130 and leaves neither a file nor a part of one', async () => {
    const rows = Array.from({ length: 150_000 }, (_, row) => `${Math.sin(row / 4)},${row % 7}`);
    await writeFile(join(folder, 'long.csv'), ['sine,saw', ...rows].join('\n'));
    const words = ['forecast', 'long.csv', '--model', 'pump.gatecast', '--rolling', '1', '--out', 'never.csv'];
    const { child, ended } = startGatecast(folder, {}, ...words);
    child.stderr.once('data', () => child.kill('SIGINT'));
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringMatching(/interrupted, nothing was written/) });
    expect(await readdir(folder)).not.toContain('never.csv');
    expect(await leftovers()).toEqual([]);
  });

  test('says when there was no row to forecast at', async () => {
    const { code, stdout, stderr } = await run(
      'forecast',
      'pump.csv',
      '--model',
      'pump.gatecast',
      '--rolling',
      '100000',
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'from,at,step,sine,sine_lo_80,sine_hi_80\n' });
    expect(stderr).toMatch(/nothing to forecast: 600 rows, a forecast after every 100000/);
  });

  test('refuses a folder', async () => {
    const { code, stderr } = await run('forecast', 'pump.csv', '--model', 'pump.gatecast', '--out', '.');
    expect(code).toBe(1);
    expect(stderr).toMatch(/Expected a file to write but \. is a folder/);
    expect(await leftovers()).toEqual([]);
  });
});

describe('gatecast stream', () => {
  const stream = (input: string, ...words: string[]) =>
    gatecast(folder, ['stream', '--model', 'pump.gatecast', ...words], input);

  test('a forecast for each sample, in every form of NDJSON', async () => {
    const { code, stdout } = await stream('20\n[21]\n{"at":60000,"values":22}\n{"sine":23,"at":120000}\n');
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ at }) => at)).toEqual([undefined, undefined, 60_000, 120_000]);
    const { warmup } = JSON.parse((await run('inspect', 'pump.gatecast', '--json')).stdout);
    expect(lines.map(({ ready }) => ready)).toEqual([1, 2, 3, 4].map((samples) => samples >= warmup));
    expect(lines[0].skipped).toEqual({ invalid: 0, duplicate: 0, late: 0, unbelieved: 0 });
    expect(lines[0].mean.sine).toHaveLength(3);
    expect(lines[0].intervals['80'].sine.lower).toHaveLength(3);
  });

  test('CSV gives the forecasts that gatecast forecast gives', async () => {
    const { stdout } = await stream(await readFile(join(folder, 'pump.csv'), 'utf8'), '--format', 'csv');
    const lines = stdout.trimEnd().split('\n');
    const last = JSON.parse(lines.at(-1)!);
    const whole = await run('forecast', 'pump.csv', '--model', 'pump.gatecast');
    const forecast = whole.stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',')[3]));
    expect(lines.length).toBe(600);
    expect(last.ready).toBe(true);
    last.mean.sine.forEach((value: number, i: number) => {
      expect(value).toBeCloseTo(forecast[i]!, 4);
    });
  });

  test('a bad line is skipped, counted and reported, or ends it', async () => {
    const input = '20\nnonsense\n[1,2]\nnull\n21\n';
    const { code, stdout, stderr } = await stream(input);
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).skipped.invalid),
    ).toEqual([0, 3]);
    expect(stderr.match(/line \d is skipped/g)).toEqual([
      'line 2 is skipped',
      'line 3 is skipped',
      'line 4 is skipped',
    ]);
    const strict = await stream(input, '--on-invalid', 'error');
    expect(strict.code).toBe(1);
    expect(strict.stderr).toMatch(/Line 2: Expected a line of JSON/);
  });

  test('a malformed line or time of CSV is skipped and counted, a header that lacks an input ends it', async () => {
    const lines = ['when,sine,saw', 'soon,20,1', '2020-01-01 00:00:00,20,1', '2020-01-01,"20,1', 'later,21,1', '1,2'];
    const { code, stdout, stderr } = await stream(
      [...lines, '2020-01-01 00:01:00,22,3', ''].join('\n'),
      '--format',
      'csv',
    );
    const forecasts = stdout.trimEnd().split('\n');
    expect(code).toBe(0);
    expect(forecasts.map((line) => JSON.parse(line).at)).toEqual([
      undefined,
      Date.UTC(2020, 0, 1),
      Date.UTC(2020, 0, 1, 0, 1),
    ]);
    expect(JSON.parse(forecasts.at(-1)!).skipped.invalid).toBe(3);
    expect(stderr.match(/line \d is skipped/g)).toEqual([
      'line 4 is skipped',
      'line 5 is skipped',
      'line 6 is skipped',
    ]);
    const headless = await stream('when,saw\n2020-01-01,1\n', '--format', 'csv');
    expect(headless).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/column "sine"/) });
  });

  test('a forecast comes before the next sample does, and a reader that leaves is no failure', async () => {
    const { child, ended } = startGatecast(folder, {}, 'stream', '--model', 'pump.gatecast');
    child.stdin.write('20\n');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdout.destroy();
    const feeding = setInterval(() => child.stdin.write('21\n'), 5);
    const { code, stderr } = await ended;
    clearInterval(feeding);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('gatecast inspect and doctor', () => {
  test('show what a model is and where it runs', async () => {
    expect((await run('inspect', 'pump.gatecast')).stdout).toMatch(/GRU, 1 x 8 units/);
    expect(JSON.parse((await run('inspect', 'pump.gatecast', '--json')).stdout)).toMatchObject({ targets: ['sine'] });
    const report = JSON.parse((await run('doctor', 'pump.gatecast', '--json')).stdout);
    expect(report).toMatchObject({ node: process.version, model: 'pump.gatecast' });
    expect(report.isas).toContain(report.isa);
  });

  test('doctor computes known outputs without a model too', async () => {
    const { code, stdout } = await run('doctor');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^check +a GRU and an LSTM compute/m) });
  });

  test.each([
    ['GATECAST_ISA', 'mmx', ['doctor'], /gatecast: .*mmx/],
    ['GATECAST_BINARY', '/x.node', ['inspect', 'pump.gatecast'], /gatecast: Expected the native addon at \/x\.node/],
  ])('%s=%s is answered with a sentence, though it fails before any command', async (name, value, words, message) => {
    const { child, ended } = startGatecast(folder, { [name]: value }, ...words);
    child.stdin.end();
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toMatch(/\n/);
  });

  test('refuse a damaged model', async () => {
    const bytes = await readFile(join(folder, 'pump.gatecast'));
    await writeFile(join(folder, 'short.gatecast'), bytes.subarray(0, bytes.length - 40));
    for (const command of ['inspect', 'doctor']) {
      const { code, stdout, stderr } = await run(command, 'short.gatecast');
      expect({ command, code, stdout }).toEqual({ command, code: 1, stdout: '' });
      expect(stderr).toMatch(/short\.gatecast/);
    }
  });
});

describe('gatecast answers mistakes', () => {
  test.each([
    [['trian'], 2, /Did you mean train/],
    [['train', 'pump.csv', '--horizn', '3'], 2, /Did you mean --horizon/],
    [['train', 'pump.csv', '--target', 'sine'], 2, /'--horizon' is needed/],
    [['train', 'pump.csv', '--target', 'sine', '--horizon', 'three'], 2, /whole number/],
    [['train', 'pump.csv', '--target', 'sine', '--horizon', '0'], 2, /--horizon but received 0/],
    [['train', 'pump.csv', '--target', 'sine', '--horizon', '3', '--learning-rate', '7'], 2, /--learning-rate/],
    [['train', 'pump.csv', '--target', 'sine', '--horizon', '3', '--split', '1,2'], 2, /8640,2880,2880/],
    [['train', 'pump.csv', '--target', 'sine', '--horizon', '3', '--cell', 'rnn'], 2, /gru, lstm/],
    [['train', 'pump.csv', '--target', 'sin', '--horizon', '3'], 1, /Did you mean "sine"/],
    [['train', 'pump.csv', '--target', 'sine', '--horizon', '3', '--split', '500,90,90'], 1, /at most 600 rows/],
    [[...TRAIN, '--split', '400,100,2'], 2, /at least 3 for one forecast, for --split but received 2/],
    [[...TRAIN, '--layers', '65'], 2, /--layers but received 65/],
    [['train', 'pump.csv', '--target', 'sine', '--horizon', '10000'], 2, /at most 9362 steps .* for --horizon/],
    [[...TRAIN, '--out', 'none/x.gatecast'], 1, /Expected a folder that can be written to for none/],
    [[...TRAIN, '--out', '.'], 1, /Expected a file to write but \. is a folder/],
    [['train', 'none.csv', '--target', 'sine', '--horizon', '3'], 1, /could not: ENOENT/],
    [['forecast', 'pump.csv', '--model', 'pump.csv'], 1, /pump\.csv/],
    [['forecast', 'pump.csv', '--model', 'pump.gatecast', '--levels', '99'], 2, /at most 0\.9/],
    [['forecast', 'pump.csv', '--model', 'pump.gatecast', '--out', 'none/f.csv'], 1, /written to for none\/f\.csv/],
    [['forecast', 'pump.csv', '--model', 'pump.gatecast', '--rolling', '0'], 2, /'--rolling <rows>'.*>= 1/],
    [['stream', '--model', 'pump.gatecast', '--levels', '99'], 2, /at most 0\.9/],
    [['stream', '--model', 'none.gatecast'], 1, /none\.gatecast/],
  ])('%j', async (words, code, message) => {
    const ended = await run(...words);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toMatch(/ {4}at /);
  });

  test('--help shows examples and exit codes', async () => {
    expect((await run('--help')).stdout).toMatch(/Exit codes: 0 .* 130 interrupted/);
    const defaults = { hidden: 32, layers: 1, lookback: 96, epochs: 40, loss: 'quantile', past: 'only the targets' };
    const words = (await run('train', '--help')).stdout.replaceAll(/\s+/g, ' ');
    for (const [name, value] of Object.entries(defaults)) {
      expect(words).toMatch(new RegExp(`--${name} [^-]*\\(default: ${value}`));
    }
    for (const command of ['train', 'forecast', 'stream', 'inspect']) {
      const { code, stdout } = await run(command, '--help');
      expect({ command, code }).toEqual({ command, code: 0 });
      expect(stdout).toMatch(/Examples?:/);
    }
  });
});
