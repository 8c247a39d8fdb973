import { milliseconds } from '../../base/duration.ts';
import { misfit } from '../../base/errors.ts';
import { isA } from '../../base/values.ts';
import { numberCount } from '../../model/forecast.ts';
import type { Gap } from '../../model/gap.ts';
import { checkNumbers, isModel, type Model, makeStates } from '../../model/model.ts';
import { AnomalyDetector, type DetectorOptions } from '../../online/anomaly/anomaly-detector.ts';
import { checkLevels, ForecasterExpectation } from '../../online/anomaly/forecaster-expectation.ts';
import { Judge } from '../../online/anomaly/judge.ts';
import { OnlineExpectation } from '../../online/anomaly/online-expectation.ts';
import { ReportedAlert } from '../../online/anomaly/reported-alert.ts';
import { makeOnlineStates, OnlineForecaster } from '../../online/learner/online-forecaster.ts';
import { type SensorHealth, sensorHealthOf } from '../../online/sensors/health.ts';
import { GapFiller, type GapModel, gapModelOf } from '../../online/time/gaps.ts';
import { PartList } from '../state/part-list.ts';
import { Silence } from '../state/silence.ts';
import type { StreamKind } from '../state/stream-kind.ts';
import { layoutText } from '../state/stream-options.ts';
import { TimeParts } from '../state/time-parts.ts';
import { type AnomalyOptions, checkAnomalyOptions } from './anomaly-options.ts';
import type { Judgement } from './judgement.ts';

const DAY = 86_400_000;
const LEARNING = 300;
const STUCK_AFTER = 20;
/** How many samples the slowest unit of an `OnlineForecaster` remembers. */
const REMEMBERED = 128;

/** What a stream of anomalies needs from its model. */
type Judged = Pick<StreamKind<never>, 'inputs' | 'targets' | 'numbers' | 'createStates'> & {
  readonly fingerprint: string;
  readonly lookback: number;
  /** Time between samples [ms]; null if unknown. */
  readonly interval: number | null;
  /** The policies for missing values that it was trained with. */
  readonly gap?: Gap | undefined;
  readonly expectation: ForecasterExpectation | OnlineExpectation;
  /** Makes the part for sensor health. Throws `invalid-argument` for a model that knows no range of its inputs. */
  readonly sensors: (options: Exclude<AnomalyOptions['health'], boolean | undefined>) => SensorHealth;
  /** What the part for gaps needs. Throws `invalid-argument` for a policy that the model cannot have. */
  readonly gaps: (gap: NonNullable<AnomalyOptions['gap']>) => Omit<GapModel, 'interval'>;
};

/** The kind of streams whose answers are judgements. Throws `invalid-argument` for a wrong model or option. */
export function anomalyKind(model: Model | OnlineForecaster, options: AnomalyOptions): StreamKind<Judgement> {
  const own = checkAnomalyOptions(options, 'options');
  const judged = isA(model, OnlineForecaster) ? learning(model) : trained(model);
  const checked = { ...own, gap: own.gap ?? judged.gap };
  const interval = milliseconds(checked.interval ?? judged.interval, 'options.interval');
  if (interval === 0) throw misfit('a time > 0', 'options.interval', interval);
  const { health } = checked;
  const time = timeParts(judged, checked, interval);
  const sensors = health ? judged.sensors(health === true ? {} : health) : undefined;
  const gaps = time || sensors ? gapFiller(judged, checked, interval) : undefined;
  const judge = new Judge(new AnomalyDetector(detectorOptions(judged, checked, interval)), judged.expectation);
  const reported = new ReportedAlert();
  const parts = new PartList({
    lasting: [...(time?.all ?? []), reported],
    others: [sensors, judged.expectation, judge, gaps].filter((part) => part !== undefined),
    history: time?.history ?? 0,
  });
  const { lookback } = judged;
  const silence =
    gaps && judged.gap ? new Silence(gaps, parts.at(gaps), { lookback, interval }, checked.resetAfter) : undefined;
  const [reportedAt, judgeAt, sensorsAt] = [
    parts.at(reported),
    parts.reportAt(judge),
    sensors ? parts.reportAt(sensors) : 0,
  ];
  const { inputs, targets, numbers, createStates, fingerprint } = judged;
  return {
    inputs,
    targets,
    numbers,
    createStates,
    vectors: undefined,
    onInvalid: checked.onInvalid,
    fills: gaps !== undefined,
    parts,
    time,
    silence,
    afterSilence: 'restart',
    snapshot: { model: fingerprint, options: layoutOf(own, interval) },
    answer({ row, base, report, reportFrom }, { at, correction }, _ready, skipped): Judgement {
      const { target, open, ...verdict } = judge.read(report, reportFrom + judgeAt);
      return {
        kind: correction ? 'correction' : 'judgement',
        at,
        input: targets[target]!,
        ...verdict,
        alert: reported.phase(row, base + reportedAt, open),
        flags: sensors ? sensors.flags(report, reportFrom + sensorsAt) : {},
        skipped,
      };
    },
  };
}

function trained(model: Model): Judged {
  if (!isModel(model)) throw misfit('a Forecaster or an OnlineForecaster', 'model', model);
  checkNumbers(model, 'model');
  checkLevels(model);
  const { description, fingerprint } = model;
  const { targets, lookback, interval, gap } = description;
  const inputs = description.inputs.map(({ name }) => name);
  return {
    inputs,
    targets,
    numbers: numberCount(description),
    fingerprint,
    lookback,
    interval,
    gap,
    expectation: new ForecasterExpectation(model),
    sensors: (options) => sensorHealthOf(model, options),
    gaps: () => gapModelOf(model),
    createStates: (capacity, spare) => model[makeStates](capacity, spare),
  };
}

function learning(model: OnlineForecaster): Judged {
  const { inputs, fingerprint, learner } = model;
  return {
    inputs,
    targets: inputs,
    numbers: inputs.length,
    fingerprint,
    lookback: 0,
    interval: null,
    expectation: new OnlineExpectation(learner, inputs.length),
    sensors: () => {
      throw misfit('false with an OnlineForecaster, which knows no range of its inputs,', 'options.health', true);
    },
    gaps: (gap) => {
      const policies = typeof gap === 'string' ? [gap] : Object.values(gap);
      const wrong = policies.find((policy) => policy !== 'hold' && policy !== 'impute');
      if (wrong === undefined) return { names: inputs, mean: inputs.map(() => 0), targets: inputs };
      throw misfit("'hold' or 'impute', with an OnlineForecaster,", 'options.gap', wrong);
    },
    createStates: (capacity, spare) => model[makeOnlineStates](capacity, spare),
  };
}

function timeParts(
  { inputs, lookback }: Judged,
  { gap, resetAfter, lateness, resample }: AnomalyOptions,
  interval: number,
): TimeParts | undefined {
  if ([gap, resetAfter, lateness, resample].every((option) => option === undefined)) return undefined;
  const silence = resetAfter ?? (lookback || REMEMBERED) * interval;
  return new TimeParts({ inputs: inputs.length, interval, resetAfter: silence, lateness, resample });
}

function gapFiller({ gaps }: Judged, { gap = 'hold', decayTime }: AnomalyOptions, interval: number): GapFiller {
  return new GapFiller({ ...gaps(gap), interval }, { fill: gap, ...(decayTime !== undefined && { decayTime }) });
}

function detectorOptions(
  { targets, lookback }: Judged,
  { perDay = 1, warmup = LEARNING + lookback, stuckAfter = STUCK_AFTER, ...times }: AnomalyOptions,
  interval: number,
): DetectorOptions {
  const hysteresis = milliseconds(times.hysteresis ?? (0.01 * DAY) / perDay, 'options.hysteresis');
  const refractory = milliseconds(times.refractory ?? (0.1 * DAY) / perDay, 'options.refractory');
  return {
    targets: targets.length,
    rate: (perDay * interval) / DAY,
    hysteresis: Math.max(1, Math.ceil(hysteresis / interval)),
    refractory: Math.ceil(refractory / interval),
    warmup,
    stuckAfter,
  };
}

/** The options that decide what a stream remembers, as text. */
function layoutOf(options: AnomalyOptions, interval: number): string {
  const { gap, decayTime, resetAfter, lateness, resample, health } = options;
  const layout = layoutText({ gap, decayTime, resetAfter, lateness, resample, health });
  return layout === '{}' ? 'anomalies' : `anomalies ${layout} ${interval}`;
}
