import { hasOddQuotes } from '../../adapters/csv-cells.ts';
import { isComment } from '../../adapters/csv-comments.ts';
import { type CsvLayout, findLayout } from '../../adapters/csv-layout.ts';
import { CsvRecords } from '../../adapters/csv-records.ts';
import { expected, GatecastError } from '../../base/errors.ts';
import type { SampleValues } from '../../model/sample.ts';
import { LiveTimes } from '../../reading/live-times.ts';
import { findColumn } from '../../reading/names.ts';
import { checkKey } from '../../stores/checks.ts';
import { asSample, InputReader, type LineReader, type LineReaderOptions, timesOf } from './samples.ts';

const INPUT = 'the input';

/**
 * A header line, then one sample per line. Throws `invalid-data` for a bad header, and then no line can be read;
 * `invalid-sample` for a bad line. The fields of the time are guessed by the first line that has one.
 */
export function csvReader(options: LineReaderOptions): LineReader {
  const { key } = options;
  // It also refuses an unknown format or zone before any line.
  const times = new LiveTimes({ ...timesOf(options), small: 's', what: 'column' });
  let rows: CsvRows | undefined;
  return (line, number) => {
    if (line.trim() === '') return undefined;
    if (!rows) {
      if (isComment(line) || /^"?sep=(?:.|\\t)"?$/i.test(line)) return undefined;
      rows = new CsvRows(line, number, options);
      return undefined;
    }
    const fields = rows.split(line, number);
    if (!fields) return undefined;
    const own = key === undefined ? undefined : asSample(() => checkKey(fields[rows!.key]));
    const found = times.found ?? rows.findTime(times, fields);
    const at = found ? times.read(found, rows.textsOf(found, fields), own ?? '', undefined) : Number.NaN;
    const values = rows.values(fields);
    return { ...(Number.isFinite(at) && { at }), values, ...(own !== undefined && { key: own }) };
  };
}

/** The lines below a header. */
class CsvRows {
  readonly #names: readonly string[];
  /** The columns that may hold the time. */
  readonly #others: readonly number[];
  /** The column of the key; -1 if there is none. */
  readonly key: number;
  readonly #layout: CsvLayout;
  readonly #records: CsvRecords;
  readonly #inputs: readonly string[];
  readonly #reader: InputReader;
  readonly #columns: readonly number[];

  /** Throws `invalid-data` if the line is no header or lacks a column. */
  constructor(header: string, number: number, options: LineReaderOptions) {
    const { inputs, key, time = [], note } = options;
    this.#layout = findLayout([{ number, text: header }], INPUT, 'utf-8');
    const { names, delimiter, notes } = this.#layout;
    for (const sentence of notes) note(sentence);
    for (const name of time) findColumn(names, name, INPUT);
    this.#inputs = inputs;
    this.#columns = inputs.map((name) => findColumn(names, name, INPUT));
    this.key = key === undefined ? -1 : findColumn(names, key, INPUT);
    this.#names = names;
    this.#others = [...names.keys()].filter((i) => !inputs.includes(names[i]!) && names[i] !== key);
    this.#records = new CsvRecords(this.#layout, INPUT, Number.MAX_SAFE_INTEGER);
    this.#reader = new InputReader(options, delimiter);
  }

  /** The fields of a line; undefined for a comment or the header again. Throws `invalid-sample`. */
  split(line: string, number: number): readonly string[] | undefined {
    // A quote that stays open would take the lines after it for its own.
    if (hasOddQuotes(line)) throw new GatecastError('invalid-sample', expected('a line of CSV', 'a sample', line));
    try {
      return this.#records.push([{ number, text: line }])[0]?.fields;
    } catch (cause) {
      if (!(cause instanceof GatecastError)) throw cause;
      const what = `a line of CSV with ${this.#layout.width} fields`;
      throw new GatecastError('invalid-sample', expected(what, 'a sample', line), { cause });
    }
  }

  /** The columns with the time of this line; undefined if none has one. */
  findTime(times: LiveTimes, fields: readonly string[]): readonly string[] | undefined {
    return times.fieldsOf(
      this.#others.map((i) => this.#names[i]!),
      this.#others.map((i) => fields[i]!),
    );
  }

  /** The fields of these columns. */
  textsOf(names: readonly string[], fields: readonly string[]): string[] {
    return names.map((name) => fields[this.#names.indexOf(name)]!);
  }

  values(fields: readonly string[]): SampleValues {
    const texts = this.#columns.map((column) => fields[column]!);
    for (const [i, text] of texts.entries()) this.#reader.look(this.#inputs[i]!, text);
    return texts.map((text, i) => this.#reader.read(this.#inputs[i]!, text)) as number[];
  }
}
