import type { Model } from '../../model/model.ts';
import type { OnlineForecaster } from '../../online/learner/online-forecaster.ts';
import { attach, detach, type Fed, type Feed, type FleetParts } from '../fleet/feed.ts';
import { Fleet } from '../fleet/fleet.ts';
import { type Checked, FleetClock, type FleetLimits, MOST_STREAMS } from '../fleet/fleet-limits.ts';
import { isKept, Keeper, type KeepOptions } from '../keeper.ts';
import { type CountOptions, StreamCounters } from '../stream-counters.ts';
import { StreamStates } from '../state/stream-states.ts';
import { Lineup } from '../swap/lineup.ts';
import { anomalyKind } from './anomaly-kind.ts';
import type { AnomalyOptions } from './anomaly-options.ts';
import type { Judgement } from './judgement.ts';

/** The streams of one subscription to `anomaliesBy`. */
export class JudgedStreams<K> implements Fed<K, Judgement> {
  readonly #fleet: Fleet<K, Judgement, Model | OnlineForecaster>;
  readonly #clock: FleetClock;
  readonly #keeper: Keeper | undefined;

  /** The caller has checked `options`, and that `own` fit the model. */
  constructor(
    model: Model | OnlineForecaster,
    own: AnomalyOptions,
    options: Checked<FleetLimits> & KeepOptions & CountOptions,
  ) {
    const { maxStreams = MOST_STREAMS, ttl, metrics } = options;
    const kind = anomalyKind(model, own);
    const counters = metrics && new StreamCounters(metrics);
    const open = (room: number) => new Lineup(model, new StreamStates(kind, room, counters));
    this.#fleet = new Fleet(open, maxStreams, counters);
    this.#clock = new FleetClock(ttl);
    if (isKept(options)) this.#keeper = new Keeper(options, () => this.#fleet.putChanged(options.store));
  }

  [attach](feed: Feed): FleetParts<K, Judgement, unknown> {
    this.#keeper?.start((error) => feed.fail(error));
    return { fleet: this.#fleet, clock: this.#clock, keeper: this.#keeper };
  }

  [detach](): void {
    this.#keeper?.stop();
  }

  dispose(): void {
    this.#fleet.dispose();
  }
}
