import { GatecastError } from '../base/errors.ts';
import { callable, type Check, whole } from '../base/schema.ts';
import { checkIsText, KIND_BYTES, UNKNOWN_KIND } from '../files/file-kind.ts';
import { type Line, LineSplitter } from './lines.ts';
import { textBytes } from './text-bytes.ts';
import { checkNoNul, encodingOfStart, FALLBACK, notUtf8, Utf8Check } from './text-encoding.ts';
import { inputName, type TextInput } from './text-input.ts';
import { onePass, type TwoPass, twoPass } from './two-pass.ts';
import { unpacked } from './unpack.ts';

export interface TextLine {
  /** The number of the line, from 1. */
  readonly number: number;
  readonly text: string;
}

/** Default limit of a line of a table [bytes]: room for 65,536 columns of long numbers. */
export const DEFAULT_LINE_BYTES = 2 ** 24;

/** A longer line would not fit into a string. */
export const checkLineBytes = whole(1, 2 ** 28);

export const checkNote: Check<(sentence: string) => void> = callable;

export interface TextOptions {
  /** The expected content, as errors call it. */
  what: string;
  /** As `checkEncoding` names it; otherwise the bytes decide. */
  encoding?: string | undefined;
  /** Longest accepted line [bytes]. */
  maxLineBytes: number;
  /** Called with a sentence if the encoding was guessed. */
  note?: ((sentence: string) => void) | undefined;
}

/**
 * Yields the lines of a text, as a list for each chunk that was read. Throws `invalid-data` if the content is not text
 * or a line is too long, and `io` if it cannot be read.
 */
export async function* textLines(input: TextInput, options: TextOptions): AsyncGenerator<TextLine[]> {
  const name = inputName(input);
  yield* linesOf(await onePass(input), name, options);
}

/** A text that can be read several times, and whose encoding the whole of it decides. */
export class Text {
  readonly name: string;
  readonly encoding: string;
  readonly #bytes: TwoPass;
  readonly #options: TextOptions;

  private constructor(bytes: TwoPass, name: string, options: TextOptions & { encoding: string }) {
    this.#bytes = bytes;
    this.#options = options;
    this.name = name;
    this.encoding = options.encoding;
  }

  /** Reads the input once, unless its encoding is given. Throws as `textLines` does. */
  static async open(input: TextInput, options: TextOptions): Promise<Text> {
    const name = inputName(input);
    const bytes = await twoPass(input);
    try {
      const encoding = options.encoding ?? (await encodingOf(bytes, name, options));
      return new Text(bytes, name, { ...options, encoding });
    } catch (error) {
      await bytes.close();
      throw error;
    }
  }

  /** The expected content, as errors call it. */
  get what(): string {
    return this.#options.what;
  }

  /** Longest accepted line [bytes]. */
  get maxLineBytes(): number {
    return this.#options.maxLineBytes;
  }

  /** The path, if the text is the content of a regular file, perhaps packed. */
  get path(): string | undefined {
    return this.#bytes.path;
  }

  /** The lines from the start. */
  lines(): AsyncGenerator<TextLine[]> {
    return linesOf(this.#bytes.pass(), this.name, this.#options);
  }

  close(): Promise<void> {
    return this.#bytes.close();
  }
}

async function* linesOf(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  options: TextOptions,
): AsyncGenerator<TextLine[]> {
  const { what, encoding, maxLineBytes, note } = options;
  const splitter = new LineSplitter(maxLineBytes);
  const check = (line: Line): TextLine => {
    if (line.text !== undefined) return line;
    throw new GatecastError(
      'invalid-data',
      `Expected at most ${maxLineBytes} bytes in line ${line.number} of ${name} but it is longer.`,
    );
  };
  for await (const chunk of textBytes(bytes, { what, name, encoding, note })) {
    checkNoNul(chunk, what, name);
    yield splitter.push(chunk).map(check);
  }
  yield splitter.end().map(check);
}

/** The encoding of a whole text. An endless line is read no further than to where it is too long. */
async function encodingOf(bytes: TwoPass, name: string, { what, maxLineBytes, note }: TextOptions): Promise<string> {
  const check = new Utf8Check();
  let start: Uint8Array = new Uint8Array(0);
  let lineBytes = 0;
  const fallback = () => {
    checkIsText(start, what, name);
    if (hasControls(start) || !hasDigits(start)) {
      throw new GatecastError('invalid-data', `Expected ${what} but ${name} is not text: it holds ${UNKNOWN_KIND}.`);
    }
    note?.(notUtf8(name));
    return FALLBACK;
  };
  for await (const chunk of unpacked(bytes.pass(), name)) {
    if (start.length < KIND_BYTES) {
      start = Buffer.concat([start, chunk.subarray(0, KIND_BYTES)]);
      checkIsText(start, what, name);
      const shown = encodingOfStart(start);
      if (shown) return shown;
    }
    // The first bytes may be half of UTF-16.
    if (start.length >= 4) checkNoNul(chunk, what, name);
    check.push(chunk);
    if (!check.valid && start.length >= KIND_BYTES) return fallback();
    const end = Math.max(chunk.lastIndexOf(0x0a), chunk.lastIndexOf(0x0d));
    lineBytes = chunk.length - 1 - end + (end < 0 ? lineBytes : 0);
    if (lineBytes > maxLineBytes) return check.valid ? 'utf-8' : fallback(); // the next pass refuses it
  }
  check.end();
  return check.valid ? 'utf-8' : fallback();
}

/** Whether there are characters that no text has. The last one may be the mark of the end that DOS wrote. */
function hasControls(bytes: Uint8Array): boolean {
  return bytes.some((byte, i) => byte < 9 || (byte > 13 && byte < 26) || (byte === 26 && i < bytes.length - 1));
}

/** Whether there are digits, which every encoding has where ASCII has them, and no table is without. */
function hasDigits(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte >= 0x30 && byte <= 0x39);
}
