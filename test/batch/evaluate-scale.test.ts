import { expect, test } from 'vitest';
import { baselines } from '../../lib/baselines/baselines.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { seriesOf } from '../../lib/data/series.ts';

/** Repeats 0 and `size`: its deviation is half of that, and the error of repeating the last value is all of it. */
const zigzag = (size: number) => ({
  names: ['y'],
  columns: [Float64Array.from({ length: 40 }, (_, i) => (i % 2) * size)],
});

test('errors are scaled by the deviation of each series, or by that of all together', async () => {
  const fleet = seriesOf(
    new Map([
      ['quiet', zigzag(2)],
      ['loud', zigzag(2000)],
    ]),
  );
  const last = baselines.last({ inputs: ['y'] });
  const apart = await evaluate(last, fleet, { from: 20, scale: 'series' });
  expect(apart.scaled).toEqual({ mse: 4, mae: 2 });
  expect(apart.series.get('quiet')!.scaled.mae).toBe(2);
  expect(apart.mae).toBe(1001);
  const together = await evaluate(last, fleet, { from: 20 });
  expect(together.series.get('quiet')!.scaled.mae).toBeLessThan(0.01);
});
