import type { StateDict, Tensor } from '../base/tensor.ts';
import type { HeadLayout } from '../model/heads/heads.ts';
import type { Trainable } from './trainable.ts';

/** The shares of its learning that a part of the head may keep. */
const SHARES = [0.75, 0.5, 0.25, 0];

/** Weights of which some learning was taken back. */
export interface Shrunk {
  readonly weights: StateDict;
  /** Their loss on the validation rows. */
  readonly loss: number;
  /** The share of its learning that each part of the head keeps. */
  readonly shares: readonly number[];
}

/**
 * Takes back the learning that did not carry over to the validation rows. For each target and each output of a step, or
 * for all its outputs if they say one thing together, the rows of the head become `share` times the trained ones plus
 * `1 - share` times the initial ones. The shares are chosen one after the other. Returns the weights with the lowest
 * loss on the windows `validation`; undefined if cancelled.
 */
export async function shrinkHead(
  trainer: Pick<Trainable, 'evaluate' | 'loadStateDict'>,
  validation: Int32Array,
  start: StateDict,
  trained: { weights: StateDict; loss: number },
  layout: HeadLayout,
): Promise<Shrunk | undefined> {
  const parts = layout.targets * (layout.together ? 1 : layout.outputs);
  let best: Shrunk = { ...trained, shares: Array.from({ length: parts }, () => 1) };
  for (let part = 0; part < parts; part++) {
    for (const share of SHARES) {
      const shares = best.shares.with(part, share);
      const weights = takeBack(trained.weights, start, shares, layout);
      trainer.loadStateDict(weights);
      const { loss, cancelled } = await trainer.evaluate(validation);
      if (cancelled) return undefined;
      if (loss < best.loss) best = { weights, loss, shares };
    }
  }
  return best;
}

/** `trained` with these shares of what the parts of its head have learned since `start`. */
export function takeBack(
  trained: StateDict,
  start: StateDict,
  shares: readonly number[],
  layout: HeadLayout,
): StateDict {
  const own = ['head.weight', 'head.bias'].map((name) => [name, blend(trained[name]!, start[name]!, shares, layout)]);
  return { ...trained, ...(Object.fromEntries(own) as StateDict) };
}

/** The tensors have a row for each output of the head. */
function blend(
  trained: Tensor,
  start: Tensor,
  shares: readonly number[],
  { horizon, outputs, together }: HeadLayout,
): Tensor {
  const data = trained.data.slice();
  const width = trained.shape[1] ?? 1;
  const size = together ? outputs : 1; // rows of a part that lie side by side
  const parts = outputs / size;
  shares.forEach((share, part) => {
    if (share === 1) return;
    const target = Math.floor(part / parts);
    for (let step = 0; step < horizon; step++) {
      const row = (target * horizon + step) * outputs + (part % parts) * size;
      for (let i = row * width; i < (row + size) * width; i++) {
        data[i] = share * trained.data[i]! + (1 - share) * start.data[i]!;
      }
    }
  });
  return { shape: trained.shape, data };
}
