const ISO =
  /^(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?(?:[T ]+(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/**
 * The time [ms since 1970] of text such as '2016-07-01 01:30:00': a date with '-' or '/', with or without a day, time,
 * fraction and zone. Without a zone it is UTC, so that a file means the same everywhere. NaN for anything else.
 */
export function parseTime(text: string): number {
  const match = ISO.exec(text);
  if (!match) return Number.NaN;
  const [year, month, day = 1, hour = 0, minute = 0] = match
    .slice(1, 6)
    .map((part) => (part ? Number(part) : undefined));
  const midnight = Date.UTC(year!, month! - 1, day);
  const date = new Date(midnight);
  if (date.getUTCMonth() !== month! - 1 || date.getUTCDate() !== day || hour > 24 || minute > 59) return Number.NaN;
  return midnight + (hour * 60 + minute) * 60_000 + Number(match[6] ?? 0) * 1000 - zoneOffset(match[7]);
}

function zoneOffset(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', ''));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
