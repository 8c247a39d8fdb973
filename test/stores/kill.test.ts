import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KINDS, wordsOf } from './kinds.ts';
import { content, operate } from './operations.ts';
import { programOf } from '../support/bundled.ts';

/** How often a writer is killed, over all stores: GATECAST_KILLS=200 for the whole proof. */
const durable = KINDS.filter(({ durable }) => durable);
const kills = Math.ceil(Number(process.env['GATECAST_KILLS'] ?? 10) / durable.length);
const program = programOf('stores/children/operate-for-ever.ts');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-kill-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Lets a writer work for some milliseconds beyond its first flush; returns the last number that it printed. */
async function killAfter(kind: string[], milliseconds: number): Promise<number> {
  const writer = spawn(process.execPath, [...program, ...kind, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  writer.stdout.setEncoding('latin1').on('data', (text: string) => (printed += text));
  const closed = once(writer, 'close');
  await Promise.race([once(writer.stdout, 'data'), closed]);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  writer.kill('SIGKILL');
  const [, signal] = (await closed) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  // the last line is whole, or the one before it is the last that was
  return Number(printed.split('\n').at(-2));
}

test.each(durable)(
  '$name holds one whole moment, none older than was promised, whenever its writer is killed',
  async (kind) => {
    const words = wordsOf(kind);
    const model = new Map<string, Uint8Array>();
    let done = 0;
    for (let round = 0; round < kills; round++) {
      const promised = await killAfter(words, Math.random() * 60);
      const store = kind.open(folder);
      const held = store.meta as number;
      expect(promised).toBeGreaterThan(done);
      expect(held).toBeGreaterThanOrEqual(promised);
      for (let n = done + 1; n <= held; n++) operate(model, n);
      expect(content(store)).toEqual(model);
      store.close();
      done = held;
    }
  },
  kills * 10_000,
);
