import { describe, GatecastError, nearest } from '../base/errors.ts';
import { enumerate } from '../data/table.ts';

const TIME_NAME = /^(at|date|datetime|time|timestamp|ts)$/i;

const TIME_WORDS = new Set(
  (
    'at date datetime time timestamp ts stamp ds when utc epoch unixtime datenum jd datum zeit zeitstempel uhrzeit datumzeit ' +
    'fecha hora heure horodatage data ora tijd dato tid aika datetimeutc timeutc yyyymmdd tmstamp 时间 時間 日時 日期 시간 일시'
  ).split(' '),
);

/** The parts of a time, from the largest, as columns are called that hold one each; last, the day of the year. */
const PARTS: readonly (readonly string[])[] = [
  ['year', 'yyyy', 'yy', 'yr', 'jahr'],
  ['month', 'MM', 'mon', 'mo', 'monat'],
  ['day', 'dd', 'dy', 'dayofmonth', 'tag'],
  ['hour', 'hh', 'hr', 'stunde'],
  ['minute', 'mm', 'min', 'mn', 'minutes'],
  ['second', 'sec', 'ss', 'seconds', 'sekunde'],
  ['doy', 'dayofyear', 'day_of_year', 'day of year', 'yday', 'jday'],
];

/** True if this name, in upper or lower case, can only be that of a time. */
export function isTimeName(name: string): boolean {
  return TIME_NAME.test(name);
}

/** True if a word of the name, such as `Time` in `Time (UTC)` or `_time`, is one for times or dates. */
export function mentionsTime(name: string): boolean {
  return wordsOf(name).some((word) => TIME_WORDS.has(word));
}

/** True if the name says that its times are UTC. */
export function mentionsUtc(name: string): boolean {
  return wordsOf(name).some((word) => /^(utc|gmt|zulu|(?:datetime|time)utc)$/.test(word));
}

/** True if a word of the name is one for days. */
export function mentionsDate(name: string): boolean {
  return wordsOf(name).some((word) => /^(date|datum|fecha|day|tag|ds|yyyymmdd)$/.test(word));
}

/** True if a word of the name is one for keys of series. */
export function mentionsKey(name: string): boolean {
  return wordsOf(name).some((word) =>
    /^(id|ids|key|series|device|sensor|station|entity|meter|host|site|tag|store|shop|item|product|sku|ticker|symbol|machine|vehicle)$/.test(
      word,
    ),
  );
}

/**
 * Which part of a time the column holds by its name: 0 for the year to 5 for the second, 6 for the day of the year; -1
 * for none.
 */
export function partOf(name: string): number {
  const word = name === 'MM' ? name : name.toLowerCase(); // beside `mm`, the minutes
  return PARTS.findIndex((words) => words.includes(word));
}

/** The index of the column `name`. Throws `invalid-data`, suggesting the nearest name, if there is none. */
export function findColumn(names: readonly string[], name: string, file: string): number {
  const index = names.indexOf(name);
  if (index >= 0) return index;
  const guess = nearest(name, names);
  const hint = guess ? ` Did you mean ${describe(guess)}?` : ` It has ${enumerate(names)}.`;
  throw new GatecastError('invalid-data', `Expected a column ${describe(name)} in ${file}.${hint}`);
}

/** The words of a name in lower case: `lastChanged`, `last_changed` and `Last changed` have two. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u);
}
