import type { Tensor } from '../base/tensor.ts';
import type { Hidden } from './hidden.ts';
import { object } from '../base/schema.ts';
import { cellFields, checkNoMore, optionalCellFields, sizesOf } from './options.ts';
import { type CellOptions, RecurrentCell } from './recurrent-cell.ts';

const check = object<CellOptions>(cellFields, optionalCellFields);

/** One LSTM layer for one step, like `torch.nn.LSTMCell`; the equations are those of LSTM. */
export class LSTMCell extends RecurrentCell {
  constructor(given: CellOptions) {
    const { seed, precision, ...sizes } = check(given, 'options');
    super({ cell: 'lstm', projSize: 0, headSize: 0, ...sizesOf(sizes) }, { seed, precision });
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
