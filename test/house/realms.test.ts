import { describe, expect, it } from 'vitest';
import { fit, forecast, Scaler, StreamState } from '../../lib/index.ts';
import { GRU, GRUCell, LSTM, LSTMCell } from '../../lib/nn.ts';
import { of, firstValueFrom } from 'rxjs';
import { makeModel } from '../support/models.ts';
import { inOtherRealm } from '../support/other-realm.ts';

const tensor = (...shape: number[]) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
});

/** What a call gives for values of its own realm and for the same of another. */
function both<A extends unknown[] | [], R>(args: A, call: (...args: A) => R): [R, R] {
  return [call(...args), call(...inOtherRealm(args))];
}

describe('values of another realm give the same numbers as those of this one:', () => {
  it('they are of no class of this realm', () => {
    const { data } = inOtherRealm(tensor(2));
    expect([data instanceof Float32Array, inOtherRealm(new Date()) instanceof Date]).toEqual([false, false]);
  });

  it.each([GRU, LSTM])('the tensors of forward, backward and loadStateDict of %o', (Network) => {
    const network = new Network({ inputSize: 2, hiddenSize: 3, seed: 1 });
    const { output, hidden } = network.forward(tensor(4, 1, 2));
    const [own, other] = both([tensor(4, 1, 2), hidden], (input, initial) => network.forward(input, initial));
    expect(other).toEqual(own);
    const [back, otherBack] = both([tensor(4, 1, 2), { output, hidden }], (input, gradient) =>
      network.backward(input, gradient),
    );
    expect(otherBack).toEqual(back);
    const loaded = new Network({ inputSize: 2, hiddenSize: 3, seed: 2 });
    loaded.loadStateDict(inOtherRealm(network.stateDict()));
    expect(loaded.stateDict()).toEqual(network.stateDict());
  });

  it('options, and the samples and vectors of states', () => {
    const network = new GRU(inOtherRealm({ inputSize: 2, hiddenSize: 3, seed: 1 }));
    for (const sample of [Float32Array.of(0.5, 1), Float64Array.of(0.5, 1), [0.5, 1]]) {
      const [own, other] = both([sample], (x) => network.createState().step(x).slice());
      expect(other).toEqual(own);
    }
    const [own, other] = both([Int32Array.of(1, 0), Float32Array.of(1, 2, 3, 4)], (slots, x) =>
      network.createStates(2).step(slots, x).slice(),
    );
    expect(other).toEqual(own);
    const state = network.createState();
    state.step([1, 2]);
    const copy = network.createState();
    copy.hidden = inOtherRealm(state.hidden);
    expect(copy.hidden).toEqual(state.hidden);
  });

  it('the tensors of cells', () => {
    const gru = new GRUCell({ inputSize: 2, hiddenSize: 3, seed: 1 });
    const [own, other] = both([tensor(1, 2), tensor(1, 3)], (x, h) => gru.forward(x, h));
    expect(other).toEqual(own);
    const lstm = new LSTMCell({ inputSize: 2, hiddenSize: 3, seed: 1 });
    const states = { h: tensor(1, 3), c: tensor(1, 3) };
    const [ownStates, otherStates] = both([tensor(1, 2), states], (x, hidden) => lstm.forward(x, hidden));
    expect(otherStates).toEqual(ownStates);
  });

  it('samples with dates, and snapshots', async () => {
    const model = makeModel();
    const timed = { at: new Date(5000), values: { pressure: 1, temperature: 2 } };
    const [own, other] = both([timed], (sample) => firstValueFrom(of(sample).pipe(forecast(model))));
    expect((await other).at).toBe(5000);
    expect((await other).numbers).toEqual((await own).numbers);
    const state = new StreamState(model);
    state.step(timed);
    const restored = new StreamState(model);
    restored.restore(inOtherRealm(state.snapshot()));
    expect(restored.equals(state)).toBe(true);
  });

  it('scalers and tables', async () => {
    const columns = [Float64Array.of(1, 2, 4)];
    const [own, other] = both([['a'], columns], (names, values) => Scaler.fit(names, values));
    expect(other).toEqual(own);
    const table = { names: ['a'], columns: [Float64Array.from({ length: 80 }, (_, t) => Math.sin(t))] };
    const options = { targets: ['a'], horizon: 1, hidden: 2, lookback: 3, epochs: 1 };
    const [first, second] = both([table, options], fit);
    expect((await second).fingerprint).toBe((await first).fingerprint);
  });
});
