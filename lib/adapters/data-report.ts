import { durationText } from '../data/rules/duration-text.ts';
import type { ColumnKind } from '../reading/column-reading.ts';
import type { FileSurvey } from './file-survey.ts';
import { valueColumns } from './series-reader.ts';

/** What was understood of a file. */
export interface DataReport {
  /** The name of the file. */
  source: string;
  rows: number;
  text: {
    format: 'CSV' | 'JSON' | 'NDJSON';
    encoding: string;
    /** What separates the fields, ' ' for runs of blanks; null for JSON and NDJSON. */
    delimiter: string | null;
    /** The decimal sign and the signs that group thousands, where a number shows them. */
    decimal: '.' | ',' | null;
    thousands: string;
    /** The line of the header, from 1; null for JSON and NDJSON. */
    headerLine: number | null;
  };
  /** Null if no column holds times. */
  time: {
    columns: string[];
    /** How times are written. */
    form: string;
    /** The zone of times without an offset. */
    zone: string;
    /** The first and the last time, apart from outlying ones, in ISO 8601. */
    first: string | null;
    last: string | null;
    /** The usual time between rows [ms]. */
    interval: number | null;
    /** The share of steps that are within 1 % of it. */
    regular: number;
  } | null;
  /** The columns of the key, how many series it makes, and the first of them. */
  series: {
    by: string[];
    count: number;
    keys: { key: string; rows: number; first: string | null; last: string | null }[];
  };
  order: {
    /** Rows that come after a later one of their series, and the line of the first. */
    outOfOrder: number;
    firstOutOfOrder: number | null;
    /** Series whose rows are newest first. */
    newestFirst: number;
    /** Rows with the time of the row before, and the line of the first. */
    duplicates: number;
    firstDuplicate: number | null;
    /** Rows without a time. */
    untimed: number;
    /** Stamps so far from all others that they cannot be right. */
    outlying: number;
    /** Times without a row for more than one interval, and the longest [ms]. */
    gaps: number;
    longestGap: number | null;
  };
  columns: ReportColumn[];
  /** What was assumed and what was left out, as sentences. */
  notes: string[];
}

export interface ReportColumn {
  name: string;
  kind: ColumnKind;
  unit: string | null;
  /** True if the values can be inputs. */
  used: boolean;
  missing: number;
  /** Of numbers. */
  min: number | null;
  max: number | null;
  mean: number | null;
  /** The words of a category. */
  words: string[];
  /** The course of the values over the rows in at most 40 points; null where all are missing. */
  picture: (number | null)[];
}

const MOST_KEYS = 100;
const MOST_LEFT_OUT = 10;
const POINTS = 40;

/** The report on a file that was surveyed. */
export function reportOn(survey: FileSurvey): DataReport {
  const { file, rows } = survey;
  const { table, by, series } = rows;
  const facts = series.facts();
  const used = new Set(valueColumns(table, by));
  const forms = table.columns.flatMap(({ form }) => (form ? [form] : []));
  const all = [...series.series()];
  const first = all.reduce((least, each) => Math.min(least, each.first?.at ?? Infinity), Infinity);
  const last = all.reduce((most, each) => Math.max(most, each.last?.at ?? -Infinity), -Infinity);
  const longest = all.reduce((most, { holes }) => Math.max(most, holes.longest?.length ?? 0), 0);
  return {
    source: file.name,
    rows: table.rows,
    text: {
      ...file.form,
      decimal: forms.find(({ decimal }) => decimal !== null)?.decimal ?? null,
      thousands: forms.find(({ thousands }) => thousands !== '')?.thousands ?? '',
    },
    time: table.time && {
      columns: table.time.columns.map((index) => file.names[index]!),
      form: table.time.form,
      zone: table.time.zone,
      first: isoTime(first),
      last: isoTime(last),
      interval: facts.spacing.interval,
      regular: facts.spacing.within1,
    },
    series: {
      by: by.map((index) => file.names[index]!),
      count: facts.series,
      keys: all.slice(0, MOST_KEYS).map((each) => ({
        key: each.key,
        rows: each.rows,
        first: isoTime(each.first?.at),
        last: isoTime(each.last?.at),
      })),
    },
    order: {
      outOfOrder: facts.outOfOrder,
      firstOutOfOrder: facts.firstOutOfOrder ?? null,
      newestFirst: facts.newestFirst,
      duplicates: facts.duplicates,
      firstDuplicate: facts.firstDuplicate ?? null,
      untimed: table.time ? facts.untimed : 0,
      outlying: facts.outlying,
      gaps: facts.holes,
      longestGap: longest || null,
    },
    columns: table.columns.map((column, index) => {
      const drawn = rows.drawn.indexOf(index);
      return {
        name: column.name,
        kind: column.kind,
        unit: file.units[index] ?? (column.form?.unit || null),
        used: used.has(index),
        missing: column.missing,
        min: finiteOrNull(column.min),
        max: finiteOrNull(column.max),
        mean: finiteOrNull(column.mean),
        words: column.kind === 'category' || column.kind === 'boolean' ? [...column.words] : [],
        picture: drawn < 0 ? [] : rows.sketch.points(drawn, POINTS),
      };
    }),
    notes: notesOn(survey),
  };
}

/** What was assumed about a file and what is left out, as sentences. */
export function notesOn({ file, rows }: FileSurvey): string[] {
  const { table, by } = rows;
  const verdict = rows.verdict();
  const apart = new Set([...by, ...(table.time?.columns ?? [])]);
  const leftOut = table.columns.flatMap(({ leftOut: why }, index) => (why !== null && !apart.has(index) ? [why] : []));
  const notes = [...file.notes, ...table.notes, ...leftOut.slice(0, MOST_LEFT_OUT)];
  if (leftOut.length > MOST_LEFT_OUT) notes.push(`${leftOut.length - MOST_LEFT_OUT} more columns are left out.`);
  const { series: followed, unfollowed } = rows.series.facts();
  if (unfollowed > 0) {
    notes.push(`Only the first ${followed} series were looked at; ${unfollowed} rows belong to others.`);
  }
  if (verdict?.kind === 'series') notes.push(`The rows are those of several series: ${verdict.sentence}.`);
  return notes;
}

const DAY = 86_400_000;
/** Lengths of time that vary, [from, to] in days. */
const CALENDAR = { month: [28, 31], quarter: [89, 92], year: [364, 366.5] } as const;

/** The interval and how regular it is, in words. */
export function intervalText(interval: number | null, regular: number): string {
  if (interval === null) return 'one row';
  for (const [name, [from, to]] of Object.entries(CALENDAR)) {
    if (interval >= from * DAY && interval <= to * DAY) return `every ${name}`;
  }
  const share = Math.floor(100 * regular);
  return `every ${durationText(interval)}${share >= 99 ? '' : ` (${share}% of the steps)`}`;
}

function isoTime(time: number | undefined): string | null {
  return time === undefined || !(Math.abs(time) <= 8.64e15) ? null : new Date(time).toISOString();
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
