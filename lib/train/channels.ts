import { misfit } from '../base/errors.ts';
import type { Channels } from '../model/channels.ts';
import { type Gap, marksOf } from '../model/gap.ts';
import { headOf } from '../model/heads/heads.ts';
import { MAX_WORDS } from '../model/inputs/inputs.ts';
import type { ResolvedOptions } from './options.ts';
import { gainFromOthers } from './others.ts';
import type { SeriesRows } from './plan.ts';

/**
 * From this horizon on, several targets may be streams of their own by default: the outputs of a network for all steps
 * of all targets are then more than most rows can teach.
 */
const LONG = 24;

/**
 * The others help if they take this share off the squared error of a linear forecast. Of the channels of ETTh1, a day
 * ahead, it is -0.02, and of a network for all channels the error on the validation rows is 1.17 times that of one for
 * each alone. Of fine dust and weather in Beijing it is 0.04, and the error 0.93 times.
 */
const HELPS = 0.01;

/**
 * How the network sees the targets: as the options say, or else each on its own, if it is asked for many steps, reads
 * nothing but targets, and on the training rows the others do not help to forecast one. `read`: all columns that it
 * reads. Throws `invalid-argument` for columns that do not fit.
 */
export function channelsFor(
  options: Pick<ResolvedOptions, 'model' | 'channels' | 'targets' | 'horizon' | 'loss' | 'gap'>,
  series: readonly SeriesRows[],
  read: readonly string[],
): Channels {
  const { model, channels, targets, horizon, loss, gap } = options;
  if (channels !== undefined && channels !== 'joint') checkAlone(options, read, `with channels '${channels}'`);
  if (channels !== undefined) return channels;
  const many = model === 'recurrent' && targets.length > 1 && horizon >= LONG && headOf(loss).truths !== 'classes';
  if (!many || tellsGaps(gap) || read.some((name) => !targets.includes(name))) return 'joint';
  const gain = gainFromOthers(series, targets, horizon);
  return gain !== undefined && gain < HELPS ? 'independent' : 'joint';
}

/** Checks that `channels` fits the other options. Throws `invalid-argument`. */
export function checkChannels({
  model,
  targets,
  channels,
  loss,
}: Pick<ResolvedOptions, 'model' | 'targets' | 'channels' | 'loss'>): void {
  if (model === 'segment') {
    if (channels !== 'joint') return;
    throw misfit("'independent' or 'embedded' with the model 'segment'", 'options.channels', channels);
  }
  if (channels === undefined || channels === 'joint') return;
  const how = `with channels '${channels}'`;
  if (headOf(loss).truths === 'classes') throw misfit(`a loss for numbers ${how}`, 'options.loss', loss);
  if (channels === 'embedded' && targets.length > MAX_WORDS) {
    throw misfit(`at most ${MAX_WORDS} ${how}`, 'options.targets', targets.length);
  }
}

/**
 * Checks the inputs of a model that reads each target alone. `how`: what of its options makes it so. Throws
 * `invalid-argument`.
 */
export function checkAlone(
  { targets, gap }: Pick<ResolvedOptions, 'targets' | 'gap'>,
  read: readonly string[],
  how: string,
): void {
  const other = read.find((name) => !targets.includes(name));
  if (other !== undefined) throw misfit(`only the targets, each of which is read alone ${how},`, 'the inputs', other);
  if (tellsGaps(gap)) throw misfit(`'hold', 'decay' or 'impute' ${how}`, 'options.gap', gap);
}

/** Whether inputs tell the network what is missing. */
export function tellsGaps(gap: Gap | undefined): boolean {
  const policies = typeof gap === 'object' ? Object.values(gap) : gap === undefined ? [] : [gap];
  return policies.some((policy) => marksOf(policy, '').length > 0);
}
