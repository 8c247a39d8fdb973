import { checkMaker, MAKER } from '../../base/maker.ts';
import { misfit } from '../../base/errors.ts';
import { readFileWhole } from '../../files/read-file.ts';
import { SegmentNetwork } from '../../network/segment-network.ts';
import { segmentShapes } from '../../network/segment-spec.ts';
import { formatModelFile, openModelFile, parseModelFile } from '../file.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { Cycle } from '../inputs/cycle.ts';
import { ModelState, type StateOptions } from '../model-state.ts';
import { makeStates } from '../model.ts';
import { checkModelParts, type ModelParts, type PartsForm } from '../parts.ts';
import { checkDigest, inFile } from '../sealed-file.ts';
import { TrainedModel } from '../trained-model.ts';
import { parseSegmentDescription, type SegmentDescription, segmentSpec } from './description.ts';
import { checkSegmentGoldens, makeSegmentGoldens } from './golden.ts';
import { type SegmentModel, SegmentStates } from './segment-states.ts';

/** The parts that a segment model is made from. */
export type SegmentParts = ModelParts<SegmentDescription>;

const form: PartsForm<SegmentDescription> = {
  parse: parseSegmentDescription,
  shapes: (description) => segmentShapes(segmentSpec(description)),
};

/**
 * A model that reads a window in segments (SegRNN; Lin et al., arXiv 2308.11200), as `fit` with `model: 'segment'`
 * trains it. It keeps the window of each stream and runs it again for each forecast: lookback / segment + horizon /
 * segment steps of its cell for each target. It never changes and may serve any number of streams.
 */
export class SegmentForecaster extends TrainedModel<SegmentDescription> {
  readonly #model: SegmentModel;

  private constructor(maker: symbol, parts: SegmentParts) {
    checkMaker(maker, 'SegmentForecaster', 'SegmentForecaster.load, SegmentForecaster.from or fit');
    const { description, weights, scaler, residuals, course } = parts;
    const { targets, cycle } = description;
    const network = new SegmentNetwork(segmentSpec(description));
    network.loadStateDict(weights);
    super(parts, network, (own) => fingerprintOf(own, {}));
    const places = targets.map((_, t) => t);
    this.#model = {
      description,
      network,
      scaler,
      residuals: residuals?.data,
      cycle: cycle && new Cycle(cycle, places, course!.data, scaler.std),
    };
  }

  /**
   * Makes a model from its parts, which are copied. Throws `invalid-argument` or `invalid-state-dict`, naming the field
   * or the tensor that does not fit.
   */
  static from(parts: SegmentParts): SegmentForecaster {
    return new SegmentForecaster(MAKER, checkModelParts(parts, form));
  }

  /**
   * Reads a .gatecast file. Throws `io` if it cannot be read; `invalid-file` if it is damaged, of another kind or of a
   * newer version; and `golden-mismatch` if the network computes other numbers than when it was saved.
   */
  static async load(path: string): Promise<SegmentForecaster> {
    return SegmentForecaster.fromBytes(await readFileWhole(path), path);
  }

  /** Reads the bytes of a .gatecast file, as `load` does. Errors call it `name`. */
  static fromBytes(bytes: Uint8Array, name = 'the model file'): SegmentForecaster {
    if (typeof name !== 'string') throw misfit('text', 'name', name);
    const file = openModelFile(bytes, name);
    const { parts, goldens } = parseModelFile(file, name, parseSegmentDescription);
    inFile(name, () => {
      const { description, weights } = checkModelParts(parts, form);
      checkSegmentGoldens(segmentSpec(description), weights, goldens, name);
    });
    checkDigest(bytes, file.sha256, name);
    return new SegmentForecaster(MAKER, parts);
  }

  /** The bytes of a .gatecast file; equal models give equal bytes. */
  toBytes(): Uint8Array {
    const parts = this.parts();
    const { description, weights } = parts;
    return formatModelFile({ parts, goldens: makeSegmentGoldens(segmentSpec(description), weights) });
  }

  /** Makes the state of a new stream, which has taken no sample yet. Throws `invalid-argument` for a wrong option. */
  createState(options?: StateOptions): ModelState<SegmentStates> {
    return new ModelState(() => this[makeStates](1), options);
  }

  /** Throws `disposed`. */
  [makeStates](capacity: number, spare = 0): SegmentStates {
    this.checkUsable();
    return new SegmentStates(this.#model, capacity, spare);
  }
}
