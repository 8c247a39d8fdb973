// Quantiles never cross, in whatever way a forecast comes about: the higher level has the higher quantile, or an equal one.
import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { quantile } from '../../lib/base/sorted.ts';
import type { Forecast } from '../../lib/model/forecast.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { headOf, losses } from '../../lib/model/heads/heads.ts';
import type { Model } from '../../lib/model/model.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import type { StreamOptions } from '../../lib/stream/state/stream-options.ts';
import { describeModel, makeEsrnnModel, makeSegmentModel, partsFor } from '../support/models.ts';

const level = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
/** Two levels, also nearly equal ones. */
const pair = fc
  .tuple(level, fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1e-8, noNaN: true })))
  .map(([low, share]) => [low, low + share * (1 - 1e-6 - low)] as const)
  .filter(([low, high]) => high > low);

describe('of two levels the higher one has no lower quantile:', () => {
  test('of samples', () => {
    const samples = fc.array(fc.double({ min: -1e30, max: 1e30, noNaN: true }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(samples, pair, (values, [low, high]) => {
        const sorted = Float64Array.from(values).sort();
        expect(quantile(sorted, high)).toBeGreaterThanOrEqual(quantile(sorted, low));
      }),
      { numRuns: 5000 },
    );
  });

  test.each(losses.filter((loss) => headOf(loss).gives === 'distribution'))('of the distribution %s', (loss) => {
    const size = headOf(loss).outputs({ levels: [] });
    const outputs = fc.array(fc.double({ min: -12, max: 12, noNaN: true }), { minLength: size, maxLength: size });
    fc.assert(
      fc.property(pair, outputs, fc.double({ min: 1e-3, max: 1e5, noNaN: true }), (levels, output, base) => {
        const numbers = new Float64Array(3 + size);
        const read = headOf(loss).reader({ horizon: 1, count: 1, levels, residuals: undefined });
        read(Float32Array.from(output), 0, Float64Array.of(base), 3, numbers, 0);
        expect(numbers[2]).toBeGreaterThanOrEqual(numbers[1]!);
      }),
      { numRuns: 1000 },
    );
  });
});

const levels = [0.01, 0.1, 0.5, 0.50001, 0.9, 0.99];
const one = { inputs: [{ name: 'x' }], targets: ['x'], interval: 1000, levels } as const;
const trained = (changes: object, precision: 'f32' | 'bf16' | 'int8' = 'f32') => {
  const { residuals, ...parts } = partsFor(describeModel({ ...one, ...changes }));
  const spread = 'loss' in changes && changes.loss === 'mse';
  return Forecaster.from({ ...parts, ...(spread && { residuals }) }, { precision });
};
const scale = { samples: 20, inputs: ['x'] };
const models: Record<string, Model> = {
  quantile: trained({ network: { headSize: 18 } }),
  'quantile in bf16, on a scale of its stream': trained({ scale, network: { headSize: 18 } }, 'bf16'),
  'quantile in int8, within bounds': trained({ bounds: [{ min: 9, max: 11 }], network: { headSize: 18 } }, 'int8'),
  mse: trained({ loss: 'mse', network: { headSize: 3 } }),
  gaussian: trained({ loss: 'gaussian', network: { headSize: 6 } }),
  'student-t': trained({ loss: 'student-t', network: { headSize: 9 } }),
  'negative-binomial': trained({ loss: 'negative-binomial', anchor: 'none', network: { headSize: 6 } }),
  deepar: trained({ loss: 'gaussian', anchor: 'none', paths: { count: 7, seed: 1 }, network: { headSize: 2 } }),
  segment: makeSegmentModel({ ...one, segments: { segment: 2 } }),
  esrnn: makeEsrnnModel({ ...one, loss: 'quantile' }),
  'esrnn without logarithms': makeEsrnnModel({ ...one, loss: 'mse', smoothing: { log: false } }),
};
const options = fc.record(
  {
    calibrate: fc.constant(true),
    gap: fc.constantFrom('hold' as const, 'impute' as const),
    fallback: fc.constant('naive' as const),
    skill: fc.constant({ patience: 3 }),
    adapt: fc.constant({ patience: 3 }),
    watch: fc.constant(true),
  },
  { requiredKeys: [] },
);
const samples = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: 8, max: 13, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1e9, -1e9, 1e20, 10, Number.NaN) },
  ),
  { minLength: 5, maxLength: 60 },
);

/** Checks the quantiles of a forecast, its intervals and its JSON. */
function expectOrder(given: Forecast): void {
  for (let i = 0; i < given.targets.length * given.horizon; i++) {
    const quantiles = given.levels.map((each) => given.quantiles[each]![i]!);
    expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b));
    expect(quantiles.every(Number.isFinite)).toBe(true);
  }
  const bounds = [0.05, 0.3, 0.7, 0.9, 0.98].map((width) => given.interval(width));
  for (const [n, { lower, upper }] of bounds.entries()) {
    const wider = bounds[n + 1] ?? { lower, upper };
    lower.forEach((low, i) => {
      expect([low <= upper[i]!, wider.lower[i]! <= low, wider.upper[i]! >= upper[i]!]).toEqual([true, true, true]);
    });
  }
}

test.each(Object.entries(models))('the quantiles of a stream never cross: %s', async (_, model) => {
  await fc.assert(
    fc.asyncProperty(samples, options, async (values, chosen: StreamOptions) => {
      const { network, targets } = model.description;
      const { adapt, watch, ...others } = chosen;
      const fitting = { ...others, ...(network && { ...(adapt && { adapt }), ...(watch && { watch }) }) };
      const times = values.map((value, i) => ({ at: 1000 * i, values: targets.map(() => value) }));
      const live = await lastValueFrom(from(times).pipe(forecast(model, fitting), toArray()), { defaultValue: [] });
      for (const each of live) expectOrder(each);
    }),
    { numRuns: 25 },
  );
});
