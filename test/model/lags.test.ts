import { describe, expect, test } from 'vitest';
import { parseDescription } from '../../lib/model/description.ts';
import { dynamicsOf } from '../../lib/model/dynamics.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { Encoder } from '../../lib/model/inputs/encoder.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

const lags = [2, 3, 4]; // the three values before the newest one
const values = Array.from({ length: 12 }, (_, i) => 20 + 3 * Math.sin(i) + i / 5);
/** The value so many samples before; before the first sample the newest one. */
const before = (i: number, lag: number) => values[lag > i ? i : i - lag]!;

describe('earlier values', () => {
  test('are as if a sample had them itself, to the bit', () => {
    const shared = { targets: ['y'], network: { inputSize: 1 + lags.length } };
    const parts = partsFor(describeModel({ ...shared, inputs: [{ name: 'y' }], lags }));
    const model = Forecaster.from(parts);
    const names = ['y', 'y1', 'y2', 'y3'];
    const [mean, std] = [parts.scaler.mean[0]!, parts.scaler.std[0]!];
    const given = Forecaster.from({
      ...partsFor(describeModel({ ...shared, inputs: names.map((name) => ({ name })) })),
      scaler: new Scaler(names, Array(4).fill(mean), Array(4).fill(std)),
    });
    const [state, other] = [model.createState(), given.createState()];
    for (const [i, value] of values.entries()) {
      const said = state.step([value])!;
      expect(said.numbers).toEqual(other.step([value, before(i, 1), before(i, 2), before(i, 3)])!.numbers);
    }
    state.reset();
    expect(state.step([7])!.numbers).toEqual(model.createState().step([7])!.numbers);
    expect(Forecaster.fromBytes(model.toBytes()).fingerprint).toBe(model.fingerprint);
    expect(makeModel({ ...shared, inputs: [{ name: 'y' }], lags }).fingerprint).not.toBe(given.fingerprint);
  });

  test('have the scale that the stream has with its newest sample', () => {
    const samples = 5;
    const encoder = new Encoder(
      { inputs: [{ name: 'x' }, { name: 'y' }], targets: ['y'], lags, scale: { samples, inputs: ['y'] } },
      { mean: Float64Array.of(1, 19), std: Float64Array.of(2, 3) },
    );
    const own = new Float64Array(encoder.memory);
    const out = new Float32Array(encoder.width);
    let [mean, variance] = [0, 0]; // the scaler is no matter
    for (const [i, value] of values.entries()) {
      const share = 1 / Math.min(i + 1, samples);
      const distance = value - mean;
      mean += share * distance;
      variance = (1 - share) * (variance + share * distance ** 2);
      encoder.write(Float64Array.of(5, value), 0, Number.NaN, out, 0, own);
      encoder.take(Float64Array.of(5, value), 0, Number.NaN, own, 0);
      if (i < 1) continue;
      expect(out[0]).toBe(2);
      [0, 1, 2, 3].forEach((lag) => {
        expect(out[1 + lag]).toBeCloseTo((before(i, lag) - mean) / Math.sqrt(variance), 4);
      });
    }
  });

  test('are without the course of a cycle, as the newest value is', () => {
    const [phases, interval] = [4, 1000];
    const course = Float32Array.of(0, 1, 2, -1);
    const encoder = new Encoder(
      { inputs: [{ name: 'y' }], targets: ['y'], lags, cycle: { period: phases * interval, phases, zone: 'UTC' } },
      { mean: Float64Array.of(20), std: Float64Array.of(3) },
      course,
    );
    const own = new Float64Array(encoder.memory);
    const out = new Float32Array(encoder.width);
    const monday = Date.UTC(2026, 0, 5);
    for (const [i, value] of values.entries()) {
      const at = monday + i * interval;
      encoder.write(Float64Array.of(value), 0, at, out, 0, own);
      encoder.take(Float64Array.of(value), 0, at, own, 0);
      if (i < lags.length) continue;
      [0, 1, 2, 3].forEach((lag) => {
        expect(out[lag]).toBeCloseTo((before(i, lag) - 20) / 3 - course[(i - lag) % phases]!, 4);
      });
    }
  });

  test.each([
    [{ lags: [2, 9] }, /^Expected 4 for description.network.inputSize but received 2/],
    [{ lags: [1] }, /for description.lags\[0\] but received 1/],
  ])('that cannot be are refused: %o', (changes, message) => {
    const refused = gatecastError('invalid-argument', message);
    expect(() => parseDescription(describeModel(changes))).toThrow(refused);
  });

  test('are none of a category, nor of a plant', () => {
    const words = { inputs: [{ name: 'y', words: ['a', 'b'], shares: [0.5, 0.5] }], targets: ['y'] };
    const classes = { ...words, classes: ['a', 'b'], loss: 'classes', anchor: 'none', levels: [], lags } as const;
    expect(() => parseDescription(describeModel({ ...classes, network: { inputSize: 5, headSize: 6 } }))).toThrow(
      gatecastError('invalid-argument', /^Expected none of a category for description.lags/),
    );
    const plant = describeModel({ lags, horizon: 1, loss: 'mse', levels: [], network: { inputSize: 5 } });
    expect(() => dynamicsOf({ description: plant, scaler: partsFor(plant).scaler })).toThrow(
      gatecastError('invalid-argument', /^Expected no value for the lags of the forecaster to roll out/),
    );
  });
});
