import { boolean, object } from '../base/schema.ts';
import { optionalRecurrentFields, recurrentFields, type RecurrentOptions, sizesOf } from './options.ts';
import { RecurrentNetwork } from './recurrent-network.ts';

/** Options of a GRU. */
export interface GRUOptions extends RecurrentOptions {
  /**
   * Where the reset gate acts: after the hidden product (true, the default: PyTorch, cuDNN, Keras' `reset_after=True`)
   * or before it (false: the original paper, ONNX's default, Keras' `reset_after=False`).
   */
  linearBeforeReset?: boolean;
}

const check = object<GRUOptions>({ ...recurrentFields, linearBeforeReset: boolean }, [
  ...optionalRecurrentFields,
  'linearBeforeReset',
]);

/**
 * A stack of GRU layers, like `torch.nn.GRU`. The rows of each weight hold the gates in the order r, z, n:
 *
 *     r = s(W_ir x + b_ir + W_hr h + b_hr)      z = s(W_iz x + b_iz + W_hz h + b_hz)
 *     n = tanh(W_in x + b_in + r * (W_hn h + b_hn))      h' = (1 - z) * n + z * h
 *
 * (Cho et al. 2014, in the form of torch.nn.GRU.) With `linearBeforeReset: false`:
 * n = tanh(W_in x + b_in + W_hn (r * h) + b_hn).
 */
export class GRU extends RecurrentNetwork {
  constructor(given: GRUOptions) {
    const options = check(given, 'options');
    const { seed, batchFirst, precision, threads, linearBeforeReset = true } = options;
    super(
      { cell: 'gru', linearBeforeReset, projSize: 0, headSize: 0, ...sizesOf(options) },
      { seed, batchFirst, precision, threads },
    );
  }
}
