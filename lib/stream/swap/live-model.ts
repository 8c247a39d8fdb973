import { type Observable, Subject } from 'rxjs';
import { GatecastError } from '../../base/errors.ts';
import { checkModel, type Model } from '../../model/model.ts';
import type { Sample } from '../../model/sample.ts';
import { record, whole } from '../../base/schema.ts';
import { SourceCheck } from '../../model/source-check.ts';
import { Follower } from './follower.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { type Reading, RecentSamples } from './recent-samples.ts';
import { invalidLike, readInOrder } from './select-inputs.ts';
import { type StreamOptions, streamOptionChecks } from '../state/stream-options.ts';
import { checkParts } from '../state/forecast-parts.ts';
import type { StreamState } from '../state/stream-state.ts';
import { checkSuccessor, planSwap, type SwapOptions, type SwapOutcome } from './swap-options.ts';
import { Trial } from './trial.ts';

export interface LiveModelOptions extends StreamOptions {
  /** Samples that are kept to warm a new model on; 1000 by default. */
  recent?: number;
}

/** Another model answers from here on. */
export interface ModelChange {
  readonly kind: 'swap' | 'revert';
  readonly from: Model;
  readonly to: Model;
  /** Time of the last sample that `from` answered [ms since the epoch]; undefined when there is none. */
  readonly at: number | undefined;
}

const fields = { ...streamOptionChecks, recent: whole(1, 2 ** 20) };
const check = record<LiveModelOptions>(fields, Object.keys(fields) as (keyof LiveModelOptions)[]);

/**
 * A live stream whose model can be changed while it runs: hand it to `forecast` in place of the model.
 *
 * It remembers one stream, as a `StreamState` does, and remains the caller's: all subscriptions go on with it. The new
 * model may have another network, lookback, horizon, levels and more targets. It takes the inputs of the first model,
 * or some of them, by name.
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
export class LiveModel {
  /** Each change of the model, between two samples. It completes with `dispose`. */
  readonly changes$: Observable<ModelChange>;
  readonly #options: StreamOptions;
  /** The inputs in a sample. */
  readonly #names: readonly string[];
  readonly #recent: RecentSamples;
  readonly #values: Float64Array;
  readonly #source = new SourceCheck();
  readonly #changes = new Subject<ModelChange>();
  #serving: Follower;
  /** What `revert` goes back to, and for how many samples yet. */
  #previous: Follower | undefined;
  #revertible = 0;
  #trial: Trial | undefined;
  #disposed = false;

  /** A stream that has seen nothing. Throws `invalid-argument` for a model or an option that is none. */
  constructor(model: Model, options: LiveModelOptions = {}) {
    checkModel(model);
    const { recent = 1000, ...stream } = check(options, 'options');
    checkParts(model, stream); // a name that no input has would be left out for each model
    this.#options = stream;
    this.#names = model.description.inputs.map(({ name }) => name);
    this.#serving = new Follower(model, this.#names, stream);
    this.#recent = new RecentSamples(this.#names.length, recent);
    this.#values = new Float64Array(this.#names.length);
    this.changes$ = this.#changes.asObservable();
  }

  /** The model that answers. */
  get model(): Model {
    return this.#serving.model;
  }

  /**
   * What the model that answers remembers, until the next change: for `snapshot` and `restore`, which are bound to that
   * model. `skipped` counts what was invalid for it, from the samples on that it was warmed on.
   */
  get state(): StreamState {
    return this.#serving.state;
  }

  /**
   * Takes one sample and forecasts from it, as `StreamState.step` does. The models that run beside are stepped too, and
   * whatever they throw is kept from the stream.
   */
  step(sample: Sample): LiveForecast | undefined {
    this.#checkUsable();
    const reading = readInOrder(sample, this.#names, this.#values, this.#source, this.#options.onInvalid);
    if (reading === undefined) return this.#serving.state.step(invalidLike(sample));
    const forecast = this.#serving.step(reading);
    this.#recent.push(reading);
    this.#keepInStep(reading);
    this.#trial?.see(reading, forecast);
    return forecast;
  }

  /**
   * Lets a new model take over: it is warmed on the last samples, 64 in each turn of the event loop; then, for the time
   * of `shadow`, both take every sample and are scored on the same truths; when it is better by `ifBetterBy`, it
   * answers from the next sample on. Until then the old one answers, so that no forecast is missing. An earlier swap
   * that is not yet decided is cancelled.
   *
   * The promise never fails. It waits for samples, and so for as long as the stream is silent. Throws
   * `invalid-argument` at once for a wrong option, and a model that cannot answer in place of this one: it needs an
   * input that the samples lack, does not forecast a target, has an interval more than a tenth apart, or does not fit
   * the stream's options; and `disposed`.
   */
  swap(model: Model, options: SwapOptions = {}): Promise<SwapOutcome> {
    this.#checkUsable();
    checkModel(model);
    const plan = planSwap(options, model.description);
    checkSuccessor(model, this.model, this.#names);
    const candidate = new Follower(model, this.#names, this.#options);
    this.#trial?.cancel();
    const trial: Trial = new Trial(candidate, this.#serving, this.#names, this.#recent, plan, (switches) => {
      this.#trial = undefined;
      if (switches) this.#takeOver(trial);
    });
    this.#trial = trial;
    return trial.outcome;
  }

  /**
   * Goes back to the model before the last change, which has been kept in step for as long as its swap said; once more,
   * and the newer one answers again. A swap that is not yet decided is cancelled. Returns false when there is none to
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

  #takeOver({ candidate, plan }: Trial): void {
    const from = this.#serving;
    this.#previous?.state.dispose();
    this.#serving = candidate;
    this.#previous = from;
    this.#revertible = plan.revertible;
    if (this.#revertible === 0) this.#dropPrevious();
    this.#tell('swap', from.model);
  }

  #tell(kind: ModelChange['kind'], from: Model): void {
    const { count } = this.#recent;
    const at = count === 0 ? undefined : this.#recent.read(count - 1).at;
    this.#changes.next({ kind, from, to: this.model, at });
  }

  #keepInStep(reading: Reading): void {
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
