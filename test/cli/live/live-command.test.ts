import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Forecaster } from '../../../lib/model/forecaster.ts';

const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-live-'));
  file = join(folder, 'wave.csv');
  const rows = Array.from({ length: 600 }, (_, t) => `${(20 + 5 * Math.sin(t / 4)).toFixed(4)},${(t % 7) / 7}`);
  writeFileSync(file, ['wave,saw', ...rows].join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function gatecastLive(...words: string[]): {
  child: ChildProcessByStdio<null, Readable, Readable>;
  ended: Promise<Ended>;
} {
  const child = spawn(process.execPath, [main, 'live', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (texts.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (texts.stderr += String(chunk)));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...texts })));
  return { child, ended };
}

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Line {
  now: Record<string, number>;
  mean: Record<string, number[]>;
  intervals: Record<string, Record<string, { lower: number[]; upper: number[] }>>;
  samples: number;
  skill?: number;
}

describe('gatecast live', () => {
  it('replays a file to its end as JSON and nothing else, gets better than repeat-last, and keeps the model', async () => {
    const kept = join(folder, 'wave.gatecast');
    const words = ['--csv', file, '--target', 'wave', '--horizon', '6', '--hz', '200', '--json', '--save', kept];
    const { code, stdout } = await gatecastLive(...words).ended;
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    // 360 of 600 rows are learned from at first; each row after them has a forecast.
    expect(lines.map(({ samples }) => samples)).toEqual(Array.from({ length: 240 }, (_, i) => 361 + i));
    for (const { now, mean, intervals } of lines) {
      expect(Object.keys(now)).toEqual(['wave']);
      expect(mean.wave).toHaveLength(6);
      expect(intervals['80']!.wave!.lower.every((low, h) => low <= intervals['80']!.wave!.upper[h]!)).toBe(true);
    }
    expect(lines.at(-1)!.skill).toBeGreaterThan(0.5);
    const model = await Forecaster.load(kept);
    expect(model.description).toMatchObject({ targets: ['wave'], horizon: 6, interval: null });
    model.dispose();
  });

  it('ends after so many seconds', async () => {
    const { code, stdout } = await gatecastLive('--csv', file, '--hz', '20', '--seconds', '2').ended;
    expect(code).toBe(0);
    expect(stdout).toContain('collecting samples');
  });

  it('prints plain lines where there is no terminal', async () => {
    const { child, ended } = gatecastLive('--csv', file, '--hz', '20');
    const forecast = /^ wave .* to /m;
    let printed = '';
    child.stdout.on('data', (text) => {
      const before = forecast.test(printed);
      printed += String(text);
      if (!before && forecast.test(printed)) child.kill('SIGINT');
    });
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(forecast);
    expect(stdout).not.toContain('\x1b');
  });

  it('ends on an interrupt: with 130 before the first forecast, else with 0 and the model kept', async () => {
    const early = gatecastLive('--json');
    early.child.stderr.once('data', () => early.child.kill('SIGINT'));
    expect(await early.ended).toMatchObject({ code: 130, stdout: '' });

    const kept = join(folder, 'interrupted.gatecast');
    const late = gatecastLive('--csv', file, '--horizon', '6', '--hz', '20', '--json', '--save', kept);
    late.child.stdout.once('data', () => late.child.kill('SIGINT'));
    expect((await late.ended).code).toBe(0);
    expect(existsSync(kept)).toBe(true);
  });

  it('keeps the model when its reader goes away', async () => {
    const kept = join(folder, 'unread.gatecast');
    const { child, ended } = gatecastLive('--csv', file, '--horizon', '6', '--hz', '50', '--json', '--save', kept);
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/Kept the model in .*\n$/) });
    expect(existsSync(kept)).toBe(true);
  });

  it.each([
    [['--target', 'wave'], 2],
    [['--hz', '0'], 2],
    [['--csv', 'missing.csv'], 1],
    [['--save', join('missing', 'x.gatecast')], 1],
    [['--save', tmpdir()], 1],
  ])('answers %j with exit code %i and a sentence', async (words, status) => {
    const { code, stdout, stderr } = await gatecastLive(...words).ended;
    expect({ code, stdout }).toEqual({ code: status, stdout: '' });
    expect(stderr).toMatch(/\S/);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
