import { isList } from '../base/schema.ts';

/** What was measured, and when [ms since the epoch, by the loop's clock]. */
export interface Observation<Values extends ArrayLike<number> = ArrayLike<number>> {
  readonly at: number;
  readonly values: Values;
}

/** The range of an input, bounds included. */
export interface InputRange {
  min: number;
  max: number;
}

/** Why an observation cannot be used. */
export type ObservationFault = 'missing' | 'malformed' | 'stale' | 'wrong-length' | 'not-finite' | 'out-of-range';

/** The result of reading an observation. */
export interface ReadObservation {
  /** Its time, if that is usable. */
  readonly at: number | undefined;
  /** A copy of its values, unless there is a fault. */
  readonly values: Float64Array | undefined;
  readonly fault: ObservationFault | undefined;
}

/**
 * Reads an observation, which should have `ranges.length` values inside their ranges and be at most `maxAge` [ms] away
 * from `now`. What its getters throw is thrown.
 */
export function readObservation(
  observation: unknown,
  ranges: readonly Readonly<InputRange>[],
  maxAge: number,
  now: number,
): ReadObservation {
  if (observation === undefined || observation === null) return faulty('missing');
  const { at, values } = observation as Partial<Observation>;
  if (typeof at !== 'number' || !Number.isFinite(at)) return faulty('malformed');
  if (Math.abs(now - at) > maxAge) return faulty('stale', at); // one that far ahead is stamped by another clock
  if (!isList(values)) return faulty('malformed', at);
  if (values.length !== ranges.length) return faulty('wrong-length', at);
  const copy = new Float64Array(ranges.length);
  for (let i = 0; i < copy.length; i++) {
    const value: unknown = values[i];
    if (typeof value !== 'number' || !Number.isFinite(value)) return faulty('not-finite', at);
    if (value < ranges[i]!.min || value > ranges[i]!.max) return faulty('out-of-range', at);
    copy[i] = value;
  }
  return { at, values: copy, fault: undefined };
}

function faulty(fault: ObservationFault, at?: number): ReadObservation {
  return { at, values: undefined, fault };
}
