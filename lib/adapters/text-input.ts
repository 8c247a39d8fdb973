import { misfit } from '../base/errors.ts';
import { isRecord, reading } from '../base/values.ts';

/** The source of a text: the path of a file, or its bytes as they arrive, such as `process.stdin`. */
export type TextInput = string | AsyncIterable<Uint8Array>;

/** The name of an input in errors. Throws `invalid-argument` unless it is a path or a stream of bytes. */
export function inputName(input: TextInput): string {
  if (typeof input === 'string') return input;
  if (isRecord(input) && typeof reading('the file', () => input[Symbol.asyncIterator]) === 'function') {
    return input === process.stdin ? 'standard input' : 'the input';
  }
  throw misfit('a path, or a stream of bytes,', 'the file', input);
}
