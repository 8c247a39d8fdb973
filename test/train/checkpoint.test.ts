import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, take, tap, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TrainOptions } from '../../lib/train/options.ts';
import { fit, train, trainUntil } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { noisySine } from './series.ts';
import { programOf } from '../support/bundled.ts';

/** How often a training is killed: GATECAST_KILLS=10 for the whole proof. */
const kills = Number(process.env['GATECAST_KILLS'] ?? 2);
const program = programOf('train/children/train-with-checkpoint.ts');

let folder: string;
let checkpoint: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-checkpoint-'));
  checkpoint = join(folder, 'pump.checkpoint');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Trains in a process of its own, which is killed some milliseconds after its first pass. Resolves to the passes. */
async function run(file: string, out: string, killAfter?: number): Promise<{ passes: number[]; time: number }> {
  const learning = spawn(process.execPath, [...program, file, out], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  learning.stdout.setEncoding('latin1').on('data', (text: string) => (printed += text));
  const closed = once(learning, 'close');
  await Promise.race([once(learning.stdout, 'data'), closed]);
  const begun = performance.now();
  const timer = killAfter !== undefined && setTimeout(() => learning.kill('SIGKILL'), killAfter);
  await closed;
  if (timer) clearTimeout(timer);
  return { passes: printed.split('\n').slice(0, -1).map(Number), time: performance.now() - begun };
}

test(
  'a training that is killed at random moments gives the bytes of one that is not',
  async () => {
    const [whole, killed] = [join(folder, 'whole.gatecast'), join(folder, 'killed.gatecast')];
    const { passes, time } = await run('', whole);
    const firsts: number[] = [];
    // A kill may come before the first checkpoint. One has to come after it.
    for (let round = 0; round < kills || (firsts.at(-1) === 0 && round < 10 * kills); round++) {
      firsts.push((await run(checkpoint, killed, Math.random() * Math.min(time / 2, (1.6 * time) / kills))).passes[0]!);
    }
    firsts.push((await run(checkpoint, killed)).passes[0]!);
    expect(passes[0]).toBe(0);
    expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
    expect(firsts.at(-1)).toBeGreaterThan(0); // it did go on, and did not begin anew
    expect(readFileSync(killed).equals(readFileSync(whole))).toBe(true);
  },
  (kills + 2) * 30_000,
);

const table = noisySine(400);
const options: TrainOptions = { targets: 'sine', inputs: ['sine'], horizon: 4, hidden: 8, lookback: 16, epochs: 8 };
const kept = () => ({ ...options, checkpoint, checkpointEvery: 0 });

describe('a checkpoint', () => {
  test('holds the pass at which learning was left, and says that it goes on', async () => {
    const left = await lastValueFrom(train(table, kept()).pipe(take(4)));
    expect(left.epoch).toBe(3);
    const passes = await lastValueFrom(train(table, kept()).pipe(toArray()));
    expect(passes[0]).toEqual({
      ...left,
      notes: [expect.stringMatching(/goes on after pass 3, from .*pump.checkpoint/)],
    });
    expect(passes.map(({ epoch }) => epoch)).toEqual([3, 4, 5, 6, 7, 8]);
    const whole = await fit(table, options);
    expect(passes.at(-1)!.forecaster!.weights()).toEqual(whole.weights());
  });

  test.each([
    [0, false],
    [1, true],
    [3, false],
  ])(
    'is written when learning is stopped, with the same bits after it, from pass %i, stateful %s',
    async (pass, stateful) => {
      const long = { ...options, stateful, epochs: 40, patience: 40 };
      const seldom = { ...long, checkpoint, checkpointEvery: '1h' };
      const stop = new AbortController();
      let ended = false;
      await lastValueFrom(
        trainUntil(stop.signal, table, seldom).pipe(
          tap(({ epoch, forecaster }) => {
            ended ||= forecaster !== undefined;
            if (epoch === pass) setTimeout(() => stop.abort(), 5 * Math.random());
          }),
        ),
      );
      expect(ended).toBe(false);
      const passes = await lastValueFrom(train(table, seldom).pipe(toArray()));
      expect(passes[0]!.epoch).toBeGreaterThanOrEqual(pass);
      const whole = await fit(table, long);
      const model = passes.at(-1)!.forecaster!;
      expect(model.weights()).toEqual(whole.weights());
      expect({ ...model.description.training, trainedAt: '' }).toEqual({
        ...whole.description.training,
        trainedAt: '',
      });
    },
  );

  test('stays when learning has ended, and then gives the same model at once', async () => {
    const whole = await fit(table, kept());
    const again = await lastValueFrom(train(table, kept()).pipe(toArray()));
    expect(again.map(({ epoch }) => epoch)).toEqual([8]);
    expect(again[0]!.forecaster!.weights()).toEqual(whole.weights());
    expect(again[0]!.forecaster!.fingerprint).toBe(whole.fingerprint);
  });

  test('is refused for other options and other rows, and stays as it is', async () => {
    await fit(table, kept());
    const before = readFileSync(checkpoint);
    const refused = (words: RegExp) => gatecastError('invalid-file', words);
    await expect(fit(table, { ...kept(), learningRate: 0.02 })).rejects.toThrow(
      refused(/pump.checkpoint but there options.learningRate is \S+, here 0.02; remove it to start over/),
    );
    await expect(fit(table, { ...kept(), min: 0 })).rejects.toThrow(refused(/options.min is left out, here 0/));
    await expect(fit(noisySine(400, 0.2), kept())).rejects.toThrow(refused(/its data are others/));
    expect(readFileSync(checkpoint)).toEqual(before);
  });

  test('is refused if it is damaged or another file', async () => {
    await fit(table, { ...kept(), epochs: 1 });
    const bytes = readFileSync(checkpoint);
    for (const place of [bytes.length - 3, bytes.indexOf('bestEpoch')]) {
      const damaged = Buffer.from(bytes);
      damaged[place]! ^= 1;
      writeFileSync(checkpoint, damaged);
      await expect(fit(table, { ...kept(), epochs: 1 })).rejects.toMatchObject({ code: 'invalid-file' });
    }
    writeFileSync(checkpoint, 'time,sine\n');
    await expect(fit(table, kept())).rejects.toThrow(gatecastError('invalid-file', /a checkpoint of a training/));
    await expect(fit(table, { ...kept(), checkpoint: folder })).rejects.toMatchObject({ code: 'io' });
    const nowhere = join(folder, 'none', 'x.checkpoint');
    await expect(fit(table, { ...kept(), checkpoint: nowhere })).rejects.toMatchObject({ code: 'io' });
    expect(existsSync(nowhere)).toBe(false);
  });
});
