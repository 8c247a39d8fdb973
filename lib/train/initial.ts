import { headOf } from '../model/heads/heads.ts';
import type { NetworkSpec } from '../network/network-spec.ts';
import { RecurrentNetwork } from '../network/recurrent-network.ts';
import type { StateDict } from '../base/tensor.ts';
import type { TrainingData } from './data.ts';
import type { ResolvedOptions } from './options.ts';
import { scaledTruth } from './truths.ts';

/**
 * How many windows are read for the spread of the targets: enough for the quantiles 5 % and 95 %, and quickly sorted.
 */
const SAMPLE = 1024;

/**
 * Initial weights, from the seed. The head at first forecasts as one without inputs would: no change from the anchor,
 * with quantiles as wide as the changes in the training rows. Learning then only has to improve on repeating the last
 * value, and a network that learns nothing is no worse.
 */
export function initialWeights(
  spec: NetworkSpec,
  data: TrainingData,
  targets: readonly number[],
  options: ResolvedOptions,
): StateDict {
  const { anchor, loss, seed } = options;
  const network = new RecurrentNetwork(spec, { seed });
  const weights = network.stateDict();
  network.dispose();
  weights['head.weight']!.data.fill(0);
  const bias = weights['head.bias']!.data.fill(0);
  const head = headOf(loss);
  if (head.start === undefined) return weights;

  const width = spec.inputSize;
  const stride = Math.ceil(data.training.length / SAMPLE);
  const origins = data.training.filter((_, i) => i % stride === 0).map((start) => start + data.shape.window - 1);
  const { missing, scaled } = data.marks;
  const known = (t: number, step: number) => {
    const found = missing ? origins.filter((row) => missing[(row + step) * targets.length + t] === 0) : origins;
    return found.length > 0 ? found : origins; // a stand-in is better than nothing
  };
  targets.forEach((target, t) => {
    for (let step = 1; step <= data.shape.horizon; step++) {
      const changes = Float32Array.from(known(t, step), (row) => {
        if (scaled) return scaledTruth(scaled, targets.length, t, row, step);
        const last = anchor === 'last' ? data.rows[row * width + target]! : 0;
        return data.rows[(row + step) * width + target]! - last;
      }).sort();
      const outputs = head.start!(changes, options, anchor === 'last');
      bias.set(outputs, (t * data.shape.horizon + step - 1) * outputs.length);
    }
  });
  return weights;
}
