import { isAscii, isUtf8 } from 'node:buffer';
import { GatecastError, misfit } from '../base/errors.ts';
import type { Check } from '../base/schema.ts';

/** The encoding of bytes that are not UTF-8 and say nothing else of themselves: that of most old programs. */
export const FALLBACK = 'windows-1252';

/** The name of a text encoding as `TextDecoder` spells it, for any of its labels such as 'latin1'. */
export const checkEncoding: Check<string> = (value, name) => {
  try {
    if (typeof value === 'string') return new TextDecoder(value).encoding;
  } catch {
    // an unknown label
  }
  throw misfit("the name of a text encoding, such as 'utf-8' or 'windows-1252',", name, value);
};

/** The encoding that the first bytes show: a byte order mark, or NUL in every second byte, which no UTF-8 has. */
export function encodingOfStart([a, b, c, d]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  if ((a === 0xff && b === 0xfe) || (a && b === 0 && c && d === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b && c === 0 && d)) return 'utf-16be';
  return a === 0xef && b === 0xbb && c === 0xbf ? 'utf-8' : undefined;
}

/** Tells UTF-8 from other encodings while the bytes pass, however they are cut. */
export class Utf8Check {
  #valid = true;
  /** True after a whole character beyond ASCII. */
  #seen = false;
  /** The bytes of a character that is cut. */
  #rest = new Uint8Array(0);

  /** False after bytes that are not UTF-8. */
  get valid(): boolean {
    return this.#valid;
  }

  push(chunk: Uint8Array): void {
    if (!this.#valid || (this.#rest.length === 0 && isAscii(chunk))) return;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = bytes.length - cutLength(bytes);
    const whole = bytes.subarray(0, end);
    this.#rest = new Uint8Array(bytes.subarray(end)); // the source may use its chunk again
    this.#valid = isUtf8(whole);
    if (this.#valid && !isAscii(whole)) this.#seen = true;
  }

  /** A last character that is cut is the fault of the file's end if others were whole. */
  end(): void {
    if (this.#rest.length > 0 && !this.#seen) this.#valid = false;
  }
}

/** How many bytes at the end begin a character that is longer than what is there. */
function cutLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue; // within a character
    return lengthOfCharacter(byte) > back ? back : 0;
  }
  return 0;
}

/** The bytes of a character in UTF-8 with this first byte. */
function lengthOfCharacter(byte: number): number {
  if (byte < 0xc0) return 1;
  return byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
}

/** Turns bytes into UTF-8 as they come; without bytes, what is left at the end. */
export type Recode = (bytes?: Uint8Array) => Uint8Array;

const NOTHING = new Uint8Array(0);

/** The converter of an encoding, as `checkEncoding` names it, to UTF-8. */
export function recoderOf(encoding: string): Recode {
  if (encoding === 'utf-8') return (bytes = NOTHING) => bytes;
  if (encoding === FALLBACK) return (bytes = NOTHING) => fromWindows1252(bytes);
  const decoder = new TextDecoder(encoding);
  return (bytes) => Buffer.from(bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode());
}

/** What windows-1252 has in place of the control characters 0x80 to 0x9f; where it has nothing, they stay. */
const C1 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** Not by `TextDecoder`: that of some releases of Node reads 0x80 to 0x9f as Latin-1. */
function fromWindows1252(bytes: Uint8Array): Uint8Array {
  if (isAscii(bytes)) return bytes;
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return Buffer.from(latin1.replace(/[\x80-\x9f]/g, (one) => C1[one.charCodeAt(0) - 0x80]!));
}

/**
 * Converts a stream whose end is not there yet: its first character beyond ASCII decides between UTF-8 and
 * windows-1252, which agree until then. `note` is called with a sentence for windows-1252.
 */
export function recoderOfStream(name: string, note: (sentence: string) => void): Recode {
  let decided: Recode | undefined;
  /** The first character beyond ASCII, if it is cut. */
  let held: Uint8Array = NOTHING;
  return (bytes) => {
    if (decided) return decided(bytes);
    const all = held.length === 0 ? (bytes ?? NOTHING) : Buffer.concat([held, bytes ?? NOTHING]);
    held = NOTHING;
    if (isAscii(all)) return all;
    const at = all.findIndex((byte) => byte >= 0x80);
    const end = at + lengthOfCharacter(all[at]!);
    if (bytes && end > all.length) {
      held = new Uint8Array(all.subarray(at));
      return all.subarray(0, at);
    }
    const isOther = !isUtf8(all.subarray(at, end));
    if (isOther) note(notUtf8(name));
    decided = recoderOf(isOther ? FALLBACK : 'utf-8');
    return decided(all);
  };
}

/** The sentence about a text that is not UTF-8. */
export function notUtf8(name: string): string {
  return `${name} is not UTF-8 and is read as ${FALLBACK}; the option encoding names another.`;
}

/** Throws `invalid-data` for a NUL byte, which no text has. */
export function checkNoNul(bytes: Uint8Array, what: string, name: string): void {
  if (!bytes.includes(0)) return;
  throw new GatecastError('invalid-data', `Expected ${what} but ${name} is not text: it has NUL bytes.`);
}
