import type { StateDict, Tensor } from '../../base/tensor.ts';
import { SegmentNetwork } from '../../network/segment-network.ts';
import { type SegmentSpec, windowOf } from '../../network/segment-spec.ts';
import { readStateDict } from '../../network/state-dict.ts';
import { compareGoldens, goldenInput, MAX_GOLDEN } from '../golden-vectors.ts';
import { checkMagnitudes } from '../magnitudes.ts';

const WHY = 'its weights were changed, or were stored in another order or form';

/** Channels of the golden outputs: more would make the file of a model of many channels much larger. */
const MOST_CHANNELS = 16;

/**
 * What a network computes from a fixed window, which is that of every channel: `golden.input` [window], and
 * `golden.output` [channels, horizon * outputs] of the first channels. With a linear map also `golden.mapped`
 * [horizon], what it gives for every channel.
 */
export function makeSegmentGoldens(spec: SegmentSpec, weights: StateDict): StateDict {
  const window = windowOf(spec);
  const input = { shape: [window], data: goldenInput(window).data.slice(0, window) };
  return { 'golden.input': input, ...run(spec, weights, input) };
}

/**
 * Runs a network again and compares it with its goldens. Throws `golden-mismatch`, and `invalid-state-dict` if the
 * goldens are not those of a network of this shape.
 */
export function checkSegmentGoldens(spec: SegmentSpec, weights: StateDict, goldens: StateDict, file: string): void {
  const output = [Math.min(spec.channels, MOST_CHANNELS), spec.horizon * spec.outputs];
  readStateDict(
    new Map([
      ['golden.input', [windowOf(spec)]],
      ['golden.output', output],
      ...(spec.linear > 0 ? [['golden.mapped', [spec.horizon]] as [string, number[]]] : []),
    ]),
    goldens,
  );
  checkMagnitudes(goldens, MAX_GOLDEN);
  const computed = run(spec, weights, goldens['golden.input']!);
  for (const [name, tensor] of Object.entries(computed)) {
    compareGoldens(tensor, goldens[name]!, `the network of ${file}`, WHY);
  }
}

function run(spec: SegmentSpec, weights: StateDict, input: Tensor): StateDict {
  const network = new SegmentNetwork(spec);
  try {
    network.loadStateDict(weights);
    const arrays = network.arrays(1);
    for (let channel = 0; channel < spec.channels; channel++)
      arrays.windows.set(input.data, channel * input.data.length);
    network.run(1, arrays);
    const shape = [Math.min(spec.channels, MOST_CHANNELS), spec.horizon * spec.outputs] as [number, number];
    return {
      'golden.output': { shape, data: arrays.outputs.slice(0, shape[0] * shape[1]) },
      ...(spec.linear > 0 && {
        'golden.mapped': { shape: [spec.horizon], data: arrays.mapped.slice(0, spec.horizon) },
      }),
    };
  } finally {
    network.dispose();
  }
}
