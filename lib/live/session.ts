import { types } from 'node:util';
import {
  BehaviorSubject,
  catchError,
  concat,
  concatMap,
  connect,
  defer,
  EMPTY,
  endWith,
  exhaustMap,
  finalize,
  ignoreElements,
  map,
  type MonoTypeOperatorFunction,
  merge,
  type Observable,
  type ObservableInput,
  of,
  type OperatorFunction,
  switchMap,
  takeUntil,
} from 'rxjs';
import type { Table } from '../batch/table.ts';
import { StreamMetrics } from '../metrics/stream-metrics.ts';
import type { Forecaster } from '../model/forecaster.ts';
import type { LiveForecast } from '../online/live-forecast.ts';
import { forecast } from '../stream/forecast.ts';
import { measure } from '../stream/measure.ts';
import { LiveModel } from '../stream/swap/live-model.ts';
import type { TrainProgress } from '../train/learn.ts';
import { train } from '../train/train.ts';
import { answered } from './answered.ts';
import { History } from './history.ts';
import { Scoreboard } from './scoreboard.ts';
import type { ForecastBand, Snapshot } from './snapshot.ts';
import type { LiveSample, LiveSource } from './sources.ts';
import { LEVEL, training } from './training.ts';

/** Recent samples on which a model is warmed before it answers. */
const WARM = 600;
/** Forecasts between two looks at how long one takes. */
const TIMED = 20;

type Learn = (table: Table) => Observable<Pick<TrainProgress, 'epoch' | 'epochs' | 'forecaster'>>;

/**
 * Collects samples, learns from them, then forecasts at every sample, scores what came true, and learns again in the
 * background whenever half as many samples have come again (of those remembered). A new model takes over between two
 * samples, warmed on the recent ones; the score goes on. Ends with the source, and stops learning then.
 *
 * `learn` learns from a table; unsubscribing stops it.
 */
export function liveSession(
  source: LiveSource,
  learn: Learn = (table) => train(table, training(source)),
): Observable<Snapshot> {
  return defer(() => {
    const session = new Session(source, learn);
    return source.samples.pipe(
      forecasting(session),
      learning(session),
      finalize(() => session.dispose()),
    );
  });
}

/** Each sample with what the model in use says of it, if there is one. */
function forecasting(session: Session): OperatorFunction<LiveSample, Snapshot> {
  return connect((samples) =>
    session.live$.pipe(
      switchMap((live) =>
        live === undefined
          ? samples.pipe(map((sample) => [sample, undefined] as const))
          : samples.pipe(answered<LiveSample, LiveForecast>(measure(session.metrics, forecast(live)))),
      ),
      map(([sample, forecast]) => session.take(sample, forecast)),
      takeUntil(endOf(samples)),
    ),
  );
}

/** What comes, and the progress of learning from it, one at a time. */
function learning(session: Session): MonoTypeOperatorFunction<Snapshot> {
  return connect((snapshots) => {
    const progress = snapshots.pipe(exhaustMap(() => (session.learningIsDue ? session.learn() : EMPTY)));
    return merge(snapshots, progress).pipe(takeUntil(endOf(snapshots)));
  });
}

function endOf(source: Observable<unknown>): Observable<unknown> {
  return source.pipe(ignoreElements(), endWith(undefined));
}

class Session {
  /** The stream that answers, once there is a model. */
  readonly live$ = new BehaviorSubject<LiveModel | undefined>(undefined);
  readonly metrics = new StreamMetrics();
  readonly #source: LiveSource;
  readonly #learn: Learn;
  readonly #history: History;
  readonly #scoreboard: Scoreboard;
  readonly #timing = this.metrics.reader();
  #samples = 0;
  #forecast: ForecastBand | undefined;
  #microseconds: number | undefined;
  #nextLearning: number;
  #learning: { epoch: number; epochs: number } | undefined;
  #refits = 0;
  #trouble: string | undefined;

  constructor(source: LiveSource, learn: Learn) {
    this.#source = source;
    this.#learn = learn;
    this.#history = new History(source.keep);
    this.#scoreboard = new Scoreboard(source.targets.length, source.horizon);
    this.#nextLearning = source.collect;
  }

  /** Takes a sample, and what was forecast at it. */
  take({ at, values }: LiveSample, forecast: LiveForecast | undefined): Snapshot {
    this.#samples++;
    this.#forecast = undefined;
    this.#history.push({ at, values, expected: forecast && this.#judge(values, forecast) });
    return this.#snapshot(true);
  }

  get learningIsDue(): boolean {
    return this.#samples >= this.#nextLearning;
  }

  learn(): Observable<Snapshot> {
    const { names, units, keep } = this.#source;
    this.#learning = { epoch: 0, epochs: 0 };
    const steps = defer(() => this.#learn(this.#history.table(names, units))).pipe(
      concatMap(({ epoch, epochs, forecaster }) => {
        this.#learning = { epoch, epochs };
        return forecaster === undefined ? of(undefined) : this.#use(forecaster);
      }),
      catchError((error: unknown) => of(this.#fail(error))),
      finalize(() => {
        this.#learning = undefined;
        this.#nextLearning = this.#samples + Math.ceil(Math.min(this.#samples, keep) / 2);
      }),
    );
    return concat(of(undefined), steps).pipe(map(() => this.#snapshot(false)));
  }

  /** The model in use remains. */
  dispose(): void {
    this.live$.value?.dispose();
    this.#timing.close();
  }

  #judge(values: Float64Array, forecast: LiveForecast) {
    const { targets, horizon } = this.#source;
    if (this.metrics.counter('forecasts').value % TIMED === 1)
      this.#microseconds = this.#timing.read().times.step.p50 / 1000;
    if (forecast.ready) this.#forecast = { mean: forecast.mean, ...forecast.interval(LEVEL) };
    const begunAnew = this.live$.value!.state.samples === 1;
    this.#scoreboard.skip(begunAnew ? horizon : forecast.trust!.missing);
    return this.#scoreboard.take(
      Float64Array.from(targets, (column) => values[column]!),
      this.#forecast,
    );
  }

  /** Lets a model answer from the next sample on that comes when it is warm. */
  #use(model: Forecaster): ObservableInput<void> {
    const live = this.live$.value;
    return live === undefined ? of(this.#begin(model)) : this.#swap(live, model);
  }

  #begin(model: Forecaster): void {
    const live = new LiveModel(model, { gap: 'hold', calibrate: true, recent: WARM });
    for (const sample of this.#history.rows.slice(-WARM)) live.step(sample);
    live.changes$.subscribe(({ from }) => {
      this.#refits++;
      from.dispose();
    });
    this.live$.next(live);
  }

  async #swap(live: LiveModel, model: Forecaster): Promise<void> {
    let switched = false;
    try {
      const outcome = await live.swap(model, { revertible: 0 });
      ({ switched } = outcome);
      if (outcome.reason === 'failed') throw outcome.error;
      this.#trouble = undefined;
    } finally {
      if (!switched) model.dispose();
    }
  }

  /** Without a first model there is nothing to go on with; a refit that fails leaves the old one at work. */
  #fail(error: unknown): void {
    if (this.live$.value === undefined) throw error;
    this.#trouble = types.isNativeError(error) ? error.message : String(error);
  }

  #snapshot(fresh: boolean): Snapshot {
    const model = this.live$.value?.model;
    return {
      phase: model ? 'live' : this.#learning ? 'training' : 'collecting',
      fresh,
      samples: this.#samples,
      collect: this.#source.collect,
      leftOut: this.metrics.counter('samples').value - this.metrics.counter('forecasts').value,
      recent: this.#history.rows,
      forecast: this.#forecast,
      score: this.#scoreboard.read(),
      microseconds: this.#microseconds,
      learning: this.#learning,
      refits: this.#refits,
      untrained: model?.description.training.bestEpoch === 0,
      trouble: this.#trouble,
      model,
    };
  }
}
