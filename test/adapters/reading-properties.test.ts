import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvSeries, inspectCsv, type ReadCsvOptions, readCsv } from '../../lib/adapters/csv.ts';
import { GatecastError } from '../../lib/base/errors.ts';
import { gather } from '../../lib/data/series.ts';
import type { Table } from '../../lib/data/table.ts';
import type { TrainOptions } from '../../lib/train/options.ts';
import { fit } from '../../lib/train/train.ts';
import { redescribe } from '../support/model-bytes.ts';
import { iso } from './read-text.ts';

const chunks = (bytes: Uint8Array, sizes: readonly number[]) => {
  const parts: Uint8Array[] = [];
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const size = sizes.length === 0 ? bytes.length : sizes[i % sizes.length]!;
    parts.push(bytes.subarray(from, from + size));
    from += size;
  }
  return Readable.from(parts);
};

/** The columns by name, so that their order does not matter. */
const byName = ({ names, columns, at }: Table) => ({
  at: [...(at ?? [])],
  columns: Object.fromEntries(names.map((name, i) => [name, [...columns[i]!]])),
});

/** How a table is written. */
interface Dress {
  order: readonly number[];
  columns: readonly number[];
  sizes: readonly number[];
  end: string;
  quoted: readonly boolean[];
  delimiter: string;
}

const COUNT = 40;
const names = ['time', 'temp', 'mode', 'on', 'load'];
/** A field may be missing; numbers have groups of thousands and fractions. */
const cells = fc.record({
  temp: fc.array(fc.option(fc.integer({ min: -99_999, max: 99_999 }), { freq: 9 }), {
    minLength: COUNT,
    maxLength: COUNT,
  }),
  mode: fc.array(fc.constantFrom('heat', 'cool', 'off', 'NA'), { minLength: COUNT, maxLength: COUNT }),
  on: fc.array(fc.constantFrom('true', 'false'), { minLength: COUNT, maxLength: COUNT }),
  load: fc.array(fc.integer({ min: 0, max: 9_999_999 }), { minLength: COUNT, maxLength: COUNT }),
});
const dress = fc.record<Dress>({
  order: fc.shuffledSubarray([...Array(COUNT).keys()], { minLength: COUNT }),
  columns: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
  sizes: fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 5 }),
  end: fc.constantFrom('\n', '\r\n', '\r'),
  quoted: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
});

function written(
  {
    temp,
    mode,
    on,
    load,
  }: { temp: readonly (number | null)[]; mode: readonly string[]; on: readonly string[]; load: readonly number[] },
  { order, columns, end, quoted, delimiter }: Dress,
): Uint8Array {
  let place = 0;
  const line = (fields: readonly string[]) =>
    columns
      .map((column) => {
        const field = fields[column]!;
        return quoted[place++ % quoted.length] || field.includes(delimiter) ? `"${field}"` : field;
      })
      .join(delimiter);
  const grouped = (value: number) => String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const rows = order.map((i) =>
    line([iso(i), temp[i] === null ? '' : (temp[i]! / 100).toFixed(2), mode[i]!, on[i]!, `${grouped(load[i]!)}.5`]),
  );
  return Buffer.from([line(names), ...rows].map((text) => text + end).join(''));
}

describe('a table in any dress', () => {
  test('order of rows and columns, chunks, line ends, quotes and delimiters change no bit', async () => {
    await fc.assert(
      fc.asyncProperty(cells, dress, async (table, worn) => {
        const { at, columns } = byName(await readCsv(chunks(written(table, worn), worn.sizes)));
        const modes = [...new Set(table.mode.filter((word) => word !== 'NA'))].sort();
        expect(at).toEqual(Array.from({ length: COUNT }, (_, i) => Date.parse(iso(i))));
        expect(columns['load']).toEqual(table.load.map((value) => value + 0.5));
        if (table.temp.some((value) => value !== null)) {
          expect(columns['temp']).toEqual(
            table.temp.map((value) => (value === null ? Number.NaN : Number((value / 100).toFixed(2)))),
          );
        }
        expect(columns['on']).toEqual(table.on.map((word) => (word === 'true' ? 1 : 0)));
        expect(columns['mode']).toEqual(table.mode.map((word) => (word === 'NA' ? Number.NaN : modes.indexOf(word))));
      }),
      { numRuns: 60 },
    );
  });

  const past = { on: 'past', load: 'past', mode: 'past' } as const;
  test.each<[string, ReadCsvOptions['roles'], Partial<TrainOptions>]>([
    ['inputs by name', {}, { targets: 'temp', inputs: ['on', 'load'] }],
    ["'all'", {}, { targets: 'temp', inputs: 'all' }],
    ["several targets and 'all'", { on: 'static' }, { targets: ['load', 'temp'], inputs: 'all' }],
    ['roles of the file', { ...past, load: 'target', temp: 'target' }, {}],
    ['roles of the training', {}, { roles: { temp: 'target', ...past } }],
  ])('the same model is learned from %s, to the bit', async (_, roles, options) => {
    const table = {
      temp: Array.from({ length: COUNT }, (_, i) => Math.round(500 * Math.sin(i / 3))),
      mode: Array.from({ length: COUNT }, (_, i) => ['heat', 'cool'][i % 2]!),
      on: Array.from({ length: COUNT }, (_, i) => String(roles?.['on'] === 'static' || i % 3 === 0)),
      load: Array.from({ length: COUNT }, (_, i) => i * i),
    };
    const plain: Dress = {
      order: [...Array(COUNT).keys()],
      columns: [0, 1, 2, 3, 4],
      sizes: [],
      end: '\n',
      quoted: [false],
      delimiter: ',',
    };
    const learn = async (worn: Dress) => {
      const series = csvSeries(chunks(written(table, worn), worn.sizes), { roles });
      return bytesOf(await fit(series, { ...options, horizon: 2, hidden: 4, epochs: 1, lookback: 4 }));
    };
    const expected = await learn(plain);
    await fc.assert(
      fc.asyncProperty(dress, async (worn) => {
        expect(Buffer.compare(await learn(worn), expected)).toBe(0);
      }),
      { numRuns: 4 },
    );
  });
});

/** The bytes of a model apart from the time of its making. */
function bytesOf(model: Awaited<ReturnType<typeof fit>>): Uint8Array {
  try {
    return redescribe(model.toBytes(), ({ training }) => {
      training.trainedAt = '';
    });
  } finally {
    model.dispose();
  }
}

describe('any input', () => {
  /** A table or an error of the two kinds that inputs have. */
  async function holds(bytes: Uint8Array): Promise<void> {
    const tried = [
      () => readCsv(chunks(bytes, [])),
      () => gather(csvSeries(chunks(bytes, []))),
      () => inspectCsv(chunks(bytes, [])),
    ];
    for (const one of tried) {
      try {
        await one();
      } catch (error) {
        if (!(error instanceof GatecastError) || (error.code !== 'invalid-data' && error.code !== 'io')) throw error;
        expect(error.message).toMatch(/^Expected [^\n\0]{1,2000}$/);
      }
    }
  }

  test('random bytes', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), holds), { numRuns: 200 });
  });

  const field = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom(
        '1',
        '-1.5',
        '1,5',
        '1.000',
        '12,345',
        '1e5',
        '',
        'NA',
        'true',
        'a',
        'unknown',
        '5 kW',
        '(3)',
        '1e400',
        '9'.repeat(30),
      ),
    },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        '2024-01-31',
        '31.01.2024 15:00',
        '01/02/2024',
        '12:30',
        '12.30.00',
        '1704067200',
        '45000.5',
        '2024',
        '2024-Q1',
        'Jan 2024',
        '2024-02-30',
        '20240131',
        'Mon',
      ),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'time',
        'date',
        'year',
        'month',
        'day',
        'hour',
        'id',
        '#group',
        '#datatype',
        '# x',
        'sep=;',
        '"',
        '""',
        '"a',
        '-',
        '----',
      ),
    },
    fc.string({ maxLength: 8 }),
  );
  const line = fc
    .tuple(fc.array(field, { maxLength: 6 }), fc.constantFrom(',', ',', ',', ';', '\t', ' ', '|'))
    .map(([fields, sign]) => fields.join(sign));
  const text = fc.oneof(
    fc.array(line, { maxLength: 12 }),
    // few columns of many rows, which are read as tables
    fc
      .tuple(
        fc.array(fc.array(field, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 2, max: 40 }),
      )
      .map(([columns, count]) => [
        columns.map((_, i) => ['time', 'date', 'Year', 'x'][i]).join(','),
        ...Array.from({ length: count }, (_, row) => columns.map((some) => some[row % some.length]).join(',')),
      ]),
  );

  test('random text that looks like CSV', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom('\n', '\r\n'), (lines, end) => holds(Buffer.from(lines.join(end)))),
      { numRuns: 600 },
    );
  });
});

/** Collects garbage. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

test('the memory of a report does not grow with the rows', async () => {
  async function* lines(count: number): AsyncGenerator<Uint8Array> {
    yield Buffer.from('time,key,temp,words\n');
    for (let from = 0; from < count; from += 1000) {
      const some = Array.from(
        { length: 1000 },
        (_, k) => `${1_704_067_200 + from + k},s${k % 7},${(from + k) % 977}.25,w${from + k}\n`,
      );
      yield Buffer.from(some.join(''));
    }
  }
  const heapAfter = async (count: number) => {
    const report = await inspectCsv(lines(count), { by: 'key' });
    collect();
    expect(report.rows).toBe(count);
    return process.memoryUsage().heapUsed;
  };
  await heapAfter(10_000);
  const few = await heapAfter(20_000);
  const many = await heapAfter(300_000);
  expect(many - few).toBeLessThan(8 * 2 ** 20);
});
