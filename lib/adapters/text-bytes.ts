import { types } from 'node:util';
import { GatecastError } from '../base/errors.ts';
import { checkIsText } from '../files/file-kind.ts';

/**
 * The bytes of a text as UTF-8, as they arrive. UTF-16 is converted if it has a byte order mark or begins with ASCII.
 * Throws `invalid-data` if the first bytes show a known kind of file that is not text, and `io` if they cannot be read.
 */
export async function* textBytes(
  input: AsyncIterable<Uint8Array>,
  what: string,
  name: string,
): AsyncGenerator<Uint8Array> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let first: Uint8Array | undefined = new Uint8Array(0);
  try {
    for await (const chunk of input) {
      if (first) {
        first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
        if (first.length < 2 && first[0]! >= 0xfe) continue; // half a byte order mark
        checkIsText(first, what, name);
        decoder = decoderOf(first);
        yield decoder ? Buffer.from(decoder.decode(first, { stream: true })) : first;
        first = undefined;
      } else {
        yield decoder ? Buffer.from(decoder.decode(chunk, { stream: true })) : chunk;
      }
    }
  } catch (cause) {
    if (cause instanceof GatecastError || !types.isNativeError(cause)) throw cause;
    throw new GatecastError('io', `Expected to read ${name} but could not: ${cause.message}.`, { cause });
  }
  if (first) yield first;
  else if (decoder) yield Buffer.from(decoder.decode());
}

/** The decoder for UTF-16; undefined for UTF-8. No text in UTF-8 has NUL in every second byte. */
function decoderOf(bytes: Uint8Array): InstanceType<typeof TextDecoder> | undefined {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe) || (a && b === 0 && c && d === 0)) return new TextDecoder('utf-16le');
  if ((a === 0xfe && b === 0xff) || (a === 0 && b && c === 0 && d)) return new TextDecoder('utf-16be');
  return undefined;
}
