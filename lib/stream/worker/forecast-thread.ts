import { Worker } from 'node:worker_threads';
import type { Observer } from 'rxjs';
import { type ErrorCode, GatecastError } from '../../base/errors.ts';
import { packageRoot } from '../../base/package-root.ts';
import { numberCount, toNumbers } from '../../model/forecast.ts';
import type { Forecaster, ForecasterOptions } from '../../model/forecaster.ts';
import { isInvalidSample } from '../../model/model-state.ts';
import { readSample, type Sample, type SampleForm, sampleForm } from '../../model/sample.ts';
import { SourceCheck } from '../../model/source-check.ts';
import { type Skipped, skippedOf } from '../../model/skipped.ts';
import { ANSWER, Exchange, type ExchangeSizes, REQUEST } from './exchange.ts';
import { LiveForecast } from '../../online/live-forecast.ts';
import type { OverloadCounts } from '../overload/overload.ts';
import type { StreamOptions } from '../state/stream-options.ts';
import { type ForecastParts, forecastParts } from '../state/forecast-parts.ts';
import type { WaitingLine } from '../overload/waiting-line.ts';

/** What the worker is started with. */
export interface WorkerTask {
  readonly bytes: Uint8Array;
  readonly sizes: ExchangeSizes;
  readonly memory: SharedArrayBuffer;
  readonly run: ForecasterOptions;
  readonly stream: StreamOptions;
}

/** The error that ended the worker. */
export interface WorkerFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What a thread needs to know about the model. */
export interface ThreadModel {
  readonly model: Forecaster;
  readonly bytes: Uint8Array;
  readonly inFlight: number;
  readonly run: ForecasterOptions;
  readonly stream: StreamOptions;
}

/**
 * One subscription's worker, seen from the main thread. Forecasts, errors and the end reach the observer in the same
 * order as without a worker.
 */
export class ForecastThread {
  readonly #model: ThreadModel;
  readonly #form: SampleForm;
  readonly #line: WaitingLine<Sample>;
  readonly #counts: OverloadCounts;
  readonly #observer: Observer<LiveForecast>;
  readonly #exchange: Exchange;
  readonly #worker: Worker;
  readonly #values: Float64Array;
  readonly #source = new SourceCheck();
  readonly #parts: ForecastParts;
  readonly #trustAt: number;
  #sent = 0;
  #received = 0;
  #invalid = 0;
  /** Ends the stream as soon as all samples are answered. */
  #ending: (() => void) | undefined;
  #closed = false;

  constructor(task: ThreadModel, line: WaitingLine<Sample>, counts: OverloadCounts, observer: Observer<LiveForecast>) {
    const { model, inFlight, bytes, run, stream } = task;
    const { description } = model;
    this.#model = task;
    this.#form = sampleForm(description);
    this.#values = new Float64Array(this.#form.names.length);
    this.#line = line;
    this.#counts = counts;
    this.#observer = observer;
    this.#parts = forecastParts(model, stream);
    this.#trustAt = ANSWER.numbers + numberCount(description);
    const numbers = numberCount(description) + this.#parts.parts.reportSize;
    const sizes = { slots: inFlight, values: this.#values.length, numbers };
    this.#exchange = new Exchange(sizes);
    const workerData: WorkerTask = { bytes, sizes, memory: this.#exchange.memory, run, stream };
    this.#worker = new Worker(new URL('dist/forecast-worker.js', packageRoot), { workerData });
    this.#worker.unref(); // nothing is under way yet
    this.#worker.on('message', (failure: WorkerFailure | undefined) => {
      this.#receive();
      if (failure) this.#fail(new GatecastError(failure.code, failure.message));
    });
    this.#worker.on('error', (cause) => this.#fail(died(cause.message, cause)));
    this.#worker.on('exit', (code) => this.#fail(died(`it ended with exit code ${code}`)));
  }

  /** Whether further samples are to be ignored. */
  get ending(): boolean {
    return this.#closed || this.#ending !== undefined;
  }

  /** Takes a sample: hands it to the worker, or lets it wait while the limit of samples is under way. */
  take(sample: Sample): void {
    if (this.ending) return;
    this.#attempt(() => {
      if (this.#line.length > 0 || this.#sent - this.#received === this.#model.inFlight) this.#line.add(sample);
      else this.#send(sample);
    });
  }

  /** Calls `ending` when all earlier samples are answered. */
  end(ending: () => void): void {
    this.#ending ??= ending;
    this.#endWhenIdle();
  }

  /** Stops the worker, whatever it is doing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#line.clear();
    void this.#worker.terminate();
  }

  #send(sample: Sample): void {
    this.#counts.taken++;
    const request = this.#exchange.request(this.#sent);
    const at = this.#read(sample);
    if (at === null) return;
    request[REQUEST.at] = at ?? Number.NaN;
    request[REQUEST.arrivedAt] = arrivalOf(sample);
    request[REQUEST.invalid] = this.#invalid;
    request.set(this.#values, REQUEST.values);
    if (this.#sent === this.#received) this.#worker.ref();
    this.#exchange.sendBelow(++this.#sent);
  }

  /** Reads the values of a sample; returns its time, or null for an invalid one that is skipped. */
  #read(sample: Sample): number | undefined | null {
    try {
      const at = readSample(sample, undefined, this.#form, this.#values, this.#parts.fills);
      this.#source.usable();
      return at;
    } catch (error) {
      const { onInvalid } = this.#model.stream;
      if (!isInvalidSample(error) || onInvalid === 'error') throw error;
      this.#source.unusable(error, onInvalid === undefined);
      this.#invalid++;
      return null;
    }
  }

  #receive(): void {
    this.#exchange.silenceBell();
    while (!this.#closed && this.#received < this.#sent && this.#exchange.isAnswered(this.#received)) {
      const forecast = this.#forecast(this.#received);
      this.#received++;
      if (this.#received === this.#sent) this.#worker.unref();
      this.#attempt(() => {
        while (this.#line.length > 0 && this.#sent - this.#received < this.#model.inFlight)
          this.#send(this.#line.next());
      });
      if (forecast) this.#observer.next(forecast);
    }
    this.#endWhenIdle();
  }

  /** The forecast in an answer; undefined if its sample was skipped. */
  #forecast(number: number): LiveForecast | undefined {
    const request = this.#exchange.request(number);
    const answer = this.#exchange.answer(number);
    if (answer[ANSWER.given] === 0) return undefined;
    return new LiveForecast(
      this.#model.model.description,
      toNumbers(answer.subarray(ANSWER.numbers, this.#trustAt)),
      orUndefined(answer[ANSWER.at]!),
      answer[ANSWER.ready] === 1,
      skippedIn(answer),
      answer[ANSWER.correction] === 1,
      orUndefined(request[REQUEST.arrivedAt]!),
      this.#parts.parts.trust(answer, this.#trustAt),
    );
  }

  /** An invalid sample ends the stream, after the forecasts of those before it. */
  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#line.clear();
      this.end(() => this.#observer.error(error));
    }
  }

  #endWhenIdle(): void {
    if (!this.#ending || this.#closed || this.#received < this.#sent || this.#line.length > 0) return;
    const ending = this.#ending;
    this.close();
    ending();
  }

  #fail(error: GatecastError): void {
    if (this.#closed) return;
    this.close();
    this.#observer.error(error);
  }
}

function skippedIn(answer: Float64Array): Skipped {
  const [invalid, duplicate, late, unbelieved] = answer.subarray(ANSWER.skipped, ANSWER.numbers);
  return skippedOf(invalid!, duplicate!, late!, unbelieved!);
}

/** When a sample arrived; NaN if it does not say. */
function arrivalOf(sample: Sample): number {
  return (typeof sample === 'object' && 'values' in sample ? sample.arrivedAt : undefined) ?? Number.NaN;
}

function orUndefined(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

function died(reason: string, cause?: Error): GatecastError {
  return new GatecastError('io', `Expected the worker of forecastInWorker to go on, but it died: ${reason}.`, {
    cause,
  });
}
