import { checkMaker, MAKER } from '../../base/maker.ts';
import { misfit } from '../../base/errors.ts';
import { readFileWhole } from '../../files/read-file.ts';
import { parameterShapes } from '../../network/network-spec.ts';
import { RecurrentNetwork } from '../../network/recurrent-network.ts';
import { formatModelFile, openModelFile, parseModelFile } from '../file.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { checkGoldens, makeGoldens } from '../golden.ts';
import { ModelState, type StateOptions } from '../model-state.ts';
import { makeStates } from '../model.ts';
import { checkModelParts, type ModelParts, type PartsForm } from '../parts.ts';
import { checkDigest, inFile } from '../sealed-file.ts';
import { TrainedModel } from '../trained-model.ts';
import { type EsrnnDescription, esrnnSpec, parseEsrnnDescription } from './description.ts';
import { type EsrnnModel, EsrnnStates } from './esrnn-states.ts';

/** The parts that an esrnn model is made from. */
export type EsrnnParts = ModelParts<EsrnnDescription>;

const form: PartsForm<EsrnnDescription> = {
  parse: parseEsrnnDescription,
  shapes: (description) => parameterShapes(esrnnSpec(description)),
};

/**
 * Exponential smoothing of each series with one recurrent network for all on what is left (Smyl, "A hybrid method of
 * exponential smoothing and recurrent neural networks for time series forecasting", 2020), as `fit` with `model:
 * 'esrnn'` trains it. A stream finds its own smoothing in its first samples. It never changes and may serve any number
 * of streams.
 */
export class EsrnnForecaster extends TrainedModel<EsrnnDescription> {
  readonly #model: EsrnnModel;

  private constructor(maker: symbol, parts: EsrnnParts) {
    checkMaker(maker, 'EsrnnForecaster', 'EsrnnForecaster.load, EsrnnForecaster.from or fit');
    const { description, weights, scaler, residuals } = parts;
    const network = new RecurrentNetwork(esrnnSpec(description));
    network.loadStateDict(weights);
    super(parts, network, (own) => fingerprintOf(own, {}));
    this.#model = { description, network, scaler, residuals: residuals?.data };
  }

  /**
   * Makes a model from its parts, which are copied. Throws `invalid-argument` or `invalid-state-dict`, naming the field
   * or the tensor that does not fit.
   */
  static from(parts: EsrnnParts): EsrnnForecaster {
    return new EsrnnForecaster(MAKER, checkModelParts(parts, form));
  }

  /**
   * Reads a .gatecast file. Throws `io` if it cannot be read; `invalid-file` if it is damaged, of another kind or of a
   * newer version; and `golden-mismatch`, naming the layer, if the network computes other numbers than when it was
   * saved.
   */
  static async load(path: string): Promise<EsrnnForecaster> {
    return EsrnnForecaster.fromBytes(await readFileWhole(path), path);
  }

  /** Reads the bytes of a .gatecast file, as `load` does. Errors call it `name`. */
  static fromBytes(bytes: Uint8Array, name = 'the model file'): EsrnnForecaster {
    if (typeof name !== 'string') throw misfit('text', 'name', name);
    const file = openModelFile(bytes, name);
    const { parts, goldens } = parseModelFile(file, name, parseEsrnnDescription);
    inFile(name, () => {
      const { description, weights } = checkModelParts(parts, form);
      checkGoldens(esrnnSpec(description), weights, goldens, name);
    });
    checkDigest(bytes, file.sha256, name);
    return new EsrnnForecaster(MAKER, parts);
  }

  /** The bytes of a .gatecast file; equal models give equal bytes. */
  toBytes(): Uint8Array {
    const parts = this.parts();
    return formatModelFile({ parts, goldens: makeGoldens(esrnnSpec(parts.description), parts.weights) });
  }

  /** Makes the state of a new stream, which has taken no sample yet. Throws `invalid-argument` for a wrong option. */
  createState(options?: StateOptions): ModelState<EsrnnStates> {
    return new ModelState(() => this[makeStates](1), options);
  }

  /** Throws `disposed`. */
  [makeStates](capacity: number, spare = 0): EsrnnStates {
    this.checkUsable();
    return new EsrnnStates(this.#model, capacity, spare);
  }
}
