import type { OperatorFunction } from 'rxjs';
import { misfit } from '../../base/errors.ts';
import { object } from '../../base/schema.ts';
import type { Model } from '../../model/model.ts';
import type { Sample } from '../../model/sample.ts';
import type { OnlineForecaster } from '../../online/learner/online-forecaster.ts';
import { feeding, type Keyed } from '../fleet/feeding.ts';
import { type Checked, type FleetLimits, fleetLimitChecks } from '../fleet/fleet-limits.ts';
import { keepOptionChecks, type KeepOptions } from '../keeper.ts';
import { type CountOptions, countOptionChecks, countsIn } from '../stream-counters.ts';
import { anomalyKind } from './anomaly-kind.ts';
import { type AnomalyOptions, anomalyOptionChecks } from './anomaly-options.ts';
import type { Judgement } from './judgement.ts';
import { JudgedStreams } from './judged-streams.ts';

/** A judgement, and the key of the stream it belongs to. */
export type KeyedJudgement<K> = Keyed<Judgement, K>;

export interface AnomalyFleetOptions extends AnomalyOptions, KeepOptions, CountOptions, FleetLimits {}

const fields = { ...anomalyOptionChecks, ...keepOptionChecks, ...countOptionChecks, ...fleetLimitChecks };
const check = object<Checked<AnomalyFleetOptions>>(fields, Object.keys(fields) as (keyof typeof fields)[]);

/**
 * Judges many streams that arrive interleaved and are distinguished by a key. Each is judged as `anomalies` judges it
 * alone, with its own expectations, threshold and alerts.
 *
 * `key` returns the key of a sample: anything that a `Map` takes. Streams are made, forgotten, kept in a store and
 * stepped together as those of `forecastBy`. In all other respects this is `anomalies`.
 *
 * ```text
 * samples     --(a1 b1)--a2--b2--|     keys a and b
 *             anomaliesBy(key, model)
 * judgements  --(A1 B1)--A2--B2--|
 * ```
 *
 * ```ts
 * const model = new OnlineForecaster({ inputs: ['temperature'] });
 * readings$.pipe(
 *   anomaliesBy((r) => r.deviceId, model, { interval: '1m', ttl: '1d' }),
 *   filter(({ alert }) => alert === 'opened'),
 * ).subscribe(({ key, at, input }) => console.log(key, at, input));
 * ```
 *
 * Throws `invalid-argument` at once for a key that is not a function, and for a wrong model or option.
 */
export function anomaliesBy<T extends Sample, K>(
  key: (sample: T) => K,
  model: Model | OnlineForecaster,
  options: AnomalyFleetOptions = {},
): OperatorFunction<T, KeyedJudgement<K>> {
  if (typeof key !== 'function') throw misfit('a function', 'key', key);
  const checked = check(options, 'options');
  const { maxStreams: _, ttl: __, store: ___, flush: ____, metrics, ...own } = checked;
  anomalyKind(model, own);
  const operator = feeding<T, K, Judgement>(
    key,
    () => new JudgedStreams<K>(model, own, checked),
    (streams) => streams.dispose(),
  );
  return countsIn(metrics, operator);
}
