import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gatecast } from './gatecast.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-compare-'));
  const lines = Array.from({ length: 200 }, (_, t) => (5 + Math.sin(t / 3)).toFixed(4));
  await writeFile(join(folder, 'rows.csv'), ['y', ...lines, ''].join('\n'));
  await writeFile(join(folder, 'flat.csv'), ['y', ...lines.map(() => '5'), ''].join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const small = ['--target', 'y', '--horizon', '2', '--hidden', '3', '--epochs', '1', '--seeds', '1'];

describe('gatecast compare', () => {
  test('prints the recommendation and the tables, and writes the report', async () => {
    const { code, stdout } = await gatecast(folder, ['compare', 'rows.csv', ...small, '--report', 'report.html']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^(Take|(gru|lstm)\(\d\) (loses|is not clearly better))/);
    expect(stdout).toMatch(/^gru\(3\) +\d/m);
    expect(stdout).toMatch(/^lstm\(3\) +\d/m);
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    for (const heading of [
      'Networks',
      'Forecasts',
      'Error by horizon',
      'Learning curves',
      'Gradient flow',
      'Residuals',
      'Coverage',
    ]) {
      expect(page).toContain(`<h2>${heading}</h2>`);
    }
    expect(page).not.toMatch(/https?:|NaN|Infinity/);
    expect(page.length).toBeLessThan(1_000_000);
  });

  test('answers bad input with a sentence and writes no report', async () => {
    const { code, stdout, stderr } = await gatecast(folder, ['compare', 'flat.csv', ...small, '--report', 'none.html']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('gatecast: Expected values of "y" that change but found only the value 5.');
    expect(existsSync(join(folder, 'none.html'))).toBe(false);
  });
});
