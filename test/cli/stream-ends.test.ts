import { spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeModel } from '../support/models.ts';
import { main, startGatecast } from './gatecast.ts';

const lines = (count: number) =>
  Array.from({ length: count }, (_, i) => `${JSON.stringify({ at: 1000 * i, values: [10, 20 + Math.sin(i)] })}\n`).join(
    '',
  );
const SUMMARY = /3 of 4 lines used, left out: 1 invalid\n$/;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-cli-'));
  await makeModel().save(join(folder, 'pump.gatecast'));
});
afterAll(() => rm(folder, { recursive: true }));

const start = (...words: string[]) => startGatecast(folder, {}, 'stream', '--model', 'pump.gatecast', ...words);

describe.concurrent('gatecast stream sums up what was left out', () => {
  test.each([
    ['SIGINT', []],
    ['SIGTERM', ['--store', 'state']],
  ] as const)('at a %s %j, while it waits for samples', async (signal, words) => {
    const { child, ended } = start(...words);
    let printed = '';
    child.stdout.on('data', (text) => {
      printed += String(text);
      if (printed.split('\n').length === 4) child.kill(signal);
    });
    child.stdin.write(`x\n${lines(3)}`);
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringMatching(SUMMARY) });
  });

  test.each([[[]], [['--record', 'run.rec']]])('at a signal while nobody reads what it writes %j', async (words) => {
    const { child, ended } = start(...words);
    child.stdout.pause();
    const said = new Promise((resolve) => child.stderr.once('data', resolve));
    child.stdin.write(`x\n${lines(3000)}`);
    await said;
    setTimeout(() => child.kill('SIGTERM'), 300);
    await new Promise((resolve) => child.once('exit', resolve));
    child.stdout.resume();
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringMatching(/left out: 1 invalid\n$/) });
  });

  test('when its reader goes away, which is not a failure', async () => {
    const { child, ended } = start();
    child.stdout.once('data', () => {
      child.stdout.destroy();
      child.stdin.write(lines(1));
    });
    child.stdin.write(`x\n${lines(1)}`);
    expect(await ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/left out: 1 invalid\n$/) });
  });

  test.skipIf(!existsSync('/dev/full'))('when the disk is full, and reports that', () => {
    const words = [main, 'stream', '--model', 'pump.gatecast'];
    const full = openSync('/dev/full', 'w');
    const stdio = ['pipe', full, 'pipe'] as const;
    const { status, stderr } = spawnSync(process.execPath, words, {
      cwd: folder,
      input: `x\n${lines(9)}`,
      stdio: [...stdio],
    });
    expect({ status, stderr: String(stderr) }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /Expected to write standard output but could not: ENOSPC[^\n]*\n[^\n]*left out: 1 invalid\n$/,
      ),
    });
  });

  test('when a line ends it', async () => {
    const { child, ended } = start('--gap', 'hold', '--on-invalid', 'error');
    child.stdin.end(`${lines(3)}${lines(1)}x\n`);
    expect(await ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/3 of 5 lines used, left out: 1 late\n.*Line 5: Expected a line of JSON[^\n]*\n$/),
    });
  });

  test('and goes on when nobody reads its stderr', async () => {
    const { child, ended } = start();
    child.stderr.destroy();
    child.stdin.end(`x\n${lines(3)}`);
    const { code, stdout } = await ended;
    expect({ code, count: stdout.split('\n').length - 1 }).toEqual({ code: 0, count: 3 });
  });
});

test('a store of streams by key is reported to a run without a key', async () => {
  const keyed = start('--store', 'keyed', '--key', 'pump');
  keyed.child.stdin.end(`${JSON.stringify({ at: 0, values: [10, 20], pump: 'a' })}\n`);
  expect(await keyed.ended).toMatchObject({ code: 0, stderr: '' });
  for (const told of [
    /\n.*keyed holds streams by key, none of which continues without --key.*\n$/,
    /continues from there\n$/,
  ]) {
    const { child, ended } = start('--store', 'keyed');
    child.stdin.end(lines(3));
    expect(await ended).toMatchObject({ code: 0, stderr: expect.stringMatching(told) });
  }
});
