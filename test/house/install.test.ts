import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../docs/scratch.ts';

/** The install script on a machine that has nothing but node and the programs named. */
function install(folder: string, programs: string[], ...words: string[]) {
  for (const name of programs) {
    writeFileSync(join(folder, name), '#!/bin/sh\nexit 1\n');
    chmodSync(join(folder, name), 0o755);
  }
  const env = { PATH: folder };
  const script = join(root, 'native', 'install.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, ...words], { env, encoding: 'utf8' });
  return { status, lines: stderr.trim().split('\n') };
}

describe.skipIf(process.platform === 'win32')('native/install.mjs', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatecast-install-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('says in one sentence that the compiler is missing', () => {
    const { status, lines } = install(folder, ['cmake', 'make', 'python3']);
    expect(status).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/C\+\+20 compiler .* is missing/)]);
  });

  it.each([[['g++']], [['g++', 'cmake']], [['g++', 'make']], [['clang++', 'python3', 'ninja']]])(
    'says in one sentence what to install beside %j',
    (programs) => {
      const { status, lines } = install(folder, programs);
      expect(status).toBe(1);
      expect(lines).toEqual([expect.stringMatching(/cmake and make \(or ninja\), or make and python3/)]);
    },
  );

  it('refuses a builder that it does not know', () => {
    const { status, lines } = install(folder, ['g++', 'cmake', 'make'], 'scons');
    expect(status).toBe(1);
    expect(lines).toEqual(['gatecast: Expected cmake-js or node-gyp as the builder but received "scons".']);
  });
});
