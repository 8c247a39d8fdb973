import { gaussian } from './gaussian.ts';
import type { Head, HeadChoice } from './head.ts';
import { point } from './point.ts';
import { quantiles } from './quantiles.ts';

/**
 * What is minimised in training, and with it what the network gives for each step: 'mse' the mean, 'mae' the median,
 * 'quantile' a quantile for each level, 'gaussian' a normal distribution. It names a head in options and in files.
 */
export type Loss = 'mse' | 'mae' | 'quantile' | 'gaussian';

const HEADS: Readonly<Record<Loss, Head>> = { mse: point, mae: point, quantile: quantiles, gaussian };

/** In the order in which they are listed for people. */
export const losses = Object.keys(HEADS) as Loss[];

/** Of the heads whose one output is the forecast, which can be fed back as an input. */
export const pointLosses = losses.filter((loss) => HEADS[loss].gives === 'point');

export function headOf(loss: Loss): Head {
  return HEADS[loss];
}

/** Names of what a forecast holds beside its mean and quantiles: nothing where no loss is known. */
export function besideOf(of: HeadChoice & { readonly loss?: Loss | undefined }): readonly string[] {
  return (of.loss && headOf(of.loss).beside?.(of)) ?? [];
}

/** How the outputs of a network lie: [targets][horizon][outputs]. */
export interface HeadLayout {
  readonly targets: number;
  readonly horizon: number;
  /** For each target and step. */
  readonly outputs: number;
}

/** What of a forecaster decides how its outputs lie. */
interface Outputs extends HeadChoice {
  readonly targets: readonly string[];
  readonly horizon: number;
  readonly loss: Loss;
}

export function headLayout(of: Outputs): HeadLayout {
  return { targets: of.targets.length, horizon: of.horizon, outputs: headOf(of.loss).outputs(of) };
}

/** Outputs of a network in all. */
export function headSize(of: Outputs): number {
  const { targets, horizon, outputs } = headLayout(of);
  return targets * horizon * outputs;
}
