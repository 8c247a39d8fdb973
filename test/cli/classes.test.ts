import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { gatecast } from './gatecast.ts';

let folder: string;
const small = ['--hidden', '8', '--lookback', '10', '--epochs', '6', '--seed', '1'];
const words = ['idle', 'slow', 'fast'];
const HOUR = 3_600_000;

/** A wave whose speed the state decides, for stretches of 20 rows, and a word that is drawn. */
function machine(rows: number): string {
  const random = createRandom(5);
  let angle = 0;
  const lines = Array.from({ length: rows }, (_, row) => {
    const speed = Math.floor(row / 20) % 3;
    const wave = Math.sin((angle += speed)) + 0.1 * (random() - 0.5);
    const time = new Date(row * HOUR).toISOString();
    return `${time},${wave.toFixed(4)},${words[speed]},${random() < 0.7 ? 'heads' : 'tails'}`;
  });
  return ['time,wave,state,coin', ...lines, ''].join('\n');
}

const train = (target: string, ...more: string[]) =>
  gatecast(folder, ['train', 'machine.csv', '--target', target, ...small, '--out', `${target}.gatecast`, ...more]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-classes-'));
  await writeFile(join(folder, 'machine.csv'), machine(1000));
  const { code, stderr } = await train('state', '--horizon', '0', '--past', 'wave');
  if (code !== 0) throw new Error(stderr);
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

describe('a category', () => {
  test.each([
    ['state', 'best', 0, ['--horizon', '0', '--past', 'wave'], ''],
    ['coin', 'best', 2, ['--horizon', '1'], /does not beat the most frequent word: \d/],
    ['state', 'last', 2, ['--horizon', '1'], /does not beat the last word: \d/],
    ['state', 'last', 2, ['--horizon', '0', '--past', 'wave'], /no baseline last to beat: .* but best\./],
    ['state', 'theta', 2, ['--horizon', '1'], /no baseline theta to beat: .* but best and last\./],
  ])('%s must beat %s: exit code %i', async (target, name, code, more, said) => {
    const ended = await train(
      target,
      ...more,
      '--epochs',
      code === 0 ? '6' : '1',
      '--out',
      'x.gatecast',
      '--must-beat',
      name,
    );
    expect(ended).toMatchObject({ code, stderr: said === '' ? expect.any(String) : expect.stringMatching(said) });
  });

  test('is forecast as its word, with the probability of each', async () => {
    const { code, stdout } = await gatecast(folder, ['forecast', 'machine.csv', '--model', 'state.gatecast']);
    expect(code).toBe(0);
    const [header, line, end] = stdout.split('\n');
    expect(header).toBe('from,at,step,state,state_p_fast,state_p_idle,state_p_slow');
    const [from, at, step, word, ...shares] = line!.split(',');
    expect([from, at, step]).toEqual([from, from, '0']); // of the newest row
    expect(from).toBe(new Date(999 * HOUR).toISOString());
    const best = shares.map(Number).reduce((most, share, i) => (share > Number(shares[most]) ? i : most), 0);
    expect(word).toBe(['fast', 'idle', 'slow'][best]);
    expect(shares.map(Number).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(end).toBe('');
    const levels = await gatecast(folder, ['forecast', 'machine.csv', '--model', 'state.gatecast', '--levels', '50']);
    expect(levels).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/quantile levels/) });
  });

  test('is evaluated, with a report, and must beat a baseline there too', async () => {
    const run = (...more: string[]) => gatecast(folder, ['evaluate', 'state.gatecast', 'machine.csv', ...more]);
    const { code, stdout } = await run('--from', '850', '--report', 'state.html', '--must-beat', 'best');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^state\.gatecast on machine\.csv: \d\d\.\d% right; always telling the most frequent word /);
    const page = await readFile(join(folder, 'state.html'), 'utf8');
    for (const heading of ['Words', 'Confusion']) expect(page).toContain(`<h2>${heading}</h2>`);
    expect(page).not.toMatch(/https?:|NaN|Infinity/);
    const json = JSON.parse((await run('--from', '850', '--json')).stdout) as Record<string, unknown>;
    expect(json).toMatchObject({ model: 'state.gatecast', count: 150, classes: ['fast', 'idle', 'slow'] });
    expect(await run('--season', '24')).toMatchObject({ code: 2, stdout: '' });
  });

  test('is not compared with baselines, and said so before any training', async () => {
    const { code, stdout, stderr } = await gatecast(folder, [
      'compare',
      'machine.csv',
      '--target',
      'state',
      '--horizon',
      '1',
    ]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      'gatecast: Expected numbers to forecast in "state" but it holds words; only numbers are compared.\n',
    );
  });
});
