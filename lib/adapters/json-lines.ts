import { describe, expected, GatecastError, nearest } from '../base/errors.ts';
import { isArray, isRecord } from '../base/values.ts';
import { type EpochReader, unixUnit } from '../reading/epoch.ts';
import { isMissing } from '../reading/missing.ts';
import { isTimeName } from '../reading/names.ts';
import { parseTime } from '../reading/parse-time.ts';
import { parseNumber } from './csv-fields.ts';

/** How many fields are searched for a misspelt name. */
const LOOKED_AT = 64;

/** The content of a line of JSON: its values (by name, as a list or as a single one) and the other fields. */
export interface JsonSample {
  /** The time [ms since 1970]; undefined if the line has none. */
  at: number | undefined;
  /** The values. Text that spells a number or stands for a missing value has been converted, but for words. */
  values: unknown;
  /** All fields of the line, if it is an object. */
  fields: Readonly<Record<string, unknown>>;
  /** True if the values are in a field `values`. */
  wrapped: boolean;
}

export interface JsonReaderOptions {
  /** Field with the time; default 'at', or one with a name such as 'timestamp'. */
  time?: string;
  /** Fields that hold values, and so never the time. */
  inputs?: readonly string[];
  /** Those of `inputs` whose values are words, which stay text even if they spell a number. */
  categories?: readonly string[] | undefined;
  epoch: EpochReader;
  /** Called once with a sentence: which field is taken as the time, or why one is not. */
  note?: (sentence: string) => void;
}

/**
 * Reads lines of JSON: a number, an array, `{ at, values }`, or an object with values by name, whose time is `at` or a
 * field such as `timestamp`. Numbers in quotes are read. NaN, Infinity and the like, which JSON does not have, are
 * missing values.
 */
export class JsonReader {
  readonly #options: JsonReaderOptions;
  /** The field that is the time of a line without `at`; null until a line has one. */
  #time: string | null;
  readonly #refused = new Set<string>();

  constructor(options: JsonReaderOptions) {
    this.#options = options;
    this.#time = options.time ?? null;
  }

  /** The field, other than `at`, that is the time; null until a line has one. */
  get time(): string | null {
    return this.#time;
  }

  /**
   * Reads one line. Throws `invalid-sample` for a line that is not JSON or whose time cannot be read. `where` names the
   * line in errors.
   */
  read(line: string, where?: string): JsonSample {
    const value = parse(line, where);
    if (!isObject(value)) return { at: undefined, values: this.#toValues(value), fields: {}, wrapped: false };
    const wrapped = 'values' in value && !this.#isInput('values');
    const time = this.#timeField(value, wrapped);
    const at =
      time === undefined ? undefined : this.#timeOf(value[time], where === undefined ? time : `${time} in ${where}`);
    return { at, values: this.#toValues(wrapped ? value['values'] : value), fields: value, wrapped };
  }

  /** The same value or values, with text that spells a number converted, unless it is a word of a category. */
  #toValues(values: unknown): unknown {
    const { inputs = [], categories = [] } = this.#options;
    if (isArray(values)) {
      if (!values.some(isText)) return values;
      return values.map((value, i) => readValue(value, categories.includes(inputs[i]!)));
    }
    if (isObject(values)) {
      if (!Object.values(values).some(isText)) return values;
      const read = Object.entries(values).map(([name, value]) => [name, readValue(value, categories.includes(name))]);
      return Object.fromEntries(read);
    }
    const value = readValue(values, false);
    return value === null ? Number.NaN : value;
  }

  #isInput(name: string): boolean {
    return this.#options.inputs?.includes(name) ?? false;
  }

  #timeField(fields: Record<string, unknown>, wrapped: boolean): string | undefined {
    const { time } = this.#options;
    if (time !== undefined) {
      if (Object.hasOwn(fields, time)) return time;
      this.#noteAbsent(time, fields);
      return undefined;
    }
    if ('at' in fields && (wrapped || !this.#isInput('at'))) return 'at';
    this.#time ??= this.#guessTime(fields, wrapped);
    return this.#time ?? undefined;
  }

  /** Calls `note` once for a requested field that a line lacks. */
  #noteAbsent(time: string, fields: Record<string, unknown>): void {
    if (this.#refused.has(time)) return;
    this.#refused.add(time);
    const slip = nearest(time, Object.keys(fields).slice(0, LOOKED_AT));
    const hint = slip === undefined ? '' : ` Did you mean ${describe(slip)}?`;
    this.#options.note?.(`Some samples lack the field ${describe(time)}, which should hold their time.${hint}`);
  }

  /**
   * The first field with the name of a time that also holds one. `note` is called for a field that only has the name.
   */
  #guessTime(fields: Record<string, unknown>, wrapped: boolean): string | null {
    for (const [name, value] of Object.entries(fields)) {
      if (!isTimeName(name) || (!wrapped && this.#isInput(name)) || this.#refused.has(name)) continue;
      if (value === null || (typeof value === 'string' && isMissing(value))) continue;
      if (isLikelyTime(value)) {
        this.#options.note?.(`The field ${JSON.stringify(name)} is taken as the time of each sample.`);
        return name;
      }
      this.#refused.add(name);
      const why = 'it holds neither a date nor a time since 1970';
      this.#options.note?.(`The field ${JSON.stringify(name)} is not taken as the time of a sample: ${why}.`);
    }
    return null;
  }

  #timeOf(value: unknown, name: string): number | undefined {
    if (value === undefined || value === null || (typeof value === 'string' && isMissing(value))) return undefined;
    const number = numberOf(value);
    const text = typeof value === 'string' && number === undefined ? value : undefined;
    const time = text === undefined ? number && this.#options.epoch.read(number) : parseTime(text);
    if (typeof time === 'number' && Number.isFinite(time)) return time;
    throw new GatecastError('invalid-sample', expected('a time', name, value));
  }
}

function isLikelyTime(value: unknown): boolean {
  if (typeof value === 'string' && Number.isFinite(parseTime(value))) return true;
  const number = numberOf(value);
  return typeof number === 'number' && unixUnit(number) !== undefined;
}

/** Text in quotes, or numbers that JSON does not have, as programming languages print them. */
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
        // invalid JSON for another reason
      }
    }
    const message = where === undefined ? expected('a line of JSON', 'a sample', line) : expected('JSON', where, line);
    throw new GatecastError('invalid-sample', message, { cause });
  }
}

/** The number in a value: null for a missing one, undefined for anything else. */
export function numberOf(value: unknown): number | null | undefined {
  if (typeof value === 'number' || value === null) return value;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (isMissing(text)) return null;
  const number = parseNumber(text, { delimiter: ',', decimal: '.' });
  return Number.isFinite(number) ? number : undefined;
}

/** The value, or the number that its text spells, or null if it is a word for a missing value. */
function readValue(value: unknown, isCategory: boolean): unknown {
  if (isCategory) return isText(value) && isMissing(value.trim()) ? null : value;
  if (!isText(value)) return value;
  const number = numberOf(value);
  return number === undefined ? (booleanOf(value) ?? value) : number;
}

/**
 * True or false if a text spells it; undefined for any other. `off` beside numbers may as well be a fault, so it is
 * none of them.
 */
export function booleanOf(text: string): boolean | undefined {
  if (/^\s*true\s*$/i.test(text)) return true;
  return /^\s*false\s*$/i.test(text) ? false : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return isRecord(value);
}
