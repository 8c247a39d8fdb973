import { type Observable, Subject } from 'rxjs';
import { GatecastError } from '../../base/errors.ts';
import type { Forecaster } from '../../model/forecaster.ts';
import { checkModel, checkNumbers, type Model } from '../../model/model.ts';
import { type Sample, type SampleForm, sampleForm } from '../../model/sample.ts';
import { object, whole } from '../../base/schema.ts';
import { SourceCheck } from '../../model/source-check.ts';
import { Follower } from './follower.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { type OrderedSample, RecentSamples } from './recent-samples.ts';
import { invalidLike, readInOrder } from './select-inputs.ts';
import { type StreamOptions, streamOptionChecks } from '../state/stream-options.ts';
import { checkOptionsFit } from '../state/forecast-parts.ts';
import type { StreamState } from '../state/stream-state.ts';
import { checkSuccessor, planSwap, type SwapOptions, type SwapOutcome } from './swap-options.ts';
import { Trial } from './trial.ts';

export interface LiveModelOptions extends StreamOptions {
  /** How many samples are kept to warm a new model on; 1000 by default. */
  recent?: number;
}

/** One change of the model. */
export interface ModelChange<M extends Model = Forecaster> {
  readonly kind: 'swap' | 'revert';
  readonly from: M;
  readonly to: M;
  /** Time of the last sample that `from` answered [ms since the epoch]; undefined if there is none. */
  readonly at: number | undefined;
}

const fields = { ...streamOptionChecks, recent: whole(1, 2 ** 20) };
const check = object<LiveModelOptions>(fields, Object.keys(fields) as (keyof LiveModelOptions)[]);

/**
 * A live stream whose model can be changed while it runs: hand it to `forecast` in place of the model.
 *
 * It remembers one stream, as a `StreamState` does, and remains the caller's: all subscriptions go on with it. The new
 * model may have another network, lookback, horizon, levels and more targets. It takes the inputs of the first model,
 * or some of them, by name. `new LiveModel<Model>(...)` begins with a baseline, whose place a forecaster can take.
 *
 * ```text
 * samples     --a--b--c--d--e--f--|
 *             forecast(live)             live.swap(new) between a and b, warm and better by d
 * forecasts   --A--B--C--D--E'-F'-|      A to D by the old model, from E' on by the new one
 * ```
 *
 * ```ts
 * const live = new LiveModel(await Forecaster.load('pump.gatecast'));
 * temperature$.pipe(forecast(live)).subscribe((f) => console.log(f.mean));
 * const next = await Forecaster.load('pump-v2.gatecast');
 * const { switched, gain } = await live.swap(next, { warm: 500, shadow: '1h', ifBetterBy: 0.02 });
 * ```
 */
export class LiveModel<M extends Model = Forecaster> {
  /** Each change of the model, between two samples. It completes with `dispose`. */
  readonly changes$: Observable<ModelChange<M>>;
  readonly #options: StreamOptions;
  /** The inputs of a sample. */
  readonly #form: SampleForm;
  readonly #recent: RecentSamples;
  readonly #values: Float64Array;
  readonly #source = new SourceCheck();
  readonly #changes = new Subject<ModelChange<Model>>();
  #serving: Follower<M>;
  /** What `revert` goes back to, and for how many more samples. */
  #previous: Follower<M> | undefined;
  #revertible = 0;
  #trial: Trial<M> | undefined;
  #disposed = false;

  /**
   * A stream without any samples yet. Throws `invalid-argument` for a value that is not a model and for a wrong option.
   */
  constructor(model: M, options: LiveModelOptions = {}) {
    checkModel(model);
    checkNumbers(model, 'model');
    const { recent = 1000, ...stream } = check(options, 'options');
    checkOptionsFit(model, stream); // refuses unknown input names, which `optionsFor` would silently leave out
    this.#options = stream;
    this.#form = sampleForm(model.description);
    const { names } = this.#form;
    this.#serving = new Follower(model, names, stream);
    this.#recent = new RecentSamples(names.length, recent);
    this.#values = new Float64Array(names.length);
    this.changes$ = this.#changes.asObservable() as Observable<ModelChange<M>>;
  }

  /** The model that answers. */
  get model(): M {
    return this.#serving.model;
  }

  /**
   * The state of the model that answers, until the next change: for `snapshot` and `restore`, which belong to that
   * model. `skipped` counts the samples that were invalid for it, starting with those that it was warmed on.
   */
  get state(): StreamState {
    return this.#serving.state;
  }

  /**
   * Takes one sample and forecasts from it, as `StreamState.step` does. The models that run beside it are stepped too;
   * errors that they throw do not reach the stream.
   */
  step(sample: Sample): LiveForecast | undefined {
    this.#checkUsable();
    const reading = readInOrder(sample, this.#form, this.#values, this.#source, this.#options.onInvalid);
    if (reading === undefined) return this.#serving.state.step(invalidLike(sample));
    const forecast = this.#serving.step(reading);
    this.#recent.push(reading);
    this.#keepInStep(reading);
    this.#trial?.see(reading, forecast);
    return forecast;
  }

  /**
   * Lets a new model take over. It is warmed on the last samples, 64 in each turn of the event loop. Then, for the time
   * of `shadow`, both models take every sample and are scored on the same truths. If the new one is better by
   * `ifBetterBy`, it answers from the next sample on; until then the old one answers, so that no forecast is missing.
   * An earlier swap that is not yet decided is cancelled.
   *
   * The promise never rejects. It waits for samples, and so for as long as the stream is silent. Throws `disposed` and,
   * at once, `invalid-argument` for a wrong option and for a model that cannot replace this one: it needs an input that
   * the samples lack, does not forecast a target, has an interval that differs by more than a tenth, or does not fit
   * the stream's options.
   */
  swap(model: M, options: SwapOptions = {}): Promise<SwapOutcome> {
    this.#checkUsable();
    checkModel(model);
    const plan = planSwap(options, model.description);
    checkSuccessor(model, this.model, this.#form);
    const { names } = this.#form;
    const candidate = new Follower(model, names, this.#options);
    this.#trial?.cancel();
    const trial: Trial<M> = new Trial(candidate, this.#serving, names, this.#recent, plan, (switches) => {
      this.#trial = undefined;
      if (switches) this.#takeOver(trial);
    });
    this.#trial = trial;
    return trial.outcome;
  }

  /**
   * Goes back to the model before the last change, which was kept up to date for as long as its swap said; called
   * again, forward to the newer one. A swap that is not yet decided is cancelled. Returns false if there is no model to
   * go back to.
   */
  revert(): boolean {
    this.#checkUsable();
    this.#trial?.cancel();
    if (this.#previous === undefined) return false;
    const from = this.#serving;
    this.#serving = this.#previous;
    this.#previous = from;
    this.#tell('revert', from.model);
    return true;
  }

  /** Frees the memory of all states now, and ends `changes$`; the models remain the caller's. May be called twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#trial?.cancel();
    this.#disposed = true;
    this.#serving.state.dispose();
    this.#previous?.state.dispose();
    this.#changes.complete();
  }

  #takeOver({ candidate, plan }: Trial<M>): void {
    const from = this.#serving;
    this.#previous?.state.dispose();
    this.#serving = candidate;
    this.#previous = from;
    this.#revertible = plan.revertible;
    if (this.#revertible === 0) this.#dropPrevious();
    this.#tell('swap', from.model);
  }

  #tell(kind: ModelChange['kind'], from: M): void {
    const { count } = this.#recent;
    const at = count === 0 ? undefined : this.#recent.read(count - 1).at;
    this.#changes.next({ kind, from, to: this.model, at });
  }

  #keepInStep(reading: OrderedSample): void {
    if (this.#previous === undefined) return;
    if (this.#revertible-- === 0) {
      this.#dropPrevious();
      return;
    }
    try {
      this.#previous.follow(reading);
    } catch {
      this.#dropPrevious();
    }
  }

  #dropPrevious(): void {
    this.#previous?.state.dispose();
    this.#previous = undefined;
  }

  #checkUsable(): void {
    if (this.#disposed) throw new GatecastError('disposed', 'Expected a LiveModel in use but received a disposed one.');
  }
}
