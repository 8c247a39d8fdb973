import { misfit } from '../base/errors.ts';
import { readFileWhole } from '../files/read-file.ts';
import { Encoder } from './inputs/encoder.ts';
import type { RunOptions } from '../network/options.ts';
import { RecurrentNetwork } from '../network/recurrent-network.ts';
import { cells } from '../network/cells.ts';
import { type Description, parseDescription } from './description.ts';
import { formatModelFile, openModelFile, parseModelFile } from './file.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type ForecasterState, ModelState, type StateOptions } from './model-state.ts';
import { makeStates } from './model.ts';
import { ForecasterStates, type StateModel, stateModel } from './forecaster-states.ts';
import { checkGoldens, makeGoldens } from './golden.ts';
import { checkModelParts, type ForecasterParts, recurrentForm } from './parts.ts';
import { checkMaker, MAKER } from '../base/maker.ts';
import { PathSampler } from './path-sampler.ts';
import { readOut } from './read-out.ts';
import { oneOf, object } from '../base/schema.ts';
import { checkDigest, inFile } from './sealed-file.ts';
import { TrainedModel } from './trained-model.ts';

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
export class Forecaster extends TrainedModel<Description> {
  readonly #model: StateModel;

  private constructor(maker: symbol, parts: ForecasterParts, run: ForecasterOptions) {
    checkMaker(maker, 'Forecaster', 'Forecaster.load, Forecaster.from or fit');
    const { description, weights, scaler, residuals, course } = parts;
    const encoder = new Encoder(description, scaler, course?.data);
    const network = new RecurrentNetwork(description.network, run);
    network.loadStateDict(weights);
    super(parts, network, fingerprintOfForecaster);
    const read = readOut(description, scaler, encoder, residuals);
    const { paths } = description;
    const sampler = paths && new PathSampler({ ...description, paths }, encoder, network, scaler);
    this.#model = { description, encoder, network, scaler, readOut: read, sampler };
  }

  /**
   * Makes a forecaster from its parts, which are copied. Throws `invalid-argument` or `invalid-state-dict`, naming the
   * field or the tensor that does not fit.
   */
  static from(parts: ForecasterParts, options: ForecasterOptions = {}): Forecaster {
    return new Forecaster(MAKER, checkModelParts(parts, recurrentForm), checkOptions(options, 'options'));
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
    const file = openModelFile(bytes, name);
    const { parts, goldens } = parseModelFile(file, name, parseDescription);
    const forecaster = inFile(name, () => Forecaster.from(parts, run));
    try {
      inFile(name, () => checkGoldens(parts.description.network, parts.weights, goldens, name));
      checkDigest(bytes, file.sha256, name);
      return forecaster;
    } catch (error) {
      forecaster.dispose();
      throw error;
    }
  }

  /** The bytes of a .gatecast file; equal forecasters give equal bytes. */
  toBytes(): Uint8Array {
    const parts = this.parts();
    return formatModelFile({ parts, goldens: makeGoldens(parts.description.network, parts.weights) });
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
    this.checkUsable();
    return this.#model;
  }
}

function fingerprintOfForecaster(parts: ForecasterParts): string {
  const { network } = parts.description;
  const linearBeforeReset = !cells[network.cell].hasResetForms || network.linearBeforeReset;
  return fingerprintOf(parts, { network: { ...network, linearBeforeReset } });
}
