import { describe, expect, it } from 'vitest';
import { shareBudget } from '../../lib/compare/budget.ts';
import { candidatesOf, rivalsOf as rivalsOfKind } from '../../lib/compare/candidates.ts';
import { type NetworkSpec, parameterCount } from '../../lib/network/network-spec.ts';

const rivalsOf = (gru: NetworkSpec) => rivalsOfKind({ kind: 'recurrent' }, gru);

describe('the candidates', () => {
  const sizes = { inputSize: 3, hiddenSize: 32, projSize: 0, numLayers: 2, headSize: 49 };
  const gru: NetworkSpec = { cell: 'gru', bias: true, bidirectional: false, ...sizes };

  it('are an LSTM of as many parameters, within a few per cent, and one of as many units', () => {
    const [equal, same] = rivalsOf(gru);
    expect(same).toEqual({ name: 'lstm(32)', kind: 'recurrent', cell: 'lstm', hidden: 32 });
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

describe('the candidates of several kinds', () => {
  const train = { targets: 'y', horizon: 2 };
  const named = (...given: Parameters<typeof candidatesOf>) =>
    candidatesOf(...given).map(({ name, cell }) => `${name} ${cell}`);

  it('are one for each further kind, with its own cell and size', () => {
    expect(named(['recurrent', 'segment', 'esrnn', 'deepar'], train)).toEqual([
      'gru(32) gru',
      'segment(64) gru',
      'esrnn(128) lstm',
      'deepar(32) gru',
    ]);
    expect(named(['deepar', 'recurrent'], train)).toEqual(['gru(32) gru', 'recurrent(32) gru']);
    expect(named(['segment'], train)).toEqual(['segment(64) gru']);
  });

  it('have the size that is given', () => {
    expect(named(['recurrent', 'esrnn'], { ...train, hidden: 8 })).toEqual(['gru(8) gru', 'esrnn(8) lstm']);
  });
});

describe('the budget', () => {
  const recurrent = { pass: 0.1, epochs: 40, candidates: 3 };
  const task = { seconds: 100, seeds: 3, kinds: [recurrent] };

  it('gives all that is asked for if there is time', () => {
    expect(shareBudget(task)).toEqual({ epochs: [40], seeds: 3 });
  });

  it('takes passes away first, then seeds, then passes', () => {
    expect(shareBudget({ ...task, seconds: 20 })).toEqual({ epochs: [15], seeds: 3 });
    expect(shareBudget({ ...task, seconds: 10 })).toEqual({ epochs: [11], seeds: 2 });
    expect(shareBudget({ ...task, seconds: 2 })).toEqual({ epochs: [4], seeds: 1 });
    expect(shareBudget({ ...task, seconds: 0 })).toEqual({ epochs: [1], seeds: 1 });
  });

  it('takes the same share of the passes away from each kind', () => {
    // all passes take 1.4 * 3 * (0.1 * 40 * 3 + 0.4 * 20) = 84 s
    const kinds = [recurrent, { pass: 0.4, epochs: 20, candidates: 1 }];
    expect(shareBudget({ ...task, seconds: 84.1, kinds })).toEqual({ epochs: [40, 20], seeds: 3 });
    expect(shareBudget({ ...task, seconds: 63.1, kinds })).toEqual({ epochs: [30, 15], seeds: 3 });
    expect(shareBudget({ ...task, seconds: 21.1, kinds })).toEqual({ epochs: [30, 15], seeds: 1 });
  });
});
