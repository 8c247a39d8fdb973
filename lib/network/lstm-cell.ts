import type { Tensor } from '../base/tensor.ts';
import type { Hidden } from './hidden.ts';
import { checkNoMore, checkRecurrentOptions, readOptions } from './options.ts';
import { type CellOptions, cellKeys, RecurrentCell } from './recurrent-cell.ts';

/** One LSTM layer for one step, like `torch.nn.LSTMCell`; the equations are those of LSTM. */
export class LSTMCell extends RecurrentCell {
  constructor(given: CellOptions) {
    const options = readOptions(given, cellKeys, 'LSTMCell');
    const { inputSize, hiddenSize, bias, seed, precision } = checkRecurrentOptions(options);
    const fixed = { projSize: 0, numLayers: 1, bidirectional: false, headSize: 0 };
    super({ cell: 'lstm', inputSize, hiddenSize, bias, ...fixed }, { seed, precision });
  }

  /**
   * Returns the next h and c from the input [B, inputSize] and h and c [B, hiddenSize], zero if left out; all without B
   * for one stream. Throws `invalid-shape` or `invalid-argument` for other shapes or values that are not finite.
   */
  forward(input: Tensor, hidden?: Hidden, ...more: never[]): Required<Hidden> {
    checkNoMore(more, 2, 'forward');
    return this.advance(input, hidden) as Required<Hidden>;
  }
}
