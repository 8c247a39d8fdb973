import { array, assert, asyncProperty, boolean, constantFrom, integer, record, subarray } from 'fast-check';
import { expect, test } from 'vitest';
import { CsvFile } from '../../lib/adapters/csv-file.ts';

async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < at.length; i++) yield bytes.subarray(at[i - 1], at[i]);
}

const NAMES = ['temp', 'Flow rate', 'RH', 'MT_001', '2m_temp', 'Druck (innen)'];
const UNITS = ['degC', 'l/min', '%', '-', 'm/s', 'hPa'];
const PREAMBLE = ['Logger: HX-2', 'Serial: 42', 'Plot Title', '', 'made by hand', '2024 Q1 of site 7'];
const TIMES = [
  (i: number) => `2024-01-01T00:${String(i).padStart(2, '0')}:00Z`,
  (i: number) => `01.02.2024 15:${String(i).padStart(2, '0')}`,
  (i: number) => `1/31/2024 3:${String(i).padStart(2, '0')} PM`,
  (i: number) => String(1704067200 + 60 * i),
];

const table = record({
  names: subarray(NAMES, { minLength: 1 }),
  time: constantFrom(...TIMES),
  count: integer({ min: 1, max: 40 }),
  seed: integer({ min: 1, max: 9999 }),
});
const form = record({
  delimiter: constantFrom(',', ';', '\t', '|'),
  preamble: subarray(PREAMBLE),
  comments: constantFrom<readonly string[]>([], ['# a comment, of two; parts'], ['// one', '// two']),
  units: boolean(),
  trailing: boolean(),
  quoted: boolean(),
  again: boolean(),
  end: constantFrom('\n', '\r\n', '\r'),
});

/** Values of a sensor: with a fraction, sometimes missing. */
function valueOf(seed: number, row: number, column: number, decimal: string): string {
  const one = (seed * 7919 + row * 104_729 + column * 1_299_709) % 1000;
  if (row > 0 && one % 11 === 0) return ['', 'NA', 'unavailable'][one % 3]!;
  return `${20 + (one % 50)}${decimal}${String(one % 997).padStart(3, '0')}`;
}

test('a table is found whatever is around it and however it is written and cut', async () => {
  await assert(
    asyncProperty(table, form, array(integer({ min: 0, max: 9999 }), { maxLength: 6 }), async (data, look, cuts) => {
      const { names, time, count, seed } = data;
      const { delimiter, preamble, comments, end } = look;
      const decimal = delimiter === ';' ? ',' : '.';
      const rows = Array.from({ length: count }, (_, i) => [
        time(i),
        ...names.map((_name, column) => valueOf(seed, i, column, decimal)),
      ]);
      const quote = (text: string) => (look.quoted ? `"${text}"` : text);
      const line = (fields: readonly string[]) => fields.map(quote).join(delimiter) + (look.trailing ? delimiter : '');
      const header = ['time', ...names];
      const body = rows.map(line);
      const half = Math.ceil(count / 2);
      if (look.again) body.splice(half, 0, line(header));
      const under = look.units ? [line(['-', ...names.map((_, i) => UNITS[i]!)])] : [];
      const text = [...preamble, ...comments, line(header), ...under, ...body, ''].join(end);
      const file = await CsvFile.open(pieces(Buffer.from(text), cuts), { maxLineBytes: 10_000 });
      const found: string[][] = [];
      for await (const some of file.records()) found.push(...some.map(({ fields }) => fields));
      await file.close();
      expect(file.layout).toMatchObject({ delimiter, names: header });
      expect(found).toEqual(rows);
      if (look.units) {
        expect(file.layout.units.slice(1)).toEqual(names.map((_, i) => (UNITS[i] === '-' ? undefined : UNITS[i])));
      }
    }),
    { numRuns: 400 },
  );
});
