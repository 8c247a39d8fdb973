import { array, assert, asyncProperty, constantFrom, integer, string, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../../lib/adapters/csv.ts';
import { CsvFile } from '../../lib/adapters/csv-file.ts';
import type { TextRecord } from '../../lib/adapters/records.ts';
import { gatecastError } from '../support/gatecast-error.ts';

async function* pieces(bytes: Uint8Array, cuts: readonly number[] = []): AsyncGenerator<Uint8Array> {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < at.length; i++) yield bytes.subarray(at[i - 1], at[i]);
}

async function records(text: string | Uint8Array, cuts?: readonly number[], maxLineBytes = 1000) {
  const file = await CsvFile.open(pieces(Buffer.from(text), cuts), { maxLineBytes });
  const found: TextRecord[] = [];
  for await (const some of file.records()) found.push(...some);
  await file.close();
  return found;
}

describe('records', () => {
  test('RFC 4180 is read, however it is quoted and cut into pieces', async () => {
    const field = string({ unit: constantFrom('a', '"', ',', '\n', ' ', 'ü', '😀'), maxLength: 6 });
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const rows = array(tuple(field, field, field), { minLength: 1, maxLength: 8 });
    await assert(
      asyncProperty(rows, array(integer({ min: 0, max: 999 })), async (table, cuts) => {
        const text = ['x,y,z', ...table.map((row) => row.map(quote).join(','))].join('\r\n');
        expect((await records(text, cuts, 10_000)).map(({ fields }) => fields)).toEqual(table);
      }),
      { numRuns: 150 },
    );
  });

  test('a record is named by the line that it begins on', async () => {
    expect(await records('a,b\n"1\n2",3\n\n4,5\n')).toEqual([
      { line: 2, fields: ['1\n2', '3'] },
      { line: 5, fields: ['4', '5'] },
    ]);
  });

  test('a line of tabs is a record of missing values; other blank lines are left out', async () => {
    const found = await records('a\tb\n1\t2\n\t\n  \n3\t4\n');
    expect(found.map(({ fields }) => fields)).toEqual([
      ['1', '2'],
      ['', ''],
      ['3', '4'],
    ]);
  });

  test.each([
    ['a quote that is not closed', 'a,b\n1,2\n3,"4\n5,6\n', /in line 3 of the input: a quote is not closed/],
    [
      'a quote that is not closed before a record is too long',
      `a,b\n1,"2\n${'x\n'.repeat(600)}"`,
      /in line 2 .*not closed/,
    ],
    ['text behind a quote', 'a,b\n"1"2,3\n', /in line 2 .*continues after its closing quote/],
    ['quotes inside of a field', 'a,b\n1"2",3\n', /in line 2 .*is inside a field that is not quoted/],
    ['too long a line', `a,b\n1,${'2'.repeat(1000)}\n`, /at most 1000 bytes in line 2 of the input but it is longer/],
    ['NUL bytes', 'a,b\n1,\0\n', /is not text: it has NUL bytes/],
    [
      'many lines in a quote',
      `a,b\n1,"2\n${'\n'.repeat(70_000)}`,
      /in line 2 of the input: a quote is not closed/,
      1e6,
    ],
    ['xz data', '\xfd7zXZ\0', /holds xz data; unpack it first/],
    ['other bytes', Buffer.from([0x61, 0x2c, 0x0a, 0xff, 0x01, 0xfe]), /it holds bytes of no known kind/],
    [
      'a first row with a field too few',
      'a,b,c\n1,2\n3,4,5\n6,7,8\n',
      /^Expected 3 fields in line 2 of the input but received 2\.$/,
    ],
    ['a field too many', 'a,b\n1,2\n3,4,5\n', /^Expected 2 fields in line 3 of the input but received 3\.$/],
    [
      'a field behind the last name',
      `a,b,\n${'1,2,\n'.repeat(400)}3,4,5\n`,
      /^Expected nothing for the field behind the last name in line 402/,
    ],
    [
      'another table below the first',
      `#datatype,string,long\n,r,_value\n,,1\n\n#datatype,string,long\n,r,other\n,,1\n`,
      /also in line 6 of the input but it begins a table of others/,
    ],
    [
      'a workbook',
      `PK\x03\x04${'\0'.repeat(26)}[Content_Types].xml`,
      /an Excel workbook \(xlsx\); export it as CSV first/,
    ],
    ['a log in JSON', '{"at":1,"temp":2}\n', /^Expected CSV but the input holds JSON; export it as CSV first\.$/],
    ['a page', '<!DOCTYPE html><p>404', /^Expected CSV but the input holds HTML or XML\.$/],
    ['a Parquet file', 'PAR1\x15\x04', /a Parquet file; export it as CSV first/],
    ['a database', 'SQLite format 3\0', /an SQLite database; export/],
  ])('refuses %s', async (_, text, message, maxLineBytes = 1000) => {
    const bytes = typeof text === 'string' && text.startsWith('\xfd') ? Buffer.from(text, 'latin1') : text;
    await expect(records(bytes, [], maxLineBytes)).rejects.toThrow(gatecastError('invalid-data', message));
  });
});

describe('what is no row', () => {
  test('comments, headers that come again and the units below them are left out and counted', async () => {
    const text = 'time,temp\n-,degC\n1,20\n# battery changed, at noon\n2,21\ntime,temp\n-,degC\n3,22\n#4,23\n';
    const file = await CsvFile.open(pieces(Buffer.from(text)), { maxLineBytes: 1000 });
    const rows: string[][] = [];
    for await (const some of file.records()) rows.push(...some.map(({ fields }) => fields));
    expect(rows).toEqual([
      ['1', '20'],
      ['2', '21'],
      ['3', '22'],
    ]);
    expect(file.notes).toEqual([
      'Line 2 under the header is no row: the units of the columns.',
      'Comments among the rows are skipped: 2.',
      'The header comes again, which is skipped: 1 times.',
    ]);
    await file.close();
  });

  test('tables of an annotated CSV are joined, in whatever order their columns are', async () => {
    const table = (names: string, row: string) =>
      `#datatype,string,long,double,string\n#default,_result,,,z\n${names}\n${row}\n`;
    const text = `${table(',result,table,_value,host', ',,0,1.5,a')}\n${table(',result,table,host,_value', ',,1,b,2.5')},,1,,3.5\n`;
    expect(await records(text.replaceAll('\n', '\r\n'))).toEqual([
      { line: 4, fields: ['1.5', 'a'] },
      { line: 9, fields: ['2.5', 'b'] },
      { line: 10, fields: ['3.5', 'z'] },
    ]);
  });

  test.each([
    [
      'a comma',
      'a,b\n1,2\n"3, x", 4 \n,\n',
      [
        ['1', '2'],
        ['3, x', '4'],
        ['', ''],
      ],
    ],
    [
      'blanks',
      ' a  b\n 1  2\n"3 x"\t4  \n\n5 6',
      [
        ['1', '2'],
        ['3 x', '4'],
        ['5', '6'],
      ],
    ],
    [
      'a delimiter at every end',
      'a;b;\n1;2;\n"3";4;\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'a delimiter at the end of rows',
      'a;b\n1;2;\n3;4;\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['bars', 'a|b\n1|"2|3"\n', [['1', '2|3']]],
  ])('fields with %s', async (_, text, fields) => {
    expect((await records(text)).map((record) => record.fields)).toEqual(fields);
  });
});

describe('readCsv', () => {
  test('reads a stream of bytes, and UTF-16 in either byte order, with or without its mark', async () => {
    const text = '\ufeffZeit;Wärme\n2024-01-01;1,5\n';
    const little = Buffer.from(text, 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const bytes of [Buffer.from(text), little, big, little.subarray(2), big.subarray(2)]) {
      const table = await readCsv(pieces(bytes, [5, 9, 30, 31]));
      expect(table).toMatchObject({ names: ['Wärme'], columns: [Float64Array.of(1.5)] });
    }
  });

  test.each([
    ['seconds', 1],
    ['milliseconds', 1000],
    ['microseconds', 1e6],
    ['nanoseconds', 1e9],
  ])('reads times in %s', async (_, factor) => {
    const rows = [0, 60, 120].map((s) => `${(1_704_067_200 + s) * factor},20`);
    const { at } = await readCsv(pieces(Buffer.from(`time,temp\n${rows.join('\n')}\n`)));
    const noon = Date.UTC(2024, 0, 1);
    expect(at).toEqual(Float64Array.of(noon, noon + 60_000, noon + 120_000));
  });

  test('a hundred thousand columns are refused with one sentence, and many notes are summed up', async () => {
    const wide = Array.from({ length: 100_000 }, (_, i) => `c${i}`).join(',');
    await expect(readCsv(pieces(Buffer.from(`${wide}\n`)))).rejects.toThrow(
      gatecastError('invalid-data', /^Expected at most 65536 columns in line 1 of the input but received 100000\.$/),
    );
    const notes: string[] = [];
    const texts = Array.from({ length: 100 }, (_, i) => `t${i}`);
    const text = `${texts.join(',')},n\n${texts.join(',')},1\n`;
    await readCsv(pieces(Buffer.from(text)), { note: (sentence) => notes.push(sentence) });
    expect(notes.slice(-2)).toEqual(['Column "t9" is left out: it holds text.', '90 more columns are left out.']);
  });

  test('reads no more of an endless line than the limit', async () => {
    let taken = 0;
    async function* endless() {
      for (;;) {
        taken += 65_536;
        yield Buffer.alloc(65_536, '7');
      }
    }
    await expect(readCsv(endless())).rejects.toThrow(gatecastError('invalid-data', /at most 16777216 bytes in line 1/));
    expect(taken).toBeLessThan(2 ** 24 + 3 * 65_536);
    await expect(readCsv(endless(), { maxLineBytes: 10 })).rejects.toThrow(/at most 10 bytes/);
    await expect(readCsv(endless(), { maxLineBytes: 0 })).rejects.toThrow(gatecastError('invalid-argument'));
  });

  test.each([5, null, {}, undefined])('refuses %j as an input', async (input) => {
    await expect(readCsv(input as never)).rejects.toThrow(gatecastError('invalid-argument'));
  });
});
