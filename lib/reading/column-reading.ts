import { describe, GatecastError, optionText } from '../base/errors.ts';
import type { ColumnSurvey } from './column-survey.ts';
import { isAbsent } from './missing.ts';
import { mentionsKey } from './names.ts';
import { decideNumbers, type NumberForm, type NumberHints, numberReader } from './number-form.ts';
import type { Cell } from './number-survey.ts';
import type { StandIn } from './stand-ins.ts';
import { SWITCHES } from './switches.ts';

/** What a column holds. A category is one of few words; text is words of which most occur once. */
export type ColumnKind = 'number' | 'boolean' | 'category' | 'text' | 'time' | 'empty';

/** What a column holds and how its fields are read. */
export interface ColumnReading {
  name: string;
  kind: ColumnKind;
  /** True if all fields that are not missing are the same. */
  constant: boolean;
  /** True if the column is likely to tell several series of the table apart. */
  key: boolean;
  /** True for few numbers that repeat, which may also tell series apart. */
  repeats: boolean;
  /** How numbers are written; null for other kinds. */
  form: NumberForm | null;
  /** The words of a category, sorted, or those for false and true. */
  words: readonly string[];
  /** How many fields are missing, and how many are not. */
  missing: number;
  present: number;
  /** Of numbers; NaN for other kinds. */
  min: number;
  max: number;
  mean: number;
  /** How many fields are of another kind than most, and the first of them. */
  misfits: number;
  misfit: Cell | null;
  /** Why the column cannot be read as numbers, as a sentence; null if it can. */
  leftOut: string | null;
  /** Words of the column that are read as missing because they can mean nothing else in it. */
  absent: readonly string[];
  /** Numbers that are likely to stand for missing values, but are read as numbers. */
  standIns: readonly StandIn[];
  /** The number, 0 or 1, or the index of the word in a field; NaN if it is missing or does not fit. */
  read(field: string): number;
}

/** A category's words occur at least this often on average. */
const REPEATED = 2;

const NOTHING = {
  constant: false,
  key: false,
  repeats: false,
  form: null,
  words: [],
  min: Number.NaN,
  max: Number.NaN,
  mean: Number.NaN,
  misfits: 0,
  misfit: null,
  leftOut: null,
  absent: [],
  standIns: [],
  read: () => Number.NaN,
};

/**
 * Decides by all fields of a column what it holds. A column that mixes numbers with other things, or whose numbers can
 * be read in two ways, is text and `leftOut` says why.
 */
export function decideColumn(column: ColumnSurvey, hints: NumberHints, source: string): ColumnReading {
  const { name, numbers, times, words, missing, present } = column;
  const absent = [...words.entries()].filter(([word]) => isAbsent(word));
  const away = absent.reduce((sum, [, { count }]) => sum + count, 0);
  const others = present - numbers.count - away;
  const base = { ...NOTHING, name, missing, present };
  const withoutAbsent = {
    missing: missing + away,
    present: present - away,
    absent: absent.map(([word]) => word).sort(),
  };

  if (present === 0) return { ...base, kind: 'empty', leftOut: leftOut(name, 'it is empty') };
  const onlyAbsent = present === away;
  if (numbers.count > 0 && others === 0 && !(numbers.units.size > 1 && !column.codes.overflowed)) {
    return { ...base, ...withoutAbsent, ...numberColumn(column, withoutAbsent, hints, source) };
  }
  if (times.count > 0 && times.count === others && numbers.count === 0) {
    const what = times.dated > 0 ? 'it holds times' : 'it holds times of day without dates';
    return { ...base, ...withoutAbsent, kind: 'time', leftOut: leftOut(name, what) };
  }
  if (times.count === 0 && numbers.count === 0) {
    const found = onlyAbsent ? undefined : booleanColumn(column);
    if (found) return { ...base, ...withoutAbsent, ...found };
  }
  const mixed = numbers.count * 2 >= present - away && others > 0 && numbers.units.size <= 1;
  if (!mixed && times.count === 0 && !words.overflowed && !column.codes.overflowed) {
    const all = [...words.words, ...column.codes.words.map((code) => code.trim())];
    const different = [...new Set(all)].sort();
    if (present >= REPEATED * different.length) return { ...base, ...categoryColumn(different) };
  }
  const key = mentionsKey(name) && !mixed;
  if (numbers.count === present - away)
    return { ...base, ...withoutAbsent, ...numberColumn(column, withoutAbsent, hints, source) };
  if (!mixed) return { ...base, kind: 'text', key, leftOut: leftOut(name, 'it holds text') };
  const { misfit, sentence } = firstMisfit(column, source);
  return { ...base, kind: 'text', leftOut: sentence, misfits: others, misfit };
}

function leftOut(name: string, why: string): string {
  return `Column ${describe(name)} is left out: ${why}.`;
}

function numberColumn(
  column: ColumnSurvey,
  counts: Pick<ColumnReading, 'missing' | 'present'>,
  hints: NumberHints,
  source: string,
): Partial<ColumnReading> & { kind: ColumnKind } {
  const { name, numbers, numericTimes, codes } = column;
  try {
    const decided = decideNumbers(numbers, hints, name, source);
    const { form, range } = decided;
    const missing = counts.missing + decided.missing;
    const present = counts.present - decided.missing;
    if (present === 0) return { kind: 'empty', missing, present, leftOut: leftOut(name, 'it is empty') };
    const { min, max, mean } = range;
    const repeated = mentionsKey(name) && numericTimes.whole && (codes.overflowed || codes.count > codes.words.length);
    return {
      kind: 'number',
      missing,
      present,
      form,
      standIns: numbers.standIns.far(),
      min,
      max,
      mean,
      constant: min === max,
      key: repeated,
      repeats: !codes.overflowed && codes.count >= REPEATED * codes.words.length,
      read: column.reader(numberReader(form)),
    };
  } catch (cause) {
    if (!(cause instanceof GatecastError)) throw cause;
    return { kind: 'text', leftOut: cause.message, misfits: numbers.count };
  }
}

function booleanColumn({ words }: ColumnSurvey): (Partial<ColumnReading> & { kind: ColumnKind }) | undefined {
  if (words.overflowed) return undefined;
  const used = new Set(words.words.filter((word) => !isAbsent(word)).map((word) => word.toLowerCase()));
  const pair = SWITCHES.find((each) => [...used].every((word) => each.includes(word)));
  // One letter alone, such as y, may be anything.
  if (!pair || (used.size === 1 && pair[0].length === 1)) return undefined;
  const values = new Map(words.words.map((word) => [word, pair.indexOf(word.toLowerCase())]));
  return {
    kind: 'boolean',
    words: pair,
    constant: used.size === 1,
    read: (field) => {
      const value = values.get(field) ?? values.get(field.trim()) ?? -1;
      return value < 0 ? Number.NaN : value;
    },
  };
}

function categoryColumn(words: readonly string[]): Partial<ColumnReading> & { kind: ColumnKind } {
  const indices = new Map(words.map((word, index) => [word, index]));
  const read = (field: string) => indices.get(field) ?? indices.get(field.trim()) ?? Number.NaN;
  return { kind: 'category', words, key: true, constant: words.length === 1, read };
}

/** The first field that is no number among many that are, and what can be done about it. */
function firstMisfit({ name, words, times }: ColumnSurvey, source: string): { misfit: Cell; sentence: string } {
  let misfit = times.first ?? (words.overflowed ? words.first : undefined);
  let rows = misfit ? undefined : 0;
  for (const [text, { line, count }] of words.entries()) {
    if (isAbsent(text) || line > (misfit?.line ?? Number.POSITIVE_INFINITY)) continue;
    misfit = { line, text };
    rows = count;
  }
  const { line, text } = misfit!;
  const many = rows === undefined ? '' : ` (${rows} ${rows === 1 ? 'row' : 'rows'})`;
  const offered = rows !== undefined && !/^[-+]?\d/.test(text);
  const hint = !offered ? '' : ` Use --missing ${optionText(text)} to read it as missing.`;
  return {
    misfit: misfit!,
    sentence: `Expected numbers in ${name} but line ${line} of ${source} has ${describe(text)}${many}.${hint}`,
  };
}
