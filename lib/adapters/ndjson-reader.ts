import { expected, GatecastError } from '../base/errors.ts';
import { isRecord } from '../base/values.ts';
import type { Row } from '../data/runs.ts';
import { isMissing, MissingWords } from '../reading/missing.ts';
import { JsonReader, type JsonSample } from './json-lines.ts';
import { asData } from './ndjson-file.ts';
import { inputName, type TextInput } from './text-input.ts';
import { DEFAULT_LINE_BYTES, textLines } from './text-lines.ts';

type Note = (sentence: string) => void;

interface KeyedRow {
  key: string;
  row: Row;
}

interface TextReaderOptions {
  note?: Note;
  maxLineBytes?: number;
  encoding?: string;
}

export function createReader({ time, note = () => {} }: { time?: string; note?: Note }): JsonReader {
  const missing = new MissingWords();
  return new JsonReader({ missing, interval: null, note, ...(time !== undefined && { time: [time] }) });
}

/**
 * Yields the rows with their key, the value of the field `key` or '' without it, as a list for each chunk that was
 * read.
 */
export async function* readRows(
  input: TextInput,
  key: string | undefined,
  reader: JsonReader,
  { maxLineBytes = DEFAULT_LINE_BYTES, encoding, note }: TextReaderOptions = {},
): AsyncGenerator<KeyedRow[]> {
  const name = inputName(input);
  for await (const lines of textLines(input, { what: 'NDJSON', maxLineBytes, encoding, note })) {
    const rows: KeyedRow[] = [];
    for (const { number, text } of lines) {
      if (text.trim() === '') continue;
      const where = `line ${number} of ${name}`;
      const sample = asData(() => reader.read(text, where));
      if (!isRecord(sample.values)) {
        throw new GatecastError('invalid-data', expected('an object', where, sample.values));
      }
      const value = key === undefined ? '' : (sample.fields[key] ?? (sample.values as Fields)[key]);
      rows.push({ key: keyOf(value, key, where), row: toRow(sample, key) });
    }
    yield rows;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** The numbers of a line, in `values` and beside it. */
function toRow({ at, values, fields }: JsonSample, key: string | undefined): Row {
  const entries = Object.entries({ ...fields, ...(values as Fields) }).flatMap(
    ([name, value]): [string, number | null][] => {
      const number = name === key || name === 'at' ? undefined : numberOf(value);
      return number === undefined ? [] : [[name, number]];
    },
  );
  if (at !== undefined) entries.unshift(['at', at]);
  return Object.fromEntries(entries);
}

/** The number in a value: null for a missing one, undefined for anything else. */
function numberOf(value: unknown): number | null | undefined {
  if (typeof value === 'number' || value === null) return value;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (isMissing(text)) return null;
  const number = /^[+-]?\.?\d/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function keyOf(value: unknown, key: string | undefined, where: string): string {
  if (typeof value === 'number' || typeof value === 'string') return String(value);
  throw new GatecastError('invalid-data', expected('a number or text', `${key} in ${where}`, value));
}
