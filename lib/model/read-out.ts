import type { Tensor } from '../base/tensor.ts';
import { bounding } from './bounds.ts';
import type { Description } from './description.ts';
import { headOf } from './heads/heads.ts';
import type { Scaler } from './scaler.ts';

/**
 * Writes into `numbers` the numbers of a forecast, as `Forecast` has them, that row `k` of what the network gave, and
 * row `k` of the samples' values it gave it for, come to.
 */
export type ReadOut = (output: Float32Array, values: Float64Array, k: number, numbers: Float64Array) => void;

/**
 * The way from the outputs of a network to a forecast in the targets' own units: the head reads them, and what comes
 * out is kept inside the bounds of its target. `residuals` are those of a head that gives points.
 */
export function readOut(description: Description, scaler: Scaler, residuals: Tensor | undefined): ReadOut {
  const { inputs, targets, horizon, anchor, loss, levels, network } = description;
  const columns = targets.map((target) => inputs.findIndex((input) => input.name === target));
  const count = targets.length * horizon;
  const width = network.headSize / targets.length; // outputs of one target
  const read = headOf(loss).reader({ horizon, count, levels, residuals: residuals?.data });
  const bound = bounding(description);

  return (output, values, k, numbers) => {
    const from = k * network.headSize;
    for (let t = 0; t < columns.length; t++) {
      const column = columns[t]!;
      const base = anchor === 'last' ? values[k * inputs.length + column]! : scaler.mean[column]!;
      read(output, from + t * width, base, scaler.std[column]!, numbers, t * horizon);
    }
    bound?.(numbers);
  };
}
