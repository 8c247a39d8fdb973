import { misfit } from '../base/errors.ts';
import { isList } from '../base/schema.ts';
import { reading } from '../base/values.ts';
import { type Counts, numbersOf } from './known-values.ts';

export interface EnergyScore extends Counts {
  /** Mean energy score, in the unit of the values; of a single path the distance. */
  energy: number;
}

/** A path is compared with at most so many others, so that the time grows with their number and not its square. */
const OTHERS = 100;

/**
 * The energy score: the CRPS of whole courses, which also says whether their steps go together as they should (Gneiting
 * and Raftery, Journal of the American Statistical Association 102, 2007). Of a true course y and the sample paths x
 * that were drawn for it, all of the same length, it is the mean of |x - y| less half the mean of |x - x'| over pairs
 * of two paths, where |.| is the root of the sum of squares over the steps: right on average, as `crps` is, however few
 * they are. Of more than 100 paths, each is paired with the next 100.
 *
 * `paths` has a list of paths for each true course. A course with a missing value (NaN) is left out and counted. Throws
 * `invalid-argument` for lists that do not fit or have infinite values, and if no course is complete.
 */
export function energyScore(
  truth: ArrayLike<ArrayLike<number>>,
  paths: ArrayLike<ArrayLike<ArrayLike<number>>>,
): EnergyScore {
  const courses = listOf(truth, 'the true courses', (course, name) => numbersOf(course, name, false));
  const drawn = listOf(paths, 'the paths', (each) => each, courses.length);
  let [sum, count] = [0, 0];
  courses.forEach((course, i) => {
    if (course.some(Number.isNaN)) return;
    const name = `the paths[${i}]`;
    const own = listOf(drawn[i], name, (path, each) => numbersOf(path, each, true, course.length));
    if (own.length === 0) throw misfit('at least one path', name, drawn[i]);
    sum += energyOf(Float64Array.from(course), Float64Array.from(own.flat()));
    count += 1;
  });
  if (count === 0) throw misfit('at least one complete course', 'the true courses', truth);
  return { count, missing: courses.length - count, energy: sum / count };
}

/** Of paths [paths][steps], flat. */
export function energyOf(truth: Float64Array, paths: Float64Array): number {
  const steps = truth.length;
  const count = paths.length / steps;
  let [distance, spread, pairs] = [0, 0, 0];
  for (let p = 0; p < count; p++) {
    distance += distanceOf(paths, p * steps, truth, 0, steps);
    const last = Math.min(p + OTHERS, count - 1);
    for (let q = p + 1; q <= last; q++) spread += distanceOf(paths, p * steps, paths, q * steps, steps);
    pairs += last - p;
  }
  return distance / count - spread / Math.max(1, pairs) / 2;
}

function distanceOf(a: Float64Array, from: number, b: Float64Array, other: number, steps: number): number {
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const difference = a[from + i]! - b[other + i]!;
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/** A list of `length`, if that is given, with what `read` makes of each item and its name. */
function listOf<T>(value: unknown, name: string, read: (item: unknown, name: string) => T, length?: number): T[] {
  return reading(name, () => {
    if (!isList(value) || (length !== undefined && value.length !== length)) {
      throw misfit(length === undefined ? 'a list' : `${length} lists`, name, value);
    }
    const items: T[] = [];
    // one by one: a list of nothing but holes ends at its first
    for (let i = 0; i < value.length; i++) items.push(read(value[i], `${name}[${i}]`));
    return items;
  });
}
