import type { Forecaster } from '../model/forecaster.ts';
import { createRandom } from '../base/random.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import type { TrainingData } from './data.ts';
import type { LearningTask } from './models/task.ts';
import type { ResolvedOptions } from './options.ts';
import { sampling } from './sampling.ts';
import { shrinkHead } from './shrink.ts';

/** The progress of learning after a pass over the training windows. */
export interface TrainProgress<M extends TrainedModel = Forecaster> {
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
  forecaster?: M;
}

/** The passes until learning ends, the last with the model. Ends without a model if `signal` aborts. */
export async function* learn<M extends TrainedModel>(
  task: LearningTask<M>,
  data: TrainingData,
  options: ResolvedOptions,
  signal: AbortSignal,
): AsyncGenerator<Omit<TrainProgress<M>, 'notes'>> {
  const trainer = task.createTrainer(data);
  const cancel = () => trainer.cancel();
  signal.addEventListener('abort', cancel);
  const random = createRandom(options.seed);
  const sample = sampling(data.bySeries);
  const { epochs, patience } = options;
  try {
    const before = await trainer.evaluate(sample(task.windowsOfPass(data), random));
    const start = await trainer.evaluate(data.validation);
    if (before.cancelled || start.cancelled) return;
    let progress: Omit<TrainProgress<M>, 'notes'> = {
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
      const pass = await trainer.run(sample(task.windowsOfPass(data), random), learningRate(options, epoch));
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
    const kept = await shrinkHead(trainer, data.validation, untrained, trained, task.head);
    if (!kept) return;
    const described = { ...best.progress, validationLoss: kept.loss, epochs: progress.epoch };
    const forecaster = await task.assemble(data, described, kept.weights, signal);
    if (forecaster) yield { ...progress, forecaster };
  } finally {
    signal.removeEventListener('abort', cancel);
    trainer.dispose();
  }
}

/** Falls from `learningRate` along a half cosine (Loshchilov and Hutter, 2017). */
function learningRate({ learningRate: first, epochs }: ResolvedOptions, epoch: number): number {
  return (first * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs))) / 2;
}
