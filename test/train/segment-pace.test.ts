// How many passes a segment model learns in by default.
import { expect, test } from 'vitest';
import type { SegmentDescription } from '../../lib/model/segment/description.ts';
import { withSegmentPace } from '../../lib/train/models/segment-pace.ts';
import { resolveOptions } from '../../lib/train/options.ts';
import type { Plan } from '../../lib/train/plan.ts';

/** Passes and patience for series of so many training rows. */
function paceOf(rows: readonly number[], targets: number, horizon: number, given: { epochs?: number } = {}) {
  const names = Array.from({ length: targets }, (_, t) => `t${t}`);
  const series = rows.map((count) => ({ training: { from: 5, to: 5 + count } }));
  const description = { targets: names, horizon, training: {} };
  const plan = { series, description } as unknown as Plan<SegmentDescription>;
  const options = resolveOptions({ model: 'segment', targets: names, horizon, ...given } as never);
  const paced = withSegmentPace(plan, options, given);
  expect(paced.plan.description.training.patience).toBe(paced.options.patience);
  return [paced.options.epochs, paced.options.patience];
}

test.each([
  [[32_768], 2, 96, 40],
  [[32_768], 2, 48, 40],
  [[16_384, 16_384], 2, 96, 40],
  [[8192], 2, 96, 20],
  [[1000], 1, 96, 16],
  [[1e6], 7, 96, 80],
  [[32_768], 2, 384, 20],
  [[1e6], 1, 2400, 16],
])(
  'series of %j rows, %d targets and %d steps ahead have %d passes, and all are run',
  (rows, targets, horizon, passes) => {
    expect(paceOf(rows, targets, horizon)).toEqual([passes, passes]);
  },
);

test('passes that are given stay', () => {
  expect(paceOf([1000], 1, 96, { epochs: 3 })).toEqual([3, 3]);
});
