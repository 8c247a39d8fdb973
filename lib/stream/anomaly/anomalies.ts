import { defer, finalize, type OperatorFunction } from 'rxjs';
import { object, text } from '../../base/schema.ts';
import type { Model } from '../../model/model.ts';
import type { Sample } from '../../model/sample.ts';
import type { OnlineForecaster } from '../../online/learner/online-forecaster.ts';
import { isKept, keepOptionChecks, type KeepOptions } from '../keeper.ts';
import { keeping, stepping } from '../stepping.ts';
import { type CountOptions, countOptionChecks, countsIn, StreamCounters } from '../stream-counters.ts';
import { anomalyKind } from './anomaly-kind.ts';
import { type AnomalyOptions, anomalyOptionChecks } from './anomaly-options.ts';
import { AnomalyState } from './anomaly-state.ts';
import type { Judgement } from './judgement.ts';

export interface AnomalyStreamOptions extends AnomalyOptions, KeepOptions, CountOptions {
  /** The key of the stream in its store; default 'anomalies'. */
  key?: string;
}

const fields = { ...anomalyOptionChecks, ...keepOptionChecks, ...countOptionChecks, key: text(512) };
const check = object<AnomalyStreamOptions>(fields, Object.keys(fields) as (keyof AnomalyStreamOptions)[]);

/**
 * Compares every sample of a stream with what was expected, and raises alerts.
 *
 * Expectations come from a trained forecaster (its quantiles, one sample ahead) or, for a series never seen before,
 * from an `OnlineForecaster`, which learns from the first sample on. How rare a deviation is, and how rare it must be
 * to raise an alert, are learned on the stream. A stretch of anomalies is one alert: it opens and closes once.
 *
 * Each subscription has its own state, which is new at first and freed when the subscription ends. With a store it
 * continues from the snapshot under `key`, including what was learned, and writes snapshots as `flush` says and when
 * the source ends or fails. `store.meta` is used for this stream, so a store serves one stream only. With `gap` or
 * `resetAfter` it handles gaps: a missing value is filled for the network, but neither judged nor learned from. A
 * sample is answered within the same `next()`. An invalid sample gives no judgement, or with `onInvalid: 'error'` ends
 * the stream with `invalid-sample`.
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
 * Throws `invalid-argument` at once for a value that is not a model, a model with fewer than two quantile levels, and a
 * wrong option.
 */
export function anomalies(
  model: Model | OnlineForecaster,
  options: AnomalyStreamOptions = {},
): OperatorFunction<Sample, Judgement> {
  const checked = check(options, 'options');
  const { store: _, flush: __, key = 'anomalies', metrics, ...own } = checked;
  anomalyKind(model, own);
  return countsIn(metrics, (source) =>
    defer(() => {
      const state = new AnomalyState(model, own, metrics && new StreamCounters(metrics));
      const judgements = defer(() =>
        isKept(checked) ? keeping(source, state, checked, key) : source.pipe(stepping(state)),
      );
      return judgements.pipe(finalize(() => state.dispose())); // also if the stored snapshot does not fit
    }),
  );
}
