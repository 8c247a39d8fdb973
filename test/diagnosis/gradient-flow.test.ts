import { describe, expect, it } from 'vitest';
import { baselines } from '../../lib/baselines/baselines.ts';
import { createRandom } from '../../lib/base/random.ts';
import { seriesOf } from '../../lib/data/series.ts';
import type { Table } from '../../lib/data/table.ts';
import { gradientFlow } from '../../lib/diagnosis/gradient-flow.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { RecurrentNetwork } from '../../lib/network/recurrent-network.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

function tableOf(rows: number): Table {
  const random = createRandom(7);
  const column = (level: number) => Float64Array.from({ length: rows }, (_, t) => level + Math.sin(t / 5) + random());
  return { names: ['pressure', 'temperature'], columns: [column(10), column(20)] };
}

const plain = { horizon: 1, loss: 'mse', levels: [], lookback: 12, network: { numLayers: 1 } } as const;

/** A model with one layer of a GRU whose update gate is everywhere `keep`, and whose recurrent weights are near 0. */
function keeping(keep: number, lookback: number): Forecaster {
  const parts = partsFor(describeModel({ ...plain, lookback }));
  const units = parts.description.network.hiddenSize;
  const bias = Math.log(keep / (1 - keep));
  for (const value of ['weight_hh_l0', 'bias_hh_l0', 'bias_ih_l0']) {
    const { data } = parts.weights[value]!;
    for (let i = 0; i < data.length; i++) data[i]! *= 1e-5;
  }
  parts.weights['bias_ih_l0']!.data.fill(bias, units, 2 * units);
  parts.weights['weight_ih_l0']!.data.fill(0, 2 * units, 4 * units);
  return Forecaster.from(parts);
}

describe('gradientFlow', () => {
  it('gives the gradients that the backward pass of the network gives, lag by lag', async () => {
    for (const cell of ['gru', 'lstm'] as const) {
      const lags = 12;
      const parts = partsFor(describeModel({ ...plain, anchor: 'none', network: { numLayers: 1, cell } }));
      const table = tableOf(lags + 1);
      const { layers, windows, loss } = await gradientFlow(Forecaster.from(parts), table);
      expect(windows).toBe(1);

      const { network: spec } = parts.description;
      const { mean, std } = parts.scaler;
      const scaled = (t: number) => table.columns.map((column, i) => (column[t]! - mean[i]!) / std[i]!);
      const rows = (from: number, to: number) => {
        const values = Array.from({ length: to - from }, (_, t) => scaled(from + t)).flat();
        return { shape: [to - from, 2], data: Float32Array.from(values) };
      };
      const network = new RecurrentNetwork(spec);
      network.loadStateDict(parts.weights);
      const weight = parts.weights['head.weight']!.data;
      const h = network.forward(rows(0, lags)).hidden.h.data;
      const error =
        h.reduce((sum, value, k) => sum + value * weight[k]!, parts.weights['head.bias']!.data[0]!) - scaled(lags)[1]!;
      expect(loss).toBeCloseTo(error ** 2, 4);
      for (let lag = 1; lag < lags; lag++) {
        const output = new Float32Array(lag * spec.hiddenSize);
        output.set(
          weight.map((value) => 2 * error * value),
          (lag - 1) * spec.hiddenSize,
        );
        const before = network.forward(rows(0, lags - lag)).hidden;
        const { initial } = network.backward(
          rows(lags - lag, lags),
          { output: { shape: [lag, spec.hiddenSize], data: output } },
          before,
        );
        expect(layers[0]!.gradient[lag]! / Math.hypot(...initial.h.data)).toBeCloseTo(1, 3);
        expect(layers[0]!.state[lag]! / Math.hypot(...before.h.data)).toBeCloseTo(1, 4);
        if (before.c) expect(layers[0]!.memory!.state[lag]! / Math.hypot(...before.c.data)).toBeCloseTo(1, 4);
      }
    }
  });

  it('says at which lag the gradient of a network that forgets is lost', async () => {
    // 0.7 ^ 38 = 1.3e-6, 0.7 ^ 39 = 9.1e-7
    const { sentences, layers } = await gradientFlow(keeping(0.7, 96), tableOf(400));
    expect(layers[0]!.gates[1]!.mean).toBeCloseTo(0.7, 3);
    expect(sentences[0]).toMatch(
      /^In layer 0 the gradient at lag 40 is 9e-7 of lag 1: the network cannot learn farther back/,
    );
  });

  it('says that of no network that keeps its state', async () => {
    const { sentences } = await gradientFlow(keeping(0.97, 96), tableOf(400));
    expect(sentences[0]).toMatch(/the network can learn from all 96 steps/);
    expect(sentences.join(' ')).not.toMatch(/cannot/);
  });

  it('says at which lag the gradient of a network that amplifies is largest', async () => {
    // Around the state 0, with the gates r = 1 and z = 0.5, a step multiplies by z + (1 - z) * 4 = 2.5.
    const parts = partsFor(describeModel(plain));
    const units = parts.description.network.hiddenSize;
    for (const name of ['weight_hh_l0', 'bias_hh_l0', 'bias_ih_l0']) parts.weights[name]!.data.fill(0);
    parts.weights['bias_ih_l0']!.data.fill(20, 0, units);
    for (let k = 0; k < units; k++) parts.weights['weight_hh_l0']!.data[(2 * units + k) * units + k] = 4;
    const table = tableOf(60);
    table.columns.forEach((column, i) => column.fill(parts.scaler.mean[i]!));
    const { layers, sentences } = await gradientFlow(Forecaster.from(parts), table);
    const { gradient } = layers[0]!;
    expect(gradient[11]! / gradient[1]! / 2.5 ** 10).toBeCloseTo(1, 4);
    expect(sentences[0]).toMatch(/^In layer 0 the gradient at lag 11 is 9500 times that of lag 1/);
  });

  it('looks through a head of chance if all weights of the head are 0', async () => {
    const parts = partsFor(describeModel(plain));
    expect((await gradientFlow(Forecaster.from(parts), tableOf(60))).head).toBe('own');
    parts.weights['head.weight']!.data.fill(0);
    const { head, layers, sentences } = await gradientFlow(Forecaster.from(parts), tableOf(60));
    expect(head).toBe('random');
    expect(sentences[0]).toMatch(/All weights of the head are 0/);
    expect(layers[0]!.gradient.every((value) => value > 0)).toBe(true);
  });

  it('names an input that the network does not read, and one that never moves', async () => {
    const parts = partsFor(describeModel(plain));
    const { data } = parts.weights['weight_ih_l0']!;
    for (let row = 0; 2 * row < data.length; row++) data[2 * row] = 0;
    const unread = await gradientFlow(Forecaster.from(parts), tableOf(60));
    expect(unread.sentences.join(' ')).toMatch(/no gradient in pressure/);
    const table = tableOf(60);
    table.columns[0]!.fill(10); // the mean of the scaler
    const constant = await gradientFlow(makeModel(plain), table);
    expect(constant.sentences.join(' ')).toMatch(/weights that read pressure have no gradient/);
  });

  it.each([
    ['quantiles of two layers', makeModel()],
    ['a projected LSTM', makeModel({ network: { cell: 'lstm', projSize: 3, numLayers: 2 } })],
    ['the reset before', makeModel({ network: { linearBeforeReset: false } })],
    ['a window', makeModel({ memory: 'window' })],
    ['a normal distribution', makeModel({ loss: 'gaussian', levels: [], network: { headSize: 6 } })],
    ['a scale of each series', makeModel({ scale: { inputs: ['pressure', 'temperature'], samples: 8 } })],
    [
      'sample paths with earlier values',
      makeModel({
        loss: 'gaussian',
        levels: [],
        lags: [2, 3],
        paths: { count: 10, seed: 1 },
        network: { inputSize: 4, headSize: 2 },
      }),
    ],
    [
      'targets on their own',
      makeModel({
        targets: ['pressure', 'temperature'],
        channels: 'independent',
        network: { inputSize: 1, headSize: 9 },
      }),
    ],
    ['gaps', makeModel({ gap: 'hold' })],
    [
      'classes',
      makeModel({
        targets: ['state'],
        classes: ['off', 'on'],
        present: true,
        horizon: 1,
        anchor: 'none',
        loss: 'classes',
        levels: [],
        network: { headSize: 2 },
      }),
    ],
  ])('measures %s, in plain data', async (_, model) => {
    const { names, columns } = tableOf(50);
    const state = Float64Array.from({ length: 50 }, (__, t) => t % 2);
    const table: Table = {
      names: [...names, 'state'],
      columns: [...columns, state],
      words: [undefined, undefined, ['off', 'on']],
    };
    if (model.description.gap) columns[0]![20] = Number.NaN;
    const flow = await gradientFlow(
      model,
      seriesOf(
        new Map([
          ['a', table],
          ['b', table],
        ]),
      ),
    );
    expect(JSON.parse(JSON.stringify(flow))).toEqual(flow);
    const { numLayers } = model.description.network;
    expect(flow.layers).toHaveLength(numLayers);
    expect(flow.lags).toBe(5);
    expect(flow.windows).toBe(64);
    expect(flow.loss).toBeGreaterThan(0);
    for (const { gradient, gates } of flow.layers) {
      expect(gradient).toHaveLength(5);
      expect(gradient.every((value) => value > 0)).toBe(true);
      for (const { histogram, low, high, saturated } of gates) {
        expect(histogram.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
        expect(saturated.reduce((sum, share) => sum + share / 5, 0)).toBeCloseTo(low + high, 10);
      }
    }
    const total = Math.hypot(...flow.parameters.map(({ gradient }) => gradient));
    expect(total).toBeGreaterThan(0);
    for (const { gradient, gates } of flow.parameters) {
      if (gates) expect(Math.hypot(...Object.values(gates))).toBeCloseTo(gradient, 10);
    }
  });

  it('says of a network that takes one sample at a time that it looks no farther', async () => {
    const { lags, sentences } = await gradientFlow(makeModel({ ...plain, memory: 'window', lookback: 1 }), tableOf(60));
    expect(lags).toBe(1);
    expect(sentences[0]).toMatch(/no gradient reaches lag 1: the network learns from the newest sample alone/);
  });

  it('takes as many lags as asked for, or as the rows hold', async () => {
    expect((await gradientFlow(makeModel(plain), tableOf(60), { lags: 30 })).layers[0]!.gradient).toHaveLength(30);
    expect((await gradientFlow(makeModel(plain), tableOf(20), { lags: 30 })).lags).toBe(15);
  });

  it('refuses what has no gradients to follow', async () => {
    const table = tableOf(60);
    const baseline = baselines.last({ inputs: ['temperature'], horizon: 1 }) as never;
    await expect(gradientFlow(baseline, table)).rejects.toThrow(gatecastError('invalid-argument', /a trained model/));
    await expect(gradientFlow(makeModel(), table, { lags: 0 })).rejects.toThrow(
      gatecastError('invalid-argument', /lags/),
    );
    await expect(gradientFlow(makeModel(), tableOf(3))).rejects.toThrow(
      gatecastError('invalid-data', /consecutive rows/),
    );
    await expect(gradientFlow(makeModel(), seriesOf(new Map()))).rejects.toThrow(
      gatecastError('invalid-data', /found none/),
    );
    const gone = makeModel();
    gone.dispose();
    await expect(gradientFlow(gone, table)).rejects.toThrow(gatecastError('disposed'));
  });
});
