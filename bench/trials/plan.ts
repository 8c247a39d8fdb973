// Whole decisions by MPPI from JavaScript, compared with PyTorch in a process of its own: they take turns, one thread
// each.
import { createPlant, isaName, ourPlanner, precisions } from '../gatecast.ts';
import { measure } from '../measure.ts';
import type { CellName, Result } from '../record.ts';
import { findTorch, torchPlanner } from '../rivals/torch.ts';

export async function plan(
  cell: CellName,
  samples: number,
  steps: number,
  inputs: number,
  hidden: number,
  quick: boolean,
): Promise<Result[]> {
  const torch = findTorch();
  if (torch === undefined) return [];
  const ours = precisions.map((precision) => {
    const plant = createPlant(cell, inputs, hidden, precision);
    const planner = ourPlanner(plant, samples, steps);
    return { precision, plant, planner, first: planner.decide() };
  });
  const rivals = await Promise.all(
    ours.map(({ plant, first }) => torchPlanner(torch, plant, samples, steps, first.plan)),
  );
  const contenders = [
    ...ours.map(({ planner }) => ({
      name: 'ours',
      run(count: number) {
        for (let k = 0; k < count; k++) planner.decide();
      },
    })),
    { name: rivals[0]!.name, run: (count: number) => rivals[0]!.run(count) },
  ];
  const timings = await measure(contenders, quick);
  const rivalTiming = timings.at(-1)!;
  const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a).reduce((most, value, k) => Math.max(most, Math.abs(value - b[k]!)), 0);
  const results = ours.map(({ precision, first }, k): Result => {
    const { told, exact } = rivals[k]!;
    return {
      trial: 'plan',
      cell,
      sizes: { inputs, hidden, steps },
      precision,
      batch: samples,
      threads: 1,
      isa: isaName,
      ours: 1e9 / timings[k]!.ns,
      rival: 1e9 / rivalTiming.ns,
      rivalName: rivals[0]!.name,
      unit: 'decisions/s',
      ratio: rivalTiming.ns / timings[k]!.ns,
      floor: null,
      floorRatio: null,
      spread: timings[k]!.spread,
      error: distance(first.predicted, exact),
      rivalError: distance(told, exact),
    };
  });
  for (const rival of rivals) rival.close();
  return results;
}
