import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { lmdbStore } from '../../lib/adapters/lmdb.ts';
import { gatecastError } from '../support/gatecast-error.ts';

vi.mock('node:module', async (original) => ({
  ...(await original<object>()),
  createRequire: () => (name: string) => {
    throw new Error(`Cannot find module '${name}'\nRequire stack: ...`);
  },
}));

test('lmdbStore says what to install when lmdb is missing, and makes no folder', () => {
  const folder = join(tmpdir(), `gatecast-${randomUUID()}`);
  const message = /^Expected the package lmdb .*\(Cannot find module 'lmdb'\); run "npm install lmdb"\.$/;
  expect(() => lmdbStore(folder)).toThrow(gatecastError('package-missing', message));
  expect(existsSync(folder)).toBe(false);
});
