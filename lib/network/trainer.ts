import { misfit } from '../base/errors.ts';
import type { StateDict } from '../base/tensor.ts';
import { learnedParts } from './learned-parts.ts';
import { native } from './native.ts';
import { NativeTrainer } from './native-trainer.ts';
import { checkNetworkSpec, type NetworkSpec, parameterShapes } from './network-spec.ts';
import { fromStateDict } from './state-dict.ts';

/**
 * What a Trainer learns, and how. A window that starts at row s feeds rows s .. s + window - 1; after each step t >=
 * warmup the head forecasts rows s + t + 1 .. s + t + horizon.
 */
export interface TrainerOptions {
  /** The head's outputs are [targets][horizon][outputs of the loss]. */
  network: NetworkSpec;
  /** Share of units dropped between layers, 0 to 0.99. */
  dropout: number;
  window: number;
  /** Steps after the zero state without a loss, below `window`. */
  warmup: number;
  horizon: number;
  /**
   * Steps at the end of a window that read the forecasts of the step before in place of the targets' rows; they begin
   * after the first step with a loss. Above 0 only with horizon 1, one output for each target, and without dropout.
   */
  freeSteps: number;
  /** Whether each step starts from the zero state; only under the same conditions. */
  feedForward: boolean;
  /**
   * Whether a window that begins where one of the batch before ended goes on from its last state, to which no gradient
   * flows back. A batch ends before a window that goes on from one of its own. Each call of `run` goes on from the one
   * before; `evaluate` begins and ends without states. False with attention, both directions or free steps.
   */
  carries: boolean;
  /** Columns of the input that are forecast. */
  targets: number[];
  /** Whether the head forecasts the change from the target's value at step t. */
  anchor: boolean;
  /** By name, one of the heads in `native/core/heads`. */
  loss: string;
  /** In (0, 1), ascending, for a head with an output for each; else empty. */
  levels: number[];
  /** Windows per step of the optimiser. */
  batchSize: number;
  /** Decoupled, as in AdamW. */
  weightDecay: number;
  /** Names of parameters that no step changes; they count in no norm of a gradient. Default none, never all. */
  frozen?: readonly string[];
  /** Names of parameters that the decay does not pull at; default none. */
  undecayed?: readonly string[];
  /** Largest global norm of the gradient; 0 for no clipping. */
  clipNorm: number;
  /** Seed of dropout, 0 to 2^31 - 1. */
  seed: number;
  /** Threads that share the windows of a batch, 1 to 64. They change the time, never a bit of the result. */
  threads: number;
}

/** As the addon takes them: `parts` are [begin, end, decays] of the parameters that are learned, one after another. */
export interface NativeTrainerOptions extends TrainerOptions {
  parts: number[];
}

/** What else is known of the rows that windows are cut from. */
export interface RowMarks {
  /** [n][targets], 1 where the true value of a target is missing, so that a forecast of it has no loss. */
  readonly missing: Uint8Array | undefined;
  /**
   * Rows, ascending, before which a window may start: it then stays in the zero state until the last such row in it,
   * and forecasts have a loss from there on. Only without free steps.
   */
  readonly begins: Int32Array | undefined;
  /**
   * [n][targets][3], for rows whose true values have no scale in common: the value in a unit of its series, and centre
   * and spread of the scale of forecasts after this row, in the same unit. The centre of an anchored forecast is the
   * value. Forecasts are compared with these, not with the rows. Only without free steps.
   */
  readonly scaled?: Float32Array | undefined;
}

/** Trains a network's weights on windows of one table, with AdamW, off the main thread. */
export class Trainer extends NativeTrainer {
  /**
   * @param rows [n][inputSize], scaled; finite wherever a window reaches. Copied, as are the marks.
   * @param initial the weights to begin with
   */
  constructor(rows: Float32Array, options: TrainerOptions, initial: StateDict, marks?: RowMarks) {
    if (typeof options !== 'object' || options === null) {
      throw misfit('an object', 'the options of Trainer', options);
    }
    checkNetworkSpec(options.network);
    const shapes = parameterShapes(options.network);
    super(
      native.createTrainer(
        { ...options, parts: learnedParts(shapes, options) },
        rows,
        fromStateDict(shapes, initial),
        marks?.missing,
        marks?.begins,
        marks?.scaled,
      ),
      shapes,
    );
  }
}
