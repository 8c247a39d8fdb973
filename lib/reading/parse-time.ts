import { TimeScan } from './time-scan.ts';
import { ZoneClock } from './zone.ts';

const scan = new TimeScan();

/**
 * The time [ms since 1970] of one text such as '2016-07-01 01:30:00' that can be read in one way without the rest of
 * its column: a date with its time of day, fraction and zone, if it has them. Without a zone it is UTC, so that a file
 * means the same everywhere. NaN for anything else, also for 01/02/2026 and for numbers.
 */
export function parseTime(text: string): number {
  if (/^\s*\d*\s*$/.test(text) || !scan.scan(text) || scan.date === 'none') return Number.NaN;
  if (scan.date === 'numbers' && !scan.dots) return Number.NaN;
  const local = scan.local('dmy');
  if (!Number.isNaN(scan.offset)) return local - scan.offset;
  return scan.zone === '' ? local : new ZoneClock(scan.zone).toUtc(local);
}
