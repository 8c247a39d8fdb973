import { GatecastError, misfit } from '../base/errors.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readFileWhole } from '../files/read-file.ts';
import { Encoder } from './inputs/encoder.ts';
import type { RunOptions } from '../network/options.ts';
import { RecurrentNetwork } from '../network/recurrent-network.ts';
import type { StateDict, Tensor } from '../base/tensor.ts';
import type { Description } from './description.ts';
import { formatModelFile, parseModelFile } from './file.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type ForecasterState, ModelState, type StateOptions } from './model-state.ts';
import { makeStates, type Model } from './model.ts';
import { ForecasterStates, type StateModel, stateModel } from './forecaster-states.ts';
import { checkGoldens, makeGoldens } from './golden.ts';
import { checkForecasterParts, type ForecasterParts } from './parts.ts';
import { checkMaker, MAKER } from '../base/maker.ts';
import { type ReadOut, readOut } from './read-out.ts';
import { Scaler } from './scaler.ts';
import { oneOf, object } from '../base/schema.ts';
import { checkDigest, inFile } from './sealed-file.ts';

/**
 * How a forecaster runs on this machine. Its file does not hold these options, and its golden outputs are checked in
 * f32.
 */
export type ForecasterOptions = Pick<RunOptions, 'precision'>;

const checkOptions = object<ForecasterOptions>({ precision: oneOf('f32', 'bf16', 'int8') }, ['precision']);

/**
 * A trained network with all that is needed to use it correctly. It never changes and may serve any number of streams,
 * each with a state of its own.
 */
export class Forecaster implements Model {
  readonly description: Description;
  readonly #network: RecurrentNetwork;
  readonly #scaler: Scaler;
  readonly #encoder: Encoder;
  readonly #residuals: Tensor | undefined;
  readonly #course: Tensor | undefined;
  readonly #readOut: ReadOut;
  #fingerprint: string | undefined;
  #disposed = false;

  private constructor(maker: symbol, parts: ForecasterParts, run: ForecasterOptions) {
    checkMaker(maker, 'Forecaster', 'Forecaster.load, Forecaster.from or fit');
    const { description, weights, scaler, residuals, course } = parts;
    this.description = description;
    this.#scaler = scaler;
    this.#residuals = residuals && copy(residuals);
    this.#course = course && copy(course);
    this.#encoder = new Encoder(description, scaler, this.#course?.data);
    this.#readOut = readOut(description, scaler, this.#encoder, this.#residuals);
    this.#network = new RecurrentNetwork(description.network, run);
    this.#network.loadStateDict(weights);
  }

  /**
   * Makes a forecaster from its parts, which are copied. Throws `invalid-argument` or `invalid-state-dict`, naming the
   * field or the tensor that does not fit.
   */
  static from(parts: ForecasterParts, options: ForecasterOptions = {}): Forecaster {
    return new Forecaster(MAKER, checkForecasterParts(parts), checkOptions(options, 'options'));
  }

  /**
   * Reads a .gatecast file. Throws `io` if it cannot be read; `invalid-file` if it is damaged, of another kind or of a
   * newer version; and `golden-mismatch`, naming the layer, if the network computes other numbers than when it was
   * saved.
   */
  static async load(path: string, options: ForecasterOptions = {}): Promise<Forecaster> {
    return Forecaster.fromBytes(await readFileWhole(path), path, options);
  }

  /** Reads the bytes of a .gatecast file, as `load` does. Errors call it `name`. */
  static fromBytes(bytes: Uint8Array, name = 'the model file', options: ForecasterOptions = {}): Forecaster {
    if (typeof name !== 'string') throw misfit('text', 'name', name);
    const run = checkOptions(options, 'options');
    const { parts, goldens, sha256 } = parseModelFile(bytes, name);
    const forecaster = inFile(name, () => Forecaster.from(parts, run));
    try {
      inFile(name, () => checkGoldens(parts.description.network, parts.weights, goldens, name));
      checkDigest(bytes, sha256, name);
      return forecaster;
    } catch (error) {
      forecaster.dispose();
      throw error;
    }
  }

  /** Writes a .gatecast file, whole or not at all. Throws `io` if it cannot be written. */
  async save(path: string): Promise<void> {
    await writeFileAtomic(path, this.toBytes());
  }

  /** The bytes of a .gatecast file; equal forecasters give equal bytes. */
  toBytes(): Uint8Array {
    const parts = this.#parts();
    return formatModelFile({ parts, goldens: makeGoldens(parts.description.network, parts.weights) });
  }

  /**
   * SHA-256 of everything that its forecasts depend on: the same on every machine, and for every training with the same
   * result. The training record, the units and the precision do not count, so snapshots can move from one precision to
   * another.
   */
  get fingerprint(): string {
    this.#fingerprint ??= fingerprintOf(this.#parts());
    return this.#fingerprint;
  }

  /** Makes the state of a new stream, which has taken no sample yet. Throws `invalid-argument` for a wrong option. */
  createState(options?: StateOptions): ForecasterState {
    const model = this[stateModel];
    return new ModelState(() => new ForecasterStates(model, 1), options);
  }

  /** Throws `disposed`. */
  [makeStates](capacity: number, spare = 0): ForecasterStates {
    return new ForecasterStates(this[stateModel], capacity, spare);
  }

  /** Throws `disposed`. */
  get [stateModel](): StateModel {
    this.#checkUsable();
    return {
      description: this.description,
      encoder: this.#encoder,
      network: this.#network,
      scaler: this.#scaler,
      readOut: this.#readOut,
    };
  }

  /** A copy of the scaler of the inputs. */
  get scaler(): Scaler {
    return new Scaler(this.#scaler.names, this.#scaler.mean, this.#scaler.std);
  }

  /**
   * A copy of what is added to a point forecast to give its quantiles, [targets * horizon, levels] on the network's
   * scale; undefined if the head gives the quantiles itself.
   */
  get residuals(): Tensor | undefined {
    return this.#residuals && copy(this.#residuals);
  }

  /** A copy of the course of the description's cycle, [targets, phases] on the network's scale; undefined for none. */
  get course(): Tensor | undefined {
    return this.#course && copy(this.#course);
  }

  /** A copy of the network's weights, by PyTorch's names. */
  weights(): StateDict {
    this.#checkUsable();
    return this.#network.stateDict();
  }

  /** Frees the network's memory now; existing states keep working. May be called twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#network.dispose();
  }

  #parts(): ForecasterParts {
    return {
      description: this.description,
      weights: this.weights(),
      scaler: this.#scaler,
      residuals: this.#residuals,
      course: this.#course,
    };
  }

  #checkUsable(): void {
    if (this.#disposed)
      throw new GatecastError('disposed', 'Expected a forecaster in use but received a disposed one.');
  }
}

function copy({ shape, data }: Tensor): Tensor {
  return { shape: [...shape], data: data.slice() };
}
