import { GatecastError, misfit } from '../../base/errors.ts';
import type { KeyedTable } from '../../data/series.ts';
import { headLayout, headOf } from '../../model/heads/heads.ts';
import { parseSegmentDescription, type SegmentDescription, segmentSpec } from '../../model/segment/description.ts';
import { SegmentForecaster } from '../../model/segment/segment-forecaster.ts';
import { segmentShapes } from '../../network/segment-spec.ts';
import { SegmentTrainer } from '../../network/segment-trainer.ts';
import { calendarFor } from '../calendar.ts';
import { calibrated } from '../calibrated.ts';
import { cycleFor } from '../cycle.ts';
import type { TrainingData } from '../data.ts';
import { finishDescription, sharedDraft } from '../description.ts';
import type { Split } from '../even-steps.ts';
import type { ResolvedOptions } from '../options.ts';
import { layOut, longest, type Plan, withValidation } from '../plan.ts';
import { refitted } from '../refitted.ts';
import { startingWeights } from './segment-weights.ts';
import { withLinear } from './segment-linear.ts';
import { gapOfTargets, planOfTargets } from './targets-only.ts';
import type { LearningTask } from './task.ts';

type SegmentPlan = Plan<SegmentDescription>;

/** Default samples of history, fewer if the table is short: what the paper takes for horizons of 96 to 720. */
export const SEGMENT_LOOKBACK = 720;
/** Default samples of a segment. */
const SEGMENT = 48;
/**
 * Windows of a pass at most. Passes are short because the weights after each have a share in the mean that is kept, and
 * because long tables must not take long.
 */
const MOST_WINDOWS = 2 ** 11;
/** Windows that a pass is validated on at most: those of later rows overlap by almost all of their rows. */
const MOST_VALIDATED = 2 ** 10;

/**
 * Splits each series and plans the windows, as `planTraining` does. Throws `invalid-data` if there are too few rows,
 * and `invalid-argument` for options that this kind of model cannot have.
 */
export function planSegments(
  tables: readonly KeyedTable[],
  options: ResolvedOptions,
  splits: readonly (Split | undefined)[],
): SegmentPlan {
  const { horizon } = options;
  const gap = gapOfTargets(tables, options);
  const series = layOut(tables, splits);
  const train = longest(series.map(({ training }) => training));
  const validation = longest(series.map(({ validation: rows }) => rows));
  const { segment, lookback } = windowOf(options, train);
  if (validation < horizon || train < lookback + horizon) {
    throw new GatecastError(
      'invalid-data',
      `Expected at least ${lookback + horizon} rows to learn from (lookback ${lookback} + horizon ${horizon}) and ` +
        `${horizon} to validate on, but found ${train} and ${validation}.`,
    );
  }
  const split = options.split ? series : series.map((rows) => withValidation(rows, horizon));
  const shape = { window: lookback, warmup: lookback - 1, horizon, freeSteps: 0 };
  const plan = planOfTargets(tables, options, { series: split, gap, shape });
  const { cell, hidden, channels, normalise } = options;
  const shared = sharedDraft(plan, options);
  const calendar = options.cycle === 'auto' ? calendarFor(split, options, shared.interval) : undefined;
  const cycle = cycleFor(split, options, calendar, shared.interval);
  const description: SegmentDescription = {
    ...shared,
    ...(cycle && { cycle }),
    model: 'segment',
    segments: { cell, hidden, segment, channels: channels === 'embedded', normalise },
  };
  parseSegmentDescription(description);
  return { ...plan, description };
}

/** The segment and the lookback: those given, or else defaults that divide one another. */
function windowOf(options: ResolvedOptions, train: number): { segment: number; lookback: number } {
  const { horizon, lookback } = options;
  const most = Math.min(SEGMENT, horizon, lookback ?? Infinity);
  if (lookback !== undefined) {
    const segment = options.segment ?? largestDivisor(lookback, most);
    if (lookback % segment === 0) return { segment, lookback };
    throw misfit(`a multiple of options.segment (${segment})`, 'options.lookback', lookback);
  }
  const segment = options.segment ?? most;
  const rows = Math.min(SEGMENT_LOOKBACK, Math.floor((train - horizon) / 4));
  return { segment, lookback: Math.max(1, Math.floor(rows / segment)) * segment };
}

function largestDivisor(value: number, most: number): number {
  let divisor = most;
  while (value % divisor !== 0) divisor -= 1;
  return divisor;
}

/** Learning of a model that reads its window in segments. */
export function segmentTask(plan: SegmentPlan, options: ResolvedOptions): LearningTask<SegmentForecaster> {
  const { description } = plan;
  const network = segmentSpec(description);
  const { loss, dropout, batchSize, weightDecay, clipNorm, seed, threads } = options;
  return {
    createTrainer: (data) =>
      new SegmentTrainer(
        data.rows,
        {
          network,
          loss,
          levels: headOf(loss).gives === 'quantiles' ? [...options.levels] : [],
          dropout,
          batchSize,
          weightDecay,
          undecayed: [...segmentShapes(network).keys()].filter((name) => name.includes('bias')),
          clipNorm,
          seed,
          threads,
        },
        startingWeights(network, data, options),
        data.marks.missing,
      ),
    validated: ({ validation }) => {
      const stride = Math.ceil(validation.length / MOST_VALIDATED);
      return validation.filter((_, i) => i % stride === 0);
    },
    tolerance: (data) => 1 / Math.sqrt(independentWindows(plan, data)),
    windowsOfPass: ({ training }) => Math.min(training.length, MOST_WINDOWS),
    // The rows of the head are the values of a segment, whatever the target.
    head: { targets: 1, horizon: network.segment, outputs: headLayout(options).outputs, together: false },
    assemble: async (data, best, weights, signal) => {
      const { scaler, course, shape } = data;
      const finished = finishDescription(description, seed, shape, best);
      const network = { description: finished, weights, scaler, course };
      const parts = options.linear ? await withLinear(network, data, plan.series, signal) : network;
      return parts && calibrated(parts, (own) => SegmentForecaster.from(own), plan.series, options.levels, signal);
    },
    refitted: (model, weights) =>
      refitted(model, { ...model.weights(), ...weights }, (own) => SegmentForecaster.from(own)),
  };
}

/**
 * How many of the validation windows forecast other rows. The mean of n independent losses, which are about as far
 * apart as they are large, is known to within 1 / sqrt(n) of itself. Of ETTh1, 2880 rows hold four horizons of 720: the
 * pass with the lowest loss on them had hardly learned (test MSE 0.53; 0.46 at the end).
 */
function independentWindows({ series }: SegmentPlan, { shape }: TrainingData): number {
  return series.reduce((sum, { validation: { from, to } }) => sum + Math.floor((to - from) / shape.horizon), 0);
}
