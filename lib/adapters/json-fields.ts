import { expected, GatecastError } from '../base/errors.ts';
import { isRecord } from '../base/values.ts';

/** Numbers that JSON does not have, as programming languages print them. */
const MISSING =
  /(?<![\w.])[+-]?(?:1\.#(?:qnan|snan|ind|inf)\w*|nan(?:\(\w*\))?|inf(?:inity)?|none|undefined)(?![\w.])/gi;

/** JSON that ends its fractions after three digits: text like it may be thousands. */
const THREE_DIGITS = /^-?\d{1,3}\.\d{3}$/;

/**
 * The value in a line of JSON. NaN, Infinity and the like, which JSON does not have, are null. Throws `invalid-sample`;
 * `where` names the line.
 */
export function parseJson(line: string, where?: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    const replaced = withNulls(line);
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

/** The line with null for `MISSING`, except in quotes. Not one regular expression, which long texts would overflow. */
function withNulls(line: string): string {
  let replaced = '';
  for (let at = 0; at < line.length; ) {
    const quote = line.indexOf('"', at);
    const end = quote < 0 ? line.length : endOfText(line, quote);
    replaced += line.slice(at, quote < 0 ? end : quote).replace(MISSING, 'null');
    if (quote >= 0) replaced += line.slice(quote, end);
    at = end;
  }
  return replaced;
}

/** Where the text ends that begins with the quote at `begin`. */
function endOfText(line: string, begin: number): number {
  for (let quote = line.indexOf('"', begin + 1); quote >= 0; quote = line.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (line[quote - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return quote + 1;
  }
  return line.length;
}

/**
 * The fields of an object by name. Those of its field `values` are among them, and count if a name is beside it too,
 * except for the time `at`. Those of another object in it have the names of both: `air.temp`.
 */
export function* fieldsOf(object: Readonly<Record<string, unknown>>): Generator<[string, unknown]> {
  const values = isObject(object['values']) ? object['values'] : {};
  const isWithin = (name: string) => Object.hasOwn(values, name) && !(name === 'at' && Object.hasOwn(object, name));
  for (const name of Object.keys(object)) {
    const value = object[name];
    if (value === values) for (const inner of Object.keys(values).filter(isWithin)) yield [inner, values[inner]];
    else if (!isObject(value)) {
      if (!isWithin(name)) yield [name, value];
    } else for (const inner of Object.keys(value)) yield [`${name}.${inner}`, value[inner]];
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value);
}

/** A value as the field of a table has it, '' for a missing one; undefined for a list or an object. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') {
    const text = String(value);
    // A fourth digit shows that the point does not group thousands.
    return THREE_DIGITS.test(text) ? `${text}0` : text;
  }
  if (value === null || value === undefined) return '';
  return typeof value === 'boolean' ? String(value) : undefined;
}
