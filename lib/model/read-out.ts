import type { Tensor } from '../tensor.ts';
import type { Description } from './description.ts';
import type { Scaler } from './scaler.ts';

/**
 * Writes into `numbers`, [1 + levels][targets][horizon] in the targets' own units, the mean and the quantiles that row
 * `k` of what the network gave, and row `k` of the samples' values it gave it for, come to.
 */
export type ReadOut = (output: Float32Array, values: Float64Array, k: number, numbers: Float64Array) => void;

/**
 * The way from what the head gives, [targets][horizon] or for the quantile loss [targets][horizon][levels], to a
 * forecast in the targets' own units. Quantiles that cross are put in order (Chernozhukov et al., 2010, "Quantile and
 * probability curves without crossing"), which never makes them worse. For the other losses they are the forecast
 * plus `residuals`, [targets * horizon][levels] on the network's scale.
 */
export function readOut(description: Description, scaler: Scaler, residuals: Tensor | undefined): ReadOut {
  const { inputs, targets, horizon, anchor, levels, network } = description;
  const quantileHead = description.loss === 'quantile';
  const columns = targets.map((target) => inputs.findIndex((input) => input.name === target));
  const count = targets.length * horizon;
  const step = new Float64Array(levels.length); // the quantiles of one step, on the network's scale
  const median = medianOf(levels);

  return (output, values, k, numbers) => {
    const from = k * network.headSize;
    for (let i = 0; i < count; i++) {
      const column = columns[Math.floor(i / horizon)]!;
      const base = anchor === 'last' ? values[k * inputs.length + column]! : scaler.mean[column]!;
      const std = scaler.std[column]!;
      for (let l = 0; l < step.length; l++) {
        const at = i * step.length + l;
        step[l] = quantileHead ? output[from + at]! : output[from + i]! + residuals!.data[at]!;
      }
      sortInPlace(step);
      numbers[i] = base + std * (quantileHead ? median(step) : output[from + i]!);
      for (let l = 0; l < step.length; l++) numbers[(1 + l) * count + i] = base + std * step[l]!;
    }
  };
}

/** The quantile 0.5 of a step's quantiles, linear between the levels around it. */
function medianOf(levels: readonly number[]): (step: Float64Array) => number {
  const above = levels.findIndex((level) => level >= 0.5);
  const below = Math.max(above - 1, 0);
  const share = levels[above] === 0.5 ? 1 : (0.5 - levels[below]!) / (levels[above]! - levels[below]!);
  return (step) => step[below]! + share * (step[above]! - step[below]!);
}

/** Insertion sort: the quantiles are few and nearly in order, and nothing is allocated. */
export function sortInPlace(values: Float64Array): void {
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    let j = i - 1;
    for (; j >= 0 && values[j]! > value; j--) values[j + 1] = values[j]!;
    values[j + 1] = value;
  }
}
