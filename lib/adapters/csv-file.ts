import { describe, GatecastError } from '../base/errors.ts';
import { checkIsTable } from '../files/file-kind.ts';
import { SeveralDelimiters } from './csv-delimiter.ts';
import { type CsvLayout, findLayout } from './csv-layout.ts';
import { CsvRecords } from './csv-records.ts';
import { sniffDelimiter, sniffTypes } from './csv-sniffer.ts';
import { secondOpinion } from './second-opinion.ts';
import type { TableReading } from '../reading/table-survey.ts';
import type { Records, TextForm, TextRecord } from './records.ts';
import type { TextInput } from './text-input.ts';
import { headOf } from './text-head.ts';
import { Text } from './text-lines.ts';

export interface TextFileOptions {
  /** As `checkEncoding` names it; otherwise the whole text decides. */
  encoding?: string | undefined;
  /** As `checkDelimiter` takes it; otherwise the first lines decide. */
  delimiter?: string | undefined;
  /** Longest accepted line [bytes]. */
  maxLineBytes: number;
}

/** A CSV file whose layout is known and whose records can be read several times. */
export class CsvFile implements Records {
  readonly name: string;
  readonly form: TextForm;
  readonly layout: CsvLayout;
  readonly #text: Text;
  readonly #maxLineBytes: number;
  #records: CsvRecords | undefined;

  private constructor(text: Text, layout: CsvLayout, maxLineBytes: number) {
    this.name = text.name;
    this.layout = layout;
    const { encoding, delimiter, headerLine } = layout;
    this.form = { format: 'CSV', encoding, delimiter, headerLine };
    this.#text = text;
    this.#maxLineBytes = maxLineBytes;
  }

  /** Throws `invalid-data`, naming the line and the cause, and `io`. */
  static async open(input: TextInput, options: TextFileOptions): Promise<CsvFile> {
    const { encoding, maxLineBytes } = options;
    const notes: string[] = [];
    const note = (sentence: string) => notes.push(sentence);
    const text = await Text.open(input, { what: 'CSV', encoding, maxLineBytes, note });
    return CsvFile.of(text, options, notes);
  }

  /** Finds the layout of a text. `notes`: what was found before. Throws as `open` does; then the text is closed. */
  static async of(text: Text, options: TextFileOptions, notes: readonly string[]): Promise<CsvFile> {
    try {
      const layout = await layoutOf(text, options.delimiter);
      return new CsvFile(text, { ...layout, notes: [...notes, ...layout.notes] }, options.maxLineBytes);
    } catch (error) {
      await text.close();
      throw error;
    }
  }

  /**
   * Yields the rows from the first one on, as a list for each chunk that was read. Throws `invalid-data`, naming the
   * line, for malformed CSV and for a record with more or fewer fields than the layout has; and `io`.
   */
  async *records(): AsyncGenerator<TextRecord[]> {
    const records = new CsvRecords(this.layout, this.name, this.#maxLineBytes);
    this.#records = records;
    for await (const lines of this.#text.lines()) yield records.push(lines);
    records.end();
  }

  get names(): readonly string[] {
    return this.layout.names;
  }

  get units(): readonly (string | undefined)[] {
    return this.layout.units;
  }

  get notes(): string[] {
    const { comments = 0, headers = 0, footer } = this.#records ?? {};
    return [
      ...this.layout.notes,
      ...(footer ? [footerNote(...footer)] : []),
      ...(comments > 0 ? [`Comments among the rows are skipped: ${comments}.`] : []),
      ...(headers > 0 ? [`The header comes again, which is skipped: ${headers} times.`] : []),
    ];
  }

  /** Asks DuckDB's sniffer, if it is there, while the rows are read here. */
  secondOpinion(): (table: TableReading) => Promise<string[]> {
    const { path, encoding } = this.#text;
    const { delimiter, firstRow, fields, comment, commented, annotations } = this.layout;
    if (path === undefined || encoding !== 'utf-8' || delimiter === ' ' || annotations) return async () => [];
    const types = sniffTypes(path, { delimiter, firstRow, comment: commented ? comment : undefined });
    return async (table) => secondOpinion(table, (await types) ?? [], fields);
  }

  /** Throws `invalid-data` for a name that several columns have, which does not tell which one is meant. */
  checkIsOne(name: string): void {
    const { repeated, header } = this.layout;
    if (!repeated.includes(name)) return;
    const places = [...header.keys()].filter((i) => header[i] === name).map((i) => i + 1);
    const what = `one column ${describe(name)} in ${this.name} but the columns ${places.join(' and ')} have that name`;
    throw new GatecastError('invalid-data', `Expected ${what}.`);
  }

  close(): Promise<void> {
    return this.#text.close();
  }
}

/** The layout of a text. Where nothing decides between several delimiters, DuckDB's sniffer does if it is there. */
async function layoutOf(text: Text, given?: string): Promise<CsvLayout> {
  const head = await headOf(text);
  checkIsTable(
    head.map((line) => line.text),
    text.what,
    text.name,
  );
  try {
    return findLayout(head, text.name, text.encoding, given);
  } catch (error) {
    if (!(error instanceof SeveralDelimiters) || text.path === undefined || text.encoding !== 'utf-8') throw error;
    const sniffed = await sniffDelimiter(text.path);
    if (!sniffed) throw error;
    const { answer: delimiter, failure } = sniffed;
    if (delimiter === undefined || !error.delimiters.includes(delimiter)) {
      const why = delimiter === undefined ? `failed: ${failure}` : `says ${describe(delimiter)}`;
      throw new GatecastError('invalid-data', `${error.message} DuckDB's sniffer ${why}.`, { cause: error });
    }
    const layout = findLayout(head, text.name, text.encoding, delimiter);
    return { ...layout, notes: [`The delimiter is ${describe(delimiter)} (DuckDB's sniffer).`, ...layout.notes] };
  }
}

function footerNote(first: number, last: number): string {
  return first === last
    ? `Line ${first} below the rows is skipped.`
    : `Lines ${first} to ${last} below the rows are skipped.`;
}
