import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRU, LSTM } from '../../lib/nn.ts';
import type { Hidden } from '../../lib/network/hidden.ts';
import { RecurrentNetwork } from '../../lib/network/recurrent-network.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { randomTensor, rows } from '../support/tensors.ts';

/** Any network that can be stepped, without head. */
const networks = fc
  .record({
    cell: fc.constantFrom('gru', 'gru-reset-before', 'lstm', 'lstm-proj'),
    inputSize: fc.integer({ min: 1, max: 9 }),
    hiddenSize: fc.integer({ min: 2, max: 37 }),
    numLayers: fc.integer({ min: 1, max: 3 }),
    bias: fc.boolean(),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  })
  .map(({ cell, ...options }) =>
    cell.startsWith('gru')
      ? new GRU({ ...options, linearBeforeReset: cell === 'gru' })
      : new LSTM({ ...options, projSize: cell === 'lstm-proj' ? Math.ceil(options.hiddenSize / 3) : 0 }),
  );

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

describe('a stream', () => {
  it('equals forward to the bit, however the sequence is cut and whichever way a piece goes', () => {
    fc.assert(
      fc.property(
        networks,
        seeds,
        fc.array(fc.record({ length: fc.integer({ min: 1, max: 9 }), stepped: fc.boolean() }), {
          minLength: 1,
          maxLength: 6,
        }),
        (network, seed, pieces) => {
          const steps = pieces.reduce((sum, { length }) => sum + length, 0);
          const input = randomTensor([steps, network.spec.inputSize], seed, 3);
          const whole = network.forward(input);
          const state = network.createState();
          const output: number[] = [];
          let at = 0;
          for (const { length, stepped } of pieces) {
            if (stepped) {
              for (let t = at; t < at + length; t++) output.push(...state.step(rows(input, t, t + 1).data));
            } else {
              const part = network.forward(rows(input, at, at + length), state.hidden);
              output.push(...part.output.data);
              state.hidden = part.hidden;
            }
            at += length;
          }
          expect(Float32Array.from(output)).toEqual(whole.output.data);
          expect(state.hidden).toEqual(whole.hidden);
        },
      ),
    );
  });

  it('never mixes with another of the same network, whatever the order of their steps', () => {
    fc.assert(
      fc.property(networks, seeds, fc.array(fc.constantFrom(0, 1, 2), { maxLength: 40 }), (network, seed, order) => {
        const samples = order.map((_, k) => randomTensor([network.spec.inputSize], seed + k).data);
        const states = [0, 1, 2].map(() => network.createState());
        const together = order.map((which, k) => states[which]!.step(samples[k]!).slice());
        for (const which of [0, 1, 2]) {
          const alone = network.createState();
          order.forEach((owner, k) => {
            if (owner === which) expect(alone.step(samples[k]!)).toEqual(together[k]);
          });
          expect(states[which]!.hidden).toEqual(alone.hidden);
        }
      }),
    );
  });

  it('forked goes its own way from the same place', () => {
    fc.assert(
      fc.property(networks, seeds, fc.integer({ min: 0, max: 5 }), (network, seed, before) => {
        const sample = (k: number) => randomTensor([network.spec.inputSize], seed + k).data;
        const state = network.createState();
        for (let k = 0; k < before; k++) state.step(sample(k));
        const fork = state.fork();
        const hidden = state.hidden;
        expect(fork.hidden).toEqual(hidden);
        const first = fork.step(sample(100)).slice();
        expect(state.hidden).toEqual(hidden);
        expect(state.step(sample(100))).toEqual(first);
        fork.step(sample(101));
        state.step(sample(102));
        expect(fork.hidden).not.toEqual(state.hidden);
        fork.copyFrom(state);
        expect(fork.hidden).toEqual(state.hidden);
      }),
    );
  });
});

describe('NetworkState', () => {
  const network = new LSTM({ inputSize: 3, hiddenSize: 8, numLayers: 2, projSize: 5, seed: 1 });

  it('gives the same array at each step', () => {
    const state = network.createState();
    const first = state.step([1, 2, 3]);
    const copy = first.slice();
    expect(state.step([3, 2, 1])).toBe(first);
    expect(first).not.toEqual(copy);
    expect(network.createState().step([1, 2, 3])).not.toBe(first);
  });

  it('takes any array of numbers', () => {
    const answer = network
      .createState()
      .step(Float32Array.of(1, 2, 3))
      .slice();
    for (const x of [[1, 2, 3], Float64Array.of(1, 2, 3), Int8Array.of(1, 2, 3), { 0: 1, 1: 2, 2: 3, length: 3 }]) {
      expect(network.createState().step(x)).toEqual(answer);
    }
  });

  it('gives hidden as a copy and sets it as one', () => {
    const state = network.createState();
    state.step([1, 2, 3]);
    const hidden = state.hidden as Required<Hidden>;
    expect(hidden.h.shape).toEqual([2, 5]);
    expect(hidden.c.shape).toEqual([2, 8]);
    hidden.h.data.fill(0.25);
    expect(state.hidden.h.data).not.toEqual(hidden.h.data);
    state.hidden = hidden;
    hidden.h.data.fill(9);
    expect(state.hidden.h.data.every((value) => value === 0.25)).toBe(true);
  });

  it('refuses another hidden and keeps its own', () => {
    const state = network.createState();
    state.step([1, 2, 3]);
    const before = state.hidden as Required<Hidden>;
    const bad = { shape: [2, 8], data: new Float32Array(16).fill(NaN) };
    const attempts: [unknown, 'invalid-shape' | 'invalid-argument', RegExp][] = [
      [undefined, 'invalid-shape', /hidden/],
      [{ h: before.h }, 'invalid-shape', /hidden\.c/],
      [{ h: before.c, c: before.c }, 'invalid-shape', /\[2, 5\] for hidden\.h .* \[2, 8\]/],
      [{ h: { shape: [2, 1, 5], data: before.h.data }, c: before.c }, 'invalid-shape', /hidden\.h/],
      [{ h: before.h, c: bad }, 'invalid-argument', /finite .* hidden\.c/],
    ];
    for (const [value, code, message] of attempts) {
      expect(() => {
        state.hidden = value as Hidden;
      }).toThrow(gatecastError(code, message));
      expect(state.hidden).toEqual(before);
    }
  });

  it('refuses samples that are not finite or not of its length, and stands still', () => {
    const state = network.createState();
    state.step([1, 2, 3]);
    const before = state.hidden;
    const attempts = [
      [1, 2],
      [1, 2, 3, 4],
      [],
      [1, NaN, 3],
      [1, 2, Infinity],
      Float64Array.of(1, 2, 1e300), // infinite as a 32-bit float
      ['1', '2', '3'],
      [1, , 3],
      [1n, 2n, 3n],
      'abc',
      3,
      null,
      undefined,
      Float32Array.of(NaN, 0, 0),
      new Float32Array(2),
    ];
    for (const x of attempts) {
      expect(() => state.step(x as ArrayLike<number>)).toThrow(gatecastError('invalid-sample'));
      expect(state.hidden).toEqual(before);
    }
  });

  it('begins anew after reset', () => {
    const state = network.createState();
    const first = state.step([1, 2, 3]).slice();
    state.step([4, 5, 6]);
    state.reset();
    expect(state.hidden).toEqual(network.createState().hidden);
    expect(state.step([1, 2, 3])).toEqual(first);
  });

  it('works on when its network is disposed of, and never after it is itself', () => {
    const gru = new GRU({ inputSize: 1, hiddenSize: 4, seed: 5 });
    const state = gru.createState();
    const twin = gru.createState();
    gru.dispose();
    expect(state.step([1])).toEqual(twin.step([1]));
    state.dispose();
    state.dispose();
    const attempts = [() => state.step([1]), () => state.reset(), () => state.hidden, () => state.fork()];
    for (const attempt of attempts) expect(attempt).toThrow(gatecastError('disposed'));
    expect(() => gru.createState()).toThrow(gatecastError('disposed'));
    expect(() => gru.stateDict()).toThrow(gatecastError('disposed'));
    twin.step([1]);
  });

  it('once disposed of stays so, however many states come after it', () => {
    const gru = new GRU({ inputSize: 1, hiddenSize: 1 });
    const gone = gru.createState();
    gone.dispose();
    for (let k = 0; k < 5000; k++) {
      const next = gru.createState();
      expect(() => gone.step([1])).toThrow(gatecastError('disposed'));
      gone.dispose();
      next.step([1]);
      next.dispose();
    }
  });

  it('gives what the head makes of the last h', () => {
    const spec = { ...new GRU({ inputSize: 2, hiddenSize: 5, numLayers: 2 }).spec, headSize: 3 };
    const headed = new RecurrentNetwork(spec, { seed: 6 });
    const { 'head.weight': weight, 'head.bias': bias, ...recurrent } = headed.stateDict();
    const bare = new GRU({ inputSize: 2, hiddenSize: 5, numLayers: 2 });
    bare.loadStateDict(recurrent);
    const h = bare.createState().step([0.5, -1]);
    const expected = [0, 1, 2].map((row) => {
      let sum = bias!.data[row]!;
      for (let k = 0; k < 5; k++) sum += weight!.data[row * 5 + k]! * h[k]!;
      return sum;
    });
    const answer = headed.createState().step([0.5, -1]);
    expect(answer).toHaveLength(3);
    answer.forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 6));
  });

  it('is refused by a bidirectional network', () => {
    const both = new GRU({ inputSize: 1, hiddenSize: 2, bidirectional: true });
    expect(() => both.createState()).toThrow(gatecastError('invalid-argument', /bidirectional/i));
  });
});
