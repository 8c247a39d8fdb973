import type { Trainer } from '../network/trainer.ts';
import type { StateDict, Tensor } from '../base/tensor.ts';
import type { ResolvedOptions } from './options.ts';

/** The rows of a head: [targets][horizon][levels]. */
export interface HeadLayout {
  targets: number;
  horizon: number;
  levels: number;
}

/** How much of what was learned a part of the head may keep. */
const SHARES = [0.75, 0.5, 0.25, 0];

export function headLayout({ targets, horizon, loss, levels }: ResolvedOptions): HeadLayout {
  return { targets: targets.length, horizon, levels: loss === 'quantile' ? levels.length : 1 };
}

/**
 * Takes back as much of the learning as did not carry over to the validation rows: for each target and level, the rows
 * of the head become `share` parts of the trained ones and `1 - share` parts of the starting ones. The loss is a mean
 * over targets and levels, so each share can be chosen on its own. Returns the weights with the lowest loss on the
 * windows `validation`; undefined when cancelled.
 */
export async function shrinkHead(
  trainer: Pick<Trainer, 'evaluate' | 'loadStateDict'>,
  validation: Int32Array,
  start: StateDict,
  trained: { weights: StateDict; loss: number },
  layout: HeadLayout,
): Promise<{ weights: StateDict; loss: number } | undefined> {
  let best = trained;
  for (let part = 0; part < layout.targets * layout.levels; part++) {
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

/** `tensor` with the rows of one target and level blended; the tensors have a row for each output of the head. */
function blend(
  tensor: Tensor,
  trained: Tensor,
  start: Tensor,
  share: number,
  part: number,
  { horizon, levels }: HeadLayout,
): Tensor {
  const data = tensor.data.slice();
  const width = tensor.shape[1] ?? 1;
  const target = Math.floor(part / levels);
  for (let step = 0; step < horizon; step++) {
    const row = (target * horizon + step) * levels + (part % levels);
    for (let i = row * width; i < (row + 1) * width; i++) {
      data[i] = share * trained.data[i]! + (1 - share) * start.data[i]!;
    }
  }
  return { shape: tensor.shape, data };
}
