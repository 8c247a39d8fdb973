import { describe, GatecastError, optionText } from '../base/errors.ts';
import { type ColumnReading, decideColumn } from './column-reading.ts';
import { ColumnSurvey } from './column-survey.ts';
import { MissingWords } from './missing.ts';
import { findColumn, mentionsDate, mentionsTime, partOf } from './names.ts';
import { provenDecimal } from './number-form.ts';
import { guessTimeColumns } from './time-columns.ts';
import type { StandIn } from './stand-ins.ts';
import { type TimeFormat, timeFormat } from './time-format.ts';
import { decideTime, joinFields, type TimeHints, type TimeReading } from './time-reading.ts';
import type { DateOrder } from './time-scan.ts';
import { zoneHint } from './zone-hints.ts';

export interface TableSurveyOptions {
  /** Where the rows come from, for sentences: `f.csv`. */
  source: string;
  /** What separates the fields of a line. */
  delimiter?: string | undefined;
  /** More words for missing values. Numbers among them are compared as numbers. */
  missing?: readonly string[];
  decimal?: '.' | ',';
  thousands?: string;
  /**
   * The columns of the time: one, a date and a time of day, or year, month, day and so on. By default they are guessed.
   */
  time?: readonly string[];
  /**
   * How times are written: a format of `strptime` such as `%d.%m.%Y %H:%M:%S`, an order `dmy`, `mdy` or `ymd`, or for
   * numbers a word of `NumericTime`.
   */
  timeFormat?: string;
  /** IANA zone of times without an offset; default UTC. */
  zone?: string;
  /**
   * The column that is the time by agreement, if it is not named. Its numbers are milliseconds unless they show another
   * unit.
   */
  agreed?: string | undefined;
  /** Columns that must be read as numbers: it is an error if one cannot. */
  wanted?: readonly string[];
}

/** What a table was understood to hold. */
export interface TableReading {
  rows: number;
  columns: ColumnReading[];
  /** Null if no column holds times. */
  time: TimeReading | null;
  /** Sentences on what was assumed. Why columns are left out is said by each. */
  notes: string[];
}

/** Sees every record of a table once and then decides how it is read. Its memory does not grow with the rows. */
export class TableSurvey {
  readonly #names: readonly string[];
  readonly #options: TableSurveyOptions;
  readonly #columns: readonly ColumnSurvey[];
  readonly #format: TimeFormat;
  readonly #time: readonly number[] | undefined;
  /** The joined fields of the time, if a format is given for several columns. */
  readonly #joined: ColumnSurvey | undefined;
  #rows = 0;

  /** Throws `invalid-data` for a column that is not there, `invalid-argument` for an unknown format. */
  constructor(names: readonly string[], options: TableSurveyOptions) {
    const { source, wanted = [], agreed } = options;
    const time = options.time ?? (agreed === undefined ? undefined : [agreed]);
    this.#names = names;
    this.#options = options;
    this.#format = timeFormat(options.timeFormat);
    this.#time = time?.map((name) => findColumn(names, name, source));
    for (const name of wanted) findColumn(names, name, source);
    const missing = new MissingWords(options.missing);
    const { pattern, order } = this.#format;
    const joined = pattern !== undefined && (time?.length ?? 0) > 1;
    this.#columns = names.map((name, index) => {
      const own = !joined && (this.#time === undefined || this.#time.includes(index));
      return new ColumnSurvey(name, { missing, ...(own && { pattern }), order });
    });
    if (joined) this.#joined = new ColumnSurvey(time!.join(' and '), { missing, pattern });
  }

  /** Takes the next record, which begins on `line`. It has a field for each name. */
  add(fields: readonly string[], line: number): void {
    this.#rows++;
    for (let i = 0; i < this.#columns.length; i++) this.#columns[i]!.add(fields[i]!, line);
    this.#joined?.add(joinFields(fields, this.#time!), line);
  }

  /**
   * Throws `invalid-data`, naming the column and a line, if a column that is wanted, or the time, cannot be read or can
   * be read in two ways.
   */
  finish(): TableReading {
    const { source, delimiter, decimal, thousands, wanted = [], zone, time: named, agreed } = this.#options;
    const small = named === undefined && agreed !== undefined ? 'ms' : undefined;
    const hints: TimeHints = { ...this.#format, source, delimiter, decimal, thousands, zone, small };
    const places = this.#time ?? guessTimeColumns(this.#columns);
    hints.others = this.#provenDecimal(places);
    hints.order = this.#provenOrder();
    const notes: string[] = [];
    const time = places.length > 0 ? this.#decideTime(places, hints) : null;
    if (time) notes.push(...this.#timeNotes(time), ...this.#zoneNotes(places));
    else if (this.#options.timeFormat !== undefined) throw this.#noTime();
    else notes.push(...this.#noTimeNotes());
    const columns = this.#columns.map((column, index): ColumnReading => {
      const reading = decideColumn(column, hints, source);
      return places.includes(index) ? { ...reading, kind: 'time', key: false, leftOut: null } : reading;
    });
    for (const name of wanted) refuse(columns[this.#names.indexOf(name)]!, source);
    for (const { name, absent } of columns) {
      if (absent.length === 0) continue;
      notes.push(`In ${name}, ${inWords(absent.map(describe))} ${absent.length > 1 ? 'are' : 'is'} read as missing.`);
    }
    for (const { name, kind, standIns } of columns) {
      if (kind === 'number') notes.push(...standIns.slice(0, MOST_STAND_INS).map((each) => standInNote(name, each)));
    }
    return { rows: this.#rows, columns, time, notes };
  }

  /** The decimal sign on which all columns agree that show one. */
  #provenDecimal(time: readonly number[]): '.' | ',' | undefined {
    const found = new Set(
      this.#columns.flatMap((column, index) => {
        const isNumber = column.numbers.count * 2 > column.present && !time.includes(index);
        return (isNumber && provenDecimal(column.numbers)) || [];
      }),
    );
    return found.size === 1 ? [...found][0] : undefined;
  }

  /** The order of day and month on which all columns agree that show one. */
  #provenOrder(): DateOrder | undefined {
    const found = new Set(this.#columns.flatMap(({ times }) => times.provenOrder ?? []));
    return found.size === 1 ? [...found][0] : undefined;
  }

  #decideTime(places: readonly number[], hints: TimeHints): TimeReading {
    if (!this.#joined) return decideTime(this.#columns, places, hints);
    return decideTime([this.#joined], [0], hints, places);
  }

  #timeNotes({ columns, form }: TimeReading): string[] {
    const names = columns.map((index) => describe(this.#names[index]));
    const as = form === 'text' ? '' : `, read as ${form}`;
    if (as === '' && names.length === 1 && mentionsTime(this.#names[columns[0]!]!)) return []; // nobody would doubt it
    if (this.#time) return as === '' ? [] : [`The time in ${inWords(names)} is${as.slice(1)}.`];
    return [
      `${names.length > 1 ? 'Columns' : 'Column'} ${inWords(names)} ${names.length > 1 ? 'are' : 'is'} taken as the time${as}.`,
    ];
  }

  #zoneNotes(places: readonly number[]): string[] {
    if (this.#options.zone !== undefined || this.#joined) return [];
    const others = this.#columns.filter((_, index) => !places.includes(index));
    const hint = zoneHint(
      places.map((index) => this.#columns[index]!),
      others,
    );
    return hint === undefined ? [] : [hint];
  }

  /** Why there are no times, if a column is called so. */
  #noTimeNotes(): string[] {
    const column = this.#columns.find(
      ({ name, present }) => present > 0 && (mentionsTime(name) || mentionsDate(name) || partOf(name) === 0),
    );
    if (!column) return [];
    const { codes, times, words } = column;
    const { text, line } = (times.first ?? words.first ?? codes.first)!;
    const found = `${describe(text)} in line ${line} of column ${describe(column.name)}`;
    const why = times.count > 0 ? 'has no date' : 'is no time in a form that is known';
    const sentence = `No times were found, and the time between rows is unknown: ${found} ${why}.`;
    if (times.count > 0) return [sentence];
    if (words.count > 0) return [`${sentence} --time-format ${formatFor(text)} says how times are written.`];
    return [`${sentence} --time ${optionText(column.name)} takes it for the time all the same.`];
  }

  #noTime(): GatecastError {
    const { source, timeFormat: format } = this.#options;
    const what = `a column of times in the format ${describe(format)}`;
    return new GatecastError('invalid-data', `Expected ${what} in ${source} but found none. Use --time to name it.`);
  }
}

const MOST_STAND_INS = 3;

function standInNote(name: string, { value, rows }: StandIn): string {
  const many = rows === 1 ? '1 row' : `${rows} rows`;
  return `In ${name}, ${value} (${many}) is far from all other values: --missing ${optionText(String(value))} reads it as missing.`;
}

/** The format of `Jan-24`, which may be a day or a year; else an example of one. */
function formatFor(text: string): string {
  return /^\p{L}{3,}[-. ']\d\d$/u.test(text) ? `'%b${text.at(-3)}%y'` : "'%d.%m.%Y %H:%M'";
}

/** Throws `invalid-data` for a wanted column that cannot be read as numbers. */
function refuse({ name, kind, leftOut, misfits }: ColumnReading, source: string): void {
  if (leftOut === null) return;
  if (misfits > 0) throw new GatecastError('invalid-data', leftOut);
  const holds = { text: 'it holds text', time: 'it holds times', empty: 'all its fields are missing' };
  const found = kind in holds ? holds[kind as keyof typeof holds] : '';
  throw new GatecastError('invalid-data', `Expected numbers in ${name} of ${source} but ${found}.`);
}

/** `a`, `a and b`, `a, b and c`. */
function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
