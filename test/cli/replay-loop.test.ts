import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { of } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { reportFailure } from '../../lib/cli/failure.ts';
import { runProgram } from '../../lib/cli/program.ts';
import { lqr } from '../../lib/control/policies/lqr.ts';
import type { Observation } from '../../lib/control/observation.ts';
import { policy } from '../../lib/control/policies/trained-policy.ts';
import { record } from '../../lib/stream/recording/record.ts';
import { recordCart } from '../control/replay/loops.ts';
import { makeModel } from '../support/models.ts';
import { makePolicy } from '../support/policies.ts';
import { type Ended, gatecastAlone as gatecast, startGatecast } from './gatecast.ts';

const { argv } = process;
const before = process.cwd();
let folder: string;
let cycles: number;

/** `follow` of the recorded cart, as a user would write it; another gain makes another controller. */
const follow = (gain: number) => `
export default {
  start() {
    let sum = 0;
    return ({ values }) => {
      sum += values[0];
      return { action: [-${gain} * values[0] - 1.5 * values[1] - 1e-4 * sum], iterations: 3 };
    };
  },
};
export const loop = {
  hz: 100,
  inputs: [{ min: -10, max: 10 }, { min: -20, max: 20 }],
  limits: [{ min: -1, max: 1, maxRate: 20 }],
  fallback: () => [0],
  names: { inputs: ['position', 'speed'], actions: ['force'] },
};`;
const cart = `
export default () => {
  let [x, v] = [1, 0];
  return {
    observe: () => [x, v],
    act([force]) { v += 0.01 * force; x += 0.01 * v; },
  };
};`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-cli-'));
  const at = (name: string) => join(folder, name);
  cycles = recordCart(at('cart.rec'), 5000).length;
  recordCart(at('lqr.rec'), 1000, { decide: lqr<Observation>({ gain: [[1, 1.7]] }) });
  const trained = makePolicy({
    observations: [
      { name: 'position', mean: 0, std: 1 },
      { name: 'speed', mean: 0, std: 1 },
    ],
    actions: [{ name: 'force', scale: 1, offset: 0 }],
    reset: undefined as never,
    interval: 10,
  });
  await trained.save(at('walk.gatecast'));
  recordCart(at('walk.rec'), 1000, { decide: policy(trained) });
  recordCart(at('function.rec'), 50, { fallback: () => [0] });
  of([1, 2])
    .pipe(record(at('stream.rec')))
    .subscribe();
  await writeFile(at('follow.mjs'), follow(1));
  await writeFile(at('other.mjs'), follow(2));
  await writeFile(at('wrong.mjs'), 'export default ({ values }) => [values[0]];');
  await writeFile(at('poisoned.mjs'), 'let n = 0; export default () => (n++ < 9 ? [0] : [NaN]);');
  await writeFile(at('empty.mjs'), 'export const loop = 1;');
  await writeFile(at('broken.mjs'), 'export default (');
  await writeFile(at('cart.mjs'), cart);
  await writeFile(
    at('wall.mjs'),
    cart.replace('v += 0.01', "if (x < 0.9) throw new Error('into the wall'); v += 0.01"),
  );
  const plant = makeModel({
    inputs: [{ name: 'force' }, { name: 'speed' }, { name: 'position' }],
    targets: ['position', 'speed'],
    horizon: 1,
    loss: 'mse',
    levels: [],
  });
  await plant.save(at('cart.gatecast'));
  process.chdir(folder);
});
afterAll(async () => {
  process.chdir(before);
  await rm(folder, { recursive: true });
});

/** Runs the command within this process, which saves most of the time; all but how it starts and ends is the same. */
async function replay(...words: string[]): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => ((texts[name] += String(text)), true)),
  );
  process.argv = ['node', 'gatecast', 'replay', ...words];
  try {
    await runProgram();
    return { code: Number(process.exitCode ?? 0), ...texts };
  } catch (error) {
    const code = reportFailure(error); // writes to stderr
    return { code, ...texts };
  } finally {
    process.exitCode = 0;
    process.argv = argv;
    for (const spy of spies) spy.mockRestore();
  }
}
const all = (...assertions: string[]) => assertions.flatMap((text) => ['--assert', text]);
const ALWAYS = all('no action outside bounds', 'no action outside rate', 'no NaN', 'no unflagged miss');

describe('gatecast replay of a control loop', () => {
  test('reports that all is equal, and exits with 0', async () => {
    const words = ['replay', 'cart.rec', '--controller', 'follow.mjs', ...ALWAYS];
    const { code, stdout, stderr } = await gatecast(folder, words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      `cart.rec: ${cycles} cycles in 5 s at 100 Hz, all ${cycles} equal to those recorded, to the bit`,
      expect.stringMatching(/^ {2}model {6}\d+ of \d+ actions$/),
      expect.stringMatching(/^ {2}others {5}fallback \d+; overrun \d+$/),
      expect.stringMatching(/^ {2}misses {5}[1-9]\d* not run, \d+ late$/),
      `  holds      no action outside bounds: 0 of ${cycles + 1} (0.00 %)`,
      `  holds      no action outside rate: 0 of ${cycles - 1} (0.00 %)`,
      `  holds      no NaN: 0 of ${cycles + 1} (0.00 %)`,
      `  holds      no unflagged miss: 0 of ${cycles} (0.00 %)`,
      '',
    ]);
  });

  test('takes the file of a policy for a controller', async () => {
    const { code, stdout } = await replay('walk.rec', '--controller', 'walk.gatecast');
    expect(code).toBe(0);
    expect(stdout).toMatch(/all \d+ equal to those recorded/);
    const { code: refused, stderr } = await replay('walk.rec', '--controller', 'cart.gatecast');
    expect(refused).toBe(1);
    expect(stderr).toMatch(/cart\.gatecast/);
  });

  test('shows the first cycle that differs, and exits with 1', async () => {
    const { code, stdout } = await replay('cart.rec', '--controller', 'other.mjs');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}first difference: cycle \d+ \(\d\.\d{3} s\): force$/m);
    expect(stdout).toMatch(/^ {2}recorded -?[\d.]+, computed -?[\d.]+$/m);
    expect(stdout).toMatch(/^ {2}\d+ of \d+ cycles differ$/m);
    const untold = await replay('cart.rec', '--controller', 'other.mjs', '--no-compare');
    expect(untold.code).toBe(0);
    expect(untold.stdout).not.toMatch(/differ|equal/);
  });

  test('with faults and delays reports their effect; limits hold; a broken assertion exits with 4', async () => {
    const faults = ['--faults', 'nan,drop,stall,stuck,huge,late', '--rate', '0.1', '--seed', '3'];
    const words = [
      'cart.rec',
      '--controller',
      'follow.mjs',
      '--latency',
      '5ms',
      '--jitter',
      '3ms',
      ...faults,
      ...ALWAYS,
    ];
    const [one, two] = [await replay(...words), await replay(...words)];
    expect(one).toMatchObject({ code: 0, stderr: '' });
    expect(one.stdout).toBe(two.stdout);
    expect(one.stdout).toMatch(/^ {2}injected {3}nan \d+, drop \d+, stall \d+,(?: stuck \d+,)? huge \d+, late \d+$/m);
    const strict = await replay(...words, ...all('fallback at most 1 %', 'position within -2..2'));
    expect(strict.code).toBe(4);
    expect(strict.stdout).toMatch(
      /^ {2}BROKEN {5}fallback at most 1 %: \d+ of \d+ \([\d.]+ %\), first in cycle \d+ \([\d.]+ s\): fallback: [a-z-]+$/m,
    );
    expect(strict.stdout).toMatch(/^ {2}holds {6}position within -2\.\.2: 0 of/m);
  });

  test('a controller that never recovers is detected', async () => {
    const assert = all('recovers within 5 good observations', 'no NaN', 'fallback at most 50 %');
    const words = ['cart.rec', '--controller', 'poisoned.mjs', '--faults', 'nan', '--rate', '0.1', ...assert];
    const { code, stdout } = await replay(...words);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^ {2}BROKEN {5}recovers.*still bad-action with good observation 5 in a row$/m);
    expect(stdout).toMatch(/^ {2}holds {6}no NaN/m); // the loop lets none through
    expect(stdout).toMatch(/^ {2}degraded/m);
  });

  test('needs no controller if the recording holds it', async () => {
    const { code, stdout } = await replay('lqr.rec', ...ALWAYS);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^lqr\.rec: \d+ cycles in 1 s at 100 Hz, all \d+ equal to those recorded, to the bit$/m);
  });

  test('as JSON', async () => {
    const { code, stdout } = await replay('cart.rec', '--controller', 'follow.mjs', '--json', ...ALWAYS);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report).toMatchObject({ file: 'cart.rec', cycles, comparison: { compared: cycles, different: 0 } });
    expect(report['verdicts']).toHaveLength(4);
  });
});

describe('gatecast replay with a plant', () => {
  const settled = all('position within -0.1..0.1 after 8s', 'no action outside bounds');

  test('simulates without a recording', async () => {
    const words = ['--controller', 'follow.mjs', '--plant', 'cart.mjs', '--duration', '20s', ...settled];
    const { code, stdout, stderr } = await replay(...words, '--faults', 'nan,drop', '--latency', '5');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^cart\.mjs: 2000 cycles in 20 s at 100 Hz\n/);
    expect(stdout).toMatch(/^ {2}holds {6}position within -0\.1\.\.0\.1 after 8s: 0 of 1200/m);
  });

  test('breaks the assertions with a wrong controller, in the settings of a recording', async () => {
    const { code, stdout } = await replay('cart.rec', '--controller', 'wrong.mjs', '--plant', 'cart.mjs', ...settled);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^cart\.rec: 500 cycles in 5 s/);
    expect(stdout).toMatch(/BROKEN .*after 8s: there was nothing to check/);
    const longer = await replay(
      'cart.rec',
      '--controller',
      'wrong.mjs',
      '--plant',
      'cart.mjs',
      '--duration',
      '9s',
      ...settled,
    );
    expect(longer.stdout).toMatch(/BROKEN .*first in cycle 800 \(8\.000 s\): \d+/);
    expect(longer.code).toBe(4);
  });

  test('a plant that fails ends the run with 4; a model may be one', async () => {
    const wall = await replay('--controller', 'follow.mjs', '--plant', 'wall.mjs');
    expect(wall.code).toBe(4);
    expect(wall.stdout).toMatch(/^ {2}failed {5}in cycle \d+: the plant: into the wall$/m);
    const words = ['cart.rec', '--controller', 'follow.mjs', '--plant', 'cart.gatecast'];
    const model = await replay(...words, '--duration', '100ms', '--assert', 'no action outside bounds');
    expect(model).toMatchObject({ code: 0, stdout: expect.stringMatching(/^cart\.rec: 10 cycles in 0\.1 s/) });
  });

  test('Ctrl-C ends it with a report of what was done so far', async () => {
    const words = ['--controller', 'follow.mjs', '--plant', 'slow.mjs', '--duration', '100h', ...settled];
    await writeFile(join(folder, 'slow.mjs'), `console.error('here');${cart}`);
    const { child, ended } = startGatecast(folder, {}, 'replay', ...words);
    await new Promise((resolve) => child.stderr.once('data', resolve));
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/^slow\.mjs: \d+ cycles? in [\d.]+ s at 100 Hz; interrupted there$/m);
  });
});

test('mistakes are answered', async () => {
  const controlled = ['--controller', 'follow.mjs'];
  const mistakes: [string[], number, RegExp][] = [
    [[], 2, /a recording is needed, or --controller and --plant/],
    [['cart.rec'], 2, /a controller, which the recording lacks.*--controller/],
    [['--plant', 'cart.mjs'], 2, /'--controller' is needed: nothing is recorded/],
    [
      ['cart.rec', ...controlled, '--model', 'm.gatecast'],
      2,
      /'--model' cannot be used: cart\.rec is of a control loop/,
    ],
    [['cart.rec', ...controlled, '--speed', '2'], 2, /'--speed' cannot be used/],
    [['stream.rec', '--assert', 'no NaN'], 2, /'--assert' cannot be used: stream\.rec is of a stream/],
    [['stream.rec'], 2, /'--model' is needed: stream\.rec is of a stream/],
    [['none.rec', ...controlled], 1, /none\.rec/],
    [['cart.gatecast', ...controlled], 1, /cart\.gatecast holds a Gatecast model/],
    [['cart.rec', '--controller', 'none.mjs'], 1, /a module in none\.mjs/],
    [['cart.rec', '--controller', 'broken.mjs'], 1, /a module in broken\.mjs/],
    [
      ['cart.rec', '--controller', 'empty.mjs'],
      1,
      /a function that decides, or a policy, as the default export of empty/,
    ],
    [['--plant', 'cart.mjs', '--controller', 'wrong.mjs'], 1, /wrong\.mjs to export loop/],
    [['cart.rec', ...controlled, '--plant', 'empty.mjs'], 1, /default export of empty\.mjs/],
    [['function.rec', ...controlled], 2, /the function that was the fallback.*--fallback|fallback/],
    [
      ['cart.rec', ...controlled, '--assert', 'no action out of bounds'],
      2,
      /one of 'no action outside bounds'.*out of bounds/,
    ],
    [['cart.rec', ...controlled, '--assert', 'angle within 0..1'], 2, /one of position, speed, force/],
    [['cart.rec', ...controlled, '--faults', 'nap'], 2, /'nan' or 'drop'.*'late'/],
    [['cart.rec', ...controlled, '--plant', 'cart.mjs', '--duration', 'soon'], 2, /--duration/],
  ];
  for (const [words, code, message] of mistakes) {
    const ended = await replay(...words);
    expect(ended, words.join(' ')).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
    expect(ended.stderr).not.toMatch(/ {4}at /);
  }
});
