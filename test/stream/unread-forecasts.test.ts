// A step without an answer makes no forecast, unless a part of the stream learns from it. Of a model that draws paths, that
// would be nearly the whole work.
import { from, lastValueFrom, toArray } from 'rxjs';
import { beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { PathSampler } from '../../lib/model/path-sampler.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import type { StreamOptions } from '../../lib/stream/state/stream-options.ts';
import { describeModel, partsFor } from '../support/models.ts';

const { residuals: _, ...parts } = partsFor(
  describeModel({
    inputs: [{ name: 'x' }],
    targets: ['x'],
    loss: 'gaussian',
    lookback: 20,
    bounds: [{ min: 0 }],
    paths: { count: 10, seed: 1 },
    network: { headSize: 2 },
  }),
);
const model = Forecaster.from(parts);
let draw: MockInstance;
beforeEach(() => {
  draw = vi.spyOn(PathSampler.prototype, 'draw');
});

const column = Float64Array.from({ length: 30 }, (_, row) => 10 + (row % 7));
const table = { names: ['x'], columns: [column] };
const sample = (row: number) => ({ at: 1000 * row, values: [column[row]!] });

describe('a stream draws paths for its answers alone', () => {
  const run = async (rows: readonly number[], options: StreamOptions) => {
    draw.mockClear();
    const answers = await lastValueFrom(from(rows.map(sample)).pipe(forecast(model, options), toArray()));
    return { answers, draws: draw.mock.calls.length };
  };

  test('and not for steps that were missing', async () => {
    const { answers, draws } = await run([0, 1, 2, 12, 13], { gap: 'hold' });
    expect([answers.length, draws]).toEqual([5, 5]);
    const imputing = await run([0, 1, 2, 12, 13], { gap: 'impute' });
    expect([imputing.answers.length, imputing.draws]).toEqual([5, 14]); // forecasts stand in for the missing values
  });

  test('and not for steps that are taken again after a late sample, with the same bits as in order', async () => {
    const late = await run([0, 1, 2, 4, 5, 6, 7, 3], { lateness: '10s' });
    expect([late.answers.length, late.draws]).toEqual([8, 8]);
    const ordered = await run([0, 1, 2, 3, 4, 5, 6, 7], {});
    expect(late.answers.at(-1)!.numbers).toEqual(ordered.answers.at(-1)!.numbers);
    const learning = await run([0, 1, 2, 4, 5, 6, 7, 3], { lateness: '10s', calibrate: true });
    expect(learning.draws).toBeGreaterThan(8); // calibration compares the forecasts of all steps with the truth
  });
});

test('tables draw paths for the rows that are forecast alone', () => {
  expect([...rolling(model, table, { every: 10 })]).toHaveLength(3);
  expect(draw).toHaveBeenCalledTimes(3);
  draw.mockClear();
  const { windows } = evaluate(model, table, { from: 22, stride: 2 });
  expect(draw).toHaveBeenCalledTimes(windows);
});
