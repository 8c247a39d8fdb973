import { types } from 'node:util';

/** Stable names for what went wrong; programs switch on these, people read the message. */
export type ErrorCode =
  | 'invalid-argument' // a value of the wrong type or range, an unknown option
  | 'invalid-shape' // an array or tensor of the wrong length
  | 'invalid-state-dict' // a weight that is missing, unknown, of another shape, or not finite
  | 'invalid-sample' // a sample that is not finite or has the wrong length
  | 'unusable-source' // a source whose first thousand samples are all invalid
  | 'invalid-data' // a table or CSV that cannot be used
  | 'invalid-file' // a file of the wrong kind, damaged, or of a newer format
  | 'golden-mismatch' // a model file that computes other numbers than it promises
  | 'io' // the operating system refused to read or write
  | 'addon-missing' // no native binary could be loaded
  | 'package-missing' // a required optional package is not installed
  | 'isa-unavailable' // GATECAST_ISA names an instruction set this machine lacks
  | 'disposed' // used after dispose()
  | 'busy'; // a training runs on this object, another store has the folder, or another subscription has the streams

/** Names read from a file can be endlessly long; an error message must not be. */
const longestMessage = 1000;

/** The one error class of Gatecast: a sentence for people, safe to print on any terminal, and a `code` for programs. */
export class GatecastError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(printable(cut(message, longestMessage)), options);
    this.name = 'GatecastError';
    this.code = code;
  }
}

/** "Expected [what] for [name] but received [value]." */
export function expected(what: string, name: string, received: unknown): string {
  return `Expected ${what} for ${name} but received ${describe(received)}.`;
}

/**
 * An `invalid-argument` error with the sentence of `expected`. `hint`, a sentence that begins with a space, is
 * appended.
 */
export function misfit(what: string, name: string, received: unknown, hint = ''): GatecastError {
  return new GatecastError('invalid-argument', expected(what, name, received) + hint);
}

/** A short, safe rendering of any value for an error message. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return quote(cut(value, isBinary(value.slice(0, 60)) ? 20 : 60));
  if (typeof value === 'bigint') return describeInteger(value);
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return describeObject(value);
  return String(value);
}

/** At most the first `length` characters. */
function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 3)}...` : text;
}

function quote(text: string): string {
  return escape(JSON.stringify(text), unprintable(text));
}

/** A word as a user types it on the command line: in quotes, unless it is of letters, digits and the like. */
export function optionText(word: string): string {
  return /^[\p{L}\p{N}_.-]+$/u.test(word) ? word : describe(word);
}

/** Escapes the characters of `text` that control a terminal, are invisible or change the writing direction. */
export function printable(text: string): string {
  return escape(text, unprintable(text));
}

/**
 * Matches what `printable` escapes. Text with control characters or invalid UTF-8 is taken for binary: all but ASCII is
 * escaped then, even what looks like letters.
 */
function unprintable(text: string): RegExp {
  return isBinary(text) ? /[^ -~]/gu : /[\p{C}\p{Zl}\p{Zp}]/gu;
}

function isBinary(text: string): boolean {
  return /[\0-\x08\x0e-\x1f\x7f\ufffd]/.test(text);
}

function escape(text: string, which: RegExp): string {
  return text.replace(which, escaped);
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}

/** A bigint with a million digits would take long to print. */
function describeInteger(value: bigint): string {
  return BigInt.asIntN(128, value) === value ? `${value}n` : 'a bigint of more than 128 bits';
}

function describeObject(value: object): string {
  try {
    if (ArrayBuffer.isView(value)) {
      const length = 'length' in value ? value.length : value.byteLength;
      const lost = 'length' in value && !hasMemory(value) ? ' that has lost its memory' : '';
      return `a ${value.constructor.name} of length ${length}${lost}`;
    }
    if (types.isPromise(value)) return 'a promise';
    return Array.isArray(value) ? `an array of length ${value.length}` : 'an object';
  } catch {
    return 'an object that cannot be read'; // a proxy may throw on any access
  }
}

/** False if the array's memory was transferred away or has shrunk below it; such an array otherwise looks empty. */
export function hasMemory(array: ArrayBufferView): boolean {
  try {
    Uint8Array.prototype.at.call(array, 0);
    return true;
  } catch {
    return false;
  }
}

/** A longer word is not a typo of a known one, and comparing it could take very long. */
const longestGuess = 64;

/** The candidate that `word` most likely meant, or undefined when none is close. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > longestGuess) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substitution));
    }
    row = next;
  }
  return row[b.length]!;
}
