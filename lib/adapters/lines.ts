import type { Readable } from 'node:stream';
import { textBytes, type TextBytesOptions } from './text-bytes.ts';

/** One line without its line end, or a line longer than `tooLong` bytes, which is left out. Numbers count from 1. */
export type Line =
  | { readonly number: number; readonly text: string; readonly tooLong?: never }
  | { readonly number: number; readonly tooLong: number; readonly text?: never };

const LF = 0x0a;
const CR = 0x0d;
const BOM = '\ufeff';

/**
 * Splits UTF-8 into lines as it arrives. LF, CRLF or CR ends a line; the last line needs no line end. At most
 * `maxBytes` are held.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  /** The bytes of the unfinished line; the first `#length` are in use. */
  #held = Buffer.alloc(0);
  #length = 0;
  #number = 0;
  /** True if the unfinished line is too long, which has been reported. */
  #skips = false;
  /** True if the last byte was a CR. An LF that follows belongs to the same line end. */
  #afterCr = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Returns the lines that end in these bytes, and a line that becomes too long in them. */
  push(bytes: Uint8Array): Line[] {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (chunk.length === 0) return [];
    const begin = this.#afterCr && chunk[0] === LF ? 1 : 0;
    const end = 1 + Math.max(chunk.lastIndexOf(LF), chunk.lastIndexOf(CR));
    this.#afterCr = chunk.at(-1) === CR;
    if (end <= begin) return this.#hold(chunk.subarray(begin));
    const lines = this.#linesOf(chunk.subarray(begin, end));
    lines.push(...this.#hold(chunk.subarray(end)));
    return lines;
  }

  /** Returns the last line, if it has no line end. */
  end(): Line[] {
    return this.#length > 0 ? [this.#line(this.#take())] : [];
  }

  /** The lines of bytes whose last byte ends a line. */
  #linesOf(bytes: Buffer): Line[] {
    let text: string;
    if (this.#length > 0) {
      this.#append(bytes);
      text = this.#take();
    } else {
      text = bytes.toString('utf8');
    }
    const texts = text.includes('\r') ? text.split(/\r\n|\r|\n/) : text.split('\n');
    texts.pop();
    if (this.#skips) texts.shift();
    this.#skips = false;
    return texts.map((one) => this.#line(one));
  }

  #line(text: string): Line {
    this.#number += 1;
    const own = this.#number === 1 && text.startsWith(BOM) ? text.slice(1) : text;
    return this.#isTooLong(own)
      ? { number: this.#number, tooLong: this.#maxBytes }
      : { number: this.#number, text: own };
  }

  #isTooLong(text: string): boolean {
    if (text.length * 3 <= this.#maxBytes) return false; // UTF-8 has at most three bytes for each UTF-16 unit
    return Buffer.byteLength(text) > this.#maxBytes;
  }

  #hold(bytes: Buffer): Line[] {
    if (this.#skips || bytes.length === 0) return [];
    if (this.#length + bytes.length <= this.#maxBytes) {
      this.#append(bytes);
      return [];
    }
    this.#length = 0;
    this.#skips = true;
    this.#number += 1;
    return [{ number: this.#number, tooLong: this.#maxBytes }];
  }

  #append(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#held.length));
      this.#held.copy(larger, 0, 0, this.#length);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#length);
    this.#length = length;
  }

  #take(): string {
    const text = this.#held.toString('utf8', 0, this.#length);
    this.#length = 0;
    return text;
  }
}

/** Lines of a stream, each as soon as it is complete; `close` ends the iteration, even while it waits for the next. */
export interface Lines extends AsyncIterable<Line> {
  close(): void;
}

/** The lines of a stream of bytes, which errors call `name`. Throws what `textBytes` does. */
export function linesOf(
  input: Readable,
  name: string,
  maxBytes: number,
  options: Pick<TextBytesOptions, 'encoding' | 'note'> = {},
): Lines {
  let closed = false;
  async function* read(): AsyncGenerator<Line> {
    const splitter = new LineSplitter(maxBytes);
    try {
      for await (const chunk of textBytes(input as AsyncIterable<Uint8Array>, { ...options, what: 'text', name })) {
        for (const line of splitter.push(chunk)) {
          if (closed) return;
          yield line;
        }
      }
    } catch (cause) {
      if (closed) return; // destroyed while waiting
      throw cause;
    }
    if (!closed) yield* splitter.end();
  }
  return {
    [Symbol.asyncIterator]: read,
    close() {
      closed = true;
      input.destroy();
    },
  };
}
