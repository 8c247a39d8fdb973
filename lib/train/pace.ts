import { streamsOf } from '../model/channels.ts';
import type { TrainedDescription } from '../model/trained-model.ts';
import type { TrainingData } from './data.ts';
import { defaults } from './defaults.ts';
import type { ResolvedOptions, TrainOptions } from './options.ts';
import type { Plan } from './plan.ts';
import type { WindowShape } from './windows.ts';

/**
 * How often a pass forecasts each training row. `MOST_SAMPLES` is how many input samples a pass may take, which bounds
 * its time on long tables.
 */
const VISITS = 4;
const MOST_SAMPLES = 2 ** 18;

/** Steps of the optimiser in a pass at least, as far as there are windows: batches are smaller where rows are few. */
const LEAST_STEPS = 16;

/** Steps of the optimiser in a training, within limits of passes: a short table is gone through more often. */
const STEPS = 2000;
const PASSES = [40, 200] as const;

/** The share of the passes that may bring nothing before learning ends. */
const PATIENCE = 0.5;

/** The pace of a training: options whose defaults depend on how many windows there are. */
type Pace = Pick<ResolvedOptions, 'batchSize' | 'epochs' | 'patience'>;

/** A plan and its options, with the default pace as far as none is given. */
export function withPace(
  plan: Plan,
  options: ResolvedOptions,
  given: Pick<TrainOptions, 'batchSize' | 'epochs' | 'patience'>,
): { plan: Plan; options: ResolvedOptions } {
  return paced(plan, options, paceOf(plan, given));
}

/** A plan and its options with this pace. */
export function paced<D extends TrainedDescription>(
  plan: Plan<D>,
  options: ResolvedOptions,
  pace: Pace,
): { plan: Plan<D>; options: ResolvedOptions } {
  const { description } = plan;
  const { batchSize, patience } = pace;
  const training = { ...description.training, batchSize, patience };
  return { plan: { ...plan, description: { ...description, training } }, options: { ...options, ...pace } };
}

function paceOf(plan: Plan, given: Pick<TrainOptions, 'batchSize' | 'epochs' | 'patience'>): Pace {
  const windows = Math.min(windowsOfPass(plan, plan.shapes[0]!), mostWindows(plan.shapes[0]!));
  const batchSize = given.batchSize ?? clamp(Math.floor(windows / LEAST_STEPS), 1, defaults.batchSize);
  const epochs = given.epochs ?? clamp(Math.ceil(STEPS / Math.ceil(windows / batchSize)), ...PASSES);
  return { batchSize, epochs, patience: given.patience ?? Math.max(defaults.patience, Math.ceil(PATIENCE * epochs)) };
}

/** Windows of a pass: each training row is forecast about `VISITS` times, unless that is more than `MOST_SAMPLES`. */
export function passLength(plan: Plan, { shape, training }: TrainingData): number {
  return Math.min(training.length, windowsOfPass(plan, shape), mostWindows(shape));
}

/** How many windows of this shape forecast each training row about `VISITS` times, in each stream of the network. */
function windowsOfPass({ series, description }: Plan, { window, warmup }: WindowShape): number {
  const rows = streamsOf(description) * series.reduce((sum, { training: { from, to } }) => sum + to - from, 0);
  return Math.ceil((rows * VISITS) / (window - warmup));
}

function mostWindows({ window }: WindowShape): number {
  return Math.max(1, Math.floor(MOST_SAMPLES / window));
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
