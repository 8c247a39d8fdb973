import type { StateDict } from '../base/tensor.ts';
import { headOf } from '../model/heads/heads.ts';
import type { TrainedDescription } from '../model/trained-model.ts';
import type { NativeTrainer } from '../network/native-trainer.ts';
import type { FlowForm } from './flow-measures.ts';

/** What a model is measured with. */
export interface Probe {
  readonly form: FlowForm;
  /** First rows of the windows. */
  readonly starts: Int32Array;
  /** A trainer of the network, at these weights. */
  readonly trainer: (weights: StateDict) => NativeTrainer;
}

/** Windows that are computed side by side. */
const BATCH = 8;

/** The options of a trainer that is to measure and not to learn, for the loss of a model. */
export function idleOptions({ loss, levels }: TrainedDescription) {
  return {
    loss,
    levels: headOf(loss).gives === 'quantiles' ? [...levels] : [],
    dropout: 0,
    batchSize: BATCH,
    weightDecay: 0,
    undecayed: [],
    clipNorm: 0,
    seed: 0,
    threads: 1,
  };
}
