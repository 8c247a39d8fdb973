import { misfit } from '../base/errors.ts';
import { isList } from '../base/schema.ts';
import { reading } from '../base/values.ts';
import type { Counts } from './known-values.ts';

/** A class: a word or a number. */
export type Label = string | number;

/** Classes in time order, one for each row. In true classes, undefined or NaN is a missing one. */
export type Labels = ArrayLike<Label | undefined>;

/** How well one class is recognised. */
export interface ClassScore {
  /** How often it is the truth. */
  count: number;
  /** The share of the rows given this class that truly have it; 0 if there are none. */
  precision: number;
  /** The share of the rows that truly have it that were given it; 0 if there are none. */
  recall: number;
  /** The harmonic mean of both; 0 if one of them is. */
  f1: number;
}

export interface ClassScores extends Counts {
  /** The share of rows with the right class. */
  accuracy: number;
  /** Mean F1 over the classes, each with the same weight. */
  macroF1: number;
  /** All classes that occur, numbers ascending, then words by their characters. */
  classes: readonly Label[];
  /** How many rows of each true class, a row of the table, were given each class, a column. */
  confusion: readonly (readonly number[])[];
  /** The score of each class, in the order of `classes`. */
  byClass: readonly ClassScore[];
}

/**
 * The scores of forecast classes. Precision, recall and F1 as in van Rijsbergen, Information Retrieval, 1979; their
 * mean is over all classes that occur in the truth or in the forecasts.
 *
 * Missing true classes are left out and counted. Throws `invalid-argument` for lists of different lengths, for what is
 * neither a word nor a finite number, and if no true class is known.
 */
export function classScores(truth: Labels, forecast: Labels): ClassScores {
  const { known, forecasts, missing } = labelsOf(truth, forecast);
  const classes = [...new Set([...known.map(({ label }) => label), ...known.map(({ row }) => forecasts[row]!)])].sort(
    inOrder,
  );
  const places = new Map(classes.map((label, i) => [label, i]));
  const confusion = classes.map(() => classes.map(() => 0));
  for (const { label, row } of known) confusion[places.get(label)!]![places.get(forecasts[row]!)!]! += 1;
  const byClass = classes.map((_, c): ClassScore => {
    const right = confusion[c]![c]!;
    const count = confusion[c]!.reduce((sum, each) => sum + each, 0);
    const given = confusion.reduce((sum, row) => sum + row[c]!, 0);
    const share = (of: number) => (of === 0 ? 0 : right / of);
    return {
      count,
      precision: share(given),
      recall: share(count),
      f1: right === 0 ? 0 : (2 * right) / (count + given),
    };
  });
  const right = byClass.reduce((sum, _, c) => sum + confusion[c]![c]!, 0);
  return {
    count: known.length,
    missing,
    accuracy: right / known.length,
    macroF1: byClass.reduce((sum, { f1 }) => sum + f1, 0) / classes.length,
    classes,
    confusion,
    byClass,
  };
}

/** How soon changes of class are recognised. */
export interface ChangeDelays {
  /** Changes of the true class. */
  changes: number;
  /** Changes after which the new class was given before it changed again. */
  found: number;
  /** For each change the rows from it to the first one that was given the new class: 0 for at once, NaN for never. */
  delays: readonly number[];
  /** Mean and median delay of the changes found, in rows; NaN for none. */
  mean: number;
  median: number;
}

/**
 * How many rows after each change of the true class a forecast class is first right. A change is a row whose class
 * differs from the last known one; the first row is none.
 *
 * Missing true classes are no change, and not right. Throws as `classScores` does.
 */
export function changeDelays(truth: Labels, forecast: Labels): ChangeDelays {
  const { known, forecasts } = labelsOf(truth, forecast);
  const delays: number[] = [];
  let begun: number | undefined;
  known.forEach(({ label, row }, i) => {
    if (i > 0 && label !== known[i - 1]!.label) {
      begun = row;
      delays.push(Number.NaN);
    }
    if (begun === undefined || forecasts[row] !== label) return;
    delays[delays.length - 1] = row - begun;
    begun = undefined;
  });
  return summaryOf(delays);
}

/** What delays say together; NaN for a change that was never given its class. */
export function summaryOf(delays: readonly number[]): ChangeDelays {
  const found = delays.filter((delay) => !Number.isNaN(delay)).sort((a, b) => a - b);
  const middle = found.length >> 1;
  const median = found.length % 2 === 1 ? found[middle]! : (found[middle - 1]! + found[middle]!) / 2;
  return {
    changes: delays.length,
    found: found.length,
    delays,
    mean: found.reduce((sum, delay) => sum + delay, 0) / found.length,
    median,
  };
}

interface Checked {
  /** The rows whose true class is known. */
  known: { label: Label; row: number }[];
  forecasts: readonly (Label | undefined)[];
  missing: number;
}

function labelsOf(truth: unknown, forecast: unknown): Checked {
  const all = listOf(truth, 'the true classes');
  const forecasts = listOf(forecast, 'the forecast classes', all.length);
  const known = all.flatMap((label, row) => (label === undefined ? [] : [{ label, row }]));
  if (known.length === 0) throw misfit('at least one known class', 'the true classes', truth);
  const unknown = known.find(({ row }) => forecasts[row] === undefined);
  if (unknown) {
    const name = `the forecast classes[${unknown.row}]`;
    throw misfit('a class where the truth is known', name, forecasts[unknown.row]);
  }
  return { known, forecasts, missing: all.length - known.length };
}

function listOf(value: unknown, name: string, length?: number): (Label | undefined)[] {
  return reading(name, () => {
    if (!isList(value) || (length !== undefined && value.length !== length)) {
      throw misfit(length === undefined ? 'a list of classes' : `${length} classes`, name, value);
    }
    return Array.from(value, (each, i): Label | undefined => {
      if ((each === undefined && i in value) || Number.isNaN(each)) return undefined;
      if (typeof each === 'string' || (typeof each === 'number' && Number.isFinite(each))) return each;
      throw misfit('a word or a finite number', `${name}[${i}]`, each);
    });
  });
}

function inOrder(a: Label, b: Label): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : 1;
}
