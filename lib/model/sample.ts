import { types } from 'node:util';
import { describe, expected, GatecastError, misfit, nearest } from '../base/errors.ts';
import { orUnreadable } from '../base/values.ts';
import { isList } from '../base/schema.ts';
import { givenInputs } from './gap.ts';
import { isWordNumber, wordNumber } from './inputs/word.ts';
import type { ModelDescription } from './model.ts';
import { type Plans, plansOf, spreadPlans } from './plans.ts';

/** When a sample was taken: milliseconds since the epoch, a Date, or text that Date understands. */
export type SampleTime = number | Date | string;

/** A value of a sample: a number, true or false for 1 or 0, or a word for a category. */
export type SampleValue = number | boolean | string;

/** Values in the order of the inputs: an array, which text is not, or a typed array. */
export type SampleList = ArrayLike<number> | (ArrayLike<SampleValue> & { keys(): unknown });

/**
 * The values of one sample: a number, values in the order of the inputs, or an object that names them. A name whose
 * values are known ahead has a list: the value now, then one for each step ahead.
 */
export type SampleValues = number | SampleList | Readonly<Record<string, SampleValue | SamplePlan>>;

/** The value of now and those of the next steps, missing where null or NaN. Further steps may be left out. */
export type SamplePlan = ArrayLike<number | boolean | null> & { keys(): unknown };

/** One sample of a stream. The bare forms carry no time. */
export type Sample = number | SampleList | TimedSample;

/** A sample with its time, and what else is known of it. */
export interface TimedSample {
  readonly at?: SampleTime;
  readonly values: SampleValues;
  /**
   * The position of the source after this sample, a whole number >= 0. Snapshots keep it, so that a restart knows where
   * to continue.
   */
  readonly offset?: number;
  /** When it arrived [ms since the epoch]; passed on with the forecast. */
  readonly arrivedAt?: number;
}

/** The inputs of the samples of a stream. */
export interface SampleForm {
  readonly names: readonly string[];
  /** Whether each input is a category; undefined if none is. */
  readonly categories: readonly boolean[] | undefined;
  /** The inputs that are known ahead; undefined if none is. */
  readonly plans?: Plans | undefined;
}

/** The form of the samples of a model. */
export function sampleForm(description: Pick<ModelDescription, 'inputs' | 'gap'>): SampleForm {
  const names = givenInputs(description);
  const categories = names.map((_, i) => description.inputs[i]!.words !== undefined);
  return { names, categories: categories.includes(true) ? categories : undefined, plans: plansOf(description) };
}

/** The form of samples with these inputs, which are all numbers. */
export function numbersOf(names: readonly string[]): SampleForm {
  return { names, categories: undefined };
}

/**
 * Writes the values of a sample into `out`, in the order of the inputs. Returns its time [ms since the epoch]: its own,
 * or else `at`. A word of a category becomes its `wordNumber`, or NaN if it is missing. With `gaps`, a missing or
 * non-finite value becomes NaN. Samples are checked here and nowhere else. A sample by name may have further names, but
 * not those alone.
 *
 * Throws `invalid-argument` for a value in none of the forms of `Sample`, or one that throws when it is read: a mistake
 * in the program. Throws `invalid-sample` for a wrong length, a missing or non-finite value or an unusable time: a
 * mistake in the data.
 */
export function readSample(
  sample: Sample,
  at: SampleTime | undefined,
  form: SampleForm,
  out: Float64Array,
  gaps = false,
): number | undefined {
  try {
    let values: SampleValues = sample as SampleValues;
    let time = at;
    if (typeof sample === 'object' && sample !== null && !isList(sample)) {
      ({ values, at: time = at } = sample);
      if (values === undefined) throw notASample(sample);
    }
    readValues(values, form, out, gaps);
    return time === undefined ? undefined : readTime(time);
  } catch (cause) {
    throw orUnreadable('a sample', cause);
  }
}

/** Reads the values of a sample that has no time, as `readSample` does. */
export function readValues(values: SampleValues, form: SampleForm, out: Float64Array, gaps: boolean): void {
  const { names } = form;
  if (typeof values === 'number') {
    if (names.length !== 1) throw wrongLength(names, values);
    out[0] = valueOf(values, form, 0, gaps);
  } else if (isList(values)) {
    if (values.length !== names.length) throw wrongLength(names, values);
    for (let i = 0; i < names.length; i++) out[i] = valueOf(values[i], form, i, gaps);
  } else if (typeof values === 'object' && values !== null) {
    const given = form.plans ? spreadPlans(values, form.plans, gaps) : values;
    let named = 0;
    for (let i = 0; i < names.length; i++) {
      const value = given[names[i]!];
      if (value !== undefined) named++;
      else if (!gaps) throw absent(names[i]!, values, names);
      out[i] = valueOf(value, form, i, gaps);
    }
    // A sample with other names only is not of this stream: its gaps would be filled for ever.
    if (named === 0 && Object.keys(values).length > 0 && !names.some((name) => name in values)) {
      throw absent(names[0]!, values, names);
    }
  } else {
    throw notASample(values);
  }
}

/** The number for the value of an input. */
function valueOf(value: unknown, { names, categories }: SampleForm, input: number, gaps: boolean): number {
  if (categories === undefined || !categories[input]) return finite(value, names[input]!, gaps);
  return word(value, names[input]!);
}

function finite(value: unknown, name: string, gaps: boolean): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (gaps && (typeof value === 'number' || value === undefined || value === null)) return Number.NaN;
  throw new GatecastError('invalid-sample', expected('a finite number', name, value));
}

/** The number of a word. A sample that was read before, as recordings and workers keep it, has this number already. */
function word(value: unknown, name: string): number {
  if (typeof value === 'string') return wordNumber(value);
  if (typeof value === 'number' && (isWordNumber(value) || Number.isNaN(value))) return value;
  if (value === null || value === undefined) return Number.NaN;
  throw new GatecastError('invalid-sample', expected('a word', name, value));
}

/** Most names of a sample that are compared; `SHOWN` limits how many an error shows. */
const LOOKED_AT = 64;
const SHOWN = 5;

/** The name in a sample that may be a misspelling of `name`, an input that the sample lacks. */
export function slipOf(name: string, values: object, names: readonly string[]): string | undefined {
  return Object.hasOwn(values, name) ? undefined : nearest(name, otherNames(values, names));
}

function otherNames(values: object, names: readonly string[]): string[] {
  const some = Object.keys(values).slice(0, LOOKED_AT);
  return some.filter((other) => !names.includes(other));
}

/** The error for a missing value. It shows the sample's other names, or the one that may be a misspelling. */
function absent(name: string, values: object, names: readonly string[]): GatecastError {
  const others = otherNames(values, names);
  const slip = nearest(name, others);
  const shown = slip === undefined ? others.slice(0, SHOWN) : [slip];
  const has = shown.length === 0 ? '' : ` The sample has ${shown.map(describe).join(', ')}.`;
  const hint = slip === undefined ? '' : ` Did you mean ${describe(name)}?`;
  return new GatecastError('invalid-sample', expected('a finite number', name, undefined) + has + hint);
}

function readTime(at: SampleTime): number {
  if (typeof at !== 'number' && typeof at !== 'string' && !types.isDate(at)) {
    throw misfit('milliseconds, a Date or text', 'the time of a sample', at);
  }
  const time = typeof at === 'number' ? at : new Date(at).getTime();
  if (Number.isFinite(time)) return time;
  throw new GatecastError('invalid-sample', expected('a time', 'the time of a sample', at));
}

function wrongLength(names: readonly string[], values: unknown): GatecastError {
  const received = typeof values === 'number' ? 'one number' : describe(values);
  const shown = names.length > SHOWN ? `${names.slice(0, SHOWN).join(', ')}, ...` : names.join(', ');
  return new GatecastError(
    'invalid-sample',
    `Expected ${names.length} values for a sample but received ${received}. The inputs are ${shown}.`,
  );
}

function notASample(value: unknown): GatecastError {
  return misfit('a number, a list of numbers or { at, values }', 'a sample', value);
}
