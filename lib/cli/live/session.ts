import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  exhaustMap,
  finalize,
  map,
  merge,
  type Observable,
  of,
  Subject,
  takeUntil,
  tap,
} from 'rxjs';
import type { Table } from '../../data/table.ts';
import { Recent, type Row } from './recent.ts';
import { type Claim, ScoreKeeper } from './score.ts';

/** The part of a Forecaster that a session uses. */
export interface Model {
  createState(): ModelState;
  dispose(): void;
}

interface ModelState {
  step(values: ArrayLike<number>, at?: number): ModelForecast | undefined;
  dispose(): void;
}

interface ModelForecast {
  ready: boolean;
  mean: Float64Array;
  interval(level: number): { lower: Float64Array; upper: Float64Array };
}

/** How far learning has come; the last one brings the model. */
export interface Learning<M> {
  epoch: number;
  epochs: number;
  validationLoss: number;
  /** 0 while no pass was better than the start, which repeats the last value. */
  bestEpoch: number;
  forecaster?: M;
}

export interface SessionOptions<M> {
  names: readonly string[];
  units: readonly (string | undefined)[];
  /** Which of `names` to forecast, as indices. */
  targets: readonly number[];
  /** What each target cannot be below or above: forecasts are cut off there. */
  limits: readonly (readonly [low: number, high: number])[];
  /** Steps ahead. */
  horizon: number;
  /** Samples before the first learning. */
  collect: number;
  /** Samples remembered, to learn from again. */
  keep: number;
  /** The share of true values the interval is to hold. */
  level: number;
  /** Learns from a table; unsubscribing stops it. */
  learn: (table: Table) => Observable<Learning<M>>;
}

/** The state of a session after a sample, or after a step of learning. */
export interface Snapshot<M> {
  phase: 'collecting' | 'training' | 'live';
  /** Samples so far, and how many the first learning waits for. */
  samples: number;
  collect: number;
  /** The learning that runs now: the first one, or a refit. */
  learning?: { epoch: number; epochs: number } | undefined;
  /** Samples remembered, oldest first. */
  recent: readonly Row[];
  /** The forecast of every target made at the newest sample, [targets][horizon]. */
  forecast?: Claim | undefined;
  /** Whether this snapshot follows a sample; if not, only learning has moved on. */
  fresh: boolean;
  /** Time of one step of the state, the median of the last hundred [microseconds]. */
  microseconds?: number | undefined;
  refits: number;
  /** Whether the model in use repeats the last value, because learning found nothing better. */
  untrained: boolean;
  /** Why the last refit came to nothing. */
  trouble?: string | undefined;
  score: ScoreKeeper;
  /** The model in use; the last one belongs to whoever subscribed. */
  model?: M | undefined;
}

/**
 * Collects samples, learns from them, then forecasts at every sample, scores what came true, and learns again in the
 * background whenever half as many samples have come again (of those remembered). A new model takes over between two
 * samples, its state warmed on the recent ones; the score goes on. Ends with the source, and stops learning then.
 */
export function liveSession<M extends Model>(
  source: Observable<{ at?: number; values: Float64Array }>,
  options: SessionOptions<M>,
): Observable<Snapshot<M>> {
  return defer(() => {
    const session = new Session(options);
    const tables = new Subject<Table>();
    const ended = new Subject<void>();
    const learnWhenDue = defer(() => {
      if (!session.due) return EMPTY;
      tables.next(session.beginLearning());
      return of(session.snapshot(false));
    });
    const samples = source.pipe(
      concatMap((sample) => concat(of(session.take(sample)), learnWhenDue)),
      tap({ complete: () => ended.next() }),
    );
    const learning = tables.pipe(
      exhaustMap((table) =>
        defer(() => options.learn(table)).pipe(
          map((progress) => session.learned(progress)),
          catchError((error: unknown) => of(session.failed(error))),
          finalize(() => session.endLearning()),
        ),
      ),
      takeUntil(ended),
    );
    return merge(learning, samples).pipe(finalize(() => session.dispose()));
  });
}

/** Recent samples with which a new state is made to know where it is. */
const warmUp = 600;

class Session<M extends Model> {
  readonly #options: SessionOptions<M>;
  readonly #recent: Recent;
  readonly #score: ScoreKeeper;
  readonly #durations: number[] = [];
  #model: M | undefined;
  #state: ModelState | undefined;
  #forecast: Claim | undefined;
  #learning: { epoch: number; epochs: number } | undefined;
  #trouble: string | undefined;
  #untrained = false;
  #samples = 0;
  #nextLearning: number;
  #models = 0;

  constructor(options: SessionOptions<M>) {
    this.#options = options;
    this.#recent = new Recent(options.keep);
    this.#score = new ScoreKeeper(options.targets.length, options.horizon);
    this.#nextLearning = options.collect;
  }

  take({ at = Number.NaN, values }: { at?: number; values: Float64Array }): Snapshot<M> {
    this.#samples++;
    this.#forecast = this.#step(values, at);
    const truth = this.#options.targets.map((column) => values[column]!);
    this.#recent.push({ at, values, expected: this.#score.observe(truth, this.#forecast) });
    return this.snapshot(true);
  }

  get due(): boolean {
    return this.#learning === undefined && this.#samples >= this.#nextLearning;
  }

  beginLearning(): Table {
    this.#learning = { epoch: 0, epochs: 0 };
    return this.#recent.table(this.#options.names, this.#options.units);
  }

  learned({ epoch, epochs, bestEpoch, forecaster }: Learning<M>): Snapshot<M> {
    this.#learning = { epoch, epochs };
    if (forecaster) {
      this.#swap(forecaster);
      this.#untrained = bestEpoch === 0;
    }
    return this.snapshot(false);
  }

  /** Without a first model there is nothing to go on with; a refit that fails leaves the old one at work. */
  failed(error: unknown): Snapshot<M> {
    if (!this.#model) throw error;
    this.#trouble = error instanceof Error ? error.message : String(error);
    return this.snapshot(false);
  }

  endLearning(): void {
    this.#learning = undefined;
    this.#nextLearning = this.#samples + Math.ceil(Math.min(this.#samples, this.#options.keep) / 2);
  }

  dispose(): void {
    this.#state?.dispose();
  }

  #swap(model: M): void {
    const state = model.createState();
    for (const { at, values } of this.#recent.rows.slice(-warmUp))
      state.step(values, Number.isFinite(at) ? at : undefined);
    this.#state?.dispose();
    this.#model?.dispose();
    this.#state = state;
    this.#model = model;
    this.#models++;
    this.#trouble = undefined;
  }

  #step(values: Float64Array, at: number): Claim | undefined {
    if (!this.#state) return undefined;
    const start = performance.now();
    const forecast = this.#state.step(values, Number.isFinite(at) ? at : undefined);
    this.#durations.push(performance.now() - start);
    if (this.#durations.length > 100) this.#durations.shift();
    if (!forecast?.ready) return undefined;
    const { lower, upper } = forecast.interval(this.#options.level);
    return { mean: this.#within(forecast.mean), lower: this.#within(lower), upper: this.#within(upper) };
  }

  #within(values: Float64Array): Float64Array {
    const { limits, horizon } = this.#options;
    return values.map((value, i) => {
      const [low, high] = limits[Math.floor(i / horizon)]!;
      return Math.min(high, Math.max(low, value));
    });
  }

  snapshot(fresh: boolean): Snapshot<M> {
    const sorted = this.#durations.toSorted((a, b) => a - b);
    return {
      phase: this.#model ? 'live' : this.#learning ? 'training' : 'collecting',
      samples: this.#samples,
      collect: this.#options.collect,
      learning: this.#learning,
      recent: this.#recent.rows,
      forecast: this.#forecast,
      fresh,
      microseconds: sorted.length > 0 ? sorted[sorted.length >> 1]! * 1000 : undefined,
      refits: Math.max(0, this.#models - 1),
      untrained: this.#untrained,
      trouble: this.#trouble,
      score: this.#score,
      model: this.#model,
    };
  }
}
