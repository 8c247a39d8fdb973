import type { Tensor } from '../base/tensor.ts';
import { checkNoMore, checkRecurrentOptions, flag, readOptions } from './options.ts';
import { type CellOptions, cellKeys, RecurrentCell } from './recurrent-cell.ts';

/** Options of a GRUCell. */
export interface GRUCellOptions extends CellOptions {
  /** See GRUOptions. */
  linearBeforeReset?: boolean;
}

/** One GRU layer for one step, like `torch.nn.GRUCell`; the equations are those of GRU. */
export class GRUCell extends RecurrentCell {
  constructor(given: GRUCellOptions) {
    const options = readOptions(given, [...cellKeys, 'linearBeforeReset'], 'GRUCell');
    const { inputSize, hiddenSize, bias, seed, precision } = checkRecurrentOptions(options);
    const linearBeforeReset = flag(options.linearBeforeReset, 'linearBeforeReset', true);
    const fixed = { projSize: 0, numLayers: 1, bidirectional: false, headSize: 0 };
    super({ cell: 'gru', linearBeforeReset, inputSize, hiddenSize, bias, ...fixed }, { seed, precision });
  }

  /**
   * Returns the next h from the input [B, inputSize] and h [B, hiddenSize], zero if left out; both without B for one
   * stream. Throws `invalid-shape` or `invalid-argument` for other shapes or values that are not finite.
   */
  forward(input: Tensor, h?: Tensor, ...more: never[]): Tensor {
    checkNoMore(more, 2, 'forward');
    return this.advance(input, h === undefined ? undefined : { h }).h;
  }
}
