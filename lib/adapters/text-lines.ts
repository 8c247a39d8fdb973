import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { expected, GatecastError } from '../errors.ts';
import { type Check, whole } from '../model/schema.ts';
import { isRecord, reading } from '../values.ts';
import { type Line, LineSplitter } from './lines.ts';
import { textBytes } from './text-bytes.ts';

/** Where a text is read from: the path of a file, or its bytes as they come, such as `process.stdin`. */
export type TextInput = string | AsyncIterable<Uint8Array>;

export interface TextLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** The longest line of a table unless told otherwise: 65,536 columns of long numbers and more. */
export const DEFAULT_LINE_BYTES = 2 ** 24;

/** A longer line would not fit into a string. */
export const checkLineBytes = whole(1, 2 ** 28);

export const checkNote: Check<(sentence: string) => void> = (value, name) => {
  if (typeof value === 'function') return value as (sentence: string) => void;
  throw new GatecastError('invalid-argument', expected('a function', name, value));
};

const PIECE_BYTES = 2 ** 18;

/** What errors call an input. Throws `invalid-argument` for what is none. */
export function inputName(input: TextInput): string {
  if (typeof input === 'string') return input;
  if (isRecord(input) && typeof reading('the file', () => input[Symbol.asyncIterator]) === 'function') {
    return input === process.stdin ? 'standard input' : 'the input';
  }
  throw new GatecastError('invalid-argument', expected('a path, or a stream of bytes,', 'the file', input));
}

/**
 * The lines of a text, a list for each piece of it that was read; `what` it is hoped to be is for errors. Throws
 * `invalid-data` where it is no text or a line is longer than `maxBytes`, and `io` when it cannot be read.
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
      throw new GatecastError('invalid-data', `Expected ${what} but ${name} is no text: it has NUL bytes.`);
    }
    yield splitter.push(chunk).map(check);
  }
  yield splitter.end().map(check);
}

/** A pipe is as good as a file; a folder is not. */
async function openFile(path: string): Promise<AsyncIterable<Uint8Array>> {
  const there = await stat(path).catch(() => undefined); // what cannot be opened says so itself
  if (there?.isDirectory()) throw new GatecastError('io', `Expected to read ${path} but it is a folder.`);
  return createReadStream(path, { highWaterMark: PIECE_BYTES });
}
