// Whole steps of training from JavaScript, forward, backward and AdamW, compared with PyTorch in processes of its own: one for
// each number of threads. All take turns.
import { gatesOf } from '../case.ts';
import { createLesson, isaName, ourTrainer } from '../gatecast.ts';
import { measure } from '../measure.ts';
import type { CellName, Result } from '../record.ts';
import { findTorch, torchTrainer } from '../rivals/torch.ts';

const THREADS = [1, 2];

/** OpenBLAS's threads look for work for 2^26 ticks of the clock before they sleep, some 30 ms. */
const TORCH_SPINS_MS = 100;

/** Training goes on for minutes; a short turn would measure how its threads wake up. */
const TURN_MS = 60;

export async function training(
  cell: CellName,
  batch: number,
  steps: number,
  inputs: number,
  hidden: number,
  quick: boolean,
): Promise<Result[]> {
  const lesson = createLesson(cell, batch, steps, inputs, hidden);
  const ours = await Promise.all(
    THREADS.map(async (threads) => {
      const trainer = ourTrainer(lesson, threads);
      return { threads, trainer, told: await trainer.firstStep() };
    }),
  );
  const torch = findTorch();
  const rivals = torch === undefined ? [] : await Promise.all(THREADS.map((n) => torchTrainer(torch, lesson, n)));
  const timings = await measure(
    [
      ...ours.map(({ trainer }) => ({ name: 'ours', run: (count: number) => trainer.run(count) })),
      ...rivals.map((rival) => ({
        name: rival.name,
        run: (count: number) => rival.run(count),
        spinsMs: TORCH_SPINS_MS,
      })),
    ],
    quick,
    TURN_MS,
  );
  for (const rival of rivals) rival.close();

  const ofRivals = rivals.map((rival, k) => ({ ...rival, ns: timings[ours.length + k]!.ns }));
  const best = ofRivals.toSorted((a, b) => a.ns - b.ns)[0];
  const flop = flopOfStep(cell, batch * steps, inputs, hidden);
  return ours.map(({ threads, told }, k): Result => {
    const { ns, spread } = timings[k]!;
    return {
      trial: 'training',
      cell,
      sizes: { inputs, hidden, steps },
      precision: 'f32',
      batch,
      threads,
      isa: isaName,
      ours: flop / ns,
      rival: best === undefined ? null : flop / best.ns,
      rivalName: best === undefined ? null : `${best.name}, ${best.threads} thread${best.threads > 1 ? 's' : ''}`,
      unit: 'GFLOP/s',
      ratio: best === undefined ? null : best.ns / ns,
      floor: null,
      floorRatio: null,
      spread,
      error: best === undefined ? null : distance(told, best.exact),
      rivalError: best === undefined ? null : distance(best.told, best.exact),
      millionSteps: (1e3 * batch * steps) / ns,
    };
  });
}

/** Multiplications and additions that a step needs; nobody needs the gradient of the input. */
function flopOfStep(cell: CellName, rows: number, inputs: number, hidden: number): number {
  const gates = gatesOf(cell) * hidden;
  return 2 * rows * (gates * (3 * hidden + 2 * inputs) + 3 * hidden);
}

/** The largest relative error. */
function distance(values: readonly number[], exact: readonly number[]): number {
  return Math.max(...values.map((value, k) => Math.abs(value / exact[k]! - 1)));
}
