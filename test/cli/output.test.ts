import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openOutput } from '../../lib/cli/output.ts';
import { gatecastError } from '../support/gatecast-error.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-output-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a file appears when it is complete, and not at all when it is not', async () => {
  const path = join(folder, 'a.csv');
  const output = await openOutput(path);
  await output.write('1\n');
  expect(existsSync(path)).toBe(false);
  await output.close(true);
  expect(await readFile(path, 'utf8')).toBe('1\n');
  const thrownAway = await openOutput(path);
  await thrownAway.write('2\n');
  await thrownAway.close(false);
  expect(await readFile(path, 'utf8')).toBe('1\n');
  expect(await readdir(folder)).toEqual(['a.csv']);
});

test('an error of the system between and after writes is an io error and leaves nothing behind', async () => {
  const path = join(folder, 'b.csv');
  const output = await openOutput(path);
  await rm(folder, { recursive: true });
  await output.write('1\n');
  await expect(output.close(true)).rejects.toEqual(gatecastError('io', /write .*b\.csv but could not: ENOENT/));
  folder = await mkdtemp(join(tmpdir(), 'gatecast-output-'));
});

test.skipIf(!existsSync('/dev/full'))('a full disk is an io error', async () => {
  // Its partial file is opened through a link that leads to the device that is always full.
  const path = join(folder, 'c.csv');
  await symlink('/dev/full', `${path}.${process.pid}.partial`);
  const output = await openOutput(path);
  await output.write('1\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  await expect(output.write('2\n')).rejects.toEqual(gatecastError('io', /ENOSPC/));
  await output.close(false);
  expect(await readdir(folder)).toEqual([]);
});

test.skipIf(process.platform === 'win32')('a pipe is written to and stays one; a link is followed', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const read = readFile(pipe, 'utf8');
  const output = await openOutput(pipe);
  await output.write('1\n');
  await output.close(true);
  expect(await read).toBe('1\n');
  expect(lstatSync(pipe).isFIFO()).toBe(true);
  const link = join(folder, 'link.csv');
  await writeFile(join(folder, 'd.csv'), 'before\n');
  await symlink('d.csv', link);
  const linked = await openOutput(link);
  await linked.write('2\n');
  await linked.close(true);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(await readFile(join(folder, 'd.csv'), 'utf8')).toBe('2\n');
});
