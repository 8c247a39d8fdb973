import { describe } from '../base/errors.ts';
import type { ColumnSurvey } from './column-survey.ts';
import { OffsetScan } from './offset-scan.ts';
import { TimeCursor } from './time-cursor.ts';

/** What a name says of a zone: `Date Time, GMT+01:00`, `MTU (CET/CEST)`, `datetime_local`. */
const NAMED =
  /(?<![a-z])(?:(?:utc|gmt) ?[+-]\d\d?(?::?\d\d)?|(?:cet|cest|mez|mesz|[ecmp][sd]t)(?:\/(?:cest|mesz|[ecmp]dt))?|local)(?![a-z])/i;

/** Columns beside the time that hold its zone. */
const COLUMN = /^(?:tz|tz_?cd|time_?zone|zone|zeitzone|(?:utc|gmt|tz)?_?offset)$/i;

/**
 * A sentence on local times that are read as UTC although a name, or a column beside them, says which zone they are in;
 * undefined if nothing does.
 */
export function zoneHint(time: readonly ColumnSurvey[], others: readonly ColumnSurvey[]): string | undefined {
  if (time.some(({ times, numbers }) => times.offsets > 0 || numbers.count > times.count)) return undefined;
  for (const { name } of time) {
    const said = NAMED.exec(name)?.[0];
    if (said !== undefined && !isUtc(said)) return sentence(`its name ${describe(name)} says ${said}`);
  }
  for (const { name, words } of others) {
    if (!COLUMN.test(name) || words.count === 0 || words.overflowed) continue;
    const [first, ...more] = words.words;
    if (isUtc(first!) && more.length === 0) continue;
    if (words.words.every((word) => offsetOf(word) !== undefined)) {
      return sentence(`the column ${describe(name)} says ${words.words.slice(0, 2).join(' and ')}`);
    }
  }
  return undefined;
}

function sentence(why: string): string {
  return `The time is read as UTC, but ${why}: --zone says which zone it is in.`;
}

function isUtc(text: string): boolean {
  return offsetOf(text) === 0;
}

/** The offset of `CET`, `UTC+1` or `+01:00` [ms]; NaN for the name of a place; undefined for other text. */
function offsetOf(text: string): number | undefined {
  const cursor = new TimeCursor();
  cursor.begin(text, text.length);
  const scan = new OffsetScan(cursor);
  return scan.rest() && cursor.isAtEnd && text !== '' ? scan.ms : undefined;
}
