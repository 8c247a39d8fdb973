import { isObject } from '../../adapters/json-fields.ts';
import { JsonReader, valueOf } from '../../adapters/json-lines.ts';
import { describe, expected, GatecastError, nearest } from '../../base/errors.ts';
import type { Sample, SampleValues } from '../../model/sample.ts';
import { LiveNumbers } from '../../reading/live-numbers.ts';
import { MissingWords } from '../../reading/missing.ts';
import { checkKey } from '../../stores/checks.ts';

/** A sample with its key, if there are many streams. */
export type KeyedSample = Sample & { readonly key?: string };

/**
 * Turns lines into samples; undefined for a line that holds none. Throws a GatecastError for one that cannot be read.
 */
export type LineReader = (line: string, number: number) => KeyedSample | undefined;

/** How the user says that lines are to be read. */
export interface LineReading {
  /** Fields or columns of the time. */
  time?: readonly string[];
  /** As `TableOptions` has it. */
  timeFormat?: string;
  /** IANA zone of times without an offset. */
  zone?: string;
  /** More words, or numbers, that stand for a missing value. */
  missing?: readonly string[];
  decimal?: '.' | ',';
}

export interface LineReaderOptions extends LineReading {
  /** Inputs of the model. */
  inputs: readonly string[];
  /** Those that are categories, whose values are words. */
  categories?: readonly string[];
  /** Those that may be 0 or 1 only, as `off` and `on` are read. */
  toggles?: readonly string[];
  /** Interval of the model [ms]: decides the unit of times that do not show it themselves. */
  interval: number | null;
  /** Field or column that tells many streams apart. */
  key?: string;
  /** Called with a sentence, once for each thing that is assumed. */
  note: (sentence: string) => void;
}

/** What readers of times take from these options. With many streams the spacing of lines does not show the unit. */
export function timesOf({ time, timeFormat, zone, missing, interval, key, note }: LineReaderOptions) {
  return {
    time,
    timeFormat,
    zone,
    missing: new MissingWords(missing),
    interval: key === undefined ? interval : null,
    note,
  };
}

/** Reads the values of the inputs, given as text. */
export class InputReader {
  readonly #numbers: LiveNumbers;
  readonly #missing: MissingWords;
  readonly #categories: ReadonlySet<string>;
  readonly #toggles: ReadonlySet<string>;

  constructor({ categories = [], toggles = [], missing, decimal, note }: LineReaderOptions, delimiter?: string) {
    this.#missing = new MissingWords(missing);
    this.#numbers = new LiveNumbers({ missing: this.#missing, decimal, delimiter, note });
    this.#categories = new Set(categories);
    this.#toggles = new Set(toggles);
  }

  /** Sees the text of an input before any of its line is read: it may show the decimal sign. */
  look(name: string, value: unknown): void {
    if (Array.isArray(value)) for (const step of value) this.look(name, step);
    if (typeof value === 'string' && !this.#categories.has(name)) this.#numbers.look(name, value);
  }

  /** A number, a word, or NaN for a missing value. Values that are not text are left to the reader of samples. */
  read(name: string, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((step) => this.read(name, step)); // a plan
    if (typeof value === 'boolean' && !this.#categories.has(name)) return value ? 1 : 0;
    if (typeof value === 'number') return this.#missing.numbers.has(value) ? Number.NaN : value;
    if (typeof value !== 'string') return value;
    if (!this.#categories.has(name)) return this.#numbers.read(name, value, this.#toggles.has(name));
    return this.#missing.has(value) ? Number.NaN : value.trim();
  }
}

/** Each line is a number, an array, { at, values }, or an object with the inputs by name and, optionally, a time. */
export function ndjsonReader(options: LineReaderOptions): LineReader {
  const { inputs, key } = options;
  const reader = new JsonReader({ ...timesOf(options), inputs, key });
  const values = new InputReader(options);
  return (line) => {
    if (line.trim() === '') return undefined;
    const sample = reader.read(line);
    const { at, fields, wrapped } = sample;
    const offset = wrapped && 'offset' in fields ? checkOffset(fields['offset']) : undefined;
    const own = key === undefined ? undefined : keyOf(fields, key);
    const beside = wrapped ? fields : {};
    const read = readValues(sample.values, beside, options, values) as SampleValues;
    if (at === undefined && offset === undefined && own === undefined && !isObject(read)) return read;
    const known = {
      ...(at !== undefined && { at }),
      ...(offset !== undefined && { offset }),
      ...(own !== undefined && { key: own }),
    };
    return { ...known, values: read };
  };
}

/** Fields of a line that are no values. */
const APART: readonly string[] = ['at', 'offset'];

/** The same value or values, with those of the inputs read. An input that they lack may be `beside` them. */
function readValues(
  values: unknown,
  beside: Readonly<Record<string, unknown>>,
  { inputs, key }: LineReaderOptions,
  reader: InputReader,
): unknown {
  if (Array.isArray(values)) {
    values.forEach((value, i) => reader.look(inputs[i] ?? '', value));
    return values.map((value, i) => reader.read(inputs[i] ?? '', value));
  }
  if (isObject(values)) {
    const find = (name: string) => {
      const value = valueOf(values, name);
      return value !== undefined || name === key || APART.includes(name) ? value : valueOf(beside, name);
    };
    const own = inputs.map((name) => [name, find(name)] as const).filter(([, value]) => value !== undefined);
    for (const [name, value] of own) reader.look(name, value);
    return { ...values, ...Object.fromEntries(own.map(([name, value]) => [name, reader.read(name, value)])) };
  }
  const name = inputs[0]!;
  reader.look(name, values);
  return values === null ? Number.NaN : reader.read(name, values);
}

/** The text or number in the field of the key. Throws `invalid-sample` for anything else. */
function keyOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const key = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (typeof key === 'string' || typeof key === 'number') return asSample(() => checkKey(String(key)));
  const slip = nearest(name, Object.keys(fields).slice(0, 64));
  const hint = slip === undefined ? '' : ` The sample has ${describe(slip)}.`;
  throw new GatecastError('invalid-sample', expected('text or a number', `the key ${describe(name)}`, key) + hint);
}

function checkOffset(offset: unknown): number {
  if (Number.isSafeInteger(offset) && (offset as number) >= 0) return offset as number;
  throw new GatecastError('invalid-sample', expected('a whole number >= 0', 'the offset', offset));
}

/** Rethrows an error as one of a line. */
export function asSample<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof GatecastError)) throw cause;
    throw new GatecastError('invalid-sample', cause.message, { cause });
  }
}
