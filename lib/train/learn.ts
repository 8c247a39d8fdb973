import type { BaselineComparison } from '../batch/compare-with-baselines.ts';
import type { SeriesScore } from '../batch/score.ts';
import type { Forecaster } from '../model/forecaster.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import { createRandom } from '../base/random.ts';
import type { StateDict } from '../base/tensor.ts';
import { average } from './average.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type Course, NOTHING_DONE, type PassProgress, type PassSums } from './course.ts';
import type { TrainingData } from './data.ts';
import { Judge } from './judge.ts';
import type { LearningTask } from './models/task.ts';
import type { ResolvedOptions } from './options.ts';
import { runPass } from './pass.ts';
import { chainSampling } from './chains.ts';
import { type Sampling, sampling } from './sampling.ts';
import { learningRate } from './schedule.ts';
import { shrinkHead, type Shrunk, takeBack } from './shrink.ts';
import type { Trainable } from './trainable.ts';
import { carries } from './windows.ts';

/** The progress of learning after a pass over the training windows. */
export interface TrainProgress<M extends TrainedModel = Forecaster> extends PassProgress {
  /**
   * What was done to the rows because of their times, as sentences: rows out of order, steps without a row. Also
   * whether learning goes on from a checkpoint.
   */
  notes: readonly string[];
  /** The result; set on the last emission only. */
  forecaster?: M;
  /**
   * Compares the result with the baselines, fitted to the training rows, on the validation rows. As these chose the
   * pass, the score is too good: if the model loses here, it will lose elsewhere. Set on the last emission only.
   * Rejects with `invalid-data` if there is no window, and with `disposed` after the forecaster was disposed of.
   */
  compare?: () => Promise<BaselineComparison>;
  /**
   * Scores the result on the same rows, without the baselines. Of several series, errors are scaled by the deviation of
   * each, so that all kinds of models are measured alike. Set and rejected as `compare`.
   */
  validate?: () => Promise<SeriesScore>;
}

/** What `learn` gives after a pass. */
export interface Learned<M extends TrainedModel> extends PassProgress {
  /** The result; set on the last emission only. */
  forecaster?: M;
  /** The model that has not learned from the validation rows; without `refit` the result itself. */
  validated?: M;
}

/**
 * The passes until learning ends, the last with the model. Begins where `checkpoint` left off, if it holds
 * anything, and keeps it up to date. If `signal` aborts, it writes the checkpoint once more and ends without a model.
 */
export async function* learn<M extends TrainedModel>(
  task: LearningTask<M>,
  given: TrainingData,
  options: ResolvedOptions,
  signal: AbortSignal,
  checkpoint?: Checkpoint,
): AsyncGenerator<Learned<M>> {
  const trainer = task.createTrainer(given);
  const data = { ...given, validation: task.validated(given) };
  let learning: Learning | undefined;
  const cancel = () => {
    if (!learning?.keeps) trainer.cancel();
  };
  signal.addEventListener('abort', cancel);
  try {
    const tolerance = task.tolerance(data);
    learning = new Learning(trainer, task.windowsOfPass(data), data, options, { signal, checkpoint, tolerance });
    const { untrained } = learning;
    let course = checkpoint?.found ? learning.resume(checkpoint.found) : await learning.begin();
    while (course && !learning.isOver(course)) {
      yield course.again ?? course.progress;
      course = await learning.pass(course);
    }
    if (!course) return;
    await learning.keep();
    const { progress, best, again } = course;
    const trained = { weights: best.weights, loss: best.progress.validationLoss };
    const isClear = tolerance > 0 && (await isBetter(trained.loss, untrained, trainer, data.validation));
    const kept: (Partial<Shrunk> & typeof trained) | undefined = isClear
      ? trained
      : await shrinkHead(trainer, data.validation, untrained, trained, task.head);
    if (!kept) return;
    const described = { ...best.progress, validationLoss: kept.loss, epochs: progress.epoch };
    const validated = await task.assemble(data, described, kept.weights, signal);
    if (!validated) return;
    if (!again) {
      yield { ...progress, forecaster: validated, validated };
      return;
    }
    const weights = kept.shares ? takeBack(course.average, untrained, kept.shares, task.head) : course.average;
    yield { ...again, forecaster: task.refitted(validated, weights), validated };
  } finally {
    signal.removeEventListener('abort', cancel);
    try {
      if (signal.aborted) await learning?.keep();
    } finally {
      trainer.dispose();
    }
  }
}

/** Whether a loss is below that of these weights. */
async function isBetter(
  loss: number,
  weights: StateDict,
  trainer: Trainable,
  validation: Int32Array,
): Promise<boolean> {
  trainer.loadStateDict(weights);
  return loss < (await trainer.evaluate(validation)).loss;
}

/** One pass after another over the windows of a trainer. All results are undefined if the trainer is cancelled. */
class Learning {
  readonly #trainer: Trainable;
  readonly #windows: number;
  readonly #data: TrainingData;
  readonly #options: ResolvedOptions;
  readonly #checkpoint: Checkpoint | undefined;
  readonly #signal: AbortSignal;
  readonly #tolerance: number;
  readonly #sample: Sampling;
  readonly #sampleWhole: Sampling;
  /** Where each round begins. */
  readonly #start: Pick<Course, 'weights' | 'optimiser'>;
  /** The newest whole moment that the checkpoint does not hold yet. */
  #unwritten: Course | undefined;
  #keeps = false;

  /** @param windows of a pass */
  constructor(
    trainer: Trainable,
    windows: number,
    data: TrainingData,
    options: ResolvedOptions,
    limits: { signal: AbortSignal; checkpoint: Checkpoint | undefined; tolerance: number },
  ) {
    this.#trainer = trainer;
    this.#windows = windows;
    this.#data = data;
    this.#options = options;
    this.#checkpoint = limits.checkpoint;
    this.#signal = limits.signal;
    this.#tolerance = limits.tolerance;
    const { bySeries, whole = [], shape } = data;
    const sampler = (all: readonly Int32Array[]) =>
      carries(shape) ? chainSampling(all, shape, options.batchSize) : sampling(all);
    this.#sample = sampler(bySeries);
    this.#sampleWhole = sampler(whole);
    this.#start = this.#now();
  }

  /** The weights before learning. */
  get untrained(): StateDict {
    return this.#start.weights;
  }

  /** True while what is learned is to be kept: it is not to be cancelled, but ends by itself where it can be. */
  get keeps(): boolean {
    return this.#keeps;
  }

  /** Writes the newest whole moment to the checkpoint. */
  async keep(): Promise<void> {
    if (this.#unwritten) await this.#checkpoint?.write(this.#unwritten);
    this.#unwritten = undefined;
  }

  /** Measures the untrained weights. */
  async begin(): Promise<Course | undefined> {
    const before = await this.#trainer.evaluate(this.#draw(this.#sample, 0));
    const start = await this.#trainer.evaluate(this.#data.validation);
    if (before.cancelled || start.cancelled) return undefined;
    const progress: PassProgress = {
      epoch: 0,
      epochs: this.#options.epochs,
      trainLoss: before.loss,
      validationLoss: start.loss,
      bestEpoch: 0,
      gradientNorm: 0,
      samplesPerSecond: 0,
    };
    const judge = new Judge(this.#options.patience);
    judge.take(start.loss);
    const weights = this.#trainer.stateDict();
    return this.#after(progress, { progress, weights }, judge, weights);
  }

  /** Puts the trainer where a course left off. */
  resume(course: Course): Course {
    this.#trainer.loadStateDict(course.weights);
    this.#trainer.loadOptimiser(course.optimiser);
    return course;
  }

  isOver({ progress, judge, again }: Course): boolean {
    if (again) return again.epoch >= again.epochs;
    return progress.epoch >= this.#options.epochs || new Judge(this.#options.patience, judge).isOver;
  }

  /** Finishes the pass that is under way. */
  pass(course: Course): Promise<Course | undefined> {
    return course.again ? this.#passOfAll(course, course.again) : this.#passOfTraining(course);
  }

  /** Goes on from the untrained weights, with all rows, if any pass was better than these. */
  #begunAgain(course: Course): Course {
    const { progress, best } = course;
    const passes = best.progress.epoch;
    if (passes === 0) return course;
    this.resume({ ...course, ...this.#start });
    const { validationLoss, bestEpoch } = best.progress;
    const again = { ...progress, validationLoss, bestEpoch, epochs: progress.epoch + passes };
    return { ...course, again, ...this.#start };
  }

  /** A pass of the rows of training, after which it is validated. */
  async #passOfTraining(course: Course): Promise<Course | undefined> {
    const epoch = course.progress.epoch + 1;
    const sums = await this.#run(course, epoch, this.#sample);
    if (!sums) return undefined;
    const weights = this.#trainer.stateDict();
    const mean = epoch === 1 ? weights : average(course.average, weights);
    this.#trainer.loadStateDict(mean);
    const checked = await this.#trainer.evaluate(this.#data.validation);
    this.#trainer.loadStateDict(weights);
    if (checked.cancelled) {
      this.#unwritten = { ...course, pass: sums, ...this.#now() };
      return undefined;
    }
    const judge = new Judge(this.#options.patience, course.judge);
    judge.take(checked.loss);
    const { validationLoss } = course.best.progress;
    const tolerated = this.#tolerance > 0 ? (1 + this.#tolerance) * judge.state.lowest : 0;
    const isBest = checked.loss < Math.max(validationLoss, tolerated);
    const progress = this.#progress(epoch, sums, checked.loss, isBest ? epoch : course.best.progress.epoch);
    const best = isBest ? { progress, weights: mean } : course.best;
    const after = this.#after(progress, best, judge, mean);
    const next = this.#options.refit && this.isOver(after) ? this.#begunAgain(after) : after;
    this.#unwritten = next;
    if (this.#isDue) await this.keep();
    return next;
  }

  /** A pass of all rows, as many windows and as fast as the pass of the training rows with the same number. */
  async #passOfAll(course: Course, again: PassProgress): Promise<Course | undefined> {
    const epoch = again.epoch - course.progress.epoch + 1;
    const sums = await this.#run(course, epoch, this.#sampleWhole);
    if (!sums) return undefined;
    const weights = this.#trainer.stateDict();
    const mean = epoch === 1 ? weights : average(course.average, weights);
    const progress = { ...again, ...this.#measured(sums), epoch: again.epoch + 1 };
    const after = { ...course, again: progress, pass: NOTHING_DONE, average: mean, ...this.#now() };
    this.#unwritten = after;
    if (this.#isDue) await this.keep();
    return after;
  }

  /** Finishes a pass of these windows; undefined if it is ended before. */
  async #run(course: Course, epoch: number, sample: Sampling): Promise<PassSums | undefined> {
    this.#keeps = this.#checkpoint !== undefined;
    const sums = await runPass(this.#trainer, this.#draw(sample, epoch), course.pass, {
      batchSize: this.#options.batchSize,
      signal: this.#signal,
      rate: (step) => this.#rate(course, epoch, step),
      between: async (pass) => {
        if (!this.#isDue) return;
        this.#unwritten = { ...course, pass, ...this.#now() };
        await this.keep();
      },
    });
    this.#keeps = false;
    return sums;
  }

  get #isDue(): boolean {
    return this.#checkpoint !== undefined && (this.#checkpoint.isDue || this.#signal.aborted);
  }

  #progress(epoch: number, sums: PassSums, validationLoss: number, bestEpoch: number): PassProgress {
    return { epoch, epochs: this.#options.epochs, validationLoss, bestEpoch, ...this.#measured(sums) };
  }

  #measured({
    windows,
    loss,
    norm,
    seconds,
  }: PassSums): Pick<PassProgress, 'trainLoss' | 'gradientNorm' | 'samplesPerSecond'> {
    return {
      trainLoss: loss / windows,
      gradientNorm: norm / windows,
      samplesPerSecond: (windows * this.#data.shape.window) / seconds,
    };
  }

  #after(progress: PassProgress, best: Course['best'], judge: Judge, mean: StateDict): Course {
    const course = { progress, best, judge: judge.state, pass: NOTHING_DONE, average: mean, ...this.#now() };
    this.#unwritten = course;
    return course;
  }

  #now(): Pick<Course, 'weights' | 'optimiser'> {
    return { weights: this.#trainer.stateDict(), optimiser: this.#trainer.optimiser() };
  }

  /** The rate of the next step, after `step` steps of this pass. */
  #rate({ judge }: Course, epoch: number, step: number): number {
    const steps = Math.ceil(this.#windows / this.#options.batchSize);
    return learningRate(this.#options, {
      step: (epoch - 1) * steps + step,
      steps: this.#options.epochs * steps,
      standstills: judge.standstills,
    });
  }

  /** The windows of a pass. They depend on the seed and the pass alone, so that a pass can be taken up again. */
  #draw(sample: Sampling, epoch: number): Int32Array {
    const seed = Math.imul(this.#options.seed, 0x9e3779b1) ^ Math.imul(epoch, 0x85ebca6b);
    return sample(this.#windows, createRandom(seed));
  }
}
