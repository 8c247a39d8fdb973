import { describe, expected, GatecastError } from '../base/errors.ts';
import { fieldsOf, isObject, parseJson, textOf } from './json-fields.ts';
import { checkIsTable } from '../files/file-kind.ts';
import { beginsJson } from '../files/text-kind.ts';
import { beginsElements, JsonElements } from './json-elements.ts';
import type { Records, TextForm, TextRecord } from './records.ts';
import { firstLineOf } from './text-head.ts';
import type { Text, TextLine } from './text-lines.ts';

/** Most fields: no record of sensors has more, and each costs work. */
const MAX_FIELDS = 65_536;
const MOST_NOTES = 10;

/** A file with a JSON object in each line, or an array of objects, whose fields are known. */
export class NdjsonFile implements Records {
  readonly name: string;
  readonly form: TextForm;
  readonly names: readonly string[];
  readonly units: readonly undefined[];
  readonly time: string | undefined;
  readonly notes: readonly string[];
  readonly #text: Text;
  readonly #format: JsonFormat;
  readonly #index: ReadonlyMap<string, number>;

  private constructor(text: Text, format: JsonFormat, fields: Fields, notes: readonly string[]) {
    this.#text = text;
    this.#format = format;
    this.#index = fields.index;
    this.name = text.name;
    this.form = { format, encoding: text.encoding, delimiter: null, headerLine: null };
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
      const first = await firstLineOf(text);
      if (!beginsJson(first)) checkIsTable([first], text.what, text.name);
      const format = beginsElements(first) ? 'JSON' : 'NDJSON';
      const fields = new Fields();
      let objects = 0;
      for await (const some of linesOf(text, format)) {
        for (const line of some) {
          const value = parsed(line, text.name);
          if (!value) continue;
          objects++;
          for (const [name, one] of fieldsOf(value)) fields.add(name, one, line.number);
          if (fields.count > MAX_FIELDS) throw tooMany(line, text.name);
        }
      }
      if (objects === 0) throw noLines(text.name);
      fields.checkAreRows(objects, text.name);
      return new NdjsonFile(text, format, fields, notes);
    } catch (error) {
      await text.close();
      throw error;
    }
  }

  async *records(): AsyncGenerator<TextRecord[]> {
    for await (const lines of linesOf(this.#text, this.#format)) {
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
  /** The first field that holds a list of objects. */
  #rows: string | undefined;

  get count(): number {
    return Math.max(this.index.size, this.#others.size);
  }

  add(name: string, value: unknown, line: number): void {
    if (textOf(value) !== undefined) {
      if (!this.index.has(name)) this.index.set(name, this.index.size);
      return;
    }
    if (!this.#others.has(name)) this.#others.set(name, line);
    if (Array.isArray(value) && value.some(isObject)) this.#rows ??= name;
  }

  /** Throws `invalid-data` if the only object holds lists in place of values: the rows, or a list for each column. */
  checkAreRows(objects: number, source: string): void {
    const list = this.#rows ?? (this.index.size === 0 ? [...this.#others.keys()][0] : undefined);
    if (objects > 1 || list === undefined) return;
    const what = `Expected an object for each row in ${source} but all of it is one object, with lists such as ${describe(list)}.`;
    throw new GatecastError('invalid-data', `${what} Write each row as an object in a line of its own.`);
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

type JsonFormat = 'JSON' | 'NDJSON';

/** Each object with the line on which it begins. */
async function* linesOf(text: Text, format: JsonFormat): AsyncGenerator<readonly TextLine[]> {
  const elements = format === 'JSON' ? new JsonElements(text.name, text.maxLineBytes) : undefined;
  for await (const lines of text.lines()) yield elements?.push(lines) ?? lines;
  elements?.end();
}

export function noLines(source: string): GatecastError {
  return new GatecastError('invalid-data', `Expected lines of JSON in ${source} but found none.`);
}

/** The object in a line; undefined for a blank line. */
function parsed({ number, text }: TextLine, source: string): Readonly<Record<string, unknown>> | undefined {
  if (text.trim() === '') return undefined;
  const where = `line ${number} of ${source}`;
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
