import type { TrainingData } from './data.ts';
import type { Plan } from './plan.ts';
import type { WindowShape } from './windows.ts';

/**
 * How often a pass forecasts each training row. `MOST_SAMPLES` is how many input samples a pass may take, which bounds
 * its time on long tables.
 */
const VISITS = 4;
const MOST_SAMPLES = 2 ** 18;

/** Windows of a pass: each training row is forecast about `VISITS` times, unless that is more than `MOST_SAMPLES`. */
export function passLength(plan: Plan, { shape, training }: TrainingData): number {
  const visits = windowsOfPass(plan, shape);
  const most = Math.max(1, Math.floor(MOST_SAMPLES / shape.window));
  return Math.min(training.length, visits, most);
}

/** How many windows of this shape forecast each training row about `VISITS` times. */
export function windowsOfPass({ series }: Plan, { window, warmup }: WindowShape): number {
  const rows = series.reduce((sum, { training: { from, to } }) => sum + to - from, 0);
  return Math.ceil((rows * VISITS) / (window - warmup));
}
