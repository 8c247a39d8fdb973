import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLoop, type RecordedCycle } from 'gatecast/replay';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runExample } from './run-example.ts';

// As `npx tsx examples/control-loop.ts --learn --models test/examples/cart-pole` leaves them: to learn takes a minute.
const models = 'test/examples/cart-pole';

describe('examples/control-loop.ts', () => {
  let folder: string;
  let lines: string[];
  let picture: string;
  let cycles: RecordedCycle[];

  const run = (record: string, ...words: string[]) =>
    runExample('control-loop.ts', '--virtual', '--models', models, '--record', record, ...words);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatecast-control-'));
    const [recording, drawing] = [join(folder, 'run.rec'), join(folder, 'run.svg')];
    ({ lines } = await run(recording, '--seconds', '6', '--picture', drawing));
    picture = await readFile(drawing, 'utf8');
    cycles = await cyclesOf(recording);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('swings the pole up with the model that remembers, and with nothing else', () => {
    const upright = lines.map((line) => Number(/upright for (\d+)%/.exec(line)![1]));
    expect(upright).toHaveLength(3);
    expect(upright[0]).toBeGreaterThan(60);
    expect(Math.max(upright[1]!, upright[2]!)).toBeLessThan(25);
  });

  it('records a loop in which no cycle is missing, no force beyond the limits, and all that is seen two cycles old', () => {
    expect(cycles.map(({ seq }) => seq)).toEqual(Array.from({ length: 600 }, (_, i) => i));
    expect(Math.max(...cycles.map(({ action }) => Math.abs(action[0]!)))).toBeLessThanOrEqual(6);
    const seen = cycles.filter(({ source }) => source === 'model');
    expect(seen).toHaveLength(598);
    for (const { tDue, tEvent } of seen) expect(tDue - tEvent!).toBe(20);
  });

  it('draws the run', () => {
    expect(picture).toMatch(/^<svg .*<\/svg>\n$/s);
    expect(picture).not.toContain('NaN');
    expect(picture).toContain('simulated');
  });

  it('does the same again', async () => {
    const again = join(folder, 'again.rec');
    await run(again, '--seconds', '1');
    expect(forces(await cyclesOf(again))).toEqual(forces(cycles).slice(0, 100));
  });
});

async function cyclesOf(recording: string): Promise<RecordedCycle[]> {
  const entries = [];
  for await (const entry of readLoop(recording)) entries.push(entry);
  return entries.flatMap((entry) => (entry.type === 'cycle' ? [entry.cycle] : []));
}

function forces(cycles: readonly RecordedCycle[]): number[] {
  return cycles.map(({ action }) => action[0]!);
}
