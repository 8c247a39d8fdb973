import { array, assert, constantFrom, double, integer, oneof, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonReader, type JsonReaderOptions } from '../../lib/adapters/json-lines.ts';
import type { GatecastError } from '../../lib/base/errors.ts';
import { ndjsonReader } from '../../lib/cli/stream/samples.ts';
import { MissingWords } from '../../lib/reading/missing.ts';
import { gatecastError } from '../support/gatecast-error.ts';

function readerOf(options: Partial<JsonReaderOptions> = {}) {
  const notes: string[] = [];
  const note = (sentence: string) => notes.push(sentence);
  const reader = new JsonReader({ inputs: ['temp'], missing: new MissingWords(), interval: null, note, ...options });
  return { read: (line: string) => reader.read(line), notes };
}

const newYear = Date.UTC(2024, 0, 1);

describe('JsonReader', () => {
  test.each([
    ['{"temp":"21.5"}', { temp: 21.5 }],
    ['{"temp":" -2.5e1 "}', { temp: -25 }],
    ['{"temp":"NaN","b":""}', { temp: Number.NaN, b: Number.NaN }],
    ['{"temp":nan}', { temp: null }],
    ['{"temp":NaN,"b":-Infinity,"c":inf}', { temp: null, b: null, c: null }],
    ['{"temp":-nan(ind),"b":1.#QNAN,"c":-1.#IND}', { temp: null, b: null, c: null }],
    ['{"temp":None,"b":undefined}', { temp: null, b: null }],
    ['{"temp":NaN,"note":"no nan, \\"NaN\\""}', { temp: null, note: 'no nan, "NaN"' }],
    ['{"temp":"21,5"}', { temp: 21.5 }],
    ['{"temp":"1.234,5","b":"1,500"}', { temp: 1234.5, b: 1.5 }],
    ['{"temp":"21.5 °C"}', { temp: 21.5 }],
    ['{"temp":true}', { temp: 1 }],
    ['{"temp":"unknown","b":"3"}', { temp: Number.NaN, b: 3 }],
    ['["1",2,true]', [1, 2, 1]],
    ['[1,nan]', [1, null]],
    ['"21.5"', 21.5],
    ['NaN', Number.NaN],
    ['{"values":{"temp":"3"}}', { temp: 3 }],
    ['{"values":["3"]}', [3]],
  ])('%s', (line, values) => {
    const sample = ndjsonReader({ inputs: ['temp', 'b', 'c'], interval: null, note: () => {} })(line, 1);
    const wrapped = typeof sample === 'object' && !Array.isArray(sample) && 'values' in sample;
    expect(wrapped ? sample.values : sample).toEqual(values);
  });

  test.each([
    '',
    '{"temp":nanx}',
    '{"temp":xnan}',
    '{nan:1}',
    '{"temp":nan',
    '\u0000\ufffd\u001b[2J',
    '{"a":"\u0007"}',
  ])('refuses %j in printable words', (line) => {
    expect(() => readerOf().read(line)).toThrow(gatecastError('invalid-sample', /^Expected a line of JSON [ -~]*$/));
  });

  test('numbers in quotes are read as numbers, and other text is refused', () => {
    const text = oneof(double({ noDefaultInfinity: true, noNaN: true }).map(String), integer().map(String), string());
    assert(
      property(text, (text) => {
        const read = ndjsonReader({ inputs: ['temp'], decimal: '.', interval: null, note: () => {} });
        try {
          const { temp } = (read(JSON.stringify({ temp: text }), 1) as { values: { temp: number } }).values;
          if (!Number.isNaN(temp) && /^[-+.\de]*$/.test(text)) expect(temp).toBe(Number(text));
        } catch (error) {
          expect(error).toEqual(gatecastError('invalid-sample', /^Expected a finite number for temp/));
        }
      }),
      { numRuns: 300 },
    );
  });

  test.each(['at', 'timestamp', 'Time', 'TS', 'datetime', 'DATE'])('%s is the time', (name) => {
    for (const value of ['"2024-01-01T00:00:00Z"', '"2024-01-01 00:00:00"', newYear, newYear / 1000, `"${newYear}"`]) {
      const { read, notes } = readerOf();
      expect(read(`{"${name}":${value},"temp":1}`).at).toBe(newYear);
      expect(read(`{"${name}":null,"temp":1}`).at).toBeUndefined();
      expect(read('{"temp":1}').at).toBeUndefined();
      expect(notes.filter((note) => note.includes('is taken'))).toHaveLength(name === 'at' ? 0 : 1);
    }
  });

  test('at comes first, an input is never the time, and a value that is not a time is reported once', () => {
    expect(readerOf().read(`{"time":"2020-01-01","at":${newYear},"temp":1}`).at).toBe(newYear);
    const input = readerOf({ inputs: ['time'] });
    expect(input.read('{"time":1704067200}').at).toBeUndefined();
    expect(input.notes).toEqual([]);
    const other = readerOf();
    for (const time of [12, 13]) expect(other.read(`{"time":${time},"temp":1}`).at).toBeUndefined();
    expect(other.notes).toEqual([
      'The field "time" is not taken as the time of a sample: it holds neither a date nor a time since 1970.',
    ]);
    expect(other.read('{"time":14,"ts":"2024-01-01","temp":1}').at).toBe(newYear);
  });

  test('a named field is the time, whatever it holds; a value that is not a time is an error', () => {
    const named = readerOf({ time: ['uptime'] });
    expect(named.read('{"uptime":12,"at":5,"temp":1}').at).toBe(12);
    expect(() => named.read('{"uptime":"soon"}')).toThrow(
      gatecastError('invalid-sample', /^Expected a time for uptime but received "soon"\.$/),
    );
    for (const at of ['{}', '[]', 'true', '"noon"']) {
      expect(() => readerOf().read(`{"at":${at}}`)).toThrow(gatecastError('invalid-sample', /^Expected a time for at/));
    }
  });

  test('a missing time field is reported once, with the field that may be meant', () => {
    const { read, notes } = readerOf({ time: ['Zeit'] });
    expect(read('{"zeit":1767571200000,"temp":1}').at).toBeUndefined();
    expect(read('{"temp":1}').at).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/lack the field "Zeit".* Did you mean "zeit"\?$/)]);
    expect(read('{"Zeit":1767571200000,"temp":1}').at).toBe(1767571200000);
    expect(readerOf({ time: ['constructor'] }).read('{"temp":1}').at).toBeUndefined();
  });

  test('random text gives values or one short sentence that any terminal can show', () => {
    const token = constantFrom('{', '}', '"', 'nan', ':', ',', '"at"', '"temp"', '1e999', '\u0000', '\u202e', '[', ']');
    assert(
      property(
        oneof(
          string({ unit: 'binary' }),
          array(token).map((tokens) => tokens.join('')),
        ),
        (line) => {
          try {
            readerOf().read(line);
          } catch (error) {
            const { code, message } = error as GatecastError;
            expect(code).toBe('invalid-sample');
            expect(/\p{C}/u.test(message)).toBe(false);
            expect(message.length).toBeLessThan(300);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
