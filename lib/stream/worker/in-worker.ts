import { Observable, takeWhile } from 'rxjs';
import { misfit } from '../../base/errors.ts';
import { Forecaster, type ForecasterOptions } from '../../model/forecaster.ts';
import type { Sample } from '../../model/sample.ts';
import { type Check, oneOf, object, whole } from '../../base/schema.ts';
import { ForecastThread } from './forecast-thread.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { newCounts, type OverloadOperator } from '../overload/overload.ts';
import { OverloadPolicy, queue } from '../overload/overload-policy.ts';
import { type StreamOptions, streamOptionChecks } from '../state/stream-options.ts';
import { checkOptionsFit } from '../state/forecast-parts.ts';
import { WaitingLine } from '../overload/waiting-line.ts';
import { isA } from '../../base/values.ts';

export interface InWorkerOptions extends StreamOptions, ForecasterOptions {
  /** How many samples may be with the worker and not yet answered, from 1 to 65536; default 64. */
  inFlight?: number;
  /** What happens to samples beyond that; default `queue(1024)`. */
  overload?: OverloadPolicy<Sample>;
}

const checkOverload: Check<OverloadPolicy<Sample>> = (value, name) => {
  if (isA(value, OverloadPolicy)) return value as OverloadPolicy<Sample>;
  throw misfit('queue(n), latest(), drop() or conflate(merge)', name, value);
};
const fields = {
  ...streamOptionChecks,
  precision: oneOf('f32', 'bf16', 'int8'),
  inFlight: whole(1, 65_536),
  overload: checkOverload,
};
const checkOptions = object<InWorkerOptions>(fields, Object.keys(fields) as (keyof InWorkerOptions)[]);

/**
 * Forecasts as `forecast` does, to the bit and with its `trust`, in a thread of its own: the main thread only copies
 * numbers. The state stays in that thread: there is no store, and the `offset` of samples is ignored.
 *
 * Each subscription starts a worker thread, which takes some tens of milliseconds to load the model, and terminates it
 * at the end, in the middle of a step if need be. Samples and forecasts go through shared memory. Forecasts come later,
 * not within `next()`, but in the same order: errors and the end wait for the forecasts before them. While `inFlight`
 * samples are with the worker, further ones wait as `overload` says, and are counted; a waiting sample must not be
 * changed. An idle worker does not keep the process alive. Whatever goes wrong in the worker is one error here: the
 * worker's own, or `io` if the thread dies. `precision` is how the model runs there.
 *
 * ```text
 * samples    --a--b--x--c--|         x: a reading is NaN
 *            forecastInWorker(model)
 * forecasts  ----A--B-----C-(|)
 * ```
 *
 * ```ts
 * const working = forecastInWorker(model, { overload: latest(), inFlight: 1 });
 * readings$.pipe(working).subscribe((f) => console.log(f.mean, working.counts.dropped));
 * ```
 *
 * Throws `invalid-argument` at once for a value that is not a model and for a wrong option.
 */
export function forecastInWorker(
  model: Forecaster,
  options: InWorkerOptions = {},
): OverloadOperator<Sample, LiveForecast> {
  if (!isA(model, Forecaster)) {
    throw misfit('a Forecaster', 'model', model);
  }
  const {
    inFlight = 64,
    overload = queue<Sample>(1024),
    precision = 'f32',
    ...stream
  } = checkOptions(options, 'options');
  checkOptionsFit(model, stream);
  const bytes = model.toBytes();
  const counts = newCounts();
  const operator = (source: Observable<Sample>) =>
    new Observable<LiveForecast>((subscriber) => {
      const task = { model, bytes, inFlight, run: { precision }, stream };
      const thread = new ForecastThread(task, new WaitingLine(overload, counts), counts, subscriber);
      subscriber.add(() => thread.close());
      subscriber.add(
        source.pipe(takeWhile(() => !thread.ending)).subscribe({
          next: (sample) => thread.take(sample),
          error: (error: unknown) => thread.end(() => subscriber.error(error)),
          complete: () => thread.end(() => subscriber.complete()),
        }),
      );
    });
  return Object.assign(operator, { counts });
}
