import { createRandom } from '../base/random.ts';
import { elementCount, type StateDict } from '../base/tensor.ts';
import { type CellName, cells } from './cells.ts';
import { toStateDict } from './state-dict.ts';

/**
 * The shape of a segment network (SegRNN; Lin et al., arXiv 2308.11200): one recurrent layer over the segments of a
 * window, and a step of the same cell for each segment of the horizon. All channels share the weights.
 */
export interface SegmentSpec {
  cell: CellName;
  /** Values of a segment. */
  segment: number;
  /** Segments of a window. */
  history: number;
  /** Values to forecast; of the last segment as many as are left. */
  horizon: number;
  /** Values of the hidden state; an even number with `embedChannels`. */
  hidden: number;
  channels: number;
  /** Whether half of what a decoding step reads is learned for its channel, and half for its place. */
  embedChannels: boolean;
  /** Whether a window is scaled by its own mean and deviation, and not just shifted by its last value. */
  instance: boolean;
  /** Outputs of the head for each value. */
  outputs: number;
  /** How many of the last values of a window a linear map reads, beside the network and not learning; 0 for none. */
  linear: number;
}

/** Values of a window. */
export function windowOf({ segment, history }: Pick<SegmentSpec, 'segment' | 'history'>): number {
  return segment * history;
}

/** Segments to forecast. */
export function futureOf({ segment, horizon }: Pick<SegmentSpec, 'segment' | 'horizon'>): number {
  return Math.ceil(horizon / segment);
}

/** Name and shape of every weight, in the order of the addon; those of the cell and the head have PyTorch's names. */
export function segmentShapes(spec: SegmentSpec): Map<string, number[]> {
  const { segment, hidden, channels, embedChannels, outputs } = spec;
  const rows = cells[spec.cell].gates.length * hidden;
  const half = embedChannels ? hidden / 2 : hidden;
  return new Map([
    ['embed.weight', [hidden, segment]],
    ['embed.bias', [hidden]],
    ['weight_ih_l0', [rows, hidden]],
    ['weight_hh_l0', [rows, hidden]],
    ['bias_ih_l0', [rows]],
    ['bias_hh_l0', [rows]],
    ['head.weight', [segment * outputs, hidden]],
    ['head.bias', [segment * outputs]],
    ['place.weight', [futureOf(spec), half]],
    ...(embedChannels ? [['channel.weight', [channels, half]] as [string, number[]]] : []),
    ...mapShapes(spec),
  ]);
}

/** Name and shape of each weight of the linear map, which reads values of a window from the oldest to the newest. */
function mapShapes({ horizon, linear }: SegmentSpec): [string, number[]][] {
  if (linear === 0) return [];
  return [
    ['linear.weight', [horizon, linear]],
    ['linear.bias', [horizon]],
  ];
}

/** The number of weights of a segment network. */
export function segmentParameterCount(spec: SegmentSpec): number {
  let count = 0;
  for (const shape of segmentShapes(spec).values()) count += elementCount(shape);
  return count;
}

/**
 * Initial weights from a seed, as PyTorch draws those of such a module: uniform within +-1 / sqrt(inputs), of the cell
 * within +-1 / sqrt(hidden), and standard normal for what a decoding step reads.
 */
export function initialSegmentWeights(spec: SegmentSpec, seed: number): StateDict {
  const random = createRandom(seed);
  const shapes = segmentShapes(spec);
  const weights = toStateDict(shapes, new Float32Array(segmentParameterCount(spec)));
  for (const [name, { data }] of Object.entries(weights)) {
    const bound = 1 / Math.sqrt(name.startsWith('embed.') ? spec.segment : spec.hidden);
    const isNormal = name === 'place.weight' || name === 'channel.weight';
    for (let i = 0; i < data.length; i++) data[i] = isNormal ? normal(random) : bound * (2 * random() - 1);
  }
  return weights;
}

/** A standard normal number (Box and Muller, 1958). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
