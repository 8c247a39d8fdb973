import { expected, GatecastError } from '../errors.ts';
import { type Duration, milliseconds } from '../model/duration.ts';
import { Forecaster } from '../model/forecaster.ts';
import type { StateOptions } from '../model/forecaster-state.ts';
import type { Sample } from '../model/sample.ts';
import { number, oneOf, record, whole } from '../model/schema.ts';
import type { AlertPhase } from './alerts.ts';
import { AnomalyDetector, type DetectorOptions, type Verdict } from './anomaly-detector.ts';
import type { Expectation } from './expectation.ts';
import { checkLevels, ForecasterExpectation } from './forecaster-expectation.ts';
import { OnlineExpectation } from './online-expectation.ts';
import { OnlineForecaster } from './online-forecaster.ts';

export interface AnomalyOptions extends StateOptions {
  /**
   * Alerts that are welcome in a day, on average; 1 by default. There are fewer where the threshold would have to call
   * more than one sample in fifty rare.
   */
  perDay?: number;
  /** Time between samples; only needed where the forecaster does not know it. */
  interval?: Duration;
  /** Time below the threshold after which an alert closes; by default a hundredth of a day / perDay. */
  hysteresis?: Duration;
  /** Time after that in which none opens; by default a tenth of a day / perDay. */
  refractory?: Duration;
  /**
   * Samples that are learned from before any is judged, 2 or more; by default 300, and the lookback of a trained
   * forecaster besides.
   */
  warmup?: number;
}

/** What is said of one sample, healthy or not. */
export interface Judgement {
  /** Time of the sample [ms since the epoch]; undefined when it carried none. */
  readonly at: number | undefined;
  /** False, and the score 0, until `warmup` samples have been learned from. */
  readonly ready: boolean;
  /** How rare the sample is on this stream: -log10 of the probability of a rarer one, divided by 10, at most 1. */
  readonly score: number;
  /** The score at which an alert opens, learned so that as many open as are welcome. */
  readonly threshold: number;
  /** Probability that the last ten samples are, together, further from what was expected than is usual; 0 to 1. */
  readonly likelihood: number;
  /** Name of the input, a target of the forecaster, that is most at fault. */
  readonly input: string;
  /** 'opened' and 'closed' at one sample each, 'open' between them. */
  readonly alert: AlertPhase;
  /** Invalid samples left out so far on this stream. */
  readonly skipped: number;
}

const DAY = 86_400_000;
const LEARNING = 300;

const checkOptions = record<AnomalyOptions>(
  {
    onInvalid: oneOf('skip', 'error'),
    perDay: number(1e-6, 1e6),
    interval: milliseconds,
    hysteresis: milliseconds,
    refractory: milliseconds,
    warmup: whole(2, 1e9),
  },
  ['onInvalid', 'perDay', 'interval', 'hysteresis', 'refractory', 'warmup'],
);

/** Checks a model and options before there is a stream; returns what a detector needs. */
export function resolveAnomalyOptions(model: Forecaster | OnlineForecaster, options: AnomalyOptions): DetectorOptions {
  const { targets, lookback, interval: known } = about(model);
  const { perDay = 1, warmup = LEARNING + lookback, ...times } = checkOptions(options, 'options');
  const interval = milliseconds(times.interval ?? known, 'options.interval');
  if (interval === 0) throw new GatecastError('invalid-argument', expected('a time > 0', 'options.interval', interval));
  const hysteresis = milliseconds(times.hysteresis ?? (0.01 * DAY) / perDay, 'options.hysteresis');
  const refractory = milliseconds(times.refractory ?? (0.1 * DAY) / perDay, 'options.refractory');
  return {
    targets,
    rate: (perDay * interval) / DAY,
    hysteresis: Math.max(1, Math.ceil(hysteresis / interval)),
    refractory: Math.ceil(refractory / interval),
    warmup,
  };
}

function about(model: Forecaster | OnlineForecaster): { targets: number; lookback: number; interval: number | null } {
  if (model instanceof OnlineForecaster) return { targets: model.inputs.length, lookback: 0, interval: null };
  if (!(model instanceof Forecaster)) {
    throw new GatecastError('invalid-argument', expected('a Forecaster or an OnlineForecaster', 'model', model));
  }
  checkLevels(model);
  const { targets, lookback, interval } = model.description;
  return { targets: targets.length, lookback, interval };
}

/** What is remembered of one stream whose samples are judged. */
export class AnomalyState {
  readonly #expectation: Expectation;
  readonly #detector: AnomalyDetector;
  readonly #row: Float64Array;
  readonly #verdict: Verdict = { ready: false, score: 0, threshold: 0, likelihood: 0, alert: 'none', target: 0 };

  constructor(model: Forecaster | OnlineForecaster, options: AnomalyOptions = {}) {
    this.#detector = new AnomalyDetector(resolveAnomalyOptions(model, options));
    const { onInvalid = 'skip' } = options;
    this.#expectation =
      model instanceof Forecaster
        ? new ForecasterExpectation(model, { onInvalid })
        : new OnlineExpectation(model, { onInvalid });
    this.#row = new Float64Array(this.#detector.size);
    this.#detector.reset(this.#row, 0);
  }

  /** Judges one sample; undefined for an invalid one that is left out. Throws as `ForecasterState.step` does. */
  step(sample: Sample): Judgement | undefined {
    const expectation = this.#expectation;
    if (!expectation.take(sample)) return undefined;
    this.#detector.judge(this.#row, 0, expectation.values, expectation.distances, this.#verdict);
    const { target, ...verdict } = this.#verdict;
    return { at: expectation.at, input: expectation.targets[target]!, ...verdict, skipped: expectation.skipped };
  }

  /** Frees the network's state. May be called twice. */
  dispose(): void {
    this.#expectation.dispose();
  }
}
