import { expect, test } from 'vitest';
import { centralLevels, forecastJson } from '../../lib/model/forecast-json.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { makeModel } from '../support/models.ts';

test('a forecast is JSON by name: means and central intervals of each target', () => {
  const state = makeModel({
    targets: ['temperature', 'pressure'],
    levels: [0.05, 0.25, 0.5, 0.75, 0.95],
  }).createState();
  const forecast = state.step({ at: 5000, values: { pressure: 10, temperature: 20 } })!;
  const { mean, quantiles } = forecast;
  const row = (values: Float64Array, target: number) => [...values.subarray(3 * target, 3 * target + 3)];
  const interval = (target: number, lower: number, upper: number) => ({
    lower: row(quantiles[lower]!, target),
    upper: row(quantiles[upper]!, target),
  });
  expect(JSON.parse(JSON.stringify({ forecast }))).toEqual({
    forecast: {
      at: 5000,
      ready: false,
      skipped: JSON.parse(JSON.stringify(forecast.skipped)),
      mean: { temperature: row(mean, 0), pressure: row(mean, 1) },
      intervals: {
        50: { temperature: interval(0, 0.25, 0.75), pressure: interval(1, 0.25, 0.75) },
        90: { temperature: interval(0, 0.05, 0.95), pressure: interval(1, 0.05, 0.95) },
      },
    },
  });
  expect(JSON.parse(JSON.stringify(forecast.target('pressure')))).toMatchObject({ mean: { pressure: row(mean, 1) } });
});

test('a live forecast has its kind, and how far to trust it', () => {
  const state = new StreamState(makeModel(), { gap: 'hold', resample: true });
  for (const at of [1000, 2000]) state.step({ at, values: [10, 20] });
  const forecast = state.step({ at: 2100, values: [Number.NaN, 21] })!;
  expect(JSON.parse(JSON.stringify(forecast))).toMatchObject({ kind: 'correction', trust: { source: 'model' } });
  expect(forecastJson(forecast, [0.6]).intervals).toHaveProperty('60');
});

test('levels are free of rounding noise', () => {
  expect(centralLevels([0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95])).toEqual([0.5, 0.8, 0.9]);
  expect(centralLevels([0.025, 0.3, 0.5, 0.975])).toEqual([0.95]);
  expect(centralLevels([])).toEqual([]);
  const many = Array.from({ length: 199 }, (_, i) => (i + 1) / 200);
  expect(centralLevels(many)).toEqual(Array.from({ length: 99 }, (_, i) => (i + 1) / 100));
});
