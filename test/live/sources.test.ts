import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileSource, machineSource } from '../../lib/live/sources.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-live-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

function csv(rows: number): string {
  const file = join(folder, 'pump.csv');
  const lines = Array.from(
    { length: rows },
    (_, i) => `${new Date(Date.UTC(2026, 0, 1, 0, i)).toISOString()},${i},${i + 0.5}`,
  );
  writeFileSync(file, ['time,flow,level', ...lines].join('\n'));
  return file;
}

const quiet = { note: () => {} };

describe('fileSource', () => {
  it('gives the rows of the first learning at once, the others at their pace, and none while it is to wait', async () => {
    let flowing = true;
    const source = await fileSource(csv(200), { ...quiet, horizon: 4, hz: 100 }, () => flowing);
    expect(source).toMatchObject({ title: 'pump.csv, 100 rows a second', names: ['flow', 'level'], targets: [0, 1] });
    expect(source.interval).toBe(60_000);
    vi.useFakeTimers();
    const seen: number[] = [];
    let complete = false;
    source.samples.subscribe({
      next: ({ values }) => {
        expect(values[1]).toBe(values[0]! + 0.5);
        seen.push(values[0]!);
      },
      complete: () => {
        complete = true;
      },
    });
    expect(seen).toHaveLength(120);
    expect(source.collect).toBe(120);
    vi.advanceTimersByTime(195);
    expect(seen).toHaveLength(140);
    flowing = false;
    vi.advanceTimersByTime(1000);
    expect(seen).toHaveLength(140);
    flowing = true;
    vi.advanceTimersByTime(600);
    expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(complete).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('forecasts the columns asked for and refuses unknown ones', async () => {
    const file = csv(200);
    expect((await fileSource(file, { ...quiet, targets: ['level'] }, () => true)).targets).toEqual([1]);
    await expect(fileSource(file, { ...quiet, targets: ['leve'] }, () => true)).rejects.toMatchObject({
      code: 'invalid-data',
      message: expect.stringContaining('"level"'),
    });
  });

  it.each(['word\n' + 'yes and no\n'.repeat(9), 'word,more\n' + 'a,b\nb,a\n'.repeat(50), 'kind\n' + 'x\n'.repeat(90)])(
    'refuses a file without a column of numbers',
    async (text) => {
      const file = join(folder, 'words.csv');
      writeFileSync(file, text);
      await expect(fileSource(file, quiet, () => true)).rejects.toThrow(
        /at least one column of numbers in .*words\.csv/,
      );
    },
  );

  it('refuses a file too short for its horizon, saying how long it would have to be', async () => {
    await expect(fileSource(csv(100), { ...quiet, horizon: 13 }, () => true)).rejects.toMatchObject({
      code: 'invalid-data',
      message: expect.stringMatching(/at least 109 rows .* found 100/),
    });
    expect((await fileSource(csv(109), { ...quiet, horizon: 13 }, () => true)).collect).toBe(65);
  });

  it.each([0.5, 2.5, 10_001])('refuses a horizon of %s rows', async (horizon) => {
    await expect(fileSource(csv(100), { ...quiet, horizon }, () => true)).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });
});

describe('machineSource', () => {
  it('counts the horizon in readings and collects for twenty seconds, longer where that would be too little', () => {
    expect(machineSource({})).toMatchObject({
      horizon: 30,
      collect: 200,
      step: { size: 0.1, unit: 's' },
      interval: 100,
    });
    expect(machineSource({ hz: 1 })).toMatchObject({ horizon: 3, collect: 60 });
    const far = machineSource({ horizon: 100 });
    expect(far).toMatchObject({ horizon: 1000, collect: 5000 });
    expect(far.keep).toBeGreaterThan(far.collect);
    expect(() => machineSource({ horizon: 1e6 })).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it('stamps readings with the moments they were due, however late they come', async () => {
    const { samples, names } = machineSource({ hz: 20 });
    const busy = setInterval(() => {
      for (const end = performance.now() + 30; performance.now() < end; );
    }, 35);
    const readings = await lastValueFrom(samples.pipe(take(10), toArray())).finally(() => clearInterval(busy));
    expect(Math.max(...readings.map(({ values }) => values[names.indexOf('loopDelay')]!))).toBeGreaterThan(5);
    for (const { at } of readings) {
      const periods = (at! - readings[0]!.at!) / 50;
      expect(Math.abs(periods - Math.round(periods))).toBeLessThan(0.1);
    }
  });

  it('knows between what its sensors must lie', () => {
    const { names, limits } = machineSource({});
    expect(limits).toHaveLength(names.length);
    expect(limits[names.indexOf('memory')]).toEqual([0, 100]);
    expect(limits[names.indexOf('loopDelay')]).toEqual([0, Number.POSITIVE_INFINITY]);
  });
});
