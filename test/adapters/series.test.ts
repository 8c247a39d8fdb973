import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvSeries, forecastLines, readCsv } from '../../lib/adapters/csv.ts';
import { ndjsonSeries } from '../../lib/adapters/ndjson.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { predict } from '../../lib/batch/predict.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { gather, type Series } from '../../lib/data/series.ts';
import { fit } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-series-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Three pumps of different lengths in long format, with their rows in turn. 1 of 91 values is missing. */
const rows = Array.from({ length: 900 }, (_, i) => {
  const [t, pump] = [Math.floor(i / 3), ['a', 'b', 'c'][i % 3]!];
  const temp = i % 91 === 7 ? '' : (20 + 5 * Math.sin(t / 4 + i) + (pump === 'b' ? 10 : 0)).toFixed(3);
  return {
    pump,
    time: new Date(Date.UTC(2026, 0, 1, 0, t)).toISOString(),
    temp,
    flow: (t % 7).toString(),
    note: `row ${i}`,
  };
}).filter(({ pump, time }) => pump !== 'c' || time < '2026-01-01T02');
const csv = ['pump,time,temp,flow,note', ...rows.map((row) => Object.values(row).join(','))].join('\n');

function bytes(text: string, sizes: readonly number[] = [2 ** 16]): AsyncIterable<Uint8Array> {
  const all = Buffer.from(text);
  return {
    async *[Symbol.asyncIterator]() {
      for (let from = 0, piece = 0; from < all.length; piece++) {
        const to = from + sizes[piece % sizes.length]!;
        yield all.subarray(from, to);
        from = to;
      }
    },
  };
}

async function listOf(series: Series) {
  const found = [];
  for await (const chunk of series) found.push(chunk);
  return found;
}

describe('a CSV as series', () => {
  test('is the same as what readCsv reads by the same column', async () => {
    const notes: string[] = [];
    const series = await gather(csvSeries(bytes(csv), { by: 'pump', note: (sentence) => notes.push(sentence) }));
    expect([...series]).toEqual([...(await readCsv(bytes(csv), { by: 'pump' }))]);
    expect([...series.keys()]).toEqual(['a', 'b', 'c']);
    expect(series.get('c')!.columns[0]!.length).toBe(120);
    expect(notes).toEqual(['Column "note" is left out: it holds text.']);
  });

  test('is the same however the bytes and the chunks come, NDJSON too', async () => {
    const later = (time: string, days: number) => new Date(Date.parse(time) + days * 86_400_000).toISOString();
    // more rows than those that the order is first followed by
    const long = [0, 1, 2, 3, 4].flatMap((day) =>
      rows.map((row) => ({ ...row, time: later(row.time, day), note: `${row.note} of ${day}` })),
    );
    const text = ['pump,time,temp,flow,note', ...long.map((row) => Object.values(row).join(','))].join('\n');
    const lines = long.map(({ time, ...row }) => JSON.stringify({ ...row, at: time })).join('\n');
    const whole = await gather(csvSeries(bytes(text), { by: 'pump' }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 50, max: 90_000 }), { minLength: 1, maxLength: 5 }),
        async (sizes) => {
          expect(await gather(csvSeries(bytes(text, sizes), { by: 'pump' }))).toEqual(whole);
          expect(await gather(ndjsonSeries(bytes(lines, sizes), { by: 'pump' }))).toEqual(whole);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('comes in chunks that do not grow with the file, each time from its first row', async () => {
    const path = join(folder, 'long.csv');
    writeFileSync(path, `y\n${Array.from({ length: 300_000 }, (_, i) => i % 1000).join('\n')}\n`);
    const series = csvSeries(path);
    for (const time of [1, 2]) {
      const chunks = await listOf(series);
      expect(chunks.length, `time ${time}`).toBeGreaterThan(3);
      expect(Math.max(...chunks.map(({ columns }) => columns[0]!.length))).toBeLessThan(150_000);
      expect(chunks.reduce((sum, { columns }) => sum + columns[0]!.length, 0)).toBe(300_000);
      expect(new Set(chunks.map(({ key }) => key))).toEqual(new Set(['']));
    }
  });

  test('keeps a column that is empty at first, and leaves it out if text comes', async () => {
    const late = (value: string) => `a,b\n${'1,\n'.repeat(1200)}2,${value}\n`;
    const of = async (text: string) => (await gather(csvSeries(bytes(text, [3000])))).get('')!;
    expect((await of(late('5'))).columns[1]!.slice(1199)).toEqual(Float64Array.of(Number.NaN, 5));
    const notes: string[] = [];
    const table = (await gather(csvSeries(bytes(late('soon'), [3000]), { note: (note) => notes.push(note) }))).get('')!;
    expect(table.names).toEqual(['a']);
    expect(notes).toEqual(['Column "b" is left out: it holds text.']);
  });

  test('has the given roles, and refuses a role of a column that is not of numbers', async () => {
    const roles = { temp: 'target', flow: 'future' } as const;
    const [chunk] = await listOf(csvSeries(bytes(csv), { by: 'pump', roles }));
    expect(chunk).toMatchObject({ names: ['temp', 'flow'], roles: ['target', 'future'] });
    const refused = (given: object, message: RegExp) =>
      expect(listOf(csvSeries(bytes(csv), given as never))).rejects.toThrow(gatecastError('invalid-data', message));
    await refused({ roles: { tmp: 'target' } }, /^Expected a column "tmp" in the input\. Did you mean "temp"\?$/);
    await refused({ roles: { note: 'static' } }, /^Expected numbers in note of the input but it holds text\.$/);
    await refused({ by: 'pum' }, /Did you mean "pump"\?$/);
    expect(() => csvSeries('x.csv', { roles: { a: 'label' } } as never)).toThrow(
      /^Expected 'target' or 'past' or 'future' or 'static' for options.roles.a but received "label"\.$/,
    );
  });
});

describe('NDJSON as series', () => {
  test('does not take a time for a value', async () => {
    const lines = [1, 2].map((s) => `{"ts": ${1_767_225_600 + s}, "v": ${s}, "id": ${s}}`).join('\n');
    const series = await gather(ndjsonSeries(bytes(lines), { by: 'id', roles: { v: 'target' } }));
    expect([...series]).toEqual(
      ['1', '2'].map((key, i) => [
        key,
        {
          names: ['v'],
          columns: [Float64Array.of(i + 1)],
          roles: ['target'],
          at: Float64Array.of(1000 * (1_767_225_601 + i)),
        },
      ]),
    );
  });

  test('that is empty or holds no numbers is refused', async () => {
    await expect(gather(ndjsonSeries(bytes('')))).rejects.toThrow(
      /^Expected lines of JSON in the input but found none/,
    );
    await expect(gather(ndjsonSeries(bytes('{"a": "x"}')))).rejects.toThrow(/at least one column of numbers/);
    await expect(gather(ndjsonSeries(bytes('{"a": 1}'), { roles: { b: 'past' } }))).rejects.toThrow(/column "b"/);
  });
});

test('a file in long format is used for training, evaluation and forecasts by its key', async () => {
  const path = join(folder, 'pumps.csv');
  writeFileSync(path, csv);
  const series = csvSeries(path, { by: 'pump', time: 'time', roles: { temp: 'target', flow: 'past' } });
  const model = await fit(series, { horizon: 4, lookback: 8, hidden: 6, epochs: 3 });
  expect(model.description).toMatchObject({ inputs: [{ name: 'flow' }, { name: 'temp' }], interval: 60_000 });
  const score = await evaluate(model, series, { from: 80 });
  expect([...score.series.keys()]).toEqual(['a', 'b', 'c']);
  const alone = await readCsv(path, { by: 'pump' });
  for (const [key, table] of alone) expect(score.series.get(key), key).toEqual(evaluate(model, table, { from: 80 }));
  const latest = await predict(model, series);
  let count = 0;
  for await (const entry of rolling(model, series, { every: 10 })) {
    count += 1;
    expect(latest.get(entry.key)!.row).toBeGreaterThanOrEqual(entry.row);
  }
  expect(count).toBeGreaterThan(50);
  const lines = [...latest.values()].map((entry) =>
    forecastLines(entry, model.description.interval, { series: { name: 'pump' } }),
  );
  expect(lines.map((text) => text.split(',')[0])).toEqual(['a', 'b', 'c']);
});
