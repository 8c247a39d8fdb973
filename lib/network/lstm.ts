import { misfit } from '../base/errors.ts';
import { object, whole } from '../base/schema.ts';
import { optionalRecurrentFields, recurrentFields, type RecurrentOptions, sizesOf } from './options.ts';
import { RecurrentNetwork } from './recurrent-network.ts';

/** Options of an LSTM. */
export interface LSTMOptions extends RecurrentOptions {
  /** Size of the projected h, below hiddenSize; 0 (default) for no projection. */
  projSize?: number;
}

const check = object<LSTMOptions>({ ...recurrentFields, projSize: whole(0, 65_535) }, [
  ...optionalRecurrentFields,
  'projSize',
]);

/**
 * A stack of LSTM layers, like `torch.nn.LSTM`. The rows of each weight hold the gates in the order i, f, g, o:
 *
 *     i, f, o = s(W x + b + W h + b)      g = tanh(the same form)
 *     c' = f * c + i * g      h' = o * tanh(c'), with projection h' = W_hr (o * tanh(c'))
 *
 * (Hochreiter, Schmidhuber 1997; Gers et al. 2000; projection: Sak et al. 2014; in the form of torch.nn.LSTM.)
 */
export class LSTM extends RecurrentNetwork {
  constructor(given: LSTMOptions) {
    const options = check(given, 'options');
    const { seed, batchFirst, precision, threads, projSize = 0 } = options;
    const sizes = sizesOf(options);
    if (projSize >= sizes.hiddenSize) {
      const what = `a whole number below hiddenSize (${sizes.hiddenSize})`;
      throw misfit(what, 'options.projSize', projSize);
    }
    super({ cell: 'lstm', projSize, headSize: 0, ...sizes }, { seed, batchFirst, precision, threads });
  }
}
