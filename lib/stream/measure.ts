import { defer, type OperatorFunction, tap } from 'rxjs';
import { misfit } from '../base/errors.ts';
import { StreamMetrics } from '../metrics/stream-metrics.ts';
import { observableFrom } from './observable-from.ts';
import { isA } from '../base/values.ts';
import { isCountedIn } from './stream-counters.ts';

/**
 * Counts what goes into an operator as `samples` and what comes out as `forecasts`, and times it as `step`: from the
 * `next()` into it to the `next()` out of it, without what subscribers do.
 *
 * It is for operators that answer within `next()`, as `forecast` does. An operator that has the same metrics as an
 * option counts for itself and is only timed. Several results of one sample are timed from the same start. Values,
 * errors and the end pass unchanged.
 *
 * ```text
 * samples    --a--b--x--c--|
 *            measure(metrics, forecast(model))
 * forecasts  --A--B-----C--|      4 samples, 3 forecasts, 3 times
 * ```
 *
 * ```ts
 * readings$.pipe(measure(metrics, forecast(model, { metrics }))).subscribe((f) => console.log(f.mean));
 * ```
 *
 * Throws `invalid-argument` at once unless it is given metrics and an operator.
 */
export function measure<T, R>(metrics: StreamMetrics, operator: OperatorFunction<T, R>): OperatorFunction<T, R> {
  if (!isA(metrics, StreamMetrics)) {
    throw misfit('StreamMetrics', 'metrics', metrics);
  }
  if (typeof operator !== 'function') {
    throw misfit('an operator', 'operator', operator);
  }
  const [samples, forecasts, times] = [metrics.counter('samples'), metrics.counter('forecasts'), metrics.time('step')];
  const counts = !isCountedIn(metrics, operator);
  return (source) =>
    defer(() => {
      let start = 0;
      return source.pipe(
        tap(() => {
          if (counts) samples.add();
          start = performance.now();
        }),
        (counted) => observableFrom(operator(counted), 'what the operator returns'),
        tap(() => {
          times.record((performance.now() - start) * 1e6);
          if (counts) forecasts.add();
        }),
      );
    });
}
