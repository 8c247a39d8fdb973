import { GatecastError } from '../base/errors.ts';
import type { StateDict, Tensor } from '../base/tensor.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import type { Loss } from './heads/heads.ts';
import type { ModelState, StateOptions } from './model-state.ts';
import type { ModelStates } from './model-states.ts';
import { makeStates, type Model, type ModelDescription } from './model.ts';
import type { ModelParts } from './parts.ts';
import { Scaler } from './scaler.ts';

/** What the descriptions of all trained models have in common. */
export interface TrainedDescription extends ModelDescription {
  /** The loss that it was trained with; it decides which head it has. 'quantile' needs `levels`. */
  readonly loss: Loss;
  readonly training: TrainingRecord;
}

/** How a model was trained. */
export interface TrainingRecord {
  /** Training rows of all series. */
  readonly rows: number;
  /** Validation rows of all series. */
  readonly validationRows: number;
  /** Series that were only learned from, because they are too short to validate on; left out for none. */
  readonly unvalidated?: number;
  /** Passes done. */
  readonly epochs: number;
  /** The pass whose weights were kept, or how many passes of all rows were learned again. */
  readonly bestEpoch: number;
  /** True if the weights were learned again from the rows of training and of validation; left out if not. */
  readonly refit?: boolean;
  /** Losses of that pass, on scaled values. */
  readonly trainLoss: number;
  readonly validationLoss: number;
  readonly seed: number;
  readonly dropout: number;
  readonly learningRate: number;
  /** How the learning rate changed; left out in files from before 'plateau' and 'constant' came. */
  readonly schedule?: 'cosine' | 'plateau' | 'constant';
  readonly batchSize: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly patience: number;
  /** True if windows went on from the states in which those before them ended. */
  readonly stateful?: true;
  /** The fingerprint of the model that learning started from; left out for none. */
  readonly from?: string;
  /** Time in ISO 8601. */
  readonly trainedAt: string;
  /** The version of Gatecast that trained it. */
  readonly version: string;
  /** The instruction set that the training ran on. */
  readonly isa: string;
}

/** The network of a model, whatever its kind. */
interface Weighted {
  stateDict(): StateDict;
  dispose(): void;
}

/**
 * What `fit` and `loadModel` give: a network with all that is needed to use it correctly. It never changes and may
 * serve any number of streams, each with a state of its own.
 */
export abstract class TrainedModel<D extends TrainedDescription = TrainedDescription> implements Model {
  readonly description: D;
  readonly #network: Weighted;
  readonly #scaler: Scaler;
  readonly #residuals: Tensor | undefined;
  readonly #course: Tensor | undefined;
  readonly #identify: () => string;
  #fingerprint: string | undefined;
  #disposed = false;

  /** The parts are checked, and nobody else's. `identify` makes the fingerprint. */
  constructor(
    { description, scaler, residuals, course }: Omit<ModelParts<D>, 'weights'>,
    network: Weighted,
    identify: (parts: ModelParts<D>) => string,
  ) {
    this.#identify = () => identify(this.parts());
    this.description = description;
    this.#network = network;
    this.#scaler = scaler;
    this.#residuals = residuals;
    this.#course = course;
  }

  abstract createState(options?: StateOptions): ModelState;
  abstract [makeStates](capacity: number, spare?: number): ModelStates;

  /** The bytes of a .gatecast file; equal models give equal bytes. */
  abstract toBytes(): Uint8Array;

  /** Writes a .gatecast file, whole or not at all. Throws `io` if it cannot be written. */
  async save(path: string): Promise<void> {
    await writeFileAtomic(path, this.toBytes());
  }

  /**
   * SHA-256 of everything that its forecasts depend on: the same on every machine, and for every training with the same
   * result. The training record, the units and the precision do not count, so snapshots can move from one precision to
   * another.
   */
  get fingerprint(): string {
    this.#fingerprint ??= this.#identify();
    return this.#fingerprint;
  }

  /** A copy of the scaler of the inputs. */
  get scaler(): Scaler {
    return new Scaler(this.#scaler.names, this.#scaler.mean, this.#scaler.std);
  }

  /**
   * A copy of what is added to a point forecast to give its quantiles, or to quantiles to correct them, [targets *
   * horizon, levels] on the network's scale; undefined if nothing is.
   */
  get residuals(): Tensor | undefined {
    return this.#residuals && copy(this.#residuals);
  }

  /** A copy of the course of the description's cycle, [targets, phases] on the network's scale; undefined for none. */
  get course(): Tensor | undefined {
    return this.#course && copy(this.#course);
  }

  /** A copy of the network's weights, those of PyTorch's modules by PyTorch's names. */
  weights(): StateDict {
    this.checkUsable();
    return this.#network.stateDict();
  }

  /** Frees the network's memory now; existing states keep working. May be called twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#network.dispose();
  }

  /** Its parts; tensors and scaler are not copied. Throws `disposed`. */
  protected parts(): ModelParts<D> {
    return {
      description: this.description,
      weights: this.weights(),
      scaler: this.#scaler,
      residuals: this.#residuals,
      course: this.#course,
    };
  }

  protected checkUsable(): void {
    if (this.#disposed)
      throw new GatecastError('disposed', 'Expected a forecaster in use but received a disposed one.');
  }
}

function copy({ shape, data }: Tensor): Tensor {
  return { shape: [...shape], data: data.slice() };
}
