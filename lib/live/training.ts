import type { NetworkOptions } from '../train/models/choose-model.ts';
import type { LiveSource } from './sources.ts';

/**
 * The share of true values that the displayed interval should hold, and the quantiles around it, with the median in the
 * middle.
 */
export const LEVEL = 0.8;
const LEVELS = [0.1, 0.5, 0.9];

/**
 * How a session learns from its samples: a small network and as many quick passes as a few hundred samples bear. It
 * learns in seconds, while measuring goes on.
 */
export function training({ names, targets, limits, horizon, interval }: LiveSource): NetworkOptions {
  const finite = (side: 0 | 1) => {
    const known = targets.map((column, i) => [names[column]!, limits[i]![side]] as const);
    return Object.fromEntries(known.filter(([, limit]) => Number.isFinite(limit)));
  };
  return {
    targets: targets.map((column) => names[column]!),
    inputs: names, // in the order of the values of a sample
    min: finite(0),
    max: finite(1),
    horizon,
    interval,
    hidden: 24,
    levels: LEVELS,
    batchSize: 8,
    learningRate: 0.01,
    epochs: 60,
    patience: 60,
    threads: 1, // measuring goes on meanwhile
  };
}
