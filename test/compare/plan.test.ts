import { describe, expect, it } from 'vitest';
import { shareBudget } from '../../lib/compare/budget.ts';
import { parameterCount, rivalsOf } from '../../lib/compare/candidates.ts';

describe('the candidates', () => {
  const gru = { cell: 'gru', hidden: 32, layers: 2, inputs: 3, outputs: 49 } as const;

  it('are an LSTM of as many parameters, within a few per cent, and one of as many units', () => {
    const [equal, same] = rivalsOf(gru);
    expect(same).toEqual({ name: 'lstm(32)', cell: 'lstm', hidden: 32 });
    const ratio = parameterCount({ ...gru, cell: 'lstm', hidden: equal!.hidden }) / parameterCount(gru);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
  });

  it('count parameters as PyTorch does', () => {
    // torch.nn.GRU(3, 32, 2): 96 * (3 + 32 + 2) + 96 * (32 + 32 + 2); torch.nn.Linear(32, 49): 49 * 33
    expect(parameterCount(gru)).toBe(3552 + 6336 + 1617);
  });
});

describe('the budget', () => {
  const task = { seconds: 100, pass: 0.1, epochs: 40, seeds: 3, candidates: 3 };

  it('gives all that is asked for if there is time', () => {
    expect(shareBudget(task)).toEqual({ epochs: 40, seeds: 3 });
  });

  it('takes passes away first, then seeds, then passes', () => {
    expect(shareBudget({ ...task, seconds: 20 })).toEqual({ epochs: 15, seeds: 3 });
    expect(shareBudget({ ...task, seconds: 10 })).toEqual({ epochs: 11, seeds: 2 });
    expect(shareBudget({ ...task, seconds: 2 })).toEqual({ epochs: 4, seeds: 1 });
    expect(shareBudget({ ...task, seconds: 0 })).toEqual({ epochs: 1, seeds: 1 });
  });
});
