import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';
import { entries } from './tools/entries.mjs';

/** Rooms without state that is shared by a process, such as that of the addon. */
const stateless = ['accuracy', 'base', 'data', 'metrics', 'reading'].map((room) => `test/${room}/**/*.test.ts`);

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: entries.map(({ name, source: path }) => ({ find: new RegExp(`^${name}$`), replacement: source(path) })),
  },
  test: {
    globalSetup: ['test/global-setup.ts'],
    // The native addon keeps threads of its own: processes, unlike worker threads, end with nothing left behind.
    pool: 'forks',
    maxWorkers: '150%', // more than cores: the longest files mostly wait for sensors
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    // A process for each file costs a quarter of a second.
    projects: [
      { extends: true, test: { name: 'together', isolate: false, include: stateless } },
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: stateless } },
    ],
  },
});
