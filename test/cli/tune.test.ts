import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gatecast, startGatecast } from './gatecast.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-tune-'));
  const lines = Array.from({ length: 200 }, (_, t) => (5 + Math.sin(t / 3)).toFixed(4));
  await writeFile(join(folder, 'rows.csv'), ['y', ...lines, ''].join('\n'));
});
afterEach(() => rm(folder, { recursive: true }));

const words = [
  'compare',
  'rows.csv',
  '--target',
  'y',
  '--horizon',
  '2',
  '--hidden',
  '3',
  '--layers',
  '1',
  '--epochs',
  '2',
];

interface Printed {
  command: string;
  best: { mse: number };
  trials: { number: number; setting: object; epochs: number; mse: number }[];
  baselines: { best: string };
}
/** The error of what cannot be trained is written as text, or not at all. */
const tableOf = (trials: Printed['trials']) =>
  trials.map(({ setting, epochs, mse }) => ({ setting, epochs, mse: Number.isFinite(mse) ? mse : null }));

describe('gatecast compare --tune', () => {
  test('prints the best setting as the command that trains it, writes the report, and leaves nothing else', async () => {
    const { code, stdout } = await gatecast(folder, [...words, '--tune', '4s', '--report', 'report.html']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^The best of \d+ settings on the validation rows is \w+, cell (gru|lstm), hidden 3/);
    const command = stdout.match(
      /^ {2}gatecast (train rows\.csv --target y --horizon 2 --model \w+ .*--seed 1)$/m,
    )![1]!;
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    for (const heading of ['Best setting', 'Trials', 'Baselines', 'Forecasts', 'Residuals', 'Coverage']) {
      expect(page).toContain(`<h2>${heading}</h2>`);
    }
    expect(page).toContain(command);
    expect(page).not.toMatch(/https?:|NaN|Infinity/);
    expect((await readdir(folder)).sort()).toEqual(['report.html', 'rows.csv']);
    expect((await gatecast(folder, command.split(' '))).code).toBe(0);
  });

  test('goes on after kill -9 to the trials that were done, and after Ctrl-C says how', async () => {
    const run = [...words, '--tune', '6s', '--json'];
    const first = startGatecast(folder, {}, ...run);
    const file = join(folder, 'rows.tune');
    const trials = () => (JSON.parse(readFileSync(file, 'utf8')) as Printed).trials;
    await new Promise<void>((resolve) => {
      const looking = setInterval(() => {
        if (!existsSync(file) || trials().length < 3) return;
        clearInterval(looking);
        first.child.kill('SIGKILL');
        resolve();
      }, 5);
    });
    await first.ended;
    const before = trials();
    const second = startGatecast(folder, {}, ...run);
    let sent = false;
    second.child.stderr.on('data', () => {
      if (sent || trials().length < before.length + 2) return;
      sent = true;
      second.child.kill('SIGINT');
    });
    const interrupted = await second.ended;
    if (sent) {
      expect(interrupted.stderr).toMatch(/the same command goes on from rows\.tune$/m);
      expect(trials().slice(0, before.length)).toEqual(before);
    }
    const middle = (JSON.parse(interrupted.stdout) as Printed).trials;
    expect(tableOf(middle).slice(0, before.length)).toEqual(tableOf(before));
    if (sent) {
      const { code, stdout } = await gatecast(folder, run);
      expect(code).toBe(0);
      expect(tableOf((JSON.parse(stdout) as Printed).trials).slice(0, middle.length)).toEqual(tableOf(middle));
    }
    const left = (await readdir(folder)).filter((name) => !name.endsWith('.tmp')); // the kill may come in a writing
    expect(left).toEqual(['rows.csv']);
  });

  test.each([
    ['a budget of nothing', ['--tune', '0s'], 2, /a time above 0 for --tune/],
    ['too little time', ['--tune', '1ms'], 2, /one setting to be trained in the search but its 0\.001 s were over/],
    ['no time', ['--tune', 'soon'], 2, /milliseconds or text such as '10m'/],
    ['options of the comparison', ['--tune', '1m', '--seeds', '2'], 2, /cannot be used with/],
  ])('refuses %s', async (_, more, status, said) => {
    const { code, stdout, stderr } = await gatecast(folder, [...words, ...more]);
    expect([code, stdout]).toEqual([status, '']);
    expect(stderr).toMatch(said);
    expect(await readdir(folder)).toEqual(['rows.csv']);
  });
});
