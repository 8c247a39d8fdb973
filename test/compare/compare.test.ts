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

  it('compares networks that draw paths, but none of segments', async () => {
    const { levelShift: _, ...others } = train;
    const options = { train: { ...others, model: 'deepar', paths: 10 }, seeds: 1 } as const;
    const { candidates, model } = await compareModels(table, options);
    expect(candidates.map(({ cell }) => cell)).toEqual(['gru', 'lstm', 'lstm']);
    expect(model.description.horizon).toBe(2);
    model.dispose();
    expect(() => compare(table, { train: { ...others, model: 'segment' } as never })).toThrow(
      /'recurrent' or 'deepar'/,
    );
  });

  it('refuses what it decides itself, and a budget of nothing', () => {
    expect(() => compare(table, { train: { ...train, cell: 'gru' } as never })).toThrow(/decides.*cell/);
    expect(() => compare(table, { train, budget: 0 })).toThrow(/above 0/);
    expect(() => compare(table, { train: { ...train, hidden: -1 } })).toThrow(
      gatecastError('invalid-argument', /hidden/),
    );
  });
});
