import type { Tensor } from '../base/tensor.ts';
import { bounding } from './bounds.ts';
import type { Description } from './description.ts';
import { headOf, headSize } from './heads/heads.ts';
import type { Encoder } from './inputs/encoder.ts';
import type { Scaler } from './scaler.ts';

/**
 * Writes the numbers of a forecast, in the layout of `Forecast.numbers`, into `numbers`. It reads them from row `k` of
 * the network's outputs and row `k` of the values of the samples that the outputs answer. `time`: that of the sample
 * [ms since 1970], which only a cycle reads. `own`: what the scale of the stream remembers, if it has one, from
 * `own[ownAt]` on.
 */
export type ReadOut = (
  output: Float32Array,
  values: Float64Array,
  k: number,
  numbers: Float64Array,
  time: number,
  own: Float64Array,
  ownAt: number,
) => void;

/**
 * Makes the function that turns the outputs of a network into a forecast in the targets' own units. The head reads the
 * outputs; the forecast is then kept within the bounds of its targets.
 */
export function readOut(
  description: Description,
  scaler: Scaler,
  { scale, cycle }: Pick<Encoder, 'scale' | 'cycle'>,
  residuals: Tensor | undefined,
): ReadOut {
  const { inputs, targets, horizon, anchor, loss, levels, classes, interval } = description;
  const columns = targets.map((target) => inputs.findIndex((input) => input.name === target));
  const count = targets.length * horizon;
  const size = headSize(description);
  const width = size / targets.length; // outputs of one target
  const read = headOf(loss).reader({ horizon, count, levels, ...(classes && { classes }), residuals: residuals?.data });
  const bound = bounding(description);
  const base = new Float64Array(horizon);
  const scaled = headOf(loss).truths !== 'classes'; // words have no scale

  return (output, values, k, numbers, time, own, ownAt) => {
    const from = k * size;
    for (let t = 0; t < columns.length; t++) {
      if (!scaled) {
        read(output, from + t * width, base, 1, numbers, t * horizon);
        continue;
      }
      const column = columns[t]!;
      const mean = scale ? scale.mean(own, ownAt, column) : scaler.mean[column]!;
      const std = scale ? scale.deviation(own, ownAt, column) : scaler.std[column]!;
      base.fill(anchor === 'last' ? values[k * inputs.length + column]! : mean);
      cycle?.add(t, time, interval!, anchor === 'last', base);
      read(output, from + t * width, base, std, numbers, t * horizon);
    }
    bound?.(numbers);
  };
}
