import type { StateDict } from '../../base/tensor.ts';
import { headOf } from '../../model/heads/heads.ts';
import { initialSegmentWeights, type SegmentSpec, windowOf } from '../../network/segment-spec.ts';
import type { TrainingData } from '../data.ts';
import type { ResolvedOptions } from '../options.ts';

/** How many windows are read for the spread of the targets at each place of a segment. */
const SAMPLE = 256;

/** Added to the variance of a window, as in native/core/network/segment-pass.cpp. */
const LEAST_VARIANCE = 1e-5;

/**
 * Initial weights, from the seed. As with a recurrent model, the head at first forecasts as one without inputs would:
 * no change from the last value, or the mean of the window, with quantiles as wide as the changes in the training rows.
 */
export function startingWeights(
  spec: SegmentSpec,
  data: Pick<TrainingData, 'rows' | 'training'>,
  options: ResolvedOptions,
): StateDict {
  const weights = initialSegmentWeights(spec, options.seed);
  weights['head.weight']!.data.fill(0);
  const bias = weights['head.bias']!.data.fill(0);
  const head = headOf(options.loss);
  if (head.start === undefined) return weights;
  const stride = Math.ceil(data.training.length / SAMPLE);
  const starts = data.training.filter((_, i) => i % stride === 0);
  const places = Array.from({ length: spec.segment }, (): number[] => []);
  for (const start of starts) {
    for (let channel = 0; channel < spec.channels; channel++) collect(spec, data.rows, start, channel, places);
  }
  places.forEach((changes, place) => {
    const outputs = head.start!(Float32Array.from(changes).sort(), options, !spec.instance);
    bias.set(outputs, place * outputs.length);
  });
  return weights;
}

/** Adds the true values after a window, on its scale, to those of their places in a segment. */
function collect(spec: SegmentSpec, rows: Float32Array, start: number, channel: number, places: number[][]): void {
  const { channels, horizon, segment, instance } = spec;
  const window = windowOf(spec);
  const value = (row: number) => rows[(start + row) * channels + channel]!;
  let [centre, spread] = [value(window - 1), 1];
  if (instance) {
    let [sum, squares] = [0, 0];
    for (let row = 0; row < window; row++) sum += value(row);
    centre = sum / window;
    for (let row = 0; row < window; row++) squares += (value(row) - centre) ** 2;
    spread = Math.sqrt(squares / window + LEAST_VARIANCE);
  }
  for (let step = 0; step < horizon; step++) places[step % segment]!.push((value(window + step) - centre) / spread);
}
