import { Subject, type Subscription } from 'rxjs';
import type { Forecaster } from '../model/forecaster.ts';
import { readSample, type Sample } from '../model/sample.ts';
import type { Store } from '../stores/store.ts';
import { forecast } from '../stream/forecast.ts';
import type { KeepOptions } from '../stream/keeper.ts';
import type { LiveForecast } from '../stream/live-forecast.ts';
import { StreamMetrics } from '../stream/metrics.ts';
import { record } from '../stream/record.ts';
import { StreamParts } from '../stream/stream-parts.ts';
import { type StreamFlags, streamOptionsOf } from './stream-options.ts';

export interface LineStreamFlags extends StreamFlags {
  onInvalid: 'skip' | 'error';
  flush?: NonNullable<KeepOptions['flush']>;
  record?: string;
}

/** What the stream is called in its store. */
const KEY = 'stream';

/** A live stream that is handed its samples one by one, and may be kept and recorded. */
export class LineStream {
  readonly #model: Forecaster;
  readonly #names: readonly string[];
  readonly #values: Float64Array;
  readonly #fills: boolean;
  readonly #samples = new Subject<Sample>();
  readonly #invalid;
  readonly #subscription: Subscription;
  #forecasts: LiveForecast[] = [];
  #failure: { error: unknown } | undefined;

  /** Throws `io` and `invalid-file` for a recording or a store that cannot be used. */
  constructor(model: Forecaster, store: Store | undefined, flags: LineStreamFlags) {
    const options = { onInvalid: flags.onInvalid, ...streamOptionsOf(flags) };
    const { names } = model.scaler;
    this.#model = model;
    this.#names = names;
    this.#values = new Float64Array(names.length);
    this.#fills = new StreamParts(model, options).gaps !== undefined;
    const metrics = new StreamMetrics();
    this.#invalid = metrics.counter('skipped:invalid');
    const keeping = store && { store, key: KEY, ...(flags.flush && { flush: flags.flush }) };
    const around = forecast(model, { ...options, ...keeping, metrics });
    const state = store?.get(KEY);
    const operator =
      flags.record === undefined ? around : record(flags.record, { model, options, around, ...(state && { state }) });
    this.#subscription = this.#samples.pipe(operator).subscribe({
      next: (one) => this.#forecasts.push(one),
      error: (error: unknown) => {
        this.#failure = { error };
      },
    });
    this.#check();
  }

  /**
   * The forecasts of a sample. Throws `invalid-argument` and `invalid-sample` for one that is none, after which the next
   * can be taken if they are skipped; and what has ended the stream.
   */
  next(sample: Sample): readonly LiveForecast[] {
    this.#check();
    readSample(sample, undefined, this.#names, this.#values, this.#fills);
    const before = this.#invalid.value;
    this.#forecasts = [];
    this.#samples.next(sample);
    this.#check();
    if (this.#invalid.value > before) this.#explain(sample);
    return this.#forecasts;
  }

  /** Writes everything. Throws what has ended the stream before. */
  end(): void {
    this.#check();
    this.#samples.complete();
    this.#check();
  }

  dispose(): void {
    this.#subscription.unsubscribe();
  }

  /** Throws what is wrong with a sample that was skipped. */
  #explain(sample: Sample): void {
    const state = this.#model.createState({ onInvalid: 'error' });
    try {
      state.step(sample);
    } finally {
      state.dispose();
    }
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
