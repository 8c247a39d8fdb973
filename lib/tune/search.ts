import { rm } from 'node:fs/promises';
import { filter, firstValueFrom, lastValueFrom, tap } from 'rxjs';
import { GatecastError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import { compareWithBaselines } from '../batch/compare-with-baselines.ts';
import { evaluate } from '../batch/evaluate.ts';
import { Ending } from '../compare/ending.ts';
import { type Rows, splitRows } from '../compare/rows.ts';
import { seriesOf } from '../data/series.ts';
import type { Table } from '../data/table.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import type { TrainOptions } from '../train/options.ts';
import type { TrainProgress } from '../train/learn.ts';
import { trainUntil } from '../train/train.ts';
import type { CheckedOptions } from './options.ts';
import type { TuneProgress, TuneTrial, Tuning } from './result.ts';
import { SearchFile } from './search-file.ts';
import { defaultSetting, isSearched, kindsFor, type Setting, Settings } from './settings.ts';
import { sentencesOn } from './words.ts';

type Emit = (progress: TuneProgress) => void;

/** The shares of the passes that are given to the settings of a round, to the best third of them, and so on. */
const SHARES = [1 / 9, 1 / 3, 1];
const KEPT = 1 / 3;
/** Settings of a round. */
const DRAWN = 9;

/**
 * A search that runs, by successive halving (Jamieson and Talwalkar, AISTATS 2016), in rounds: all settings of a round
 * learn a ninth of the passes, the best third of them a third, and the best of these all. Each is a training of its
 * own, whose learning rate falls to its end. The first round has the defaults of each kind of model. All others have
 * settings that are drawn, by turns beside the best so far and anywhere. But for the clock, all follows from data,
 * options and seed; so a search that goes on from its file repeats its way through the trials that are there.
 */
export class Search {
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #options: CheckedOptions;
  readonly #signal: AbortSignal;
  readonly #rows: Rows;
  readonly #emit: Emit;
  readonly #begun = performance.now();
  readonly #settings: Settings;
  readonly #trials: TuneTrial[] = [];
  /** The default passes, by what they depend on. */
  readonly #passes = new Map<string, number>();
  readonly #notes: string[] = [];
  #file: SearchFile | undefined;
  #ending: Ending | undefined;
  #failure: GatecastError | undefined;
  #best: TuneTrial | undefined;
  /** The model of the best trial; undefined if that was trained before an interruption. */
  #model: TrainedModel | undefined;

  /** Throws `invalid-data` for rows that cannot be searched on. `signal` ends everything without a result. */
  constructor(tables: ReadonlyMap<string, Table>, options: CheckedOptions, signal: AbortSignal, emit: Emit) {
    const { train, test } = options;
    this.#tables = tables;
    this.#options = options;
    this.#signal = signal;
    this.#emit = emit;
    this.#rows = splitRows(tables, train.horizon, [train.targets ?? []].flat(), test);
    this.#settings = new Settings(train);
  }

  async all(): Promise<void> {
    const { budget, stop, checkpoint } = this.#options;
    if (checkpoint !== undefined) this.#file = await SearchFile.open(checkpoint, this.#tables, this.#options);
    const ending = new Ending(budget, 1000 * this.#owed(), [stop, this.#signal]);
    this.#ending = ending;
    let kept = false;
    try {
      await this.#search();
      const result = this.#signal.aborted ? undefined : await this.#judge();
      if (!result) return;
      kept = true;
      this.#emit({ ...this.#progress(result.best.setting), result });
    } finally {
      ending.release();
      if (!kept) this.#model?.dispose();
    }
  }

  /** Aborts when no further training may run. */
  get #stop(): AbortSignal {
    return this.#ending!.signal; // of a search that runs
  }

  /** Time of the runs before, and of the training of a model that is lost with them [s]. */
  #owed(): number {
    const found = this.#file?.found;
    if (!found) return 0;
    const best = found.trials.reduce<TuneTrial | undefined>(better, undefined);
    return found.seconds + (best?.seconds ?? 0);
  }

  get #seconds(): number {
    return (this.#file?.found?.seconds ?? 0) + (performance.now() - this.#begun) / 1000;
  }

  /** True if no further training may run, and all trials that the file held have been gone through. */
  get #isOver(): boolean {
    const found = this.#file?.found?.trials.length ?? 0;
    return this.#stop.aborted && this.#trials.length >= found;
  }

  async #search(): Promise<void> {
    const { train, seed } = this.#options;
    await this.#round(
      0,
      kindsFor(train).map((kind) => defaultSetting(kind, train)),
    );
    if (!this.#best && !this.#stop.aborted && this.#failure) throw this.#failure;
    for (let round = 1; !this.#isOver; round++) {
      const random = createRandom(Math.imul(seed, 0x9e3779b1) ^ round);
      const settings = this.#settings.draw(DRAWN, this.#best?.setting, random);
      if (settings.length === 0) {
        this.#notes.push('No further settings were left to try.');
        return;
      }
      await this.#round(round, settings);
    }
  }

  async #round(round: number, settings: readonly Setting[]): Promise<void> {
    let group = settings;
    for (let step = 0; step < SHARES.length; step++) {
      const done: TuneTrial[] = [];
      for (const setting of group) {
        const trial = await this.#trial(setting, round, step);
        if (!trial) return;
        if (trial.failure === undefined) done.push(trial);
      }
      done.sort((a, b) => a.mse - b.mse);
      group = done.slice(0, Math.ceil(KEPT * group.length)).map(({ setting }) => setting);
    }
  }

  /** Undefined if the search ends before the trial is done. */
  async #trial(setting: Setting, round: number, step: number): Promise<TuneTrial | undefined> {
    const number = this.#trials.length + 1;
    const found = this.#file?.found?.trials[number - 1];
    const trial = found ?? (await this.#run({ number, round, step, setting }));
    if (!trial) return undefined;
    this.#trials.push(trial);
    if (!found) await this.#file?.write({ seconds: this.#seconds, trials: this.#trials });
    if (this.#file) await rm(this.#file.checkpointOf(number), { force: true });
    if (trial.failure !== undefined) {
      this.#failure ??= new GatecastError('invalid-data', trial.failure);
      this.#notes.push(`Trial ${number} cannot be trained: ${trial.failure}`);
      return trial;
    }
    this.#best = better(this.#best, trial);
    if (round === 0 && step === 0) this.#settings.open(trial.setting);
    return trial;
  }

  async #run(asked: Pick<TuneTrial, 'number' | 'round' | 'step' | 'setting'>): Promise<TuneTrial | undefined> {
    if (this.#stop.aborted) return undefined;
    const { number, step, setting } = asked;
    const begun = performance.now();
    const timed = () => ({ seconds: (performance.now() - begun) / 1000, at: this.#seconds });
    let epochs = 1;
    try {
      const most = await this.#mostPasses(setting);
      if (most === undefined) return undefined;
      epochs = Math.ceil(most * SHARES[step]!);
      const last = await this.#train(setting, epochs, this.#stop, this.#file?.checkpointOf(number));
      if (!last) return undefined;
      const model = last.forecaster!;
      try {
        const { scaled } = await last.validate!();
        const { lookback } = model.description;
        const found = isSearched(setting.model, 'lookback') ? { ...setting, lookback } : setting;
        const trial: TuneTrial = { ...asked, setting: found, epochs, ...scaled, ...timed() };
        this.#keep(model, trial);
        return trial;
      } catch (error) {
        model.dispose();
        throw error;
      }
    } catch (error) {
      if (!(error instanceof GatecastError) || !['invalid-argument', 'invalid-data'].includes(error.code)) throw error;
      this.#failure ??= error;
      return { ...asked, epochs, mse: Number.NaN, mae: Number.NaN, ...timed(), failure: error.message };
    }
  }

  /** Keeps the model of a trial if it is the best so far. */
  #keep(model: TrainedModel, trial: TuneTrial): void {
    if (better(this.#best, trial) !== trial) {
      model.dispose();
      return;
    }
    this.#model?.dispose();
    this.#model = model;
  }

  /** The passes of a training that is given all. Undefined if the search ends before they are known. */
  async #mostPasses(setting: Setting): Promise<number | undefined> {
    const { epochs } = this.#options.train;
    if (epochs !== undefined) return epochs;
    const key = JSON.stringify([setting.model, setting.lookback]);
    const known = this.#passes.get(key);
    if (known !== undefined) return known;
    const first = await firstValueFrom(trainUntil(this.#stop, this.#rows.known, this.#training(setting)), {
      defaultValue: undefined,
    });
    if (first) this.#passes.set(key, first.epochs);
    return first?.epochs;
  }

  /** The last emission of a training, with its model; undefined if `stop` aborts before. */
  #train(
    setting: Setting,
    epochs: number,
    stop: AbortSignal,
    checkpoint?: string,
  ): Promise<TrainProgress<TrainedModel> | undefined> {
    const options = { ...this.#training(setting), epochs, ...(checkpoint !== undefined && { checkpoint }) };
    const passes = trainUntil(stop, this.#rows.known, options).pipe(
      tap(({ forecaster: _model, compare: _compare, validate: _validate, ...training }) => {
        this.#emit({ ...this.#progress(setting), training });
      }),
      filter(({ forecaster }) => forecaster !== undefined),
    );
    return lastValueFrom(passes, { defaultValue: undefined });
  }

  #training(setting: Setting): TrainOptions {
    const { train, seed } = this.#options;
    return { ...train, ...(setting as { model: 'recurrent' }), seed }; // the check of the options says what fits
  }

  /** Undefined if `signal` ends everything meanwhile. */
  async #judge(): Promise<Tuning | undefined> {
    const { budget } = this.#options;
    const best = this.#best;
    if (!best) {
      const why = this.#options.stop?.aborted ? 'it was ended' : `its ${budget / 1000} s were over`;
      const message = `Expected one setting to be trained in the search but ${why} before that.`;
      throw new GatecastError('invalid-argument', message);
    }
    if (this.#options.stop?.aborted) this.#notes.push('The search was ended before its time was over.');
    const { from } = this.#rows;
    // Trained again after an interruption, it has the same bits.
    this.#model ??= (await this.#train(best.setting, best.epochs, this.#signal))?.forecaster;
    const model = this.#model;
    if (!model) return undefined;
    const score = await evaluate(model, seriesOf(this.#tables), { from });
    const baselines = await compareWithBaselines(model, seriesOf(this.#tables), { from });
    const defaults = this.#trials.find(({ round, step }) => round === 0 && step === SHARES.length - 1);
    return {
      best,
      defaults,
      trials: this.#trials,
      sentences: sentencesOn(best, defaults, this.#trials, baselines),
      model,
      score,
      baselines,
      from,
      notes: this.#notes,
      seconds: this.#seconds,
    };
  }

  #progress(setting: Setting): TuneProgress {
    const best = this.#best;
    return {
      done: this.#trials.length,
      seconds: this.#seconds,
      budget: this.#options.budget / 1000,
      setting,
      ...(best && { best }),
    };
  }
}

/** The trial with the lower error; of equal ones, the first. */
function better(best: TuneTrial | undefined, trial: TuneTrial): TuneTrial | undefined {
  if (trial.failure !== undefined || Number.isNaN(trial.mse)) return best;
  return best === undefined || trial.mse < best.mse ? trial : best;
}
