import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { GatecastError, misfit } from '../base/errors.ts';
import { type Check, whole } from '../base/schema.ts';
import { isRecord, reading } from '../base/values.ts';
import { type Line, LineSplitter } from './lines.ts';
import { textBytes } from './text-bytes.ts';

/** The source of a text: the path of a file, or its bytes as they arrive, such as `process.stdin`. */
export type TextInput = string | AsyncIterable<Uint8Array>;

export interface TextLine {
  /** The number of the line, from 1. */
  readonly number: number;
  readonly text: string;
}

/** Default limit of a line of a table [bytes]: room for 65,536 columns of long numbers. */
export const DEFAULT_LINE_BYTES = 2 ** 24;

/** A longer line would not fit into a string. */
export const checkLineBytes = whole(1, 2 ** 28);

export const checkNote: Check<(sentence: string) => void> = (value, name) => {
  if (typeof value === 'function') return value as (sentence: string) => void;
  throw misfit('a function', name, value);
};

const PIECE_BYTES = 2 ** 18;

/** The name of an input in errors. Throws `invalid-argument` unless it is a path or a stream of bytes. */
export function inputName(input: TextInput): string {
  if (typeof input === 'string') return input;
  if (isRecord(input) && typeof reading('the file', () => input[Symbol.asyncIterator]) === 'function') {
    return input === process.stdin ? 'standard input' : 'the input';
  }
  throw misfit('a path, or a stream of bytes,', 'the file', input);
}

/**
 * Yields the lines of a text, as a list for each chunk that was read. `what` names the expected content in errors.
 * Throws `invalid-data` if the content is not text or a line is longer than `maxBytes`, and `io` if it cannot be read.
 */
export async function* textLines(input: TextInput, what: string, maxBytes: number): AsyncGenerator<TextLine[]> {
  const name = inputName(input);
  const splitter = new LineSplitter(maxBytes);
  const check = (line: Line): TextLine => {
    if (line.text !== undefined) return line;
    throw new GatecastError(
      'invalid-data',
      `Expected at most ${maxBytes} bytes in line ${line.number} of ${name} but it is longer.`,
    );
  };
  const bytes = typeof input === 'string' ? await openFile(input) : input;
  for await (const chunk of textBytes(bytes, what, name)) {
    if (chunk.includes(0)) {
      throw new GatecastError('invalid-data', `Expected ${what} but ${name} is not text: it has NUL bytes.`);
    }
    yield splitter.push(chunk).map(check);
  }
  yield splitter.end().map(check);
}

/** Opens a file to read. Pipes can be read in the same way; folders cannot. */
async function openFile(path: string): Promise<AsyncIterable<Uint8Array>> {
  const there = await stat(path).catch(() => undefined); // opening it reports any other failure
  if (there?.isDirectory()) throw new GatecastError('io', `Expected to read ${path} but it is a folder.`);
  return createReadStream(path, { highWaterMark: PIECE_BYTES });
}
