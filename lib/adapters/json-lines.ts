import { describe, expected, GatecastError, nearest } from '../errors.ts';
import { isArray, isRecord } from '../values.ts';
import { isMissing, isTimeName, parseNumber } from './csv-fields.ts';
import { parseTime } from './csv-time.ts';
import { type EpochReader, unixUnit } from './epoch.ts';

/** Fields that are looked at for one that is meant. */
const LOOKED_AT = 64;

/** What a line of JSON says: values by name, in an order, or one alone, and what stands beside them. */
export interface JsonSample {
  /** [ms since 1970]; undefined where the line has none. */
  at: number | undefined;
  /** Text that is a number, or a word for a missing one, became it. */
  values: unknown;
  /** All fields of the line, where it is an object. */
  fields: Readonly<Record<string, unknown>>;
  /** Whether the values are a field of their own. */
  wrapped: boolean;
}

export interface JsonReaderOptions {
  /** Field of the time; 'at' by default, or one with a name such as 'timestamp'. */
  time?: string;
  /** Fields that are values, and so never the time. */
  inputs?: readonly string[];
  epoch: EpochReader;
  /** Called with a sentence about a field that is taken as the time, or that is not, once. */
  note?: (sentence: string) => void;
}

/**
 * Reads lines of JSON: a number, an array, `{ at, values }`, or an object with values by name and `at`, or a field such
 * as `timestamp`, as the time. Numbers in quotes are read; NaN, Infinity and the like, no JSON, are missing values.
 */
export class JsonReader {
  readonly #options: JsonReaderOptions;
  /** Field taken as the time where there is no `at`; null until a line has one. */
  #time: string | null;
  readonly #refused = new Set<string>();

  constructor(options: JsonReaderOptions) {
    this.#options = options;
    this.#time = options.time ?? null;
  }

  /** Throws `invalid-sample` for a line that is no JSON or whose time is none; `where` it stands is for errors. */
  read(line: string, where?: string): JsonSample {
    const value = parse(line, where);
    if (!isObject(value)) return { at: undefined, values: toNumbers(value), fields: {}, wrapped: false };
    const wrapped = 'values' in value && !this.#isInput('values');
    const time = this.#timeField(value, wrapped);
    const at =
      time === undefined ? undefined : this.#timeOf(value[time], where === undefined ? time : `${time} in ${where}`);
    return { at, values: toNumbers(wrapped ? value['values'] : value), fields: value, wrapped };
  }

  #isInput(name: string): boolean {
    return this.#options.inputs?.includes(name) ?? false;
  }

  #timeField(fields: Record<string, unknown>, wrapped: boolean): string | undefined {
    const { time } = this.#options;
    if (time !== undefined) {
      if (Object.hasOwn(fields, time)) return time;
      this.#sayAbsent(time, fields);
      return undefined;
    }
    if ('at' in fields && (wrapped || !this.#isInput('at'))) return 'at';
    this.#time ??= this.#guessTime(fields, wrapped);
    return this.#time ?? undefined;
  }

  /** A field that was asked for and is not there is said once. */
  #sayAbsent(time: string, fields: Record<string, unknown>): void {
    if (this.#refused.has(time)) return;
    this.#refused.add(time);
    const slip = nearest(time, Object.keys(fields).slice(0, LOOKED_AT));
    const hint = slip === undefined ? '' : ` Did you mean ${describe(slip)}?`;
    this.#options.note?.(`There are samples without the field ${describe(time)}, which is to be their time.${hint}`);
  }

  /** The first field with a name of a time that holds one; one that does not is said. */
  #guessTime(fields: Record<string, unknown>, wrapped: boolean): string | null {
    for (const [name, value] of Object.entries(fields)) {
      if (!isTimeName(name) || (!wrapped && this.#isInput(name)) || this.#refused.has(name)) continue;
      if (value === null || (typeof value === 'string' && isMissing(value))) continue;
      if (isLikelyTime(value)) {
        this.#options.note?.(`The field ${JSON.stringify(name)} is taken as the time of each sample.`);
        return name;
      }
      this.#refused.add(name);
      const why = 'it holds no date and no time since 1970';
      this.#options.note?.(`The field ${JSON.stringify(name)} is not taken as the time of a sample: ${why}.`);
    }
    return null;
  }

  #timeOf(value: unknown, name: string): number | undefined {
    if (value === undefined || value === null || (typeof value === 'string' && isMissing(value))) return undefined;
    const number = numberOf(value);
    const text = typeof value === 'string' && number === undefined ? value : undefined;
    const time = text === undefined ? number && this.#options.epoch.read(number) : timeOfText(text);
    if (typeof time === 'number' && Number.isFinite(time)) return time;
    throw new GatecastError('invalid-sample', expected('a time', name, value));
  }
}

/** Without a zone it is UTC, as in CSV; other text is what `Date` takes it for: `Mon, 01 Jan 2024 00:00:00 GMT`. */
function timeOfText(text: string): number {
  const time = parseTime(text);
  return Number.isFinite(time) ? time : Date.parse(text);
}

function isLikelyTime(value: unknown): boolean {
  if (typeof value === 'string' && Number.isFinite(parseTime(value))) return true;
  const number = numberOf(value);
  return typeof number === 'number' && unixUnit(number) !== undefined;
}

/** Names that JSON lacks a number for, as languages print them, outside of quotes. */
const QUOTED_OR_MISSING =
  /"(?:[^"\\]|\\.)*"|(?<![\w.])[+-]?(?:1\.#(?:qnan|snan|ind|inf)\w*|nan(?:\(\w*\))?|inf(?:inity)?|none|undefined)(?![\w.])/gi;

function parse(line: string, where: string | undefined): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    const replaced = line.replace(QUOTED_OR_MISSING, (part) => (part.startsWith('"') ? part : 'null'));
    if (replaced !== line) {
      try {
        return JSON.parse(replaced);
      } catch {
        // it is no JSON for another reason
      }
    }
    const message = where === undefined ? expected('a line of JSON', 'a sample', line) : expected('JSON', where, line);
    throw new GatecastError('invalid-sample', message, { cause });
  }
}

/** A number, null where it is missing, or undefined for what is neither. */
export function numberOf(value: unknown): number | null | undefined {
  if (typeof value === 'number' || value === null) return value;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (isMissing(text) || /^[+-]?inf(inity)?$/i.test(text)) return null;
  const number = parseNumber(text, { delimiter: ',', decimal: '.' });
  return Number.isFinite(number) ? number : undefined;
}

/** The same value, or the same values, with numbers for text that is one. */
function toNumbers(values: unknown): unknown {
  if (isArray(values)) return values.some(isText) ? values.map(orItself) : values;
  if (isObject(values)) {
    if (!Object.values(values).some(isText)) return values;
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, orItself(value)]));
  }
  const value = orItself(values);
  return value === null ? Number.NaN : value;
}

function orItself(value: unknown): unknown {
  const number = isText(value) ? numberOf(value) : undefined;
  return number === undefined ? value : number;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return isRecord(value);
}
