import { misfit, nearest } from '../../base/errors.ts';
import { type Check, number, oneOf, orNull, object, whole } from '../../base/schema.ts';
import { HEALTH_FLAGS, type HealthFlag } from './health-flags.ts';
import { isRecord } from '../../base/values.ts';

/** `flag`: report it; `drop`: report it and treat the reading as missing; `off`: do not look for it. */
export type HealthPolicy = 'flag' | 'drop' | 'off';

/** What is known about one sensor, in its own unit. */
export interface SensorLimits {
  /**
   * Smallest reading the sensor can give; by default `reach` deviations below the training mean. No default for an
   * input with a scale for each series.
   */
  min?: number;
  /** Largest reading the sensor can give; by default as far above the training mean. */
  max?: number;
  /**
   * What the sensor gives when it has no reading (default 0). Null if there is no such value, or if the sensor may
   * really jump to it, as the flow of a pump does when it is switched off.
   */
  nullValue?: number | null;
}

export interface HealthOptions {
  /**
   * What to do about each flag. By default `drop`, except that `stuck` and `flatline`, which a calm process also shows,
   * are `flag`.
   */
  policy?: Partial<Record<HealthFlag, HealthPolicy>>;
  /** By name of the input. */
  limits?: Readonly<Record<string, SensorLimits>>;
  /** Deviations from the training mean beyond which a reading is out of range (default 10). */
  reach?: number;
  /** Equal readings in a row after which a sensor is stuck, unless it usually rests longer (default 20). */
  stuckAfter?: number;
  /** Readings without movement after which a sensor has flatlined, unless it usually rests longer (default 40). */
  flatlineAfter?: number;
}

/** The range of a scaler: everything learned within it stays finite. */
const finite = number(-1e250, 1e250);
const run = whole(2, 1_000_000);
const policy = oneOf('flag', 'drop', 'off');

const checkLimits = object<SensorLimits>({ min: finite, max: finite, nullValue: orNull(finite) }, [
  'min',
  'max',
  'nullValue',
]);

const checkPolicy = object<Partial<Record<HealthFlag, HealthPolicy>>>(
  Object.fromEntries(HEALTH_FLAGS.map((flag) => [flag, policy])) as Record<HealthFlag, Check<HealthPolicy>>,
  HEALTH_FLAGS,
);

/** Checks the options for inputs of these names. */
export function checkHealthOptions(options: HealthOptions, names: readonly string[]): HealthOptions {
  return object<HealthOptions>(
    {
      policy: checkPolicy,
      limits: (value, name) => checkAllLimits(value, name, names),
      reach: number(1, 1e6),
      stuckAfter: run,
      flatlineAfter: run,
    },
    ['policy', 'limits', 'reach', 'stuckAfter', 'flatlineAfter'],
  )(options, 'options');
}

function checkAllLimits(value: unknown, name: string, names: readonly string[]): Record<string, SensorLimits> {
  if (!isRecord(value)) {
    throw misfit('an object', name, value);
  }
  const limits = Object.entries(value).map(([input, item]) => {
    if (!names.includes(input)) {
      const guess = nearest(input, names);
      const hint = guess === undefined ? '' : ` Did you mean ${guess}?`;
      throw misfit('the name of an input', name, input, hint);
    }
    const checked = checkLimits(item, `${name}.${input}`);
    if (checked.min !== undefined && checked.max !== undefined && checked.min > checked.max) {
      throw misfit('at most max', `${name}.${input}.min`, checked.min);
    }
    return [input, checked];
  });
  return Object.setPrototypeOf(Object.fromEntries(limits), null); // an input may be called 'constructor'
}
