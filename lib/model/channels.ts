import type { ModelDescription } from './model.ts';

/**
 * How a network sees several targets. 'joint': it reads all of them together and forecasts all at once. 'independent':
 * each target is a stream of its own, which the same weights forecast from its own past alone. 'embedded': so too, and
 * each target has an embedding of its own, so that the weights can tell one target from another.
 */
export type Channels = 'joint' | 'independent' | 'embedded';

export const channelNames: readonly Channels[] = ['joint', 'independent', 'embedded'];

/** How many streams of its network the state of a model has: one for each target, or one for all. */
export function streamsOf({ channels, targets }: Pick<ModelDescription, 'channels' | 'targets'>): number {
  return channels === undefined ? 1 : targets.length;
}
