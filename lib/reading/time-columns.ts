import { isAbsent } from './missing.ts';
import type { ColumnSurvey } from './column-survey.ts';
import { isEpochUnit } from './epoch.ts';
import { mentionsDate, mentionsTime, mentionsUtc, partOf } from './names.ts';

/** The least part of the fields that fit, for a column to be taken as the time without being named. */
const LEAST = 0.9;

/** If so many fit and the name says time, the others are refused as mistakes, unless another column is the time. */
const HALF = 0.5;

/** Within these a whole number is the year, month, day, hour, minute, second and day of the year of a row. */
const PART_RANGES: readonly (readonly [number, number])[] = [
  [1800, 2200],
  [1, 12],
  [1, 31],
  [0, 24],
  [0, 59],
  [0, 60],
  [1, 366],
];

const MONTH = 1;
/** The place of the day of the year, which stands for month and day. */
export const DAY_OF_YEAR = 6;

/**
 * Finds the columns with the time of each row by all of their fields and by their names: the indices of one column, of
 * a date and a time of day, or of year, month, day and so on. Empty if there are none.
 */
export function guessTimeColumns(columns: readonly ColumnSurvey[]): number[] {
  let best = -1;
  let most = 0;
  for (const [index, column] of columns.entries()) {
    const score = scoreOf(column);
    if (score > most) [best, most] = [index, score];
  }
  const parts = partColumns(columns);
  const hasDay = parts.length >= 3 || parts.some((index) => partOf(columns[index]!.name) === DAY_OF_YEAR);
  if (hasDay && most < 6) return parts;
  if (best < 0) return isCourse(columns, parts) ? parts : [];
  const clock = isDateOnly(columns[best]!) ? clockColumn(columns, best) : -1;
  return clock < 0 ? [best] : [best, clock];
}

/**
 * For each column, which part of a time it holds, the year being 0: by their names, or three and more by their order.
 * Undefined if they do not hold such parts.
 */
export function partsOf(columns: readonly ColumnSurvey[]): number[] | undefined {
  const named = columns.map(({ name }) => partOf(name));
  const hasAll = (places: readonly number[]) => places.every((place) => named.includes(place));
  const isNamed = hasAll([0, DAY_OF_YEAR]) || hasAll([0, 1, 2].slice(0, columns.length));
  const places = isNamed ? named : [...columns.keys()];
  if (!isNamed && columns.length < 3) return undefined;
  return columns.every((column, i) => PART_RANGES[places[i]!] && isPart(column, places[i]!)) ? places : undefined;
}

/** True if the fields are years, months or such, by the place of the column among those of a time. */
function isPart({ numericTimes, numbers, present }: ColumnSurvey, place: number): boolean {
  const [least, most] = PART_RANGES[place]!;
  if (numbers.count === 0 || numbers.count < present || !numericTimes.whole) return false;
  return numericTimes.min >= least && numericTimes.max <= most;
}

/** True if the column holds dates without a time of day. */
export function isDateOnly({ times, numericTimes }: ColumnSurvey): boolean {
  if (times.count > numericTimes.count) return times.dated > 0 && times.clocked === 0;
  return numericTimes.common({ dates: true }) === 'digits' && numericTimes.max < 1e8;
}

/** True if the column holds times of day without a date. `named`: its name must say so, if it holds numbers. */
export function isClock(column: ColumnSurvey, named: boolean): boolean {
  const { times, numericTimes, numbers } = column;
  if (column.hasDottedClocks) return true;
  if (times.count > numbers.count) return times.dated === 0 && fits(column, times.count);
  if (!fits(column, numbers.count) || numericTimes.min < 0) return false;
  if (partOf(column.name) === 3) return numericTimes.max <= 24;
  return (
    (!named || mentionsTime(column.name)) && (numericTimes.whole ? numericTimes.max <= 240_000 : numericTimes.max < 1)
  );
}

/** The larger, the likelier the column is the time; 0 if it is not. */
function scoreOf(column: ColumnSurvey): number {
  const { name, times, numericTimes, numbers } = column;
  const named = mentionsTime(name) || mentionsDate(name);
  if (column.hasDottedClocks) return 0;
  if (times.dated > 0 && times.dated === times.count && fits(column, times.count, named ? HALF : LEAST)) {
    if (!fits(column, times.count)) return 1;
    const constant = times.count > 1 && !times.varies;
    const utc = times.offsets > 0 || mentionsUtc(name); // beside the same time on a clock on the wall
    return 5 + (named ? 4 : 0) + (times.clocked > 0 ? 2 : 0) + (utc ? 1 : 0) - (constant ? 4 : 0);
  }
  if ((!named && name !== 't') || !fits(column, numbers.count, HALF)) return 0;
  const form = numericTimes.common({ dates: mentionsDate(name) });
  if (!named && (form === undefined || !isEpochUnit(form))) return 0; // a `t` is often a temperature
  if (form === undefined) return 0;
  if (!fits(column, numbers.count)) return 1;
  return isDateOnly(column) ? 8 : 10;
}

function fits(column: ColumnSurvey, count: number, least = LEAST): boolean {
  let absent = 0;
  for (const [word, { count: times }] of column.words.entries()) if (isAbsent(word)) absent += times;
  return count > 0 && count >= least * (column.present - absent);
}

function clockColumn(columns: readonly ColumnSurvey[], date: number): number {
  const clocks = [...columns.keys()].filter((index) => index !== date && isClock(columns[index]!, true));
  // Beside several times of day, such as sunrise and sunset, the name says which is the row's.
  return clocks.find((index) => mentionsTime(columns[index]!.name)) ?? clocks[0] ?? -1;
}

/**
 * True for a year or a month that is another one in most rows, or in most rows of each word of a column: beside the
 * week or the day of the year it is not.
 */
function isCourse(columns: readonly ColumnSurvey[], parts: readonly number[]): boolean {
  if (parts.length === 0 || columns.some(({ name }) => partOf(name) >= parts.length)) return false;
  const { numericTimes, codes } = columns[parts.at(-1)!]!;
  const { count, back, forth } = numericTimes;
  if (count > 1 && back + forth >= LEAST * (count - 1)) return true;
  if (parts.length > 1 || codes.overflowed) return false;
  const rowsOfYear = count / codes.words.length;
  return columns.some(({ words }) => words.words.length >= LEAST * rowsOfYear);
}

/** The columns of year, month, day or day of the year, and what follows, as far as they are there. */
function partColumns(columns: readonly ColumnSurvey[]): number[] {
  const found: number[] = [];
  const indexOf = (place: number) => {
    const isNamed = ({ name }: ColumnSurvey) => partOf(name) === place || (place === MONTH && name === 'mm');
    return columns.findIndex((column, i) => !found.includes(i) && isNamed(column) && isPart(column, place));
  };
  for (let place = 0; place < DAY_OF_YEAR; place++) {
    let index = indexOf(place);
    if (index < 0 && place === MONTH) {
      index = indexOf(DAY_OF_YEAR);
      place++; // the day is known too
    }
    if (index < 0) break;
    found.push(index);
  }
  return found;
}
