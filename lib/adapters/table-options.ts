import { misfit } from '../base/errors.ts';
import { type Check, list, object, oneOf, recordOf, text } from '../base/schema.ts';
import { checkRules, type OrderRule, type RulesOptions, rulesOptionChecks } from '../data/rules/rules-options.ts';
import { Zone } from '../base/zone.ts';
import { type Role, ROLES } from '../data/table.ts';
import { checkDelimiter } from './csv-delimiter.ts';
import type { TextFileOptions } from './csv-file.ts';
import type { FileReading } from './file-survey.ts';
import type { SeriesReaderOptions } from './series-reader.ts';
import { checkEncoding } from './text-encoding.ts';
import { checkLineBytes, checkNote, DEFAULT_LINE_BYTES } from './text-lines.ts';

/** How a file of records is read. What is not given is found out from all of its rows. */
export interface TableOptions extends Pick<RulesOptions, 'duplicates' | 'every' | 'how'> {
  /** Rows that are not in time order are sorted (the default) or refused. 'file': all rows stay as they are. */
  order?: OrderRule | 'file';
  /** The columns whose values tell the series apart. Without them, all rows are one series with the key ''. */
  by?: string | readonly string[];
  /** The column with the time of each row, or its parts: a date and a time of day, or year, month, day and so on. */
  time?: string | readonly string[];
  /**
   * How times are written: a format of `strptime` such as '%d.%m.%Y %H:%M:%S', an order 'dmy', 'mdy' or 'ymd', or for
   * numbers 's', 'ms', 'us', 'ns', 'excel', 'digits', 'ticks', 'filetime', 'datenum', 'julian' or 'labview'.
   */
  timeFormat?: string;
  /** The IANA zone of times without an offset; default UTC. */
  zone?: string;
  /** More words, or numbers, that stand for a missing value. */
  missing?: readonly string[];
  decimal?: '.' | ',';
  /** The sign that groups thousands: one of . , ' and a blank. */
  thousands?: string;
  /** The roles of columns in a forecast, by name. A column with a role must hold what a model can read. */
  roles?: Readonly<Record<string, Role>>;
  /** Called with each sentence on what was assumed, and what is left out. */
  note?: (sentence: string) => void;
  /** Longest accepted line in bytes; default 16 MiB. */
  maxLineBytes?: number;
  /**
   * The encoding of the text, such as 'latin1', by any name that `TextDecoder` knows. Default: UTF-8 or UTF-16, or
   * windows-1252 for a text that is neither.
   */
  encoding?: string;
  /** What separates the fields of CSV, a blank for runs of blanks. Default: found. */
  delimiter?: string;
}

/** The options by what they are for. */
export interface CheckedOptions {
  reading: FileReading;
  file: TextFileOptions;
  reader: SeriesReaderOptions;
  note: (sentence: string) => void;
}

const name = text(65_536);
const columns: Check<readonly string[]> = (value, of) =>
  list(name, 1, 16)(typeof value === 'string' ? [value] : value, of);
const separators = ['.', ',', ' ', "'", '’', '\u00a0', '\u202f', '\u2009'];
const { duplicates, every, how } = rulesOptionChecks;
const fields = {
  by: columns,
  time: columns,
  timeFormat: text(256),
  zone: text(256),
  missing: list(name, 0, 1024),
  decimal: oneOf('.', ','),
  thousands: (value: unknown, of: string) => {
    if (separators.includes(value as string)) return value as string;
    throw misfit("one of . , ' and a blank", of, value);
  },
  roles: recordOf(oneOf(...ROLES)),
  note: checkNote,
  maxLineBytes: checkLineBytes,
  encoding: checkEncoding,
  delimiter: checkDelimiter,
  order: oneOf('sort', 'refuse', 'file'),
  duplicates,
  every,
  how,
};

type Checked = Omit<TableOptions, 'by' | 'time'> & { by?: readonly string[]; time?: readonly string[] };

const check = object<Checked>(fields, Object.keys(fields) as (keyof Checked)[]);

/** Throws `invalid-argument`. */
export function tableOptions(options: unknown): CheckedOptions {
  const checked = check(options, 'options');
  const { maxLineBytes = DEFAULT_LINE_BYTES, encoding, delimiter, roles, note = () => {}, ...others } = checked;
  const { order, duplicates, every, how, ...reading } = others;
  const asked = duplicates ?? every ?? how;
  if (order === 'file' && asked !== undefined)
    throw misfit("no duplicates, every or how beside 'file'", 'options.order', asked);
  const zone = reading.zone === undefined ? undefined : Zone.of(reading.zone, 'options.zone');
  const rules = {
    ...(order !== undefined && order !== 'file' && { order }),
    ...(duplicates !== undefined && { duplicates }),
    ...(every !== undefined && { every }),
    ...(how !== undefined && { how }),
    ...(every !== undefined && zone && { offsetAt: (time: number) => zone.offset(time) }),
  };
  checkRules(rules); // also for a file without times, to which no rule applies
  return {
    reading: { ...reading, wanted: Object.keys(roles ?? {}) },
    file: { encoding, delimiter, maxLineBytes },
    reader: { roles, rules: order === 'file' ? null : rules },
    note,
  };
}
