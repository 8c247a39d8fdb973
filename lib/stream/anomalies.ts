import { defer, filter, finalize, map, type OperatorFunction } from 'rxjs';
import type { Forecaster } from '../model/forecaster.ts';
import type { Sample } from '../model/sample.ts';
import { type AnomalyOptions, AnomalyState, type Judgement, resolveAnomalyOptions } from '../online/anomaly-state.ts';
import type { OnlineForecaster } from '../online/online-forecaster.ts';

/**
 * Judges every sample of a stream by what was expected of it, and raises alerts.
 *
 * What is expected comes from a trained forecaster (its quantiles, one sample ahead) or, for a series never seen
 * before, from an `OnlineForecaster`, which learns it from the first sample on. How rare a deviation is, and from where
 * on it is worth an alert, are learned on the stream. A stretch of anomalies is one alert: it opens and closes once.
 *
 * Each subscription keeps a state of its own, which it starts from nothing and frees when it ends. A sample is answered
 * within the same `next()`. An invalid one gives no judgement, or with `onInvalid: 'error'` ends the stream with
 * `invalid-sample`.
 *
 * ```text
 * samples     --a--b--c--d--e--f--|     c, d: anomalies
 *             anomalies(model)
 * judgements  --A--B--C--D--E--F--|     alert: none, none, opened, open, closed, none
 * ```
 *
 * ```ts
 * const model = new OnlineForecaster({ inputs: ['temperature'] });
 * temperature$.pipe(
 *   anomalies(model, { interval: '5m', perDay: 0.2 }),
 *   filter(({ alert }) => alert === 'opened'),
 * ).subscribe(({ at, input, score, likelihood }) => console.log(at, input, score, likelihood));
 * ```
 *
 * Throws `invalid-argument` at once for a model that is none or has fewer than two quantile levels, and for a wrong
 * option.
 */
export function anomalies(
  model: Forecaster | OnlineForecaster,
  options: AnomalyOptions = {},
): OperatorFunction<Sample, Judgement> {
  resolveAnomalyOptions(model, options);
  const own = { ...options }; // the caller may go on changing his
  return (source) =>
    defer(() => {
      const state = new AnomalyState(model, own);
      return source.pipe(
        map((sample) => state.step(sample)),
        filter((judgement) => judgement !== undefined),
        finalize(() => state.dispose()),
      );
    });
}
