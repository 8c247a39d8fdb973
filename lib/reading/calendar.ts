export const DAY = 86_400_000;

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The days from 1 January 1970 to this day of the Gregorian calendar; month from 1. */
export function daysSince1970(year: number, month: number, day: number): number {
  // Years begin in March, so that the leap day is the last (H. Hinnant, chrono-compatible low-level date algorithms).
  const from = month > 2 ? year : year - 1;
  const era = Math.floor(from / 400);
  const ofEra = from - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + (ofEra >> 2) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

/** True if the month has this day. */
export function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  if (day <= MONTH_DAYS[month - 1]!) return true;
  return month === 2 && day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The whole year of a year of two digits: 1969 to 2068, as POSIX has it. */
export function fullYear(short: number): number {
  return short < 69 ? 2000 + short : 1900 + short;
}

/** The month of a name or its first letters in English, German and the Romance languages; 0 if it is none. */
export function monthOf(word: string): number {
  return MONTHS.get(word.slice(0, 3)) ?? MONTHS.get(word.slice(0, 4)) ?? 0;
}

/**
 * True for the names of weekdays, whole or short, in English, German, French and Spanish, but for `mar`, which is a
 * month too.
 */
export function isWeekday(word: string): boolean {
  return WEEKDAYS.has(word);
}

const MONTHS: ReadonlyMap<string, number> = new Map(
  [
    ['jan', 'ene', 'gen'],
    ['feb', 'fév', 'fev'],
    ['mar', 'mär', 'mrz'],
    ['apr', 'avr', 'abr'],
    ['may', 'mai', 'mag'],
    ['jun', 'juin', 'giu'],
    ['jul', 'juil', 'lug'],
    ['aug', 'aoû', 'ago'],
    ['sep', 'set'],
    ['oct', 'okt', 'ott', 'out'],
    ['nov'],
    ['dec', 'dez', 'déc', 'dic'],
  ].flatMap((words, index) => words.map((word): [string, number] => [word, index + 1])),
);

const WEEKDAYS: ReadonlySet<string> = new Set(
  (
    'mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday ' +
    'mo di mi do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonntag sonnabend ' +
    'lun mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi dimanche ' +
    'mié mie jue vie sáb sab dom lunes martes miércoles jueves viernes sábado domingo'
  ).split(' '),
);
