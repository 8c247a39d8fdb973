import { headOf } from '../model/heads/heads.ts';
import type { Description } from '../model/description.ts';
import { RecurrentNetwork } from '../network/recurrent-network.ts';
import type { StateDict } from '../base/tensor.ts';
import type { TrainingData } from './data.ts';
import { trueValue } from './truths.ts';
import { firstStep } from './windows.ts';

/**
 * How many windows are read for the spread of the targets: enough for the quantiles 5 % and 95 %, and quickly sorted.
 */
const SAMPLE = 1024;

/**
 * Initial weights, from the seed. The head at first forecasts as one without inputs would: no change
 * from the anchor, with quantiles as wide as the changes in the training rows. Learning then only has to improve on
 * repeating the last value, and a network that learns nothing is no worse.
 */
export function initialWeights(
  description: Pick<Description, 'anchor' | 'loss' | 'levels' | 'classes' | 'network'>,
  { training, rows, marks, shape }: Pick<TrainingData, 'training' | 'rows' | 'marks' | 'shape'>,
  targets: readonly number[],
  seed: number,
): StateDict {
  const { anchor, loss, network: spec } = description;
  const network = new RecurrentNetwork(spec, { seed });
  const weights = network.stateDict();
  network.dispose();
  weights['head.weight']!.data.fill(0);
  const bias = weights['head.bias']!.data.fill(0);
  const head = headOf(loss);
  if (head.start === undefined) return weights;

  const width = spec.inputSize;
  const stride = Math.ceil(training.length / SAMPLE);
  const origins = training.filter((_, i) => i % stride === 0).map((start) => start + shape.window - 1);
  const { missing, scaled } = marks;
  const known = (t: number, step: number) => {
    const found = missing ? origins.filter((row) => missing[(row + step) * targets.length + t] === 0) : origins;
    return found.length > 0 ? found : origins; // a stand-in is better than nothing
  };
  let at = 0;
  targets.forEach((target, t) => {
    for (let step = firstStep(shape); step <= shape.horizon; step++) {
      const changes = Float32Array.from(known(t, step), (row) => {
        if (scaled) return trueValue(head, scaled, targets.length, t, row, step);
        const last = anchor === 'last' ? rows[row * width + target]! : 0;
        return rows[(row + step) * width + target]! - last;
      }).sort();
      const outputs = head.start!(changes, description, anchor === 'last');
      bias.set(outputs, at);
      at += outputs.length;
    }
  });
  return weights;
}
