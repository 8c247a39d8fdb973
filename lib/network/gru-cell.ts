import type { Tensor } from '../base/tensor.ts';
import { boolean, object } from '../base/schema.ts';
import { cellFields, checkNoMore, optionalCellFields, sizesOf } from './options.ts';
import { type CellOptions, RecurrentCell } from './recurrent-cell.ts';

/** Options of a GRUCell. */
export interface GRUCellOptions extends CellOptions {
  /** See GRUOptions. */
  linearBeforeReset?: boolean;
}

const check = object<GRUCellOptions>({ ...cellFields, linearBeforeReset: boolean }, [
  ...optionalCellFields,
  'linearBeforeReset',
]);

/** One GRU layer for one step, like `torch.nn.GRUCell`; the equations are those of GRU. */
export class GRUCell extends RecurrentCell {
  constructor(given: GRUCellOptions) {
    const { seed, precision, linearBeforeReset = true, ...sizes } = check(given, 'options');
    super({ cell: 'gru', linearBeforeReset, projSize: 0, headSize: 0, ...sizesOf(sizes) }, { seed, precision });
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
