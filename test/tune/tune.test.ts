import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lastValueFrom, tap } from 'rxjs';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { fit } from '../../lib/train/train.ts';
import { sliceRows } from '../../lib/data/table.ts';
import { tune, tuneModel } from '../../lib/tune/tune.ts';
import type { TuneTrial } from '../../lib/tune/result.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const rows = (count: number, value = (t: number) => Math.sin(t / 3)) => ({
  names: ['y'],
  columns: [Float64Array.from({ length: count }, (_, t) => value(t))],
});
/** What is left to search is the learning rate. */
const train = {
  targets: 'y',
  horizon: 2,
  model: 'recurrent',
  cell: 'gru',
  hidden: 4,
  layers: 1,
  dropout: 0,
  lookback: 8,
  epochs: 4,
  levelShift: 0,
} as const;
const table = rows(300);
const found = (trials: readonly TuneTrial[]) => trials.map((trial) => ({ ...trial, seconds: 0, at: 0 }));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-tune-'));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

describe('tune', () => {
  it('finds the better of two settings, by their errors on the validation rows', async () => {
    const { cell: _, ...open } = train;
    const options = { ...open, learningRate: 0.01 };
    const { best, trials, model, score } = await tuneModel(table, { train: options, budget: '1m' });
    const known = sliceRows(table, 0, 255); // the last 15 % are the test
    const errors = new Map<string, number>();
    for (const cell of ['gru', 'lstm'] as const) {
      const own = await fit(known, { ...options, cell });
      errors.set(cell, evaluate(own, known, { from: 204 }).scaled.mse); // the last fifth of these
      own.dispose();
    }
    for (const { setting, epochs, mse } of trials) if (epochs === 4) expect(mse).toBe(errors.get(setting.cell!));
    const [lower, higher] = [...errors].sort(([, a], [, b]) => a - b);
    expect(higher![1]).toBeGreaterThan(1.05 * lower![1]);
    expect(best).toMatchObject({ setting: { cell: lower![0] }, epochs: 4 });
    expect(score.windows).toBe(45 - 2 + 1);
    model.dispose();
  });

  it('tries the defaults first, gives more passes to the better ones, and ends when all was tried', async () => {
    const { trials, best, defaults, model, notes, sentences } = await tuneModel(table, { train, budget: '1m' });
    const { learningRate, ...fixed } = trials[0]!.setting;
    expect(learningRate).toBe(0.01);
    expect(fixed).toEqual({ model: 'recurrent', cell: 'gru', hidden: 4, layers: 1, dropout: 0, lookback: 8 });
    expect(trials.slice(0, 3).map(({ epochs, step }) => [epochs, step])).toEqual([
      [1, 0],
      [2, 1],
      [4, 2],
    ]);
    expect(defaults).toBe(trials[2]);
    const second = trials.slice(3); // the four other rates, then the best two of them, then the best
    expect(second.map(({ step }) => step)).toEqual([0, 0, 0, 0, 1, 1, 2]);
    const byError = second.slice(0, 4).sort((a, b) => a.mse - b.mse);
    expect(second.slice(4, 6).map(({ setting }) => setting)).toEqual(byError.slice(0, 2).map(({ setting }) => setting));
    expect(best.mse).toBe(Math.min(...trials.map(({ mse }) => mse)));
    expect(notes).toEqual(['No further settings were left to try.']);
    expect(sentences[0]).toMatch(/^The best of 5 settings on the validation rows is recurrent, cell gru, hidden 4/);
    // The model is the one that train gives for this setting.
    const known = sliceRows(table, 0, 255);
    const same = await fit(known, { ...train, ...(best.setting as object), epochs: best.epochs });
    expect(model.fingerprint).toBe(same.fingerprint);
    same.dispose();
    model.dispose();
  });

  it('goes on after an interruption to the same trials and the same model', async () => {
    const whole = await tuneModel(table, { train, budget: '1m' });
    const checkpoint = join(folder, 'rows.tune');
    for (const until of [2, 5, 9]) {
      const stop = new AbortController();
      const { result } = await lastValueFrom(
        tune(table, { train, budget: '1m', checkpoint, stop: stop.signal }).pipe(
          tap(({ done, training }) => {
            if (done >= until && training) stop.abort();
          }),
        ),
      );
      expect(result!.best.mse).toBe(Math.min(...result!.trials.map(({ mse }) => mse)));
      result!.model.dispose();
      const kept = JSON.parse(readFileSync(checkpoint, 'utf8')) as { trials: unknown[]; seconds: number };
      expect(kept.trials.length).toBeGreaterThanOrEqual(until);
      expect(readdirSync(folder).every((name) => /^rows\.tune(\.\d+)?$/.test(name))).toBe(true);
    }
    const resumed = await tuneModel(table, { train, budget: '1m', checkpoint });
    expect(found(resumed.trials)).toEqual(found(whole.trials));
    expect(resumed.model.fingerprint).toBe(whole.model.fingerprint);
    expect(readdirSync(folder)).toEqual(['rows.tune']);
    // All is there, and the model is made once more.
    const again = await tuneModel(table, { train, budget: '1m', checkpoint });
    expect(again.trials).toEqual(resumed.trials);
    expect(again.model.fingerprint).toBe(whole.model.fingerprint);
    for (const { model } of [whole, resumed, again]) model.dispose();
  });

  it('refuses the file of another search, and a file that is none, and leaves both as they are', async () => {
    const checkpoint = join(folder, 'rows.tune');
    (await tuneModel(table, { train, budget: '1m', checkpoint })).model.dispose();
    const before = readFileSync(checkpoint, 'utf8');
    const refused = (words: RegExp) => gatecastError('invalid-file', words);
    const other = { ...train, hidden: 5 } as const;
    await expect(tuneModel(table, { train: other, checkpoint })).rejects.toThrow(refused(/it has other options/));
    await expect(tuneModel(rows(301), { train, checkpoint })).rejects.toThrow(refused(/it is of other data/));
    expect(readFileSync(checkpoint, 'utf8')).toBe(before);
    for (const text of ['', '{', '{"format":1}', before.replace('"epochs": 1', '"epochs": "x"')]) {
      writeFileSync(checkpoint, text);
      await expect(tuneModel(table, { train, checkpoint })).rejects.toThrow(refused(/rows\.tune/));
      expect(readFileSync(checkpoint, 'utf8')).toBe(text);
    }
  });

  it('keeps its budget: the training that runs is stopped, and the best so far is judged', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const checkpoint = join(folder, 'rows.tune');
    const { result } = await lastValueFrom(
      tune(table, { train, budget: '100s', checkpoint }).pipe(
        tap(({ done, training }) => {
          if (done === 2 && training) vi.advanceTimersByTime(85_000);
        }),
      ),
    );
    expect(result!.trials).toHaveLength(2);
    expect(result!.defaults).toBeUndefined();
    expect(result!.sentences).toContain('The time was over before the defaults were fully trained.');
    expect(existsSync(`${checkpoint}.3`)).toBe(true); // from which a longer search goes on
    result!.model.dispose();
  });

  it('counts the time of earlier runs', async () => {
    const checkpoint = join(folder, 'rows.tune');
    (await tuneModel(table, { train: { ...train, epochs: 2 }, budget: '1m', checkpoint })).model.dispose();
    const state = JSON.parse(readFileSync(checkpoint, 'utf8')) as { seconds: number; trials: object[] };
    writeFileSync(checkpoint, JSON.stringify({ ...state, seconds: 52, trials: state.trials.slice(0, 3) }));
    const { trials, seconds, model } = await tuneModel(table, {
      train: { ...train, epochs: 2 },
      budget: '1m',
      checkpoint,
    });
    expect(trials).toHaveLength(3);
    expect(seconds).toBeGreaterThan(52);
    model.dispose();
  });

  it('ends without a result if it is stopped before one setting is trained', async () => {
    const checkpoint = join(folder, 'rows.tune');
    const stopped = tuneModel(table, { train, stop: AbortSignal.abort(), checkpoint });
    await expect(stopped).rejects.toThrow(gatecastError('invalid-argument', /was ended/));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is ended by unsubscribing', async () => {
    let seen = 0;
    await new Promise<void>((resolve) => {
      const subscription = tune(table, { train }).subscribe(() => {
        seen += 1;
        setImmediate(() => {
          subscription.unsubscribe();
          setTimeout(resolve, 50);
        });
      });
    });
    const before = seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toBe(before);
  });

  it('leaves out a kind of model that cannot be trained, and says why', async () => {
    const { model: _, epochs: __, levelShift: ___, ...all } = train;
    const stop = new AbortController();
    const { result } = await lastValueFrom(
      tune(table, { train: { ...all, loss: 'mse', epochs: 1 }, budget: '1m', stop: stop.signal }).pipe(
        tap(({ done }) => {
          if (done >= 4) stop.abort();
        }),
      ),
    );
    const deepar = result!.trials.find(({ setting }) => setting.model === 'deepar')!;
    expect(deepar.failure).toMatch(/^Expected .* for options\.loss/);
    expect(deepar.mse).toBeNaN();
    expect(result!.notes).toContain('The search was ended before its time was over.');
    expect(result!.best.setting.model).not.toBe('deepar');
    result!.model.dispose();
  });

  it.each([
    ['one row', rows(1), /found 1\./],
    ['a horizon longer than the data', rows(2), /found 2\./],
    ['a constant', rows(300, () => 5), /"y" that change but found only the value 5/],
    ['no value', rows(300, () => Number.NaN), /"y" that change but found no value/],
    ['words', { ...rows(300, (t) => t % 2), words: [['off', 'on']] }, /numbers to forecast in "y" but it holds words/],
    ['rows too few for any setting', rows(9), /Expected (enough|at least)/],
  ])('refuses %s', async (_, data, message) => {
    const { lookback: __, ...others } = train;
    await expect(tuneModel(data, { train: others })).rejects.toThrow(gatecastError('invalid-data', message));
  });

  it('refuses what it decides itself, a budget of nothing and wrong options of train at once', () => {
    expect(() => tune(table, { train: { ...train, seed: 1 } as never })).toThrow(/the search decides.*seed/);
    expect(() => tune(table, { train, budget: 0 })).toThrow(/above 0/);
    expect(() => tune(table, { train: { ...train, hiden: 4 } as never })).toThrow(/Did you mean hidden/);
    expect(() => tune(table, { train: { ...train, hidden: -1 } })).toThrow(gatecastError('invalid-argument', /hidden/));
  });
});
