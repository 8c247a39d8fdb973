import { describe, expect, it } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import type { Table } from '../../lib/data/table.ts';
import { gradientFlow, type GradientFlow } from '../../lib/diagnosis/gradient-flow.ts';
import type { EsrnnForecaster } from '../../lib/model/esrnn/esrnn-forecaster.ts';
import { Smoothing } from '../../lib/model/esrnn/smoothing.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { SegmentForecaster } from '../../lib/model/segment/segment-forecaster.ts';
import { describeModel, makeEsrnnModel, makeModel, makeSegmentModel, partsFor } from '../support/models.ts';
import { layers, linear, type Nudge, slope, step, zeros } from './plain-network.ts';

// Gradients of models of every kind equal differences of plain loops in float64.

function tableOf(rows: number, names = ['pressure', 'temperature']): Table {
  const random = createRandom(7);
  const column = (level: number) => Float64Array.from({ length: rows }, (_, t) => level + Math.sin(t / 5) + random());
  return { names, columns: names.map((_, i) => column(10 * (i + 1))) };
}

const one = { targets: ['temperature'], inputs: [{ name: 'temperature' }], loss: 'mse', levels: [] } as const;

/** The gradients of a flow by lag equal the slopes of the loss. `time` says when a lag is, `shift` what a lag adds. */
function checkSlopes(
  { layers: found, lags, loss }: GradientFlow,
  expectedLoss: (nudge: Nudge) => number,
  size: number,
  lagsFrom = 0,
): void {
  expect(loss / expectedLoss((_, __, h) => h)).toBeCloseTo(1, 4);
  for (const { name, gradient } of found) {
    for (let lag = lagsFrom; lag < lags; lag++) {
      expect(gradient[lag]! / slope(expectedLoss, name, lags - 1 - lag, size)).toBeCloseTo(1, 3);
    }
  }
}

describe('a model that reads its window in segments', () => {
  /** The loss of the forecast of one window after so many segments, by the equations of SegRNN. */
  function lossOf(model: SegmentForecaster, { columns: [column] }: Table, segments: number): (nudge: Nudge) => number {
    const { cell, hidden, segment, normalise } = model.description.segments;
    const { horizon } = model.description;
    const weights = model.weights();
    const values = Array.from(column!, (value) => (value - model.scaler.mean[0]!) / model.scaler.std[0]!);
    const window = values.slice(0, segments * segment);
    const mean = window.reduce((sum, value) => sum + value, 0) / window.length;
    const variance = window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / window.length;
    const instance = normalise === 'instance';
    const [centre, spread] = instance ? [mean, Math.sqrt(variance + 1e-5)] : [window.at(-1)!, 1];
    return (nudge) => {
      let state = zeros(hidden);
      for (let t = 0; t < segments; t++) {
        const read = window.slice(t * segment, (t + 1) * segment).map((value) => (value - centre) / spread);
        const embedded = linear(weights, 'embed.weight', 'embed.bias', read).map((value) => Math.max(0, value));
        const next = step(weights, cell, 'l0', embedded, state);
        state = { ...next, h: nudge('layer 0', t, next.h) };
      }
      let sum = 0;
      for (let place = 0; place * segment < horizon; place++) {
        const input = weights['place.weight']!.data.slice(place * hidden, (place + 1) * hidden);
        const decoded = nudge('decoding', place, step(weights, cell, 'l0', [...input], state).h);
        linear(weights, 'head.weight', 'head.bias', decoded).forEach((output, k) => {
          const ahead = place * segment + k;
          if (ahead < horizon) sum += (output * spread + centre - values[segments * segment + ahead]!) ** 2;
        });
      }
      return sum / horizon;
    };
  }

  const SEGMENTS = 5;
  const table = tableOf(SEGMENTS * 2 + 3, ['temperature']);

  it.each([
    ['gru', 'last'],
    ['lstm', 'last'],
    ['gru', 'instance'],
  ] as const)('has the gradients of a %s by segment, its values less the %s', async (cell, normalise) => {
    const segments = { cell, normalise, channels: false, hidden: 6, segment: 2 };
    const model = makeSegmentModel({ ...one, lookback: SEGMENTS * 2, segments });
    const flow = await gradientFlow(model, table);
    const { lags, rowsPerLag, windows, kind } = flow;
    expect([lags, rowsPerLag, windows, kind]).toEqual([SEGMENTS + 1, 2, 1, 'segment']);
    const loss = lossOf(model, table, SEGMENTS);
    expect(flow.loss / loss((_, __, h) => h)).toBeCloseTo(1, 4);
    const { gradient } = flow.layers[0]!;
    for (let lag = 1; lag < lags; lag++) {
      expect(gradient[lag]! / slope(loss, 'layer 0', SEGMENTS - lag, 6)).toBeCloseTo(1, 3);
    }
    const decoding = [0, 1].reduce((sum, place) => sum + slope(loss, 'decoding', place, 6), 0);
    expect(gradient[0]! / decoding).toBeCloseTo(1, 3);
  });

  it('gives the decoding of the horizon as lag 0, and means over segments and targets', async () => {
    const segments = { segment: 4, linear: { lookback: 9, share: 0.5 } }; // the linear part does not learn by gradients
    const model = makeSegmentModel({ lookback: 12, segments });
    const flow = await gradientFlow(model, tableOf(80));
    expect(JSON.parse(JSON.stringify(flow))).toEqual(flow);
    expect([flow.lags, flow.windows]).toEqual([4, 128]); // 64 windows of two targets
    const [layer] = flow.layers;
    for (const { histogram, low, high, saturated } of layer!.gates) {
      expect(histogram.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
      expect(saturated.reduce((sum, share) => sum + share / 4, 0)).toBeCloseTo(low + high, 10);
    }
    expect(flow.inputs.map(({ name, gradient }) => [name, gradient[0]])).toEqual([['target', 0]]);
    expect(flow.inputs[0]!.gradient.slice(1).every((value) => value > 0)).toBe(true);
    expect(flow.parameters.map(({ name }) => name)).toEqual(
      Object.keys(model.weights()).filter((name) => !name.startsWith('linear.')),
    );
    expect(flow.parameters.every(({ gradient }) => gradient > 0)).toBe(true);
    expect(layer!.deviations).toHaveLength(6);
    expect(layer!.deviations.every((deviation) => deviation > 0)).toBe(true);
  });

  it('takes as many segments as asked for, or as the rows hold', async () => {
    const model = makeSegmentModel({ ...one, segments: { channels: false } });
    expect((await gradientFlow(model, tableOf(80), { lags: 9 })).lags).toBe(9);
    expect((await gradientFlow(model, tableOf(20), { lags: 30 })).lags).toBe(8); // half of 29 segments is 14, of these 7
    expect((await gradientFlow(model, tableOf(80), { lags: 1 })).lags).toBe(2);
  });
});

describe('a model that smooths each series', () => {
  const STEPS = 6;

  /** The loss of the forecast of one window from the zero state, by the equations of the layers. */
  function lossOf(model: EsrnnForecaster, { columns: [column] }: Table): (nudge: Nudge) => number {
    const { smoothing: form, horizon, recurrent } = model.description;
    const smoothing = new Smoothing(form, horizon);
    const row = new Float64Array(smoothing.size);
    const read: number[][] = [];
    const left: number[] = []; // the values less their seasons, as they came
    let scale = { level: 0, spread: 1 };
    column!.forEach((value, t) => {
      left.push(smoothing.smoothed(row, 0, t, value) - smoothing.season(row, 0, t));
      smoothing.take(row, 0, t, value);
      const inputs = new Float32Array(smoothing.width);
      smoothing.write(row, 0, t + 1, inputs, 0);
      read.push([...inputs]);
      if (t === column!.length - horizon - 1)
        scale = { level: smoothing.level(row, 0), spread: smoothing.spread(row, 0) };
    });
    const last = column!.length - horizon;
    const network = {
      cell: recurrent.cell,
      hiddenSize: recurrent.hidden,
      numLayers: recurrent.layers,
      bidirectional: false,
    };
    return (nudge) => {
      const outputs = layers(model.weights(), network, read.slice(last - STEPS, last), nudge);
      const told = linear(model.weights(), 'head.weight', 'head.bias', outputs.at(-1)!);
      const errors = told.map((value, h) => (value - (left[last + h]! - scale.level) / scale.spread) ** 2);
      return errors.reduce((sum, error) => sum + error, 0) / horizon;
    };
  }

  it.each(['gru', 'lstm'] as const)('has the gradients of the steps of its %s', async (cell) => {
    const model = makeEsrnnModel({ ...one, recurrent: { cell, hidden: 5, layers: 2 } });
    const table = tableOf(8 + STEPS + 3, ['temperature']); // 8 rows of cold start, a window and the horizon
    const flow = await gradientFlow(model, table, { lags: STEPS });
    expect([flow.lags, flow.rowsPerLag, flow.windows, flow.kind]).toEqual([STEPS, 1, 1, 'esrnn']);
    checkSlopes(flow, lossOf(model, table), 5);
  });

  it('names what the network reads of each target', async () => {
    const flow = await gradientFlow(makeEsrnnModel(), tableOf(80));
    expect(JSON.parse(JSON.stringify(flow))).toEqual(flow);
    expect(flow.lags).toBe(48);
    expect(flow.inputs.map(({ name }) => name)).toEqual(
      ['pressure', 'temperature'].flatMap((name) => [name, `${name}, seasons`, `${name}, spread`]),
    );
    expect(flow.inputs.every(({ gradient }) => gradient.every((value) => value > 0))).toBe(true);
  });
});

describe('a network that reads its window in both directions', () => {
  const network = { cell: 'gru', hiddenSize: 4, numLayers: 2, bidirectional: true } as const;

  it.each(['gru', 'lstm'] as const)('has the gradients of each direction of a %s', async (cell) => {
    const lags = 7;
    const parts = partsFor(
      describeModel({
        ...one,
        memory: 'window',
        horizon: 2,
        lookback: lags,
        anchor: 'none',
        network: { ...network, cell, inputSize: 1, headSize: 2 },
      }),
    );
    const model = Forecaster.from(parts);
    const table = tableOf(lags + 2, ['temperature']);
    const flow = await gradientFlow(model, table);
    expect(flow.layers.map(({ name }) => name)).toEqual([
      'layer 0',
      'layer 0 backwards',
      'layer 1',
      'layer 1 backwards',
    ]);
    const scaled = Array.from(table.columns[0]!, (value) => (value - parts.scaler.mean[0]!) / parts.scaler.std[0]!);
    const lossOf = (nudge: Nudge) => {
      const outputs = layers(
        parts.weights,
        { ...network, cell },
        scaled.slice(0, lags).map((value) => [value]),
        nudge,
      );
      const read = [...outputs.at(-1)!.slice(0, 4), ...outputs[0]!.slice(4)];
      const told = linear(parts.weights, 'head.weight', 'head.bias', read);
      return told.reduce((sum, value, h) => sum + (value - scaled[lags + h]!) ** 2, 0) / 2;
    };
    for (const { name, gradient } of flow.layers) {
      for (let lag = 0; lag < lags; lag++) {
        const expected = slope(lossOf, name, lags - 1 - lag, 4);
        expect(Math.abs(gradient[lag]! - expected)).toBeLessThan(1e-3 * expected + 1e-9);
      }
    }
  });
});

describe('a head that reads the last outputs by attention', () => {
  it('is measured, also through fewer steps than it reads', async () => {
    const model = makeModel({ ...one, lookback: 6, network: { inputSize: 1, attention: 4, headSize: 3 } });
    const table = tableOf(60, ['temperature']);
    const flow = await gradientFlow(model, table);
    expect(flow.layers[0]!.gradient.slice(0, 4).every((value) => value > 0)).toBe(true);
    expect(flow.parameters.map(({ name }) => name)).toContain('attention.weight');
    expect((await gradientFlow(model, table, { lags: 2 })).lags).toBe(2);
  });
});
