import { misfit } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import { Forecaster } from '../../model/forecaster.ts';
import { isInvalidSample, type StateOptions } from '../../model/model-state.ts';
import { readSample, type Sample } from '../../model/sample.ts';
import { SourceCheck } from '../../model/source-check.ts';
import type { Skipped } from '../../model/skipped.ts';
import { type Check, number, oneOf, record, whole } from '../../base/schema.ts';
import type { AlertPhase } from './alerts.ts';
import { AnomalyDetector, type DetectorOptions, type Verdict } from './anomaly-detector.ts';
import { StreamClock } from '../time/clock.ts';
import type { Expectation } from './expectation.ts';
import { checkLevels, ForecasterExpectation } from './forecaster-expectation.ts';
import { GapFiller, type GapPolicy } from '../time/gaps.ts';
import { OnlineExpectation } from './online-expectation.ts';
import { OnlineForecaster } from '../learner/online-forecaster.ts';
import { isA, isRecord } from '../../base/values.ts';
import { DUPLICATE, INVALID, LATE, SkippedCounts, UNBELIEVED } from '../skipped-counts.ts';

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
  /**
   * Readings of the very same number after which a value that usually moves is stuck and opens an alert, unless it has
   * rested half as long before; 20 by default.
   */
  stuckAfter?: number;
  /**
   * What the network is shown for missing values, and for samples that are missing by their times: one policy, or one
   * for each input by name. They are not judged, nor learned from, and the value after them is judged by its level
   * alone. 'hold' where only `resetAfter` is given; an `OnlineForecaster` takes 'hold' and 'impute'.
   */
  gap?: GapPolicy | Readonly<Record<string, GapPolicy>>;
  /** Time in which 'decay' goes 63 % of the way to the mean; ten samples by default. */
  decayTime?: Duration;
  /**
   * A gap in the times after which the network is reset, because what came before is long ago; what was learned is
   * kept. By default `lookback` intervals, or 128 with an `OnlineForecaster`.
   */
  resetAfter?: Duration;
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
  /** Name of the input, a target of the forecaster, that is most at fault: one that is stuck, else the rarest. */
  readonly input: string;
  /** 'opened' and 'closed' at one sample each, 'open' between them. */
  readonly alert: AlertPhase;
  /** Whether an input, the one named, has been the very same number for oddly long, as that of a frozen sensor is. */
  readonly stuck: boolean;
  /** Samples left out so far on this stream, by the reason. */
  readonly skipped: Skipped;
}

const DAY = 86_400_000;
const LEARNING = 300;
const STUCK_AFTER = 20;
/** Samples that the slowest unit of an `OnlineForecaster` remembers. */
const REMEMBERED = 128;

const policies: Check<never> = (value, name) => {
  if (typeof value === 'string') return value as never;
  if (isRecord(value)) return Object.freeze({ ...value }) as never;
  throw misfit('a policy, or policies by name', name, value);
};

export const anomalyOptionChecks = {
  onInvalid: oneOf('skip', 'error'),
  perDay: number(1e-6, 1e6),
  interval: milliseconds,
  hysteresis: milliseconds,
  refractory: milliseconds,
  warmup: whole(2, 1e9),
  stuckAfter: whole(2, 1e6),
  gap: policies,
  decayTime: milliseconds,
  resetAfter: milliseconds,
};

const checkOptions = record<AnomalyOptions>(
  anomalyOptionChecks,
  Object.keys(anomalyOptionChecks) as (keyof AnomalyOptions)[],
);

/** What is done about gaps: the parts of a stream for it, and the options that decide what those remember, as text. */
interface GapParts {
  readonly clock: StreamClock;
  readonly filler: GapFiller;
  readonly layout: string;
}

/** Checks a model and options before there is a stream; returns what a detector needs, and what is done about gaps. */
export function resolveAnomalyOptions(
  model: Forecaster | OnlineForecaster,
  options: AnomalyOptions,
): { detector: DetectorOptions; gaps: GapParts | undefined } {
  const { targets, lookback, interval: known } = about(model);
  const checked = checkOptions(options, 'options');
  const { perDay = 1, warmup = LEARNING + lookback, stuckAfter = STUCK_AFTER, ...times } = checked;
  const interval = milliseconds(times.interval ?? known, 'options.interval');
  if (interval === 0) throw misfit('a time > 0', 'options.interval', interval);
  const hysteresis = milliseconds(times.hysteresis ?? (0.01 * DAY) / perDay, 'options.hysteresis');
  const refractory = milliseconds(times.refractory ?? (0.1 * DAY) / perDay, 'options.refractory');
  const detector = {
    targets,
    rate: (perDay * interval) / DAY,
    hysteresis: Math.max(1, Math.ceil(hysteresis / interval)),
    refractory: Math.ceil(refractory / interval),
    warmup,
    stuckAfter,
  };
  return { detector, gaps: gapParts(model, checked, interval) };
}

function gapParts(
  model: Forecaster | OnlineForecaster,
  { gap, decayTime, resetAfter }: AnomalyOptions,
  interval: number,
): GapParts | undefined {
  if (gap === undefined && resetAfter === undefined) return undefined;
  const { lookback } = about(model);
  const silence = milliseconds(resetAfter ?? (lookback || REMEMBERED) * interval, 'options.resetAfter');
  const fill = gap ?? 'hold';
  const decay = decayTime === undefined ? undefined : milliseconds(decayTime, 'options.decayTime');
  return {
    clock: new StreamClock({ interval, resetAfter: silence }),
    filler: new GapFiller(gapModel(model, interval, fill), { fill, ...(decay !== undefined && { decayTime: decay }) }),
    layout: JSON.stringify([fill, decay, silence, interval]),
  };
}

function gapModel(model: Forecaster | OnlineForecaster, interval: number, fill: NonNullable<AnomalyOptions['gap']>) {
  if (isA(model, Forecaster)) {
    const { names, mean } = model.scaler;
    return { names, mean, targets: model.description.targets, interval };
  }
  const wrong = (typeof fill === 'string' ? [fill] : Object.values(fill)).find(
    (policy) => policy === 'decay' || policy === 'mask',
  );
  if (wrong !== undefined) {
    const what = "'hold' or 'impute', with an OnlineForecaster,";
    throw misfit(what, 'options.gap', wrong);
  }
  return { names: model.inputs, mean: model.inputs.map(() => 0), targets: model.inputs, interval };
}

function about(model: Forecaster | OnlineForecaster): { targets: number; lookback: number; interval: number | null } {
  if (isA(model, OnlineForecaster)) return { targets: model.inputs.length, lookback: 0, interval: null };
  if (!isA(model, Forecaster)) {
    throw misfit('a Forecaster or an OnlineForecaster', 'model', model);
  }
  checkLevels(model);
  const { targets, lookback, interval } = model.description;
  return { targets: targets.length, lookback, interval };
}

/** Samples left out, by the reason, before the parts. */
const SKIPPED = 0;
const COUNTERS = 4;

/**
 * What is remembered of one stream whose samples are judged: a row of numbers, and the hidden vectors of its network.
 */
export class AnomalyState {
  /** What a row fits: of the model, its fingerprint, and the options that decide what is remembered, as text. */
  readonly kind: { readonly model: string; readonly options: string };
  readonly #onInvalid: 'skip' | 'error';
  readonly #source = new SourceCheck();
  readonly #expectation: Expectation;
  readonly #detector: AnomalyDetector;
  readonly #gaps: GapParts | undefined;
  /** Where the numbers of the parts begin. */
  readonly #at: { expectation: number; clock: number; ring: number; filler: number };
  readonly #row: Float64Array;
  readonly #skipped = new SkippedCounts();
  readonly #verdict: Verdict = {
    ready: false,
    score: 0,
    threshold: 0,
    likelihood: 0,
    alert: 'none',
    stuck: false,
    target: 0,
  };
  /** Of each target, its place among the inputs. */
  readonly #columns: readonly number[];

  // Of the sample in hand: of all inputs, NaN where missing; the same filled; nothing; whether the one before is
  // missing. Of the targets.
  readonly #values: Float64Array;
  readonly #filled: Float64Array;
  readonly #nothing: Float64Array;
  readonly #unsure: Uint8Array;
  readonly #targets: Float64Array;
  readonly #distances: Float64Array;
  readonly #foreseen: Float64Array;

  constructor(model: Forecaster | OnlineForecaster, options: AnomalyOptions = {}) {
    const { detector, gaps } = resolveAnomalyOptions(model, options);
    this.#onInvalid = options.onInvalid ?? 'skip';
    this.#gaps = gaps;
    this.kind = { model: model.fingerprint, options: `anomalies ${gaps?.layout ?? ''}` };
    this.#detector = new AnomalyDetector(detector);
    this.#expectation = isA(model, Forecaster) ? new ForecasterExpectation(model) : new OnlineExpectation(model);
    const { inputs, targets } = this.#expectation;
    this.#columns = targets.map((target) => inputs.indexOf(target));
    const expectation = COUNTERS + this.#detector.size;
    const clock = expectation + this.#expectation.size;
    const ring = clock + (gaps?.clock.size ?? 0);
    const filler = ring + (gaps?.clock.ringSize ?? 0);
    this.#at = { expectation, clock, ring, filler };
    this.#row = new Float64Array(filler + (gaps?.filler.size ?? 0));
    this.#detector.reset(this.#row, COUNTERS);
    this.#expectation.reset(this.#row, expectation);
    gaps?.clock.reset(this.#row, clock);
    gaps?.filler.reset(this.#row, filler);
    this.#values = new Float64Array(inputs.length);
    this.#filled = new Float64Array(inputs.length);
    this.#nothing = new Float64Array(inputs.length).fill(Number.NaN);
    this.#unsure = new Uint8Array(inputs.length);
    this.#targets = new Float64Array(targets.length);
    this.#distances = new Float64Array(targets.length);
    this.#foreseen = new Float64Array(targets.length);
  }

  /**
   * Judges one sample; undefined for an invalid one that is left out, and with `gap` for one that has no target's
   * value, comes twice or too late, or cannot be believed yet. Throws as `ForecasterState.step` does.
   */
  step(sample: Sample): Judgement | undefined {
    let at: number | undefined;
    try {
      at = this.#read(sample);
      this.#source.usable();
    } catch (error) {
      if (this.#onInvalid === 'error' || !isInvalidSample(error)) throw error;
      this.#source.unusable(error);
      this.#leaveOut(INVALID);
      return undefined;
    }
    if (!this.#arrive(at)) return undefined;
    this.#take(this.#values);
    if (this.#targets.every(Number.isNaN)) return undefined;
    this.#detector.judge(this.#row, COUNTERS, this.#targets, this.#distances, this.#verdict);
    const { target, ...verdict } = this.#verdict;
    return {
      at,
      input: this.#expectation.targets[target]!,
      ...verdict,
      skipped: this.#skipped.read(this.#row, SKIPPED),
    };
  }

  /** Bytes of all that is remembered. */
  get byteSize(): number {
    return this.#row.byteLength + this.#expectation.byteSize;
  }

  /** Writes all that is remembered. */
  writeBytes(bytes: Uint8Array): void {
    bytes.set(new Uint8Array(this.#row.buffer));
    this.#expectation.writeBytes(bytes.subarray(this.#row.byteLength));
  }

  /** Takes over what `writeBytes` of a state of the same kind wrote. */
  readBytes(bytes: Uint8Array): void {
    this.#expectation.readBytes(bytes.subarray(this.#row.byteLength));
    new Uint8Array(this.#row.buffer).set(bytes.subarray(0, this.#row.byteLength));
  }

  /** Frees the network's state. May be called twice. */
  dispose(): void {
    this.#expectation.dispose();
  }

  /** Reads a sample into `#values`; with `gap`, what is too far out is missing. Returns its time. */
  #read(sample: Sample): number | undefined {
    const values = this.#values;
    const at = readSample(sample, undefined, this.#expectation.inputs, values, this.#gaps !== undefined);
    for (let i = 0; i < values.length; i++) {
      const error = Number.isNaN(values[i]) ? undefined : this.#expectation.refuse(i, values[i]!);
      if (error === undefined) continue;
      if (this.#gaps === undefined) throw error;
      values[i] = Number.NaN;
    }
    return at;
  }

  /** Takes the steps that are missing before a sample of this time; false when it makes none itself. */
  #arrive(time: number | undefined): boolean {
    if (this.#gaps === undefined) return true;
    const { clock, ring } = this.#at;
    const { kind, missing } = this.#gaps.clock.take(this.#row, clock, this.#row, ring, time ?? Number.NaN);
    if (kind === 'reset') {
      this.#expectation.restart(this.#row, this.#at.expectation);
      this.#filled.fill(Number.NaN); // the values before are as good as missing
      this.#gaps.filler.complete(this.#row, this.#at.filler, this.#filled, undefined);
      return true;
    }
    switch (kind) {
      case 'first':
      case 'next':
      case 'rebase':
        for (let step = 0; step < missing; step++) this.#take(this.#nothing);
        return true;
      case 'too-late':
        return this.#leaveOut(LATE);
      case 'suspect':
        return this.#leaveOut(UNBELIEVED);
      default:
        return this.#leaveOut(DUPLICATE);
    }
  }

  #leaveOut(reason: number): false {
    this.#skipped.add(this.#row, SKIPPED, reason);
    return false;
  }

  /** Compares values with what was expected of them, and expects the next. */
  #take(values: Float64Array): void {
    const [row, { expectation, filler }] = [this.#row, this.#at];
    this.#filled.set(values);
    if (this.#gaps) {
      for (let i = 0; i < values.length; i++) this.#unsure[i] = this.#gaps.filler.age(row, filler, i) > 0 ? 1 : 0;
      this.#expectation.foresee(row, expectation, this.#foreseen);
      this.#gaps.filler.complete(row, filler, this.#filled, this.#foreseen);
    }
    const sample = { values, filled: this.#filled, unsure: this.#unsure };
    this.#expectation.take(row, expectation, sample, this.#distances);
    for (const [target, column] of this.#columns.entries()) this.#targets[target] = values[column]!;
  }
}
