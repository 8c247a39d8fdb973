import { describe, expected, GatecastError, nearest } from '../base/errors.ts';
import { isAbsent, isMissing } from '../reading/missing.ts';
import { LiveTimes, type LiveTimesOptions } from '../reading/live-times.ts';
import { isTimeName, mentionsDate, mentionsTime, partOf } from '../reading/names.ts';
import { fieldsOf, isObject, parseJson, textOf } from './json-fields.ts';

/** How many fields are searched for a misspelt name. */
const LOOKED_AT = 64;

/** The content of a line of JSON: its values (by name, as a list or as a single one) and the other fields. */
export interface JsonSample {
  /** The time [ms since 1970]; undefined if the line has none. */
  at: number | undefined;
  /** The values as they are written. */
  values: unknown;
  /** All fields of the line, if it is an object. */
  fields: Readonly<Record<string, unknown>>;
  /** True if the values are in a field `values`. */
  wrapped: boolean;
}

export interface JsonReaderOptions extends Omit<LiveTimesOptions, 'agreed' | 'small' | 'what'> {
  /** Fields that hold values, and so never the time. */
  inputs?: readonly string[];
  /** The field that tells many streams apart. */
  key?: string | undefined;
}

/**
 * Reads lines of JSON: a number, an array, `{ at, values }`, or an object with values by name, whose time is `at` or a
 * field such as `timestamp`. NaN, Infinity and the like, which JSON does not have, are null. `note` is called with what
 * is assumed about the time.
 */
export class JsonReader {
  readonly #options: JsonReaderOptions;
  readonly #times: LiveTimes;
  readonly #refused = new Set<string>();

  /** Throws `invalid-argument` for an unknown format or zone of times. */
  constructor(options: JsonReaderOptions) {
    this.#options = options;
    this.#times = new LiveTimes({ ...options, agreed: 'at', small: 'ms', what: 'field' });
  }

  /**
   * Reads one line. Throws `invalid-sample` for a line that is not JSON or whose time cannot be read. `where` names the
   * line in errors.
   */
  read(line: string, where?: string): JsonSample {
    const fields = parseJson(line, where);
    if (!isObject(fields)) return { at: undefined, values: fields, fields: {}, wrapped: false };
    const wrapped = 'values' in fields && !this.#isInput('values');
    const values = wrapped ? fields['values'] : fields;
    return { at: this.#timeOf(fields, wrapped, where), values, fields, wrapped };
  }

  #isInput(name: string): boolean {
    return this.#options.inputs?.includes(name) ?? false;
  }

  #timeOf(fields: JsonSample['fields'], wrapped: boolean, where: string | undefined): number | undefined {
    const found = this.#timeFields(fields, wrapped);
    if (found === undefined) return undefined;
    const texts = found.map((name) => {
      const value = valueOf(fields, name);
      const text = typeof value === 'boolean' ? undefined : textOf(value);
      if (text !== undefined) return text;
      const of = where === undefined ? name : `${name} in ${where}`;
      throw new GatecastError('invalid-sample', expected('a time', of, value));
    });
    const { key } = this.#options;
    const at = this.#times.read(found, texts, key === undefined ? '' : (textOf(fields[key]) ?? ''), where);
    return Number.isNaN(at) ? undefined : at;
  }

  #timeFields(fields: JsonSample['fields'], wrapped: boolean): readonly string[] | undefined {
    const known = this.#times.found;
    if (known?.every((name) => valueOf(fields, name) !== undefined)) {
      if (this.#options.time || !this.#hasAt(fields, wrapped)) return known;
    }
    if (this.#options.time) {
      this.#noteAbsent(this.#options.time, fields);
      return undefined;
    }
    if (this.#hasAt(fields, wrapped)) return ['at'];
    return known ? undefined : this.#guess(fields, wrapped);
  }

  #hasAt(fields: JsonSample['fields'], wrapped: boolean): boolean {
    return Object.hasOwn(fields, 'at') && (wrapped || !this.#isInput('at'));
  }

  /** Fields whose names say that they may hold a time. One line cannot show whether any other date changes. */
  #guess(fields: JsonSample['fields'], wrapped: boolean): readonly string[] | undefined {
    const names: string[] = [];
    const texts: string[] = [];
    for (const [name, value] of fieldsOf(fields)) {
      if (this.#isInput(name) && !(wrapped && Object.hasOwn(fields, name))) continue;
      if (this.#refused.has(name) || !isTimely(name)) continue;
      const text = typeof value === 'boolean' ? '' : (textOf(value) ?? '');
      if (isMissing(text.trim()) || isAbsent(text.trim())) continue;
      names.push(name);
      texts.push(text);
    }
    if (names.length === 0) return undefined;
    const found = this.#times.fieldsOf(names, texts);
    if (found) return found;
    for (const name of names.filter(isTimeName)) {
      this.#refused.add(name);
      const why = 'it holds neither a date nor a time since 1970';
      this.#options.note(`The field ${describe(name)} is not taken as the time of a sample: ${why}.`);
    }
    return undefined;
  }

  /** Calls `note` once for a requested field that a line lacks. */
  #noteAbsent(time: readonly string[], fields: JsonSample['fields']): void {
    const absent = time.find((name) => valueOf(fields, name) === undefined)!;
    if (this.#refused.has(absent)) return;
    this.#refused.add(absent);
    const slip = nearest(absent, Object.keys(fields).slice(0, LOOKED_AT));
    const hint = slip === undefined ? '' : ` Did you mean ${describe(slip)}?`;
    this.#options.note(`Some samples lack the field ${describe(absent)}, which should hold their time.${hint}`);
  }
}

function isTimely(name: string): boolean {
  return mentionsTime(name) || mentionsDate(name) || partOf(name) >= 0;
}

/** The value of a field, or of one in an object of the line, as `fieldsOf` names it; undefined if there is none. */
export function valueOf(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  const { values } = fields;
  if (isObject(values) && Object.hasOwn(values, name)) return values[name];
  for (let at = name.indexOf('.'); at > 0; at = name.indexOf('.', at + 1)) {
    const outer = Object.hasOwn(fields, name.slice(0, at)) ? fields[name.slice(0, at)] : undefined;
    if (isObject(outer) && Object.hasOwn(outer, name.slice(at + 1))) return outer[name.slice(at + 1)];
  }
  return undefined;
}
