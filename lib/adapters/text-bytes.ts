import { types } from 'node:util';
import { GatecastError } from '../base/errors.ts';
import { checkIsText } from '../files/file-kind.ts';
import { encodingOfStart, type Recode, recoderOf, recoderOfStream } from './text-encoding.ts';
import { unpacked } from './unpack.ts';

export interface TextBytesOptions {
  /** What is expected, as errors call it, such as 'CSV'. */
  what: string;
  /** The source, as errors call it. */
  name: string;
  /** As `checkEncoding` names it. Without it, the first bytes or the first character beyond ASCII decide. */
  encoding?: string | undefined;
  note?: ((sentence: string) => void) | undefined;
}

/** As many bytes show UTF-16 without a byte order mark. */
const START_BYTES = 4;
const LF = 0x0a;

/**
 * The bytes of a text as UTF-8, as they arrive. gzip is unpacked. UTF-16 is converted if it has a byte order mark or
 * begins with ASCII, and what is not UTF-8 from windows-1252. Throws `invalid-data` if the first bytes show a known
 * kind of file that is not text, and `io` if they cannot be read.
 */
export async function* textBytes(
  input: AsyncIterable<Uint8Array>,
  { what, name, encoding, note = () => {} }: TextBytesOptions,
): AsyncGenerator<Uint8Array> {
  let recode: Recode | undefined;
  let first: Uint8Array = new Uint8Array(0);
  const begin = () => {
    checkIsText(first, what, name);
    const known = encoding ?? encodingOfStart(first);
    recode = known === undefined ? recoderOfStream(name, note) : recoderOf(known);
    return recode(first);
  };
  try {
    for await (const chunk of unpacked(input, name)) {
      if (recode) {
        yield recode(chunk);
        continue;
      }
      first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
      // A whole line is not held back: a live source may wait for its answer.
      if (first.length >= START_BYTES || first.includes(LF)) yield begin();
    }
    if (!recode) yield begin();
    yield recode!();
  } catch (cause) {
    if (cause instanceof GatecastError || !types.isNativeError(cause)) throw cause;
    throw new GatecastError('io', `Expected to read ${name} but could not: ${cause.message}.`, { cause });
  }
}
