import { describe, expected, GatecastError } from '../base/errors.ts';
import { fieldsOf, isObject, parseJson, textOf } from './json-fields.ts';
import type { Records, TextForm, TextRecord } from './records.ts';
import type { Text, TextLine } from './text-lines.ts';

/** Most fields: no record of sensors has more, and each costs work. */
const MAX_FIELDS = 65_536;
const MOST_NOTES = 10;

/** A file with a JSON object in each line, whose fields are known. */
export class NdjsonFile implements Records {
  readonly name: string;
  readonly form: TextForm;
  readonly names: readonly string[];
  readonly units: readonly undefined[];
  readonly time: string | undefined;
  readonly notes: readonly string[];
  readonly #text: Text;
  readonly #index: ReadonlyMap<string, number>;

  private constructor(text: Text, fields: Fields, notes: readonly string[]) {
    this.#text = text;
    this.#index = fields.index;
    this.name = text.name;
    this.form = { format: 'NDJSON', encoding: text.encoding, delimiter: null, headerLine: null };
    this.names = [...fields.index.keys()];
    this.units = this.names.map(() => undefined);
    this.time = fields.index.has('at') ? 'at' : undefined;
    this.notes = [...notes, ...fields.notes()];
  }

  /**
   * Reads all lines, to find out which fields there are. `notes`: what was found before. Throws `invalid-data`, naming
   * the line, and `io`; then the text is closed.
   */
  static async open(text: Text, notes: readonly string[] = []): Promise<NdjsonFile> {
    try {
      const fields = new Fields();
      let lines = 0;
      for await (const some of text.lines()) {
        for (const line of some) {
          const value = parsed(line, text.name);
          if (!value) continue;
          lines++;
          for (const [name, one] of fieldsOf(value)) fields.add(name, one, line.number);
          if (fields.count > MAX_FIELDS) throw tooMany(line, text.name);
        }
      }
      if (lines === 0) throw noLines(text.name);
      return new NdjsonFile(text, fields, notes);
    } catch (error) {
      await text.close();
      throw error;
    }
  }

  async *records(): AsyncGenerator<TextRecord[]> {
    for await (const lines of this.#text.lines()) {
      const records: TextRecord[] = [];
      for (const line of lines) {
        const value = parsed(line, this.name);
        if (!value) continue;
        const fields = new Array<string>(this.names.length).fill('');
        for (const [name, one] of fieldsOf(value)) {
          const index = this.#index.get(name);
          if (index !== undefined) fields[index] = textOf(one) ?? '';
        }
        records.push({ line: line.number, fields });
      }
      yield records;
    }
  }

  /** A name in an object is that of one field. */
  checkIsOne(): void {}

  close(): Promise<void> {
    return this.#text.close();
  }
}

/** The fields of all lines, in the order in which they appear. */
class Fields {
  readonly index = new Map<string, number>();
  /** For each field that holds a list or an object, the first line in which it does. */
  readonly #others = new Map<string, number>();

  get count(): number {
    return Math.max(this.index.size, this.#others.size);
  }

  add(name: string, value: unknown, line: number): void {
    if (textOf(value) !== undefined) {
      if (!this.index.has(name)) this.index.set(name, this.index.size);
    } else if (!this.#others.has(name)) this.#others.set(name, line);
  }

  /** What becomes of the fields that hold neither numbers nor text. */
  notes(): string[] {
    const notes = [...this.#others]
      .slice(0, MOST_NOTES)
      .map(([name, line]) =>
        this.index.has(name)
          ? `The field ${describe(name)} is read as missing where it holds a list or an object, first in line ${line}.`
          : `The field ${describe(name)} is left out: it holds lists or objects.`,
      );
    const more = this.#others.size - notes.length;
    if (more > 0) notes.push(`${more} more fields hold lists or objects, which are not read.`);
    return notes;
  }
}

export function noLines(source: string): GatecastError {
  return new GatecastError('invalid-data', `Expected lines of JSON in ${source} but found none.`);
}

/** The object in a line; undefined for a blank line. */
function parsed({ number, text }: TextLine, source: string): Readonly<Record<string, unknown>> | undefined {
  if (text.trim() === '') return undefined;
  const where = `line ${number} of ${source}`;
  if (number === 1 && /^\s*\[\s*(?:\{|$)/.test(text)) {
    const what = `Expected an object in each line of ${source} but line 1 begins an array that holds them.`;
    throw new GatecastError('invalid-data', `${what} Write each object in a line of its own: jq -c '.[]'.`);
  }
  const value = asData(() => parseJson(text, where));
  const values = isObject(value) ? value['values'] : value;
  if (isObject(value) && !Array.isArray(values)) return value;
  throw new GatecastError('invalid-data', expected('an object', where, values));
}

function tooMany({ number }: TextLine, source: string): GatecastError {
  const what = `at most ${MAX_FIELDS} fields in ${source}`;
  return new GatecastError('invalid-data', `Expected ${what} but line ${number} has another one.`);
}

/** Rethrows an error about a line of a live source as one about a file. */
export function asData<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof GatecastError)) throw cause;
    throw new GatecastError('invalid-data', cause.message, { cause });
  }
}
