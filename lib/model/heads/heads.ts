import { classes } from './classes.ts';
import { gaussian } from './gaussian.ts';
import type { Head, HeadChoice } from './head.ts';
import { negativeBinomial } from './negative-binomial.ts';
import { type PathsDescription, pathNames } from '../paths.ts';
import { point } from './point.ts';
import { quantiles } from './quantiles.ts';
import { student } from './student-t.ts';

/**
 * The loss that training minimises. It decides what the network predicts for each step: 'mse' the mean, 'mae' the
 * median, 'quantile' a quantile for each level, 'gaussian' a normal distribution, 'student-t' Student's t distribution,
 * 'negative-binomial' a distribution of counts, 'classes' the probability of each word of a category. It names the head
 * in options and in files.
 */
export type Loss = 'mse' | 'mae' | 'quantile' | 'gaussian' | 'student-t' | 'negative-binomial' | 'classes';

const HEADS: Readonly<Record<Loss, Head>> = {
  mse: point,
  mae: point,
  quantile: quantiles,
  gaussian,
  'student-t': student,
  'negative-binomial': negativeBinomial,
  classes,
};

/** All losses, in the order in which users see them. */
export const losses = Object.keys(HEADS) as Loss[];

/** The losses whose head has one output, the forecast itself, which can be fed back as an input. */
export const pointLosses = losses.filter((loss) => HEADS[loss].gives === 'point');

export function headOf(loss: Loss): Head {
  return HEADS[loss];
}

/**
 * Names of the numbers that a forecast has beside its mean and quantiles: its paths, or else what the head adds; empty
 * if the loss is unknown.
 */
export function besideOf(
  of: HeadChoice & { readonly loss?: Loss | undefined; readonly paths?: Pick<PathsDescription, 'count'> },
): readonly string[] {
  if (of.paths) return pathNames(of.paths);
  return (of.loss && headOf(of.loss).beside?.(of)) ?? [];
}

/** The layout of a network's outputs: [targets][horizon][outputs]. */
export interface HeadLayout {
  readonly targets: number;
  readonly horizon: number;
  /** Outputs for each target and step. */
  readonly outputs: number;
  /** True if each output is only one of several that together say one thing, such as the chances of classes. */
  readonly together: boolean;
}

/** The part of a forecaster that decides the layout of its outputs. */
interface Outputs extends HeadChoice {
  readonly targets: readonly string[];
  readonly horizon: number;
  readonly loss: Loss;
}

export function headLayout(of: Outputs): HeadLayout {
  const head = headOf(of.loss);
  const together = head.truths === 'classes';
  return { targets: of.targets.length, horizon: of.horizon, outputs: head.outputs(of), together };
}

/** All outputs of a network: targets * horizon * outputs. */
export function headSize(of: Outputs): number {
  const { targets, horizon, outputs } = headLayout(of);
  return targets * horizon * outputs;
}
