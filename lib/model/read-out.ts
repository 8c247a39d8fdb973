import type { Tensor } from '../base/tensor.ts';
import { bounding } from './bounds.ts';
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
 * plus `residuals`, [targets * horizon][levels] on the network's scale. What comes out lies inside the bounds of its
 * target.
 */
export function readOut(description: Description, scaler: Scaler, residuals: Tensor | undefined): ReadOut {
  const { inputs, targets, horizon, anchor, levels, network } = description;
  const quantileHead = description.loss === 'quantile';
  const columns = targets.map((target) => inputs.findIndex((input) => input.name === target));
  const count = targets.length * horizon;
  const step = new Float64Array(levels.length); // the quantiles of one step, on the network's scale
  const { below, above, share } = median(levels);
  const bound = bounding(description);

  return (output, values, k, numbers) => {
    const size = step.length;
    const from = k * network.headSize;
    for (let t = 0, i = 0; t < columns.length; t++) {
      const column = columns[t]!;
      const base = anchor === 'last' ? values[k * inputs.length + column]! : scaler.mean[column]!;
      const std = scaler.std[column]!;
      for (const end = i + horizon; i < end; i++) {
        for (let l = 0; l < size; l++) {
          const at = i * size + l;
          insert(step, l, quantileHead ? output[from + at]! : output[from + i]! + residuals!.data[at]!);
        }
        const middle = quantileHead ? step[below]! + share * (step[above]! - step[below]!) : output[from + i]!;
        numbers[i] = base + std * middle;
        for (let l = 0, at = count + i; l < size; l++, at += count) numbers[at] = base + std * step[l]!;
      }
    }
    bound?.(numbers);
  };
}

/** Where the quantile 0.5 lies among those of `levels`: linear between the two around it. */
function median(levels: readonly number[]): { below: number; above: number; share: number } {
  const above = levels.findIndex((level) => level >= 0.5);
  const below = Math.max(above - 1, 0);
  const share = levels[above] === 0.5 ? 1 : (0.5 - levels[below]!) / (levels[above]! - levels[below]!);
  return { below, above, share };
}

/** Insertion sort: the quantiles are few and nearly in order, and nothing is allocated. */
export function sortInPlace(values: Float64Array): void {
  for (let i = 1; i < values.length; i++) insert(values, i, values[i]!);
}

/** Puts a value among the `count` at the front, which are in order. */
function insert(values: Float64Array, count: number, value: number): void {
  let i = count;
  for (; i > 0 && values[i - 1]! > value; i--) values[i] = values[i - 1]!;
  values[i] = value;
}
