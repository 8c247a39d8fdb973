import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';
import { entries } from './tools/entries.mjs';

/**
 * Rooms whose tests share a process, because starting one for each file takes longer than most files. The tests of other
 * rooms replace modules, globals or signals, or count what a process holds.
 */
const sharing = [
  'accuracy',
  'backtest',
  'base',
  'baselines',
  'batch',
  'compare',
  'control',
  'data',
  'diagnosis',
  'files',
  'metrics',
  'model',
  'network',
  'online',
  'reading',
  'recording',
  'report',
  'stream',
  'time',
  'train',
  'tune',
].map((room) => `test/${room}/**/*.test.ts`);

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
    projects: [
      { extends: true, test: { name: 'together', isolate: false, include: sharing } },
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: sharing } },
    ],
  },
});
