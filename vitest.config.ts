import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';
import { entries } from './tools/entries.mjs';

/** Rooms whose tests share a process, because starting one for each file takes longer than most files. */
const rooms = [
  'accuracy',
  'backtest',
  'base',
  'baselines',
  'batch',
  'compare',
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
  'time',
  'train',
  'tune',
];

/**
 * All tests that share a process. Those of other rooms replace modules, globals or signals, or count what a process
 * holds. The files left out load the package a second time, from dist, and the addon throws the errors of only one.
 */
const sharing = [
  ...rooms.map((room) => `test/${room}/**/*.test.ts`),
  'test/control/**/!(native-loop|shared-ring).test.ts',
  'test/stream/**/!(*-worker).test.ts',
];

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
