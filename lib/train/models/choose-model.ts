import { headOf } from '../../model/heads/heads.ts';
import { channelsFor, tellsGaps } from '../channels.ts';
import type { ResolvedOptions, TrainOptions } from '../options.ts';
import { longest, type SeriesRows, trainingRows } from '../plan.ts';
import { scaleFor } from '../scale.ts';
import { SEGMENT_LOOKBACK } from './segment.ts';

/** From this horizon on, a window that is read in segments forecasts better than a state that is carried. */
const LONG = 48;
/**
 * How many windows and how many horizons, side by side, the training rows must hold. Of 1700 sunspot numbers, four years
 * ahead, the squared error on the validation rows was 1.3 times that of a carried state; of 21,000 hours of fine dust in
 * Beijing alone, four days ahead, it was the same.
 */
const LEAST_WINDOWS = 10;

/** The options that say what is to be forecast from which rows, and nothing of the network or of how it learns. */
const OF_TASK = [
  ...([
    'targets',
    'horizon',
    'inputs',
    'roles',
    'min',
    'max',
    'channels',
    'loss',
    'levels',
    'gap',
    'interval',
  ] as const),
  ...(['cycle', 'zone', 'split', 'seed', 'threads', 'checkpoint', 'checkpointEvery'] as const),
] satisfies (keyof TrainOptions)[];

type OfNetwork = Exclude<keyof TrainOptions, (typeof OF_TASK)[number]>;

/**
 * Options that name the kind of model, or say something of its network or of how it learns: they make a `Forecaster`.
 * With others, the rows decide whether it is one or a `SegmentForecaster`.
 */
export type NetworkOptions = TrainOptions & { [K in OfNetwork]: Required<Pick<TrainOptions, K>> }[OfNetwork];

/**
 * Why a model of segments is to be learned where the options name no kind of model; undefined if it is not: the options
 * say something of the network, the horizon is short, there are other inputs than targets, the targets help each other,
 * each series needs a scale of its own, or there are too few rows. `options` are those given, with the defaults of the
 * model 'recurrent'.
 */
export function whySegments(
  given: object,
  options: ResolvedOptions,
  series: readonly SeriesRows[],
): string | undefined {
  const { targets, horizon, loss, gap, inputs = [] } = options;
  const ofTask: readonly string[] = OF_TASK;
  if (Object.entries(given).some(([name, value]) => value !== undefined && !ofTask.includes(name))) return undefined;
  if (horizon < LONG || headOf(loss).truths !== 'numbers' || tellsGaps(gap)) return undefined;
  const read = inputs === 'all' ? series[0]!.table.names : inputs;
  if (read.some((name) => !targets.includes(name))) return undefined;
  const rows = longest(series.map(({ training }) => training));
  if (rows < LEAST_WINDOWS * Math.max(SEGMENT_LOOKBACK, horizon)) return undefined;
  if (targets.length > 1 && channelsFor(options, series, read) === 'joint') return undefined;
  const alone = { ...options, channels: 'independent' } as const;
  const apart = scaleFor(series.map(trainingRows), targets, gap, alone, SEGMENT_LOOKBACK) !== undefined;
  if (apart) return undefined;
  const each = targets.length > 1 ? 'each target is forecast from its own past' : 'its past is all that is read';
  return `model 'segment', because ${horizon} steps ahead are many and ${each}; name another with the option model`;
}
