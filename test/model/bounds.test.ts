import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bounds } from '../../lib/model/bounds.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { parseDescription } from '../../lib/model/description.ts';
import { dynamicsOf } from '../../lib/model/dynamics.ts';
import { stateModel } from '../../lib/model/forecaster-states.ts';
import { LiveModel } from '../../lib/stream/swap/live-model.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, partsFor } from '../support/models.ts';

const shape = {
  inputs: [{ name: 'cpu', unit: '%' }, { name: 'load' }],
  targets: ['load', 'cpu'],
  levels: [0.1, 0.25, 0.5, 0.9],
};
/** Weights from -1 to 1 forecast changes of whole deviations, so that forecasts leave a tenth of the range at once. */
const bounds: Bounds[] = [{ min: 19.5 }, { min: 9, max: 11 }];

function inside(numbers: readonly number[], horizon: number): boolean {
  return numbers.every((value, i) => {
    const { min = -Infinity, max = Infinity } = bounds[Math.floor(i / horizon) % 2]!;
    return value >= min && value <= max;
  });
}

const loss = fc.constantFrom('quantile', 'mse', 'mae');
const anchor = fc.constantFrom('last', 'none');
const sample = fc.tuple(fc.double({ min: 9, max: 11, noNaN: true }), fc.double({ min: 19.5, max: 30, noNaN: true }));
const samples = fc.array(sample, { minLength: 1, maxLength: 12 });

describe('the bounds of targets', () => {
  test('a forecast is moved to the nearest value within them', () => {
    fc.assert(
      fc.property(loss, anchor, samples, (loss, anchor, samples) => {
        const free = Forecaster.from(partsFor(describeModel({ ...shape, loss, anchor })));
        const bound = Forecaster.from(partsFor(describeModel({ ...shape, loss, anchor, bounds })));
        const [a, b] = [free.createState(), bound.createState()];
        for (const values of samples) {
          const [wide, kept] = [a.step(values)!, b.step(values)!];
          const clamped = wide.numbers.map((value, i) => {
            const cpu = Math.floor(i / wide.horizon) % 2 === 1;
            return cpu ? Math.min(Math.max(value, 9), 11) : Math.max(value, 19.5);
          });
          expect(kept.numbers).toEqual(clamped);
        }
        for (const one of [a, b, free, bound]) one.dispose();
      }),
      { numRuns: 60 },
    );
  });

  test('they hold for corrected, calibrated, replaced and filled live forecasts', () => {
    const options = fc.record({
      adapt: fc.constantFrom(false, { patience: 1, window: 10 }),
      calibrate: fc.boolean(),
      skill: fc.constant({ patience: 1, smoothing: 0.5 }),
      fallback: fc.constantFrom('none', 'naive'),
      gap: fc.constantFrom('hold', 'impute', 'decay'),
      watch: fc.boolean(),
    });
    const model = Forecaster.from(partsFor(describeModel({ ...shape, bounds })));
    fc.assert(
      fc.property(options, fc.array(sample, { minLength: 20, maxLength: 40 }), (options, samples) => {
        const state = new StreamState(model, options);
        const live = new LiveModel(model, options);
        for (const values of samples) {
          // True values beyond the bounds drive every correction out of them.
          const wild = [values[0] * 3 - 20, values[1] * 2 - 30];
          for (const forecast of [state.step(wild)!, live.step(wild)!]) {
            expect(inside(forecast.numbers, forecast.horizon)).toBe(true);
            const { lower, upper } = forecast.interval(0.7); // interpolated
            expect(inside([...lower], forecast.horizon) && inside([...upper], forecast.horizon)).toBe(true);
          }
        }
        state.dispose();
        live.dispose();
      }),
      { numRuns: 60 },
    );
  });

  test('a file keeps them, and a file without them is as before', () => {
    const bound = Forecaster.from(partsFor(describeModel({ ...shape, bounds })));
    expect(Forecaster.fromBytes(bound.toBytes()).description.bounds).toEqual(bounds);
    const free = Forecaster.from(partsFor(describeModel(shape)));
    expect('bounds' in Forecaster.fromBytes(free.toBytes()).description).toBe(false);
    expect(free.fingerprint).not.toBe(bound.fingerprint);
  });

  test.each([
    [[{ min: 0 }], /2, one for each target, for description.bounds/],
    [[{ min: 1, max: 1 }, {}], /less than max \(1\) for description.bounds\[0\].min/],
    [[{ min: Number.NaN }, {}], /description.bounds\[0\].min but received NaN/],
    [[{ least: 0 }, {}], /min, max/],
    [[null, {}], /an object for description.bounds\[0\]/],
    ['0 to 100', /description.bounds/],
  ])('a description refuses %j', (bounds, message) => {
    const wrong = { ...describeModel(shape), bounds };
    expect(() => parseDescription(wrong)).toThrow(gatecastError('invalid-argument', message));
  });

  test('a forecaster with bounds cannot be rolled out', () => {
    const plant = { ...shape, targets: ['load'], horizon: 1, loss: 'mse', levels: [] } as const;
    const model = Forecaster.from(partsFor(describeModel({ ...plant, bounds: [{ min: 0 }] })));
    expect(() => dynamicsOf(model[stateModel])).toThrow(gatecastError('invalid-argument', /no value for the bounds/));
  });
});
