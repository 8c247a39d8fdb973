import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeOnlineStates, OnlineForecaster } from '../../lib/online/learner/online-forecaster.ts';
import { OnlineLearner } from '../../lib/online/learner/online-learner.ts';
import type { NetworkState } from '../../lib/network/network-state.ts';
import { reservoir } from '../../lib/online/learner/reservoir.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { gaussian, rowOf } from './random.ts';

describe('the fixed random network', () => {
  it("has a candidate's recurrence of 0.9 times an orthogonal matrix", () => {
    const size = 24;
    const network = reservoir(2, size, 5);
    const weights = network.stateDict()['weight_hh_l0']!.data.subarray(2 * size * size);
    const product = (i: number, j: number) => {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += weights[i * size + k]! * weights[j * size + k]!;
      return sum;
    };
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) expect(product(i, j)).toBeCloseTo(i === j ? 0.81 : 0, 5);
    }
    network.dispose();
  });

  it('forgets where it started', () => {
    const network = reservoir(1, 32, 0);
    const [zero, other] = [network.createState(), network.createState()];
    other.hidden = { h: { shape: [1, 32], data: Float32Array.from({ length: 32 }, (_, i) => (i % 2 ? 0.9 : -0.9)) } };
    const noise = gaussian(1);
    for (let t = 0; t < 2000; t++) {
      const x = [noise()];
      zero.step(x);
      other.step(x);
    }
    zero.hidden.h.data.forEach((value, i) => expect(other.hidden.h.data[i]).toBeCloseTo(value, 5));
    network.dispose();
  });

  it('has the same weights for the same seed', () => {
    const weights = (seed: number) => {
      const network = reservoir(1, 8, seed);
      const dict = network.stateDict();
      network.dispose();
      return dict;
    };
    expect(weights(3)).toEqual(weights(3));
    expect(weights(3)).not.toEqual(weights(4));
  });
});

/** One step of a learner: what comes in is compared and learned, then shown to the network. */
function step(learner: OnlineLearner, row: Float64Array, state: NetworkState, values: Float64Array, out: Float64Array) {
  const shown = new Float32Array(values.length);
  learner.learn(row, 0, values, out);
  learner.show(row, 0, values, 0, shown);
  learner.hear(row, 0, state.step(shown), 0);
}

/** Steps a learner through a series; returns the distances and the row at the end. */
function learn(series: readonly number[][], hidden = 32) {
  const learner = new OnlineLearner(series[0]!.length, hidden);
  const network = reservoir(series[0]!.length, hidden, 0);
  const state = network.createState();
  const row = rowOf(learner);
  const out = new Float64Array(series[0]!.length);
  const distances = series.map((values) => {
    step(learner, row, state, Float64Array.from(values), out);
    return Array.from(out);
  });
  return { learner, network, state, row, distances };
}

const waves = Array.from({ length: 3000 }, (_, t) => [20 + 5 * Math.sin(t / 8), 1000 * Math.cos(t / 20)]);

describe('the online learner', () => {
  it('tells a break of the pattern that no range would show, and no other sample', () => {
    const noise = gaussian(3);
    const series = waves.map(([a, b]) => [a! + 0.05 * noise(), b! + 10 * noise()]);
    series[2500] = [20 - (series[2500]![0]! - 20), series[2500]![1]!]; // the other side of the wave, within its range
    expect(Math.abs(waves[2500]![0]! - 20)).toBeGreaterThan(2);
    const { distances } = learn(series);
    const around = distances.slice(1500, 2501);
    expect(Math.abs(distances[2500]![0]!)).toBeGreaterThan(15);
    expect(Math.abs(distances[2500]![1]!)).toBeLessThan(5);
    expect(Math.max(...around.slice(0, -1).flat().map(Math.abs))).toBeLessThan(7);
  });

  it('comes close to the noise that nobody can forecast', () => {
    const noise = gaussian(4);
    const x = [0, 0];
    const kicks = Array.from({ length: 6000 }, () => noise());
    for (const kick of kicks) x.push(1.6 * x.at(-1)! - 0.8 * x.at(-2)! + kick); // AR(2), innovations of deviation 1
    const series = x.slice(2).map((value) => [value]);
    const { row, distances } = learn(series);
    // The learner's distances are errors over their deviation: they must be the innovations themselves, near enough.
    const late = distances.slice(3000).map(([distance], i) => [distance!, kicks[3000 + i]!] as const);
    const dot = (p: (pair: readonly [number, number]) => number) => late.reduce((sum, pair) => sum + p(pair), 0);
    const correlation = dot(([a, b]) => a * b) / Math.sqrt(dot(([a]) => a * a) * dot(([, b]) => b * b));
    expect(correlation).toBeGreaterThan(0.97);
    expect(row.every(Number.isFinite)).toBe(true);
  });

  it('has no unit', () => {
    const scaled = waves.slice(0, 500).map((values) => values.map((value) => 1024 * value));
    expect(learn(scaled).distances).toEqual(learn(waves.slice(0, 500)).distances);
  });

  it('goes on from a copy of its row and of its hidden vector as from the first, to the bit', () => {
    const { learner, network, state, row } = learn(waves.slice(0, 400));
    const copy = row.slice();
    const fork = state.fork();
    const [first, second] = [new Float64Array(2), new Float64Array(2)];
    for (const values of waves.slice(400, 600)) {
      step(learner, row, state, Float64Array.from(values), first);
      step(learner, copy, fork, Float64Array.from(values), second);
      expect(second).toEqual(first);
    }
    expect(copy).toEqual(row);
    network.dispose();
  });

  it('keeps finite numbers whatever comes', () => {
    const value = fc.oneof(
      fc.double({ min: -1e100, max: 1e100, noNaN: true }),
      fc.constantFrom(0, 5e-324, 1e-308, 1e100, -1e100, 1),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 80 }), (values) => {
        const { row, distances } = learn(
          values.map((each) => [each]),
          4,
        );
        expect(row.every(Number.isFinite)).toBe(true);
        expect(distances.flat().every(Number.isFinite)).toBe(true);
      }),
    );
  });
});

describe('OnlineForecaster', () => {
  it('refuses wrong options', () => {
    for (const options of [
      {},
      { inputs: [] },
      { inputs: ['a', 'a'] },
      { inputs: ['a'], hidden: 0 },
      { input: ['a'] },
    ]) {
      expect(() => new OnlineForecaster(options as never)).toThrow(gatecastError('invalid-argument'));
    }
  });

  it('says when it was disposed of', () => {
    const model = new OnlineForecaster({ inputs: ['a'] });
    model.dispose();
    model.dispose();
    expect(() => model[makeOnlineStates](1, 0)).toThrow(gatecastError('disposed'));
  });
});
