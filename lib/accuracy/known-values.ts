import { GatecastError, misfit } from '../base/errors.ts';
import { isList } from '../base/schema.ts';
import { reading } from '../base/values.ts';

/** How many values a measure is the mean of, and how many had no known truth. */
export interface Counts {
  /** Values that were compared. */
  count: number;
  /** Values left out because their truth is missing (NaN). */
  missing: number;
}

/**
 * A copy of a caller's list of numbers, of `length` if that is given. `finite` false allows NaN for a missing one.
 * Throws `invalid-argument`, naming the first wrong number.
 */
export function numbersOf(value: unknown, name: string, finite: boolean, length?: number): readonly number[] {
  return reading(name, () => {
    if (!isList(value) || (length !== undefined && value.length !== length)) {
      throw misfit(length === undefined ? 'a list of numbers' : `${length} numbers`, name, value);
    }
    const numbers: number[] = [];
    for (let i = 0; i < value.length; i++) {
      const each = value[i];
      if (typeof each !== 'number' || !(Number.isFinite(each) || (!finite && Number.isNaN(each)))) {
        const what = finite ? 'a finite number' : 'a finite number, or NaN if it is missing,';
        throw misfit(what, `${name}[${i}]`, each);
      }
      numbers.push(each);
    }
    return numbers;
  });
}

/** The true values: finite, or NaN for a missing one. Throws `invalid-argument`, also if none is known. */
export function truthOf(value: unknown): ArrayLike<number> {
  const truth = numbersOf(value, 'the true values', false);
  for (let i = 0; i < truth.length; i++) if (!Number.isNaN(truth[i])) return truth;
  throw misfit('at least one known value', 'the true values', value);
}

/** A list of forecasts for these true values: finite wherever the truth is known. Throws `invalid-argument`. */
export function forecastsOf(value: unknown, name: string, truth: ArrayLike<number>): ArrayLike<number> {
  const forecasts = numbersOf(value, name, false, truth.length);
  for (let i = 0; i < truth.length; i++) {
    if (Number.isNaN(forecasts[i]) && !Number.isNaN(truth[i])) {
      throw misfit('a finite number where the truth is known', `${name}[${i}]`, forecasts[i]);
    }
  }
  return forecasts;
}

/** Calls `add` with the place of each known true value. */
export function eachKnown(truth: ArrayLike<number>, add: (i: number) => void): Counts {
  let count = 0;
  for (let i = 0; i < truth.length; i++) {
    if (Number.isNaN(truth[i])) continue;
    count += 1;
    add(i);
  }
  return { count, missing: truth.length - count };
}

/** The error for a measure that is not defined for these values. */
export function undefinedMeasure(what: string): GatecastError {
  return new GatecastError('invalid-data', `Expected ${what}.`);
}
