import { afterEach, describe, expect, it, vi } from 'vitest';
import { lastValueFrom, tap } from 'rxjs';
import { compare, compareModels } from '../../lib/compare/compare.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const rows = (count: number, value = (t: number) => Math.sin(t / 3)) => ({
  names: ['y'],
  columns: [Float64Array.from({ length: count }, (_, t) => value(t))],
});
const train = { targets: 'y', horizon: 2, hidden: 4, lookback: 8, epochs: 2, levelShift: 0 };
const table = rows(300);

afterEach(() => {
  vi.useRealTimers();
});

describe('compare', () => {
  it('trains each candidate from each seed and describes it', async () => {
    const { candidates, trials, model, recommendation, baselines } = await compareModels(table, { train, seeds: 2 });
    expect(candidates.map(({ name }) => name)).toEqual(['gru(4)', 'lstm(3)', 'lstm(4)']);
    expect(trials.map(({ seed }) => seed)).toEqual([1, 2, 1, 2, 1, 2]);
    for (const { parameters, streamBytes, fileBytes, stepMicroseconds, mse } of candidates) {
      expect(Math.min(parameters, streamBytes, fileBytes, stepMicroseconds, mse)).toBeGreaterThan(0);
    }
    expect(candidates[0]!.mse).toBeCloseTo((trials[0]!.score.scaled.mse + trials[1]!.score.scaled.mse) / 2, 10);
    expect(trials[0]!.score.windows).toBe(45 - 2 + 1); // 15 % of 300 rows
    expect(recommendation.choice).toBe(baselines.best); // a sine is linear in its last two values
    model.dispose();
  });

  it('trains with the seeds that are given', async () => {
    const { trials, model } = await compareModels(table, { train, seeds: [7, 3] });
    expect(trials.map(({ seed }) => seed)).toEqual([7, 3, 7, 3, 7, 3]);
    model.dispose();
    expect(() => compare(table, { train, seeds: [3, 3] })).toThrow(/different seeds .* "3, 3"/);
  });

  it('keeps its budget: the training that runs is stopped, and what is there is compared', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const short = { train, seeds: 1, budget: '100s' };
    const { result } = await lastValueFrom(
      compare(table, short).pipe(
        tap(({ done, training }) => {
          if (done === 1 && training) vi.advanceTimersByTime(85_000);
        }),
      ),
    );
    expect(result!.trials.map(({ candidate }) => candidate)).toEqual(['gru(4)']);
    expect(result!.notes).toContain('The time was over before all trainings were done.');
    result!.model.dispose();
  });

  it('ends without a result if it is stopped before one training is done', async () => {
    const stop = AbortSignal.abort();
    await expect(compareModels(table, { train, stop })).rejects.toThrow(gatecastError('invalid-argument', /was ended/));
  });

  it('is ended by unsubscribing', async () => {
    let seen = 0;
    await new Promise<void>((resolve) => {
      const subscription = compare(table, { train }).subscribe(() => {
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

  it.each([
    ['one row', rows(1), /found 1\./],
    ['fewer rows than the horizon', rows(2), /found 2\./],
    ['a constant', rows(300, () => 5), /"y" that change but found only the value 5/],
    ['no value', rows(300, () => Number.NaN), /"y" that change but found no value/],
  ])('refuses %s', async (_, data, message) => {
    await expect(compareModels(data, { train })).rejects.toThrow(gatecastError('invalid-data', message));
  });

  it('compares networks that draw paths', async () => {
    const { levelShift: _, ...others } = train;
    const options = { train: { ...others, model: 'deepar', paths: 10 }, seeds: 1 } as const;
    const { candidates, model } = await compareModels(table, options);
    expect(candidates.map(({ cell }) => cell)).toEqual(['gru', 'lstm', 'lstm']);
    expect(model.description.horizon).toBe(2);
    model.dispose();
  });

  it('compares kinds of models, with the options that each of them has', async () => {
    const own = { ...train, lookback: 12, segment: 2, members: 2 };
    const models = ['recurrent', 'segment', 'esrnn'] as const;
    const { candidates, trials, notes, model, chosen, recommendation } = await compareModels(table, {
      train: own,
      models,
      seeds: 2,
    });
    expect(candidates.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'gru(4) recurrent',
      'lstm(3) recurrent',
      'lstm(4) recurrent',
      'segment(4) segment',
      'esrnn(4) esrnn',
    ]);
    expect(trials.map(({ score }) => score.windows)).toEqual(new Array(10).fill(44));
    for (const { parameters, streamBytes, fileBytes, stepMicroseconds, mse, seconds } of candidates) {
      expect(Math.min(parameters, streamBytes, fileBytes, stepMicroseconds, mse, seconds)).toBeGreaterThan(0);
    }
    expect(candidates.map(({ name }) => name)).toContain(chosen);
    expect(recommendation.sentences).toHaveLength(5);
    expect(notes).toEqual([]);
    model.dispose();
  });

  it('measures the errors of all kinds in the deviation of the rows before the test', async () => {
    const { trials, model } = await compareModels(table, { train, models: ['recurrent', 'segment'], seeds: 1 });
    const before = table.columns[0]!.subarray(0, 255);
    const mean = before.reduce((sum, value) => sum + value, 0) / 255;
    const variance = before.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 255;
    for (const { score } of trials) expect(score.mse / score.scaled.mse / variance).toBeCloseTo(1, 6);
    model.dispose();
  });

  it('leaves out a kind that cannot be trained, and says why', async () => {
    const two = { names: ['y', 'x'], columns: [table.columns[0]!, table.columns[0]!] };
    const { levelShift: _, ...open } = train;
    const options = { train: { ...open, inputs: ['x'] }, seeds: 1 };
    const { candidates, notes, model } = await compareModels(two, { ...options, models: ['segment', 'recurrent'] });
    expect(candidates.map(({ name }) => name)).toEqual(['recurrent(4)']);
    expect(notes[0]).toMatch(/^segment cannot be trained on these rows: Expected .*x/);
    model.dispose();
    await expect(compareModels(two, { ...options, models: ['segment', 'esrnn'] })).rejects.toThrow(
      gatecastError('invalid-argument', /with the model 'segment'/),
    );
  });

  it('refuses kinds that are given twice or that nobody has, and options of none of them', () => {
    const refused = (options: object) => (words: RegExp) =>
      expect(() => compare(table, { train, ...options })).toThrow(gatecastError('invalid-argument', words));
    refused({ models: ['recurrent', 'recurrent'] })(/different kinds/);
    refused({ models: ['recurent'] })(/'recurrent' or 'deepar' or 'segment' or 'esrnn'/);
    refused({ models: [] })(/a list of 1 to 4/);
    refused({ models: ['segment'], train: { ...train, model: 'segment' } })(/models decides/);
    refused({ models: ['segment'] })(/options of segment .*levelShift/);
    refused({ train: { ...train, members: 2 } })(/options of recurrent .*members/);
  });

  it('refuses what it decides itself, and a budget of nothing', () => {
    expect(() => compare(table, { train: { ...train, cell: 'gru' } as never })).toThrow(/decides.*cell/);
    expect(() => compare(table, { train, budget: 0 })).toThrow(/above 0/);
    expect(() => compare(table, { train: { ...train, hidden: -1 } })).toThrow(
      gatecastError('invalid-argument', /hidden/),
    );
  });
});
