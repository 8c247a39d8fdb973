import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';
import { entries } from './tools/entries.mjs';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: entries.map(({ name, source: path }) => ({ find: new RegExp(`^${name}$`), replacement: source(path) })),
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    // The native addon keeps threads of its own: processes, unlike worker threads, end with nothing left behind.
    pool: 'forks',
    maxWorkers: '150%', // more than cores: the longest files mostly wait for sensors
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
