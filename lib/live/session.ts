import { types } from 'node:util';
import {
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
  of,
  type OperatorFunction,
  switchMap,
  takeUntil,
} from 'rxjs';
import type { Table } from '../data/table.ts';
import { StreamMetrics } from '../metrics/stream-metrics.ts';
import type { LiveForecast } from '../online/live-forecast.ts';
import { forecast } from '../stream/forecast.ts';
import { measure } from '../stream/measure.ts';
import type { TrainProgress } from '../train/learn.ts';
import { train } from '../train/train.ts';
import { answered } from './answered.ts';
import { History, type Row } from './history.ts';
import { Models } from './models.ts';
import { Scoreboard } from './scoreboard.ts';
import type { ForecastBand, Snapshot } from './snapshot.ts';
import type { LiveSample, LiveSource } from './sources.ts';
import { LEVEL, training } from './training.ts';

/** How many forecasts pass between two measurements of a forecast's time. */
const TIMED = 20;

type Learn = (table: Table) => Observable<Pick<TrainProgress, 'epoch' | 'epochs' | 'forecaster'>>;

/**
 * Collects samples, learns from them, then forecasts at every sample, scores the forecasts, and learns again in the
 * background whenever half as many samples have come again (as are remembered). A new model takes over between two
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

/** Each sample with the forecast of the model in use, if there is one. */
function forecasting(session: Session): OperatorFunction<LiveSample, Snapshot> {
  return connect((samples) =>
    session.models.live$.pipe(
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

/** The progress of learning from the samples, one training at a time. */
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
  readonly models = new Models();
  readonly metrics = new StreamMetrics();
  readonly #source: LiveSource;
  readonly #learn: Learn;
  readonly #history: History;
  readonly #scoreboard: Scoreboard;
  readonly #asked = this.metrics.counter('samples');
  readonly #forecasts = this.metrics.counter('forecasts');
  readonly #timing = this.metrics.reader();
  #samples = 0;
  #forecast: ForecastBand | undefined;
  #microseconds: number | undefined;
  #nextLearning: number;
  #learning: { epoch: number; epochs: number } | undefined;
  #trouble: string | undefined;

  constructor(source: LiveSource, learn: Learn) {
    this.#source = source;
    this.#learn = learn;
    this.#history = new History(source.keep);
    this.#scoreboard = new Scoreboard(source.targets.length, source.horizon);
    this.#nextLearning = source.collect;
  }

  /** Takes a sample, and the forecast made at it. */
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
    this.#trouble = undefined;
    const steps = defer(() => this.#learn(this.#history.table(names, units))).pipe(
      concatMap(({ epoch, epochs, forecaster }) => {
        this.#learning = { epoch, epochs };
        return forecaster === undefined ? of(undefined) : this.models.use(forecaster, this.#history.rows);
      }),
      catchError((error: unknown) => of(this.#fail(error))),
      finalize(() => {
        this.#learning = undefined;
        this.#nextLearning = this.#samples + Math.ceil(Math.min(this.#samples, keep) / 2);
      }),
    );
    return concat(of(undefined), steps).pipe(map(() => this.#snapshot(false)));
  }

  /** Does not dispose of the model in use, which is the subscriber's. */
  dispose(): void {
    this.models.dispose();
    this.#timing.close();
  }

  /** Returns the interval that had been forecast for this sample. */
  #judge(values: Float64Array, forecast: LiveForecast): Row['expected'] {
    const { targets, horizon } = this.#source;
    if (this.#forecasts.value % TIMED === 1) this.#microseconds = this.#timing.read().times.step.p50 / 1000;
    if (forecast.ready) this.#forecast = { mean: forecast.mean, ...forecast.interval(LEVEL) };
    const wasReset = this.models.live$.value!.state.samples === 1; // after a long silence
    this.#scoreboard.skip(wasReset ? horizon : forecast.trust!.missing);
    const truth = Float64Array.from(targets, (column) => values[column]!);
    return this.#scoreboard.take(truth, this.#forecast);
  }

  /** Without a first model the session fails; if a refit fails, the old model goes on. */
  #fail(error: unknown): void {
    if (this.models.inUse === undefined) throw error;
    this.#trouble = types.isNativeError(error) ? error.message : String(error);
  }

  #snapshot(fresh: boolean): Snapshot {
    const model = this.models.inUse;
    return {
      phase: model ? 'live' : this.#learning ? 'training' : 'collecting',
      fresh,
      samples: this.#samples,
      collect: this.#source.collect,
      leftOut: this.#asked.value - this.#forecasts.value,
      recent: this.#history.rows,
      forecast: this.#forecast,
      score: this.#scoreboard.read(),
      microseconds: this.#microseconds,
      learning: this.#learning,
      refits: this.models.refits,
      untrained: model?.description.training.bestEpoch === 0,
      trouble: this.#trouble,
      model,
    };
  }
}
