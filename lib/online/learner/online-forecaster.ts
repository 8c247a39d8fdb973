import { createHash } from 'node:crypto';
import { GatecastError, misfit } from '../../base/errors.ts';
import { list, object, text, whole } from '../../base/schema.ts';
import type { RecurrentNetwork } from '../../network/recurrent-network.ts';
import { OnlineLearner } from './online-learner.ts';
import { OnlineStates } from './online-states.ts';
import { reservoir } from './reservoir.ts';

export interface OnlineForecasterOptions {
  /** Names of the values of a sample, in order; each is forecast. */
  inputs: readonly string[];
  /** Length of the hidden vector, 1 to 1024; 32 by default. A stream's time and memory grow with its square. */
  hidden?: number;
  /** Seed of the network's random weights, 0 (default) to 2^31 - 1. */
  seed?: number;
}

/** The name of the method that makes the states of an `OnlineForecaster`. */
export const makeOnlineStates: unique symbol = Symbol('online states');

const checkOptions = object<OnlineForecasterOptions>(
  { inputs: list(text(256), 1, 1024), hidden: whole(1, 1024), seed: whole(0, 2 ** 31 - 1) },
  ['hidden', 'seed'],
);

/**
 * A forecaster that needs no training: it learns each stream from the first sample on, one sample ahead.
 *
 * A GRU with fixed random weights summarises the past, and recursive least squares learn to predict the next values
 * from its hidden vector. The forecaster itself never changes and may serve any number of streams; what was learned
 * belongs to each stream. Use it in `anomalies`.
 */
export class OnlineForecaster {
  readonly inputs: readonly string[];
  /** SHA-256 of its options: what one stream has learned fits any forecaster with the same fingerprint. */
  readonly fingerprint: string;
  /** How a stream learns. */
  readonly learner: OnlineLearner;
  readonly #network: RecurrentNetwork;
  #disposed = false;

  /** Throws `invalid-argument` for a wrong option. */
  constructor(options: OnlineForecasterOptions) {
    const { inputs, hidden = 32, seed = 0 } = checkOptions(options, 'options');
    const repeated = inputs.find((name, i) => inputs.indexOf(name) < i);
    if (repeated !== undefined) {
      throw misfit('different names', 'options.inputs', repeated);
    }
    this.inputs = inputs;
    this.fingerprint = createHash('sha256').update(JSON.stringify({ inputs, hidden, seed })).digest('hex');
    this.learner = new OnlineLearner(inputs.length, hidden);
    this.#network = reservoir(inputs.length, hidden, seed);
  }

  /** The states of `capacity` new streams; in the row of each, `spare` numbers are the caller's. */
  [makeOnlineStates](capacity: number, spare: number): OnlineStates {
    if (this.#disposed) {
      throw new GatecastError('disposed', 'Expected a forecaster in use but received a disposed one.');
    }
    return new OnlineStates(this.#network, this.learner, this.inputs, capacity, spare);
  }

  /** Frees the network's memory now; existing states keep working. May be called twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#network.dispose();
  }
}
