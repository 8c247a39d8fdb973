import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRecording } from '../../lib/recording/read-recording.ts';
import { makeModel } from '../support/models.ts';
import { gatecast, startGatecast } from './gatecast.ts';

const model = makeModel(); // of pressure and temperature, a sample a second
let folder: string;

/** Lines of NDJSON, with an hour missing after the 100th and one that is no sample at the end. */
const lines = [
  ...Array.from({ length: 200 }, (_, i) => {
    const at = 1_000_000 + 1000 * i + (i < 100 ? 0 : 3_600_000);
    return JSON.stringify({ at, values: [10 + Math.sin(i / 3) / 2, 20 + Math.cos(i / 5)], offset: i });
  }),
  'nonsense',
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-cli-'));
  await model.save(join(folder, 'pump.gatecast'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (words: string[], input: readonly string[] = []) =>
  gatecast(folder, [...words, '--model', 'pump.gatecast'], input.map((line) => `${line}\n`).join(''));
const parse = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe.concurrent('gatecast stream', () => {
  test('with options of a live stream prints how far each forecast can be trusted', async () => {
    const spoiled = [...lines.slice(0, 60), '{"at":1060000,"values":[null,500]}', '{"at":1064000,"values":[10,20]}'];
    const words = ['--gap', 'pressure=hold,temperature=decay', '--health', '--calibrate'];
    const { code, stdout, stderr } = await run(['stream', ...words], spoiled);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [, second, ...others] = parse(stdout);
    expect(second).toMatchObject({ trust: { source: 'model', missing: 0, ages: [0, 0], flags: {} } });
    expect(second).not.toHaveProperty('kind');
    expect(others.at(-2)).toMatchObject({
      trust: { ages: [1, 1], flags: { pressure: ['dropout'], temperature: expect.arrayContaining(['out-of-range']) } },
    });
    expect(others.at(-1)).toMatchObject({ trust: { missing: 3, ages: [0, 0] } });
  });

  test('marks the corrections by a late sample', async () => {
    const late = [lines[0]!, lines[2]!, lines[1]!, lines[3]!];
    const { stdout } = await run(['stream', '--lateness', '5s'], late);
    const forecasts = parse(stdout);
    expect(forecasts.map(({ at, kind }) => [at, kind])).toEqual([
      [1_000_000, undefined],
      [1_002_000, undefined],
      [1_002_000, 'correction'],
      [1_003_000, undefined],
    ]);
    const sorted = parse((await run(['stream', '--lateness', '5s'], lines.slice(0, 4))).stdout);
    expect(forecasts[3]!['mean']).toEqual(sorted[3]!['mean']);
  });

  test('resets the stream after a gap, if asked to', async () => {
    // What comes after the hour is believed with its third sample, and then it is as if nothing had been before.
    const { stdout, stderr } = await run(['stream', '--reset-after', '10s'], lines.slice(90, 130));
    const alone = parse((await run(['stream', '--reset-after', '10s'], lines.slice(102, 130))).stdout);
    const skipped = { invalid: 0, duplicate: 0, late: 0, unbelieved: 2 };
    expect(parse(stdout).slice(10)).toEqual(alone.map((forecast) => ({ ...forecast, skipped })));
    expect(stderr.match(/line \d+ is skipped/g)).toEqual(['line 11 is skipped']);
    expect(stderr).toMatch(/38 of 40 lines used, left out: 2 unbelieved\n$/);
  });

  test('continues from what its store holds', async () => {
    const words = ['stream', '--store', 'kept', '--flush', '50', '--gap', 'hold'];
    const halves = [await run(words, lines.slice(0, 70)), await run(words, lines.slice(70, 100))];
    const whole = await run(['stream', '--gap', 'hold'], lines.slice(0, 100));
    expect(halves.map(({ stdout }) => stdout).join('')).toBe(whole.stdout);
  });

  test('Ctrl-C leaves the store and the recording whole', async () => {
    const words = ['stream', '--model', 'pump.gatecast', '--store', 'stopped', '--record', 'stopped.rec'];
    const { child, ended } = startGatecast(folder, {}, ...words);
    child.stdin.write(`${lines[0]}\n${lines[1]}\n`);
    let seen = '';
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        seen += String(chunk);
        if (seen.split('\n').length > 2) resolve();
      });
    });
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, stderr: '' });
    expect((await run(['replay', 'stopped.rec'])).stdout).toBe(
      'stopped.rec: 2 samples, 2 forecasts, all 2 compared equal to the bit\n',
    );
    const { stdout } = await run(['stream', '--store', 'stopped'], lines.slice(2, 10));
    const whole = await run(['stream'], lines.slice(0, 10));
    expect(stdout).toBe(whole.stdout.split('\n').slice(2).join('\n'));
  });

  test('a reader that goes away ends the work, and leaves the recording whole', async () => {
    const { child, ended } = startGatecast(folder, {}, 'stream', '--model', 'pump.gatecast', '--record', 'read.rec');
    child.stdout.once('data', () => child.stdout.destroy());
    child.stdin.write(`${lines[0]}\n`);
    let line = 1;
    const source = setInterval(() => child.stdin.write(`${lines[line++ % 100]}\n`), 5);
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
    clearInterval(source);
    const { code, stdout } = await run(['replay', 'read.rec']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^read\.rec: \d+ samples.*equal to the bit\n$/),
    });
  });

  test('skips lines that the model cannot take, reports and counts them, as before', async () => {
    const { code, stdout, stderr } = await run(
      ['stream', '--record', 'odd.rec'],
      [lines[0]!, '[1e300,20]', '{"values":[1,2],"offset":-1}', lines[1]!],
    );
    expect(code).toBe(0);
    expect(parse(stdout).map(({ skipped }) => (skipped as { invalid: number }).invalid)).toEqual([0, 2]);
    expect(stderr).toMatch(/line 2 is skipped: .*deviations/);
    expect(stderr).toMatch(/line 3 is skipped: .*offset/);
    expect((await run(['replay', 'odd.rec'])).code).toBe(0);
    const strict = await run(['stream', '--on-invalid', 'error'], [lines[0]!, '[1e300,20]', lines[1]!]);
    expect(strict).toMatchObject({ code: 1, stderr: expect.stringMatching(/Line 2: .*deviations/) });
    expect(parse(strict.stdout)).toHaveLength(1);
  });
});

describe.concurrent('gatecast replay', () => {
  beforeAll(async () => {
    const words = ['--gap', 'hold', '--health', '--calibrate', '--lateness', '5s', '--reset-after', '2h'];
    await run(['stream', ...words, '--record', 'run.rec'], lines);
  });

  test('one line and exit code 0 when all is equal', async () => {
    const made: unknown[] = [];
    for await (const entry of readRecording(join(folder, 'run.rec'))) {
      if (entry.type === 'sample') made.push((entry.sample as { offset?: number }).offset);
    }
    // What could not be read is a sample without values: replayed, it is left out and counted as it was.
    expect(made).toEqual([...Array.from({ length: 200 }, (_, i) => i), undefined]);
    expect(await run(['replay', 'run.rec'])).toEqual({
      code: 0,
      stdout: 'run.rec: 201 samples, 200 forecasts, all 200 compared equal to the bit\n  left out: 1 invalid\n',
      stderr: '',
    });
  });

  test('the first difference and exit code 1 otherwise', async () => {
    const { code, stdout } = await run(['replay', 'run.rec', '--gap', 'decay']);
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      'run.rec: 201 samples, 200 forecasts',
      '  left out: 1 invalid',
      // The 101st sample comes an hour late, and 'decay' has gone to the mean by then.
      expect.stringMatching(
        /^ {2}first difference: forecast 101, at 1970-01-01T01:18:20.000Z: .* of temperature, step 1$/,
      ),
      expect.stringMatching(/^ {2}recorded -?[\d.]+, computed -?[\d.]+; \d+ numbers of it differ$/),
      expect.stringMatching(/^ {2}\d+ of 200 forecasts differ$/),
      '',
    ]);
  });

  test('reports whether the model or the build differs', async () => {
    const weights = model.weights();
    weights['head.bias']!.data[0]! += 1;
    const { description, scaler, residuals } = model;
    const { Forecaster } = await import('../../lib/model/forecaster.ts');
    await Forecaster.from({ description, weights, scaler, residuals }).save(join(folder, 'other.gatecast'));
    const { child, ended } = startGatecast(
      folder,
      { GATECAST_ISA: 'scalar' },
      'replay',
      'run.rec',
      '--model',
      'other.gatecast',
    );
    child.stdin.end();
    const { code, stdout } = await ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}another model: model [0-9a-f]{12}, here [0-9a-f]{12}$/m);
    const { isa } = await import('../../lib/network/isa.ts');
    if (isa() !== 'scalar') expect(stdout).toMatch(new RegExp(`may legitimately differ: isa ${isa()}, here scalar`));
  });

  test('faults and delays with the same seed give the same result', async () => {
    const words = ['replay', 'run.rec', '--faults', 'nan,drop,stall,spike', '--rate', '0.05', '--latency', '35'];
    const [one, two] = [await run([...words, '--seed', '5']), await run([...words, '--seed', '5'])];
    expect(one).toMatchObject({ code: 0, stderr: '' });
    expect(one.stdout).toBe(two.stdout);
    expect(one.stdout).toMatch(/^ {2}injected +nan \d+, drop \d+/m);
    expect(one.stdout).toMatch(/^ {2}flags .*dropout \d+/m);
    expect(one.stdout).toMatch(/^ {2}changed +temperature: [\d.]+ off on average, [\d.]+ at most, in \d+ forecasts$/m);
    expect(one.stdout).not.toMatch(/equal/);
    expect((await run([...words, '--compare'])).stdout).toMatch(/all 200 compared equal/);
  });

  test('a torn recording is reported, and replayed up to the tear; with nothing to compare, that is not a success', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => JSON.stringify({ at: 1000 * i, values: [i % 7, i % 5] }));
    await run(['stream', '--record', 'often.rec'], many);
    const cut = async (from: string, to: string, bytes: number) =>
      writeFile(join(folder, to), (await readFile(join(folder, from))).subarray(0, -bytes));
    await cut('often.rec', 'torn.rec', 5);
    await cut('run.rec', 'empty.rec', 5); // all of it is one chunk
    const [torn, empty, faults, asked, json] = await Promise.all([
      run(['replay', 'torn.rec']),
      run(['replay', 'empty.rec']),
      run(['replay', 'empty.rec', '--faults', 'nan']),
      run(['replay', 'empty.rec', '--no-compare']),
      run(['replay', 'empty.rec', '--json']),
    ]);
    expect(torn).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^torn\.rec: .*, all \d\d+ compared equal to the bit; torn: replayed up to there\n$/,
      ),
    });
    const words = 'empty.rec: 0 samples, 0 forecasts, none compared; torn: replayed up to there\n';
    expect(empty).toMatchObject({ code: 1, stdout: expect.stringContaining(words) });
    expect(empty.stdout).toMatch(/ {2}there was nothing to compare, .*--no-compare/);
    expect(faults.code).toBe(1);
    expect(asked).toMatchObject({ code: 0, stdout: expect.not.stringContaining('nothing') });
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ nothingCompared: true, comparison: { compared: 0 } });
  });

  test('a recording that ends before its header is reported, and not taken for one of a stream', async () => {
    const bytes = await readFile(join(folder, 'run.rec'));
    const ends = [0, 20].map(async (length) => {
      const file = `begun-${length}.rec`;
      await writeFile(join(folder, file), bytes.subarray(0, length));
      const { code, stderr } = await gatecast(folder, ['replay', file], '');
      const words = `${file} but it ends before its header does.`;
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(words) });
    });
    await Promise.all(ends);
  });

  test('Ctrl-C ends it with a report of what was done so far', async () => {
    const words = ['replay', 'run.rec', '--model', 'pump.gatecast', '--speed', '0.000001'];
    const { child, ended } = startGatecast(folder, {}, ...words);
    await new Promise((resolve) => child.stderr.once('data', resolve));
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect({ code, stdout }).toEqual({
      code: 130,
      stdout: expect.stringMatching(/^run\.rec: \d+ samples?.*interrupted/),
    });
  });

  test('mistakes are answered', async () => {
    const mistakes: [string[], number, RegExp][] = [
      [['replay'], 2, /a recording is needed/],
      [['replay', 'none.rec'], 1, /none\.rec/],
      [['replay', 'pump.gatecast'], 1, /a recording but pump\.gatecast holds/],
      [['replay', 'run.rec', '--faults', 'nap'], 2, /'nan' or 'drop'/],
      [['replay', 'run.rec', '--latency', 'soon'], 2, /--latency/],
      [['replay', 'run.rec', '--lateness', 'soon'], 2, /--lateness/],
      [['replay', 'run.rec', '--gap', 'holt'], 2, /Expected hold/],
      [['stream', '--gap', 'flow=hold'], 2, /--gap but received "flow"/],
      [['stream', '--flush', 'often'], 2, /samples, or a time/],
      [['stream', '--record', 'run.rec'], 1, /EEXIST/],
    ];
    await Promise.all(
      mistakes.map(async ([words, code, message]) => {
        const ended = await run(words);
        expect(ended, words.join(' ')).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
        expect(ended.stderr).not.toMatch(/ {4}at /);
      }),
    );
  });
});
