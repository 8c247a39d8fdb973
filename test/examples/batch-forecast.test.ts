import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runExample } from './run-example.ts';

const SERIES = ['backup', 'encode', 'index', 'poll', 'report'];

it('examples/batch-forecast.ts forecasts every series, better than its last value on the whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatecast-batch-'));
  try {
    const { lines } = await runExample('batch-forecast.ts', join(folder, 'forecasts.csv'));
    const rows = lines.slice(1, -1).map((line) => line.trim().split(/ {2,}|(?<=[a-z]) +/));
    expect(rows.map(([name]) => name)).toEqual(SERIES);
    const total = (column: number) => rows.reduce((sum, row) => sum + Number(row.at(column)), 0);
    expect(total(-1)).toBeLessThan(0.85 * total(-2));

    const csv = (await readFile(join(folder, 'forecasts.csv'), 'utf8')).trimEnd().split('\n');
    expect(csv[0]).toBe('series,from,at,step,value,value_lo_80,value_hi_80');
    expect(csv.length).toBe(1 + SERIES.length * 8);
    for (const line of csv.slice(1)) {
      const [mean, low, high] = line.split(',').slice(4).map(Number);
      expect(low).toBeLessThanOrEqual(mean!);
      expect(mean).toBeLessThanOrEqual(high!);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
