import { describe, expect, test, vi } from 'vitest';
import { csvReader } from '../../lib/cli/stream/csv-samples.ts';
import { LineRun } from '../../lib/cli/stream/line-run.ts';
import { LineStream, type LineStreamFlags } from '../../lib/cli/stream/line-stream.ts';
import { type LineReaderOptions, ndjsonReader } from '../../lib/cli/stream/samples.ts';
import { makeModel } from '../support/models.ts';

const model = makeModel(); // of pressure (about 10) and temperature (about 20), a sample a second
const start = Date.UTC(2024, 0, 1);
const every = <T>(count: number, of: (i: number) => T) => Array.from({ length: count }, (_, i) => of(i));
const values = (i: number) => ({ pressure: 10 + (i % 3) / 10, temperature: 20 + (i % 5) / 10 });

/** What the first ten lines, and no more, make a stream say. */
function said(lines: readonly string[], flags: LineStreamFlags = {}, options: Partial<LineReaderOptions> = {}): string {
  const spy = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const stream = new LineStream(model, undefined, flags);
  const reader = lines[0]!.startsWith('{') ? ndjsonReader : csvReader;
  const interval = model.description.interval;
  const read = reader({ inputs: model.scaler.names, interval, note: () => {}, ...flags, ...options });
  const run = new LineRun(stream, read, { onInvalid: 'skip', keeps: false, after: undefined });
  for (const [i, text] of lines.entries()) run.take({ number: i + 1, text });
  const text = spy.mock.calls.map(([words]) => String(words)).join('');
  spy.mockRestore();
  stream.dispose();
  return text;
}

const json = (row: (i: number) => object) => every(10, (i) => JSON.stringify(row(i)));

describe('a source of which nothing can be used says so within ten lines', () => {
  test.each([
    [
      'wrong names',
      json((i) => ({ at: start + 1000 * i, p: 1, t: 2 })),
      /none of the first 10 lines was used: 10 invalid/,
    ],
    [
      'times that cannot be read',
      json((i) => ({ at: 'soon', ...values(i) })),
      /none of the first 10 lines was used: 10 invalid/,
    ],
    [
      'text for numbers',
      json((i) => ({ ...values(i), pressure: 'low' })),
      /--missing low[^\n]*\n[^\n]*none of the first 10/,
    ],
    ['lists of another length', json((i) => ({ at: start + 1000 * i, values: [1, 2, 3] })), /none of the first 10/],
    [
      'the same time in all lines',
      json((i) => ({ at: start, ...values(i) })),
      /9 of the first 10 lines were left out: 9 duplicate\. Their times are read as 2024-01-01T00:00:00\.000Z to 2024-01-01T00:00:00\.000Z, and the model has a sample every 1s\. [^\n]*--time-format/,
    ],
    [
      'times in days',
      json((i) => ({ at: 45_292 + i / 86_400, ...values(i) })),
      /9 of the first 10 lines were left out: 9 duplicate/,
    ],
    [
      'the newest line first',
      json((i) => ({ at: start - 1000 * i, ...values(i) })),
      /9 of the first 10 lines were left out: 9 late/,
    ],
    [
      'rows of CSV with too few fields',
      ['at,pressure,temperature', ...every(10, (i) => `${start + 1000 * i},1`)],
      /none of the first 10 lines was used/,
    ],
  ])('%s', (_, lines, message) => {
    expect(said(lines, { gap: 'hold' })).toMatch(message);
  });

  test('all values missing', () => {
    const lines = json((i) => ({ at: start + 1000 * i, pressure: null, temperature: 'NaN' }));
    expect(said(lines, { gap: 'hold' })).toMatch(/none of the first 10 lines had a value of pressure, temperature\./);
    expect(said(lines)).toMatch(/none of the first 10 lines was used: 10 invalid/);
  });

  test('all values far from those of training', () => {
    const lines = json((i) => ({ at: start + 1000 * i, ...values(i), temperature: 293_000 + i }));
    expect(said(lines)).toMatch(
      /all values of temperature in the first 10 lines are far from what the model was trained on: 293000 is the nearest/,
    );
  });

  test('lines much farther apart than samples of the model, unless they are those of many streams', () => {
    const lines = json((i) => ({ at: start + 3_600_000 * i, ...values(i), pump: i }));
    expect(said(lines, { gap: 'hold' })).toMatch(
      /the first 10 lines are 1h apart, but the model has a sample every 1s/,
    );
    expect(said(lines, { gap: 'hold', key: 'pump' })).toBe('');
  });

  test('nothing is said of a source with a few bad lines, nor a second time', () => {
    const good = json((i) => ({ at: start + 1000 * i, ...values(i) }));
    expect(said(good, { gap: 'hold' })).toBe('');
    expect(said([...good.slice(0, 2), ...every(7, () => 'x'), ...good.slice(2)])).not.toMatch(/first 10/);
    const bad = every(30, () => '{"at":"soon"}');
    expect(said(bad).match(/first 10/g)).toHaveLength(1);
  });
});
