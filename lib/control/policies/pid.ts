import { expected, GatecastError, misfit } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import { isList, number, object, whole } from '../../base/schema.ts';
import { type ActionLimits, actionLimits, Limiter } from '../limits.ts';
import { type NativePolicy, pidController, toNative } from '../../network/native-controller.ts';
import { reading } from '../../base/values.ts';
import { atOnce } from '../at-once.ts';
import { numberOf } from '../number-of.ts';
import type { Policy } from './policy.ts';
import { type DataPolicy, toData, withoutFunctions } from './policy-data.ts';

export interface PidOptions<In> {
  /** Action per unit of error, of its integral over seconds, and of its change per second; 0 by default. */
  kp?: number;
  ki?: number;
  kd?: number;
  /** The wanted measurement. */
  setpoint: number | ((input: In) => number);
  /** Time between two inputs. */
  interval: Duration;
  limits: ActionLimits;
  /**
   * Returns the measurement of an input, such as `(forecast) => forecast.mean[3]`, or is its index in an observation,
   * from 0. By default the input is the number itself; other inputs need it.
   */
  measure?: number | ((input: In) => number);
  /** Added to the output before the limits: the action for a known load, a disturbance or a forecast. */
  feedForward?: number | ((input: In) => number);
  /** Time constant that smooths the derivative; by default a tenth of kd / kp, as in most controllers. */
  smoothing?: Duration;
  /** After how many equal readings in a row the measurement is stuck and counts as missing; by default it never is. */
  stuckAfter?: number;
  /**
   * What the actuator does before the first input, within the limits. The integral starts so that the controller takes
   * over from there without a bump, but no larger than the larger limit, so that an odd first reading is soon made up
   * for.
   */
  initial?: number;
}

/** Requires `measure` if an input is not a number. */
export type Measured<In> = [In] extends [number] ? unknown : { measure: unknown };

export interface PidAction {
  readonly action: number;
  /** Setpoint minus measurement; undefined if one of the two is not finite. */
  readonly error: number | undefined;
  /** Whether the limits have changed the action. */
  readonly limited: boolean;
  /** Whether a value was not finite, or the measurement is stuck, so that the action is the previous one. */
  readonly held: boolean;
}

const LIMIT = Number.MAX_VALUE;
const gain = number(-LIMIT, LIMIT);
const place = whole(0, 9999);
type Optional = 'kp' | 'ki' | 'kd' | 'measure' | 'feedForward' | 'stuckAfter' | 'initial';
type Checked<In> = Required<Pick<PidOptions<In>, 'setpoint' | 'limits'>> &
  Pick<PidOptions<In>, Optional> & { interval: number; smoothing?: number };

function check<In>(options: unknown): Readonly<Checked<In>> {
  const callback = (value: unknown, name: string) => {
    if (typeof value === 'function') return value as (input: In) => number;
    throw misfit('a function', name, value);
  };
  const orNumber = (value: unknown, name: string) =>
    typeof value === 'function' ? (value as (input: In) => number) : gain(value, name);
  const fields = {
    kp: gain,
    ki: gain,
    kd: gain,
    setpoint: orNumber,
    interval: milliseconds,
    limits: actionLimits,
    measure: (value: unknown, name: string) => (typeof value === 'number' ? place(value, name) : callback(value, name)),
    feedForward: orNumber,
    smoothing: milliseconds,
    stuckAfter: whole(2, 1_000_000),
    initial: gain,
  };
  const optional = ['kp', 'ki', 'kd', 'measure', 'feedForward', 'smoothing', 'stuckAfter', 'initial'] as const;
  const checked = object<Checked<In>>(fields, optional)(options, 'options');
  const { interval, initial, limits } = checked;
  if (interval === 0) {
    throw misfit('more than 0 ms', 'options.interval', interval);
  }
  if (initial !== undefined) number(limits.min, limits.max)(initial, 'options.initial');
  return checked;
}

/**
 * A PID controller in parallel form: kp e + ki (integral of e) - kd dy/dt + feed-forward, in seconds.
 *
 * The derivative term uses the measurement y, smoothed by backward Euler, so that a new setpoint does not kick. The
 * integral stands still while it would push further into a limit (Astrom & Hagglund, Advanced PID Control, chapter 3).
 * A measurement that is not finite, or is stuck, changes nothing inside, and the last action is held; a control loop
 * applies its fallback instead. Actions never leave the limits.
 *
 * ```ts
 * const heat = pid({ kp: 0.2, ki: 0.01, setpoint: 60, interval: '1s', limits: { min: 0, max: 1, maxRate: 0.5 } });
 * temperature$.pipe(decide(heat)).subscribe(({ action }) => heater.set(action));
 * ```
 *
 * Throws `invalid-argument` at once for wrong options.
 */
export function pid<In = number>(
  options: PidOptions<In> & Measured<In>,
): Policy<In, PidAction> & NativePolicy & DataPolicy {
  const checked = check<In>(options);
  const { kp = 0, ki = 0, kd = 0, setpoint, interval, limits, measure, feedForward, smoothing } = checked;
  const { stuckAfter = Number.POSITIVE_INFINITY, initial } = checked;
  const added = feedForward ?? 0;
  const reach = Math.max(Math.abs(limits.min), Math.abs(limits.max));
  const dt = interval / 1000;
  const tau = smoothing !== undefined ? smoothing / 1000 : kp === 0 ? 0 : Math.min(Math.abs(kd / kp) / 10, LIMIT);
  return {
    start() {
      const limiter = new Limiter(limits, dt, initial);
      let integral = initial === undefined || ki === 0 ? 0 : Number.NaN; // ki included; NaN until it takes over
      let slope = 0;
      let before = Number.NaN; // the previous measurement
      let reading = Number.NaN; // the newest measurement, and how often in a row it came
      let readings = 0;
      return (input, context?: unknown) => {
        if (measure === undefined && context !== undefined && typeof input !== 'number') throw noMeasure(input);
        const y = measured(input, measure);
        const error =
          numberOf(typeof setpoint === 'function' ? atOnce(setpoint(input), 'the setpoint of a pid') : setpoint) - y;
        const rate = kd !== 0 && Number.isFinite(before) ? (tau * slope + y - before) / (tau + dt) : 0;
        readings = y === reading ? readings + 1 : 1;
        reading = y;
        const fed = typeof added === 'function' ? atOnce(added(input), 'the feedForward of a pid') : added;
        const direct = kp * error - kd * rate + numberOf(fed);
        const from = Number.isNaN(integral) ? Math.max(-reach, Math.min(reach, initial! - direct)) : integral;
        const integrated = from + ki * error * dt;
        const wanted = direct + integrated;
        // A sum that overflows is as useless as a missing measurement.
        const held = !Number.isFinite(wanted) || readings >= stuckAfter;
        const action = limiter.apply(held ? Number.NaN : wanted);
        if (held) {
          before = Number.NaN;
          slope = 0;
          return { action, error: Number.isFinite(error) ? error : undefined, limited: false, held };
        }
        before = y;
        slope = rate;
        const limited = action !== wanted;
        const deeper = limited && Math.sign(integrated - from) === Math.sign(wanted - action);
        integral = deeper ? from : integrated;
        return { action, error, limited, held };
      };
    },
    [toNative](observations = Number(measure) + 1) {
      if (typeof setpoint === 'function' || typeof added === 'function' || typeof measure !== 'number') {
        const message =
          'Expected a pid without functions, and with the index of the measurement as options.measure, to run natively.';
        throw new GatecastError('invalid-argument', message);
      }
      whole(0, observations - 1)(measure, 'options.measure of the pid');
      const { min, max, maxRate = Number.POSITIVE_INFINITY } = limits;
      const numbers = { kp, ki, kd, setpoint, dt, tau, min, max, maxRate, feedForward: added, stuckAfter };
      return pidController({ ...numbers, initial: initial ?? Number.NaN }, observations, measure);
    },
    [toData]() {
      const data = withoutFunctions(checked);
      return data && { type: 'pid', options: data };
    },
  };
}

/** A control loop passes observations: a pid of plain numbers would wait for ever. */
function noMeasure(input: unknown): GatecastError {
  const what = 'a number, or options.measure to say which value of it is controlled,';
  return new GatecastError('invalid-sample', expected(what, 'the input of a pid', input));
}

function measured<In>(input: In, measure: PidOptions<In>['measure']): number {
  if (typeof measure === 'function') return numberOf(atOnce(measure(input), 'the measurement of a pid'));
  if (measure === undefined) return numberOf(input);
  return reading('the input of a pid', () => {
    const { values } = Object(input) as { values?: unknown };
    return isList(values) ? numberOf(values[measure]) : Number.NaN;
  });
}
