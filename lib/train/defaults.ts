import { availableParallelism } from 'node:os';
import type { Duration } from '../base/duration.ts';
import type { Channels } from '../model/channels.ts';
import type { Loss } from '../model/heads/heads.ts';
import type { CalendarPart } from '../model/inputs/calendar.ts';
import type { CellName } from '../network/cells.ts';
import type { ModelName } from './models/names.ts';
import type { ScheduleName } from './schedule.ts';

/** Most threads that share the windows of a batch. */
export const MOST_THREADS = 64;

/** The values of options that are not given to a training of the model 'recurrent'. */
export const defaults = {
  model: 'recurrent' as ModelName,
  periods: 'auto' as 'auto' | readonly number[],
  members: 1,
  normalise: 'last' as 'last' | 'instance',
  linear: true,
  cell: 'gru' as CellName,
  hidden: 32,
  layers: 1,
  projSize: 0,
  bidirectional: false,
  attention: 0,
  memory: 'carried' as 'carried' | 'window',
  stateful: false,
  anchor: 'last' as 'last' | 'none',
  loss: 'quantile' as Loss,
  levels: [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95] as readonly number[],
  epochs: 40,
  patience: 10,
  learningRate: 1e-2,
  schedule: 'cosine' as ScheduleName,
  rampUp: 0.05,
  batchSize: 8,
  weightDecay: 1e-2,
  dropout: 0,
  clipNorm: 1,
  refit: false,
  seed: 1,
  threads: Math.min(MOST_THREADS, availableParallelism()),
  lags: 'auto' as 'auto' | 'none' | readonly number[],
  calendar: 'auto' as 'auto' | 'none' | readonly CalendarPart[],
  cycle: 'none' as Duration,
  zone: 'UTC',
  /** [ms] */
  checkpointEvery: 10_000,
};

/** What differs with the model 'segment' (`npm run bench:accuracy -- --trial ett`). */
const segmentDefaults = {
  channels: 'embedded' as Channels,
  hidden: 64,
  learningRate: 2e-3,
  batchSize: 64,
  weightDecay: 0,
  dropout: 0.1,
};

/** What differs with the model 'esrnn' (`npm run bench:accuracy -- --trial m4`). */
const esrnnDefaults = {
  cell: 'lstm' as CellName,
  hidden: 128,
  members: 3,
  epochs: 40,
  patience: 40,
  learningRate: 4e-3,
  batchSize: 32,
  weightDecay: 0,
};

/** Paths of a forecast by default. */
export const PATHS = 100;

/** What differs with the model 'deepar': the usual head of GluonTS's. */
const deeparDefaults = { loss: 'student-t' as Loss, anchor: 'none' as const };

/** What differs with this kind of model. */
export function defaultsOfModel(model: ModelName | undefined): Partial<typeof defaults> {
  if (model === 'segment') return segmentDefaults;
  if (model === 'esrnn') return esrnnDefaults;
  return model === 'deepar' ? deeparDefaults : {};
}
