import { PassThrough, Readable } from 'node:stream';
import { array, assert, constantFrom, integer, property, record, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Line, LineSplitter, linesOf } from '../../lib/adapters/lines.ts';
import { gatecastError } from '../support/gatecast-error.ts';

function split(bytes: Uint8Array, cuts: readonly number[], maxBytes = 1000): Line[] {
  const splitter = new LineSplitter(maxBytes);
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const lines = at.slice(1).flatMap((end, i) => splitter.push(bytes.subarray(at[i], end)));
  return [...lines, ...splitter.end()];
}

const texts = (lines: readonly Line[]) => lines.map(({ text, tooLong }) => text ?? `more than ${tooLong}`);

describe('LineSplitter', () => {
  test.each([
    ['LF', 'a\nb\n', ['a', 'b']],
    ['CRLF', 'a\r\nb\r\n', ['a', 'b']],
    ['CR', 'a\rb\r', ['a', 'b']],
    ['a mixture', 'a\rb\r\nc\n\nd\n\re', ['a', 'b', 'c', '', 'd', '', 'e']],
    ['no end of the last line', 'a\nb', ['a', 'b']],
    ['a byte order mark', '\ufeffa\n\ufeffb\n', ['a', '\ufeffb']],
    ['separators that JSON may hold', '"\u2028\u2029\u0085"\n', ['"\u2028\u2029\u0085"']],
    ['nothing', '', []],
  ])('%s, however the bytes are cut', (_, text, expected) => {
    const bytes = Buffer.from(text);
    assert(
      property(array(integer({ min: 0, max: 99 })), (cuts) => {
        expect(texts(split(bytes, cuts))).toEqual(expected);
      }),
    );
  });

  test('random text in random pieces gives its lines, numbered', () => {
    const line = record({ text: string({ unit: 'grapheme', maxLength: 30 }), end: constantFrom('\n', '\r\n') });
    assert(
      property(array(line), array(integer({ min: 0, max: 5000 })), (lines, cuts) => {
        const wanted = lines.map(({ text }) => text.replaceAll(/[\r\n\ufeff]/g, ''));
        const bytes = Buffer.from(lines.map(({ end }, i) => wanted[i]! + end).join(''));
        const got = split(bytes, cuts);
        expect(texts(got)).toEqual(wanted);
        expect(got.map(({ number }) => number)).toEqual(wanted.map((_, i) => i + 1));
      }),
      { numRuns: 200 },
    );
  });

  test('a line of too many bytes is left out, wherever it is cut, and the other lines are not', () => {
    const bytes = Buffer.from('12345678\n123456789\nüüüü\nüüüüü\n1\n123456789');
    assert(
      property(array(integer({ min: 0, max: 99 })), (cuts) => {
        const wanted = ['12345678', 'more than 8', 'üüüü', 'more than 8', '1', 'more than 8'];
        expect(texts(split(bytes, cuts, 8))).toEqual(wanted);
      }),
    );
  });

  test('a line that never ends is reported once, at once, and not kept', () => {
    const splitter = new LineSplitter(100_000);
    const piece = Buffer.alloc(65_536, '7');
    expect(splitter.push(piece)).toEqual([]);
    expect(splitter.push(piece)).toEqual([{ number: 1, tooLong: 100_000 }]);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 5000; i++) expect(splitter.push(piece)).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
    expect(splitter.push(Buffer.from('7\n8\n'))).toEqual([{ number: 2, text: '8' }]);
    expect(splitter.end()).toEqual([]);
  });
});

describe('linesOf', () => {
  test('gives each line as soon as it is complete; close ends the wait for the next', async () => {
    const input = new PassThrough();
    const lines = linesOf(input, 'a pipe', 100);
    const iterator = lines[Symbol.asyncIterator]();
    input.write('a\nb');
    expect(await iterator.next()).toEqual({ done: false, value: { number: 1, text: 'a' } });
    const next = iterator.next();
    setTimeout(() => lines.close(), 5);
    expect(await next).toEqual({ done: true, value: undefined });
    expect(input.destroyed).toBe(true);
  });

  test('close leaves out the lines that had come', async () => {
    const lines = linesOf(Readable.from([Buffer.from('a\nb\nc')]), 'a pipe', 100);
    const seen: unknown[] = [];
    for await (const { text } of lines) {
      seen.push(text);
      lines.close();
    }
    expect(seen).toEqual(['a']);
  });

  test('an input that cannot be read is reported in a sentence', async () => {
    const input = new Readable({
      read() {
        this.destroy(new Error('it is on fire'));
      },
    });
    const read = async () => {
      for await (const line of linesOf(input, 'a pipe', 100)) expect(line).toBeUndefined();
    };
    await expect(read()).rejects.toThrow(
      gatecastError('io', /^Expected to read a pipe but could not: it is on fire\.$/),
    );
  });
});
