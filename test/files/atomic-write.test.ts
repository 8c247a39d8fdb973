import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFileAtomic } from '../../lib/files/atomic-write.ts';
import { readFileWhole } from '../../lib/files/read-file.ts';
import { bundled } from '../support/bundled.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-'));
  path = join(folder, 'a.gatecast');
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);

describe('writeFileAtomic', () => {
  test('writes a new file and replaces an old one, leaving nothing else', async () => {
    await writeFileAtomic(path, bytes('old and longer'));
    await writeFileAtomic(path, bytes('new'));
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['a.gatecast']);
  });

  test('keeps the permissions of the file it replaces', async () => {
    await writeFile(path, 'secret');
    await chmod(path, 0o600);
    await writeFileAtomic(path, bytes('new'));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('writes through a link and leaves the link', async () => {
    const real = join(folder, 'real');
    await writeFile(real, 'old');
    await symlink(real, path);
    await writeFileAtomic(path, bytes('new'));
    expect(await readFile(real, 'utf8')).toBe('new');
    expect((await readdir(folder)).sort()).toEqual(['a.gatecast', 'real']);
  });

  test('writers at once leave one of their files whole', async () => {
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(300_000));
    await Promise.all(contents.map((content) => writeFileAtomic(path, bytes(content))));
    expect(contents).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder)).toEqual(['a.gatecast']);
  });

  test('keeps the old file and leaves nothing behind when the rename fails', async () => {
    await mkdir(path);
    await writeFile(join(path, 'child'), '');
    await expect(writeFileAtomic(path, bytes('new'))).rejects.toThrow(gatecastError('io', /a\.gatecast/));
    expect(await readdir(folder)).toEqual(['a.gatecast']);
  });

  test.each(['missing/a', '\0', '', 'x'.repeat(5000)])('throws io for the path %j', async (name) => {
    await expect(writeFileAtomic(name === '' ? '' : join(folder, name), bytes('x'))).rejects.toThrow(
      gatecastError('io'),
    );
  });

  test('refuses anything but a path and bytes', async () => {
    for (const [name, make] of HOSTILE_VALUES) {
      if (typeof make() !== 'string') {
        await expect(writeFileAtomic(make() as never, bytes('x')), name).rejects.toThrow(
          gatecastError('invalid-argument'),
        );
      }
      if (!/Uint8Array|Buffer$/.test(name) || /ArrayBuffer/.test(name)) {
        await expect(writeFileAtomic(path, make() as never), name).rejects.toThrow(gatecastError('invalid-argument'));
      }
    }
    expect(await readdir(folder)).toEqual([]);
  });

  // A child replaces the file for ever, each time by 2 MB of one letter; it is killed at a moment of chance.
  test('leaves a whole file whenever the writer is killed', async () => {
    const size = 2_000_000;
    const module = pathToFileURL(bundled(fileURLToPath(new URL('../../lib/files/atomic-write.ts', import.meta.url))));
    const script = `
      const { writeFileAtomic } = await import(${JSON.stringify(module.href)});
      for (let i = 0; ; i++) {
        await writeFileAtomic(${JSON.stringify(path)}, new Uint8Array(${size}).fill(97 + (i % 26)));
        process.stdout.write('.');
      }
    `;
    await writeFile(path, 'z'.repeat(size));
    let interrupted = 0;
    for (let round = 0; round < 12 || (round < 60 && interrupted === 0); round++) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
      const ended = once(child, 'exit');
      await once(child.stdout, 'data'); // it has written the file at least once
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 40));
      child.kill('SIGKILL');
      await ended;
      const content = await readFile(path, 'latin1');
      expect(content).toHaveLength(size);
      expect(content).toBe(content[0]!.repeat(size));
      interrupted += (await readdir(folder)).length - 1;
      for (const name of await readdir(folder)) if (name.endsWith('.tmp')) await rm(join(folder, name));
    }
    expect(interrupted).toBeGreaterThan(0); // otherwise no writer was killed at work
  });
});

describe('readFileWhole', () => {
  test('reads', async () => {
    await writeFile(path, 'text');
    expect(Buffer.from(await readFileWhole(path)).toString()).toBe('text');
  });

  test.each(['missing', '.', '\0'])('throws io for %j', async (name) => {
    await expect(readFileWhole(join(folder, name))).rejects.toThrow(gatecastError('io'));
  });

  test.runIf(process.platform === 'linux')('does not open a device that never ends', async () => {
    await expect(readFileWhole('/dev/zero')).rejects.toThrow(gatecastError('io', /regular/));
  });

  test('refuses anything but a path', async () => {
    for (const [name, make] of HOSTILE_VALUES) {
      if (typeof make() === 'string') continue;
      await expect(readFileWhole(make() as never), name).rejects.toThrow(gatecastError('invalid-argument'));
    }
  });
});
