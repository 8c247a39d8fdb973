import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lmdbStore } from '../../lib/adapters/lmdb.ts';
import { readRecording } from '../../lib/recording/read-recording.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { RecurrentPolicy } from '../../lib/model/recurrent-policy.ts';
import { checkOutput } from '../../lib/cli/check-output.ts';
import { writeFileAtomic } from '../../lib/files/atomic-write.ts';
import { readSafetensors } from '../../lib/files/safetensors.ts';
import { fileStore } from '../../lib/stores/file-store.ts';
import { gatecastError } from '../support/gatecast-error.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-not-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Each makes something in a folder that is not a regular file. */
const KINDS: [string, (path: string) => void | Promise<void>][] = [
  ['a pipe', (path) => void spawnSync('mkfifo', [path])],
  ['a device', (path) => symlinkSync('/dev/zero', path)],
  ['a folder', (path) => mkdirSync(path)],
  [
    'a socket',
    (path) =>
      new Promise((resolve) => {
        createServer().unref().listen(path, resolve);
      }),
  ],
];

describe.skipIf(process.platform === 'win32').each(KINDS)('%s in the place of a file', (kind, make) => {
  const refused = gatecastError('io', new RegExp(`is ${kind}, not a regular file`));

  test.each(['manifest', 'lock', '0000000001.segment'])('is refused as the %s of a store', async (name) => {
    const store = fileStore(folder);
    store.put('a', Uint8Array.of(1));
    store.close();
    const path = join(folder, name);
    rmSync(path, { force: true });
    await make(path);
    expect(() => fileStore(folder)).toThrow(refused);
    rmSync(path, { recursive: true });
    expect(readdirSync(folder).filter((file) => file.startsWith('.') || file === 'lock')).toEqual([]);
  });

  test('is refused as a database', async () => {
    for (const name of ['data.mdb', 'lock.mdb']) {
      await make(join(folder, name));
      expect(() => lmdbStore(folder)).toThrow(refused);
      rmSync(join(folder, name), { recursive: true });
    }
  });

  test('is refused as a model, a policy, weights and a recording', async () => {
    const path = join(folder, 'file');
    await make(path);
    await expect(Forecaster.load(path)).rejects.toThrow(refused);
    await expect(RecurrentPolicy.load(path)).rejects.toThrow(refused);
    await expect(readSafetensors(path)).rejects.toThrow(refused);
    await expect(readRecording(path).next()).rejects.toThrow(refused);
  });

  test.skipIf(kind === 'a folder')('is not replaced by a file', async () => {
    const path = join(folder, 'file');
    await make(path);
    await expect(writeFileAtomic(path, Uint8Array.of(1))).rejects.toThrow(refused);
    await expect(checkOutput(path, 'model')).rejects.toThrow(gatecastError('io', /a pipe or a device/));
    expect(lstatSync(path).isFile()).toBe(false);
  });
});

test('a store does not take foreign files for its own', () => {
  writeFileSync(join(folder, 'notes'), 'mine');
  fileStore(folder).close();
  expect(readdirSync(folder).toSorted()).toEqual(['manifest', 'notes']);
});
