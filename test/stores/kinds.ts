import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundled } from '../support/bundled.ts';
import type { Store } from '../../lib/stores/store.ts';

export interface Kind {
  name: string;
  /** The file that exports the function of this name. */
  module: string;
  open: (dir: string) => Store;
  /** Whether another process finds what was flushed. */
  durable: boolean;
}

/** The stores that keep nothing beyond the process. */
const IN_MEMORY = ['memoryStore'];

/** All functions of lib/stores and lib/adapters that make a store, so that a new one is tested by the contract too. */
export const KINDS: readonly Kind[] = await discover();

async function discover(): Promise<Kind[]> {
  const kinds: Kind[] = [];
  for (const room of ['stores', 'adapters']) {
    const folder = new URL(`../../lib/${room}/`, import.meta.url);
    for (const file of readdirSync(folder)) {
      const { href } = new URL(file, folder);
      const module = (await import(href)) as Record<string, unknown>;
      for (const [name, open] of Object.entries(module)) {
        if (!/^[a-z]\w*Store$/.test(name)) continue;
        kinds.push({
          name,
          module: fileURLToPath(href),
          open: open as Kind['open'],
          durable: !IN_MEMORY.includes(name),
        });
      }
    }
  }
  return kinds;
}

/** The name and the module of a kind, as programs of tests take them. */
export function wordsOf({ name, module }: Kind): string[] {
  return [name, pathToFileURL(bundled(module)).href];
}
