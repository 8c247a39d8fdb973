import { type DataReport, intervalText, type ReportColumn } from '../adapters/data-report.ts';
import { printable } from '../base/errors.ts';
import { durationText } from '../data/rules/duration-text.ts';

const DELIMITERS: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
  ' ': 'blanks',
};
const BARS = '▁▂▃▄▅▆▇█';
const MOST_COLUMNS = 60;
const MOST_KEYS = 8;
const MOST_WORDS = 8;

/** What was understood of a file, as lines. */
export function describeData(report: DataReport): string {
  const { rows, text, time, series, order, columns, notes } = report;
  const signs = [
    ...(text.decimal ? [`decimal sign ${text.decimal}`] : []),
    ...(text.thousands ? [`thousands grouped by ${text.thousands.trim() === '' ? 'blanks' : text.thousands}`] : []),
  ];
  const { format, delimiter, headerLine, encoding } = text;
  const between = delimiter === null ? format : `${DELIMITERS[delimiter] ?? delimiter} between fields`;
  const written = [between, ...signs, encoding];
  const header = headerLine === null ? '' : `, header in line ${headerLine}`;
  const lines: [string, string][] = [
    ['file', `${report.source}: ${count(rows, 'row')}${header}; ${written.join(', ')}`],
    ['time', timeLine(time)],
    ['series', seriesLine(series)],
    ...(time ? [['order', orderLine(order)] satisfies [string, string]] : []),
  ];
  const shown = columns.filter(({ used }) => used).slice(0, MOST_COLUMNS);
  const width = Math.max(0, ...shown.map(({ name, unit }) => nameOf(name, unit).length));
  const table = shown.map((column) => `  ${nameOf(column.name, column.unit).padEnd(width)}  ${columnLine(column)}`);
  const more = columns.filter(({ used }) => used).length - shown.length;
  const all = [
    ...lines.map(([name, value]) => `${name.padEnd(8)}${value}`),
    'columns',
    ...table,
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...notes,
  ];
  return all.map((line) => `${printable(line)}\n`).join('');
}

function timeLine(time: DataReport['time']): string {
  if (!time) return 'no column holds times';
  const { columns, form, zone, first, last, interval, regular } = time;
  const span = first === null || last === null ? 'no times' : `${first} to ${last}`;
  return `${columns.join(' + ')} (${form}, ${zone}): ${span}, ${intervalText(interval, regular)}`;
}

function seriesLine({ by, count: all, keys }: DataReport['series']): string {
  if (by.length === 0) return all === 1 ? 'one' : `${all}`;
  const some = keys.slice(0, MOST_KEYS).map(({ key, rows }) => `${key} (${rows})`);
  return `${all} by ${by.join(' and ')}: ${some.join(', ')}${all > some.length ? ', ...' : ''}`;
}

function orderLine({
  outOfOrder,
  newestFirst,
  duplicates,
  untimed,
  outlying,
  gaps,
  longestGap,
}: DataReport['order']): string {
  const facts = [
    newestFirst > 0 ? 'newest first' : outOfOrder > 0 ? `${count(outOfOrder, 'row')} out of order` : 'in order',
    ...(duplicates > 0 ? [`${count(duplicates, 'row')} with the time of the row before`] : []),
    ...(untimed > 0 ? [`${count(untimed, 'row')} without a time`] : []),
    ...(outlying > 0 ? [`${count(outlying, 'time')} far away from all others`] : []),
    gaps > 0 ? `${count(gaps, 'gap')}, the longest ${durationText(longestGap ?? 0)}` : 'no gaps',
  ];
  return facts.join(', ');
}

function columnLine({ kind, missing, min, max, mean, words, picture }: ReportColumn): string {
  const absent = missing > 0 ? `, ${missing} missing` : '';
  if (kind === 'category') {
    const some = words.slice(0, MOST_WORDS).join(', ');
    return `${count(words.length, 'word')}: ${some}${words.length > MOST_WORDS ? ', ...' : ''}${absent}`;
  }
  if (kind === 'boolean') return `${drawn(picture)}  ${words.join(' or ')}${absent}`;
  return `${drawn(picture)}  ${short(min)} to ${short(max)}, mean ${short(mean)}${absent}`;
}

/** The course of a column as bars; a dot where all is missing. */
function drawn(picture: readonly (number | null)[]): string {
  const present = picture.filter((value) => value !== null);
  const [low, high] = [Math.min(...present), Math.max(...present)];
  const bar = (value: number) =>
    BARS[high > low ? Math.min(BARS.length - 1, Math.floor(((value - low) / (high - low)) * BARS.length)) : 3]!;
  return picture.map((value) => (value === null ? '·' : bar(value))).join('');
}

function nameOf(name: string, unit: string | null): string {
  return unit === null || name.includes(unit) ? name : `${name} [${unit}]`;
}

function short(value: number | null): string {
  return value === null ? '?' : String(Number(value.toPrecision(5)));
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
