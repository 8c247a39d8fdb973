import type { StateDict, Tensor } from '../base/tensor.ts';
import type { HeadLayout } from '../model/heads/heads.ts';
import type { Trainable } from './trainable.ts';

/** The shares of its learning that a part of the head may keep. */
const SHARES = [0.75, 0.5, 0.25, 0];

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
): Promise<{ weights: StateDict; loss: number } | undefined> {
  let best = trained;
  for (let part = 0; part < layout.targets * (layout.together ? 1 : layout.outputs); part++) {
    for (const share of SHARES) {
      const weights = { ...best.weights };
      for (const name of ['head.weight', 'head.bias']) {
        weights[name] = blend(best.weights[name]!, trained.weights[name]!, start[name]!, share, part, layout);
      }
      trainer.loadStateDict(weights);
      const { loss, cancelled } = await trainer.evaluate(validation);
      if (cancelled) return undefined;
      if (loss < best.loss) best = { weights, loss };
    }
  }
  return best;
}

/** `tensor` with the rows of one part blended; the tensors have a row for each output of the head. */
function blend(
  tensor: Tensor,
  trained: Tensor,
  start: Tensor,
  share: number,
  part: number,
  { horizon, outputs, together }: HeadLayout,
): Tensor {
  const data = tensor.data.slice();
  const width = tensor.shape[1] ?? 1;
  const size = together ? outputs : 1; // rows of a part that lie side by side
  const parts = outputs / size;
  const target = Math.floor(part / parts);
  for (let step = 0; step < horizon; step++) {
    const row = (target * horizon + step) * outputs + (part % parts) * size;
    for (let i = row * width; i < (row + size) * width; i++) {
      data[i] = share * trained.data[i]! + (1 - share) * start.data[i]!;
    }
  }
  return { shape: tensor.shape, data };
}
