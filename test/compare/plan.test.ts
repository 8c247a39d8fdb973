import { describe, expect, it } from 'vitest';
import { shareBudget } from '../../lib/compare/budget.ts';
import { rivalsOf } from '../../lib/compare/candidates.ts';
import { type NetworkSpec, parameterCount } from '../../lib/network/network-spec.ts';

describe('the candidates', () => {
  const sizes = { inputSize: 3, hiddenSize: 32, projSize: 0, numLayers: 2, headSize: 49 };
  const gru: NetworkSpec = { cell: 'gru', bias: true, bidirectional: false, ...sizes };

  it('are an LSTM of as many parameters, within a few per cent, and one of as many units', () => {
    const [equal, same] = rivalsOf(gru);
    expect(same).toEqual({ name: 'lstm(32)', cell: 'lstm', hidden: 32 });
    const ratio = parameterCount({ ...gru, cell: 'lstm', hiddenSize: equal!.hidden }) / parameterCount(gru);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
  });

  it('have the directions and the attention of the GRU', () => {
    const rich = { ...gru, bidirectional: true, attention: 8 };
    const [equal] = rivalsOf(rich);
    const ratio = parameterCount({ ...rich, cell: 'lstm', hiddenSize: equal!.hidden }) / parameterCount(rich);
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
