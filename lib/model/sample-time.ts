import { expected, GatecastError } from '../base/errors.ts';
import { LAST_TIME } from './inputs/calendar.ts';

/** Throws `invalid-sample` for a time of a sample [ms] that a model which reads times cannot take. */
export function checkSampleTime(at: number): void {
  if (Math.abs(at) <= LAST_TIME) return;
  const received = Number.isNaN(at) ? undefined : at;
  const what = 'a time, which this model reads,';
  throw new GatecastError('invalid-sample', expected(what, 'the time of a sample', received));
}

/**
 * The time of a step [ms] of a model that reads times: `at`, or if that is NaN, because the step has no sample, an
 * interval after the step `before`. Undefined `before` for a first step. Throws `invalid-sample`.
 */
export function timeOfStep(at: number, before: number | undefined, interval: number | null): number {
  const time = Number.isNaN(at) && before !== undefined ? before + (interval ?? at) : at;
  checkSampleTime(time);
  return time;
}
