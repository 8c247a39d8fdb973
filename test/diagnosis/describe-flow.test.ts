import { describe, expect, it } from 'vitest';
import { describeFlow } from '../../lib/diagnosis/describe-flow.ts';
import type { FlowMeasures, GateFlow, LayerFlow } from '../../lib/diagnosis/flow-measures.ts';

const LAGS = 50;
const falling = (share: number) => Array.from({ length: LAGS }, (_, lag) => 3 * share ** lag);
const steady = (value: number) => new Array<number>(LAGS).fill(value);

const gate = (name: GateFlow['name'], changes: Partial<GateFlow> = {}): GateFlow => ({
  name,
  mean: 0.5,
  low: 0.1,
  high: 0.1,
  histogram: new Array<number>(20).fill(0.05),
  gradient: steady(1),
  saturated: steady(0.2),
  ...changes,
});
const layer = (changes: Partial<LayerFlow> = {}): LayerFlow => ({
  name: 'layer 0',
  gradient: falling(0.97),
  state: steady(2),
  change: steady(0.4),
  gates: [gate('reset'), gate('update', { mean: 0.75 }), gate('candidate', { mean: 0 })],
  deviations: new Array<number>(20).fill(0.3),
  ...changes,
});
const flow = (changes: Partial<FlowMeasures> = {}): FlowMeasures => ({
  kind: 'recurrent',
  cell: 'gru',
  windows: 64,
  lags: LAGS,
  rowsPerLag: 1,
  loss: 1,
  head: 'own',
  layers: [layer()],
  inputs: [
    { name: 'a', gradient: steady(1), weights: 1 },
    { name: 'b', gradient: steady(0.1), weights: 0.1 },
  ],
  parameters: [],
  ...changes,
});
const said = (changes: Partial<FlowMeasures>) => describeFlow(flow(changes)).join('\n');
const saidOf = (changes: Partial<LayerFlow>) => said({ layers: [layer(changes)] });

describe('the sentences of a gradient flow', () => {
  it('say of a healthy network how far it reaches, and that nothing is wrong', () => {
    expect(describeFlow(flow())).toEqual([
      'In layer 0 the gradient at lag 49 is 0.23 of lag 1: the network can learn from all 50 steps.',
      'No gate is saturated, the units of every layer move, and the loss has a gradient in every input.',
    ]);
  });

  it('name the first lag at which the gradient is lost, what the gates keep, and what helps', () => {
    // 0.6 ^ 27 = 1.02e-6, 0.6 ^ 28 = 6.1e-7
    expect(describeFlow(flow({ layers: [layer({ gradient: falling(0.6) })] })).slice(0, 2)).toEqual([
      'In layer 0 the gradient at lag 29 is 6e-7 of lag 1: the network cannot learn farther back. Its update gate keeps 75% of the state at each step.',
      expect.stringMatching(/farther back than 29 steps.* a lookback of 29 teaches as much/),
    ]);
  });

  it('tell a faint gradient from one that is lost', () => {
    // 0.82 ^ 23 = 0.0104, 0.82 ^ 24 = 0.0085
    expect(saidOf({ gradient: falling(0.82) })).toMatch(
      /lag 25 is 0.0085 of lag 1: the network learns little from farther back. Its update gate/,
    );
    expect(saidOf({ gradient: falling(0.82) })).not.toMatch(/cannot/);
  });

  it('go by the cell state of an LSTM, and by its forget gate', () => {
    const gates = [gate('input'), gate('forget', { mean: 0.6 }), gate('candidate'), gate('output')];
    const lstm = { gates, gradient: falling(0.5), memory: { gradient: falling(0.6), state: steady(1) } };
    expect(saidOf(lstm)).toMatch(/lag 29 is .* Its forget gate keeps 60% of the state/);
  });

  it('give advice only if no layer reaches farther', () => {
    const layers = [layer(), layer({ name: 'layer 1', gradient: falling(0.6) })];
    expect(said({ layers })).toMatch(
      /In layer 1 the gradient at lag 29 is 6e-7 of lag 1: the layer cannot learn farther back/,
    );
    expect(said({ layers })).not.toMatch(/lookback/);
  });

  it('name the lag at which a gradient is largest if it explodes', () => {
    expect(saidOf({ gradient: falling(1.2) })).toMatch(/lag 49 is 6300 times that of lag 1.*\n.*lower learningRate/);
  });

  it('say that no gradient comes, or only to the newest step', () => {
    expect(saidOf({ gradient: steady(0) })).toMatch(/No gradient reaches layer 0/);
    expect(saidOf({ gradient: [1, ...steady(0).slice(1)] })).toMatch(/no gradient reaches lag 1/);
    expect(saidOf({ gradient: [1, 1, ...steady(0).slice(2)] })).toMatch(/lag 2 is nothing of lag 1: .*cannot/);
  });

  it.each([
    ['reset', { low: 0.97 }, /reset gate of layer 0 is below 0.05 for 97% of its values: new values/],
    ['update', { low: 0.97 }, /update gate of layer 0 is below 0.05 .* overwrites the state/],
    ['update', { high: 0.97 }, /update gate of layer 0 is above 0.95 .* samples hardly enter/],
    ['forget', { low: 0.97 }, /forget gate of layer 0 is below 0.05 .* empties the memory/],
    ['candidate', { low: 0.5, high: 0.45 }, /candidate of layer 0 is at -1 or 1 for 95% of its values/],
  ] as const)('name a saturated %s gate', (name, changes, sentence) => {
    expect(saidOf({ gates: [gate('update'), gate(name, changes)] })).toMatch(sentence);
  });

  it('leave a gate alone that does no harm at its end', () => {
    expect(saidOf({ gates: [gate('update'), gate('reset', { high: 0.99 })] })).toMatch(/No gate is saturated/);
  });

  it('name a state that hardly moves, and dead units', () => {
    expect(saidOf({ change: steady(0.0004) })).toMatch(/state of layer 0 hardly moves: it changes by 2e-4 of itself/);
    const deviations = [0, 0.0001, 0.0009, ...new Array<number>(17).fill(0.1)];
    expect(saidOf({ deviations })).toMatch(/3 of the 20 units of layer 0 are dead/);
    expect(saidOf({ deviations: deviations.slice(2) })).not.toMatch(/dead/);
  });

  it('name inputs that count for nothing', () => {
    const inputs = [
      { name: 'a', gradient: steady(1), weights: 1 },
      { name: 'b', gradient: steady(0), weights: 0.5 },
      { name: 'c', gradient: steady(1), weights: 0 },
    ];
    expect(said({ inputs })).toMatch(/no gradient in b: the forecast does not depend on it/);
    expect(said({ inputs })).toMatch(/weights that read c have no gradient, because it never moves/);
  });

  it('say that the head was one of chance', () => {
    expect(describeFlow(flow({ head: 'random' }))[0]).toMatch(/All weights of the head are 0/);
  });

  it('count segments and their rows', () => {
    const segments = { kind: 'segment', rowsPerLag: 24 } as const;
    expect(said({ ...segments })).toMatch(
      /lag 49 \(1176 rows\) is 0.23 of lag 1: the network can learn from all 49 segments \(1176 rows\)/,
    );
    const short = { ...segments, layers: [layer({ gradient: falling(0.6) })] };
    expect(said(short)).toMatch(/lag 29 \(696 rows\) is 6e-7 of lag 1: the network cannot learn farther back/);
    expect(said(short)).toMatch(/farther back than 29 segments \(696 rows\).*longer segments.* a lookback of 696 /);
    const alone = layer({ gradient: [1, ...steady(0).slice(1)] });
    expect(said({ ...segments, layers: [alone] })).toMatch(/the forecast depends on the place in the horizon alone/);
  });

  it('give other advice to a model that smooths', () => {
    expect(said({ kind: 'esrnn', layers: [layer({ gradient: falling(0.6) })] })).toMatch(
      /farther back than 29 steps, bring it nearer: a longer lookback, .* farther apart\.\n/,
    );
  });

  it('follow a layer that goes backwards from the oldest sample to the newest', () => {
    const backwards = (share: number) => layer({ name: 'layer 0 backwards', gradient: falling(share).toReversed() });
    expect(said({ layers: [layer(), backwards(0.6)] })).toMatch(
      /In layer 0 backwards the gradient at lag 20 is 6e-7 of lag 48: the layer cannot learn from newer samples/,
    );
    expect(said({ layers: [layer({ gradient: falling(0.6) }), backwards(0.6)] })).not.toMatch(/bring it nearer/);
    expect(said({ layers: [layer(), backwards(0.97)] })).toMatch(/lag 0 is 0.23 of lag 48: .* from all 50 steps/);
  });
});
