import { expect, test } from 'vitest';
import { baselines } from '../../lib/baselines/baselines.ts';
import { testDifference } from '../../lib/batch/test-difference.ts';
import { createRandom } from '../../lib/base/random.ts';
import { seriesOf } from '../../lib/data/series.ts';

const random = createRandom(4);
const noisy = (rows: number) => ({
  names: ['y'],
  columns: [Float64Array.from({ length: rows }, (_, row) => Math.sin((2 * Math.PI * row) / 8) + 0.1 * random())],
});
const task = { inputs: ['y'], horizon: 3 };
const models = [baselines.seasonal(8, task), baselines.last(task)] as const;
const names = ['the season', 'the last value'] as const;
const fleet = (series: number, rows: number) =>
  seriesOf(new Map(Array.from({ length: series }, (_, i) => [`s${i}`, noisy(rows)])));

test('two models are compared on the windows of both, in the order of time', async () => {
  const found = await testDifference(models, names, fleet(1, 100), { from: 20 }, 78);
  expect(found).toMatchObject({ count: 78, verdict: 'first' });
  expect(found!.text).toMatch(/^Not noise: the season is better than the last value/);
  const early = await testDifference(models, names, fleet(1, 100), {}, 97);
  expect(early).toMatchObject({ count: 90 }); // the season is warm after eight rows
});

test('on many series, by series', async () => {
  expect(await testDifference(models, names, fleet(12, 40), { from: 20 }, 216)).toMatchObject({ count: 12 });
});

test('not at all with too few windows, or without any', async () => {
  expect(await testDifference(models, names, fleet(1, 30), { from: 22 }, 6)).toBeUndefined();
  expect(await testDifference(models, names, fleet(1, 9), {}, 6)).toBeUndefined();
});

test('of very many windows, on some', async () => {
  const found = await testDifference(models, names, fleet(1, 1000), { from: 20 }, 50_000);
  expect(found!.count).toBe(Math.ceil(978 / 3));
});
