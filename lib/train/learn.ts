import type { BaselineComparison } from '../batch/compare-with-baselines.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { headLayout } from '../model/heads/heads.ts';
import { createRandom } from '../base/random.ts';
import { assemble } from './assemble.ts';
import { createTrainer } from './create-trainer.ts';
import type { TrainingData } from './data.ts';
import type { ResolvedOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { sampling } from './sampling.ts';
import { shrinkHead } from './shrink.ts';
import type { WindowShape } from './windows.ts';

/**
 * How often a pass forecasts each training row. `MOST_SAMPLES` is how many input samples a pass may take, which bounds
 * its time on long tables.
 */
const VISITS = 4;
const MOST_SAMPLES = 2 ** 18;

/** The progress of learning after a pass over the training windows. */
export interface TrainProgress {
  /** Passes done; 0 before learning. */
  epoch: number;
  /** Most passes. */
  epochs: number;
  /** Mean loss on scaled values over the pass. */
  trainLoss: number;
  /** Mean loss on the validation rows. */
  validationLoss: number;
  /** The pass with the lowest validation loss so far: its weights are kept. */
  bestEpoch: number;
  /** Mean global norm before clipping; 0 at epoch 0. */
  gradientNorm: number;
  /** Training samples per second in this pass; 0 at epoch 0. */
  samplesPerSecond: number;
  /** What was done to the rows because of their times, as sentences: rows out of order, steps without a row. */
  notes: readonly string[];
  /** The result; set on the last emission only. */
  forecaster?: Forecaster;
  /**
   * Compares the result with the baselines, fitted to the training rows, on the validation rows. As these chose the
   * pass, the score is too good: if the model loses here, it will lose elsewhere. Set on the last emission only. Rejects
   * with `invalid-data` if there is no window, and with `disposed` after the forecaster was disposed of.
   */
  compare?: () => Promise<BaselineComparison>;
}

/** The passes until learning ends, the last with the forecaster. Ends without a forecaster if `signal` aborts. */
export async function* learn(
  plan: Plan,
  data: TrainingData,
  options: ResolvedOptions,
  signal: AbortSignal,
): AsyncGenerator<Omit<TrainProgress, 'notes'>> {
  const trainer = createTrainer(plan, data, options);
  const cancel = () => trainer.cancel();
  signal.addEventListener('abort', cancel);
  const random = createRandom(options.seed);
  const sample = sampling(data.bySeries);
  const { epochs, patience } = options;
  try {
    const before = await trainer.evaluate(sample(passLength(plan, data), random));
    const start = await trainer.evaluate(data.validation);
    if (before.cancelled || start.cancelled) return;
    let progress: Omit<TrainProgress, 'notes'> = {
      epoch: 0,
      epochs,
      trainLoss: before.loss,
      validationLoss: start.loss,
      bestEpoch: 0,
      gradientNorm: 0,
      samplesPerSecond: 0,
    };
    const untrained = trainer.stateDict();
    let best = { progress, weights: untrained };
    while (progress.epoch < epochs && progress.epoch - best.progress.epoch < patience) {
      yield progress;
      const epoch = progress.epoch + 1;
      const begun = performance.now();
      const pass = await trainer.run(sample(passLength(plan, data), random), learningRate(options, epoch));
      const seconds = (performance.now() - begun) / 1000;
      const checked = await trainer.evaluate(data.validation);
      if (pass.cancelled || checked.cancelled) return;
      const better = checked.loss < best.progress.validationLoss;
      progress = {
        epoch,
        epochs,
        trainLoss: pass.loss,
        validationLoss: checked.loss,
        bestEpoch: better ? epoch : best.progress.epoch,
        gradientNorm: pass.gradientNorm,
        samplesPerSecond: (pass.windows * data.shape.window) / seconds,
      };
      if (better) best = { progress, weights: trainer.stateDict() };
    }
    const trained = { weights: best.weights, loss: best.progress.validationLoss };
    const kept = await shrinkHead(trainer, data.validation, untrained, trained, headLayout(options));
    if (!kept) return;
    const forecaster = await assemble(
      plan,
      data,
      options,
      { ...best.progress, validationLoss: kept.loss, epochs: progress.epoch },
      kept.weights,
      signal,
    );
    if (forecaster) yield { ...progress, forecaster };
  } finally {
    signal.removeEventListener('abort', cancel);
    trainer.dispose();
  }
}

/** Windows of a pass: each training row is forecast about `VISITS` times, unless that is more than `MOST_SAMPLES`. */
function passLength(plan: Plan, { shape, training }: TrainingData): number {
  const visits = windowsOfPass(plan, shape);
  const most = Math.max(1, Math.floor(MOST_SAMPLES / shape.window));
  return Math.min(training.length, visits, most);
}

/** How many windows of this shape forecast each training row about `VISITS` times. */
export function windowsOfPass({ series }: Plan, { window, warmup }: WindowShape): number {
  const rows = series.reduce((sum, { training: { from, to } }) => sum + to - from, 0);
  return Math.ceil((rows * VISITS) / (window - warmup));
}

/** Falls from `learningRate` along a half cosine (Loshchilov and Hutter, 2017). */
function learningRate({ learningRate: first, epochs }: ResolvedOptions, epoch: number): number {
  return (first * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs))) / 2;
}
