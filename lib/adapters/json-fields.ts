import { expected, GatecastError } from '../base/errors.ts';
import { isRecord } from '../base/values.ts';

/** Text in quotes, or numbers that JSON does not have, as programming languages print them. */
const QUOTED_OR_MISSING =
  /"(?:[^"\\]|\\.)*"|(?<![\w.])[+-]?(?:1\.#(?:qnan|snan|ind|inf)\w*|nan(?:\(\w*\))?|inf(?:inity)?|none|undefined)(?![\w.])/gi;

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

/**
 * The fields of an object by name. Those of its field `values` are among them, and count if their name is beside it too,
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
