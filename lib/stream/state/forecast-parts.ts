import { misfit } from '../../base/errors.ts';
import { bounding } from '../../model/bounds.ts';
import { streamsOf } from '../../model/channels.ts';
import { checkNumbers, type Model, networkOf, scalerOf } from '../../model/model.ts';
import { outputSize } from '../../network/network-spec.ts';
import { Calibration } from '../../online/judging/calibration.ts';
import { Novelty } from '../../online/judging/novelty.ts';
import { Skill } from '../../online/judging/skill.ts';
import { Watchdog } from '../../online/judging/watchdog.ts';
import { Adapter } from '../../online/learner/adapter.ts';
import type { Part } from '../../online/part.ts';
import { sensorHealthOf } from '../../online/sensors/health.ts';
import type { Step } from '../../online/step.ts';
import { gapFillerOf } from '../../online/time/gaps.ts';
import { PartList } from './part-list.ts';
import { Silence } from './silence.ts';
import type { StreamOptions } from './stream-options.ts';
import { TimeParts } from './time-parts.ts';

/** The parts of a stream of forecasts. */
export interface ForecastParts {
  readonly parts: PartList;
  readonly time: TimeParts | undefined;
  readonly fills: boolean;
  /** Present for a model that was trained with missing values. */
  readonly silence: Silence | undefined;
}

/** The parts that these options switch on. Throws `invalid-argument` for options that do not fit the model. */
export function forecastParts(model: Model, options: StreamOptions): ForecastParts {
  const { resetAfter, lateness, resample, health, watch, history = 0 } = options;
  const gap = options.gap ?? model.description.gap;
  const timed = resetAfter !== undefined || lateness !== undefined || resample !== undefined || gap !== undefined;
  const time = timed ? timeParts(model, options) : undefined;
  const sensors = isOn(health) ? sensorHealthOf(model, health === true ? {} : health) : undefined;
  const { decayTime } = options;
  const filling = { ...(gap && { fill: gap }), ...(decayTime !== undefined && { decayTime }) };
  const gaps = time || sensors ? gapFillerOf(model, filling) : undefined;
  const adapter = adapterOf(model, options);
  const calibration = calibrationOf(model, options);
  const skill = skillOf(model, options);
  const [novelty, watchdog] = watch ? watchersOf(model) : [];
  const bounds = adapter || calibration || options.fallback ? boundsOf(model) : undefined;
  const parts = new PartList({
    lasting: time?.all ?? [],
    others: present(sensors, novelty, watchdog, adapter, calibration, skill, bounds, gaps),
    history: time?.history ?? history,
  });
  const silence =
    gaps && model.description.gap ? new Silence(gaps, parts.at(gaps), model.description, resetAfter) : undefined;
  return { parts, time, fills: gaps !== undefined, silence };
}

/**
 * Throws `invalid-argument` for options that do not fit the model. Operators call it when they are made, so that the
 * error does not wait for a subscription.
 */
export function checkOptionsFit(model: Model, options: StreamOptions): void {
  void forecastParts(model, options);
}

function timeParts({ description }: Model, options: StreamOptions): TimeParts {
  const { inputs, interval, lookback } = description;
  const { resetAfter = interval === null ? null : lookback * interval, lateness, resample, history } = options;
  return new TimeParts({ inputs: inputs.length, interval, resetAfter, lateness, resample, history });
}

function adapterOf(model: Model, { adapt }: StreamOptions): Adapter | undefined {
  if (!isOn(adapt)) return undefined;
  checkNumbers(model, 'adapt');
  const units = streamsOf(model.description) * outputSize(networkOf(model, 'adapt'));
  const { names, std } = scalerOf(model, 'adapt');
  const { targets, horizon } = model.description;
  const deviations = targets.map((target) => std[names.indexOf(target)]!);
  return new Adapter({ units, deviations, horizon }, adapt === true ? {} : adapt);
}

function watchersOf(model: Model): [Novelty, Watchdog] {
  void [networkOf(model, 'watch'), scalerOf(model, 'watch')];
  return [new Novelty(), new Watchdog()];
}

function calibrationOf({ description }: Model, { calibrate }: StreamOptions): Calibration | undefined {
  if (!calibrate) return undefined;
  const { targets, horizon, levels } = description;
  if (levels.length >= 2) return new Calibration({ targets: targets.length, horizon, levels });
  throw misfit('a model with two quantile levels or more', 'calibrate', levels);
}

function skillOf(model: Model, { skill, fallback }: StreamOptions): Skill | undefined {
  const { description } = model;
  const answers = fallback === 'naive';
  if (skill === false && answers) throw misfit("true or no value, with fallback: 'naive',", 'skill', false);
  if (!isOn(skill) && !answers) return undefined;
  checkNumbers(model, answers ? 'fallback' : 'skill');
  const { targets, horizon, levels } = description;
  const options = typeof skill === 'object' ? skill : {};
  return new Skill({ ...options, targets: targets.length, horizon, levels }, answers);
}

/** A part that keeps forecasts, which parts before it have changed, within the bounds of their targets. */
function boundsOf({ description }: Model): Part | undefined {
  const bound = bounding(description);
  if (bound === undefined) return undefined;
  return { size: 0, reset() {}, after: ({ numbers }: Step) => bound(numbers) };
}

function isOn<T>(option: T | undefined): option is Exclude<T, false | undefined> {
  return option !== undefined && option !== false;
}

function present(...parts: readonly (Part | undefined)[]): Part[] {
  return parts.filter((part) => part !== undefined);
}
