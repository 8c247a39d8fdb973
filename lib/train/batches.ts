import type { ResolvedOptions } from './options.ts';
import { windowsOfPass } from './pass-length.ts';
import type { Plan } from './plan.ts';

/**
 * Steps of the optimiser in a pass at least, if a column is known ahead: each step of the horizon has to find its own
 * input, which takes many small steps. With 32 windows for each, 1300 rows gave 27 times the error of the noise.
 */
const LEAST_STEPS = 32;

/** A plan and its options with the default batch size: smaller where columns are known ahead and windows are few. */
export function withBatches(plan: Plan, options: ResolvedOptions): { plan: Plan; options: ResolvedOptions } {
  if (!plan.ahead?.length) return { plan, options };
  const windows = windowsOfPass(plan, plan.shapes[0]!);
  const batchSize = Math.max(1, Math.min(options.batchSize, Math.floor(windows / LEAST_STEPS)));
  const { description } = plan;
  const training = { ...description.training, batchSize };
  return { plan: { ...plan, description: { ...description, training } }, options: { ...options, batchSize } };
}
