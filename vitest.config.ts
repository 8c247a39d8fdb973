import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

const source = (path: string) => fileURLToPath(new URL(`lib/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^gatecast$/, replacement: source('index.ts') },
      { find: /^gatecast\/(csv|lmdb|ndjson|opentelemetry|sensors)$/, replacement: `${source('adapters')}/$1.ts` },
    ],
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
