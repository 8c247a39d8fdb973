import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { inspectCsv } from '../../lib/adapters/csv.ts';
import { iso, read, refusal, rows, source, times, value, values } from './read-text.ts';

const COUNT = 300;
/** 960 to 1042, around the first group of thousands. */
const watts = (i: number) => Math.round(1000 + 40 * Math.sin(i / 9) + (i % 3));
const table = (delimiter: string, write: (i: number) => string, names = 'power') =>
  `time${delimiter}${names}\n${rows(COUNT, (i) => `${iso(i)}${delimiter}${write(i)}`)}`;
const list = (of: (i: number) => number) => Array.from({ length: COUNT }, (_, i) => of(i));
const grouped = (number: number, sign: string) => String(number).replaceAll(/\B(?=(\d{3})+$)/g, sign);

/** The words of each column. */
async function wordsOf(text: string): Promise<Record<string, string[]>> {
  const { columns } = await inspectCsv(source(text));
  return Object.fromEntries(columns.filter(({ used }) => used).map(({ name, words }) => [name, words]));
}

describe('numbers', () => {
  test.each<[string, string, (i: number) => string, (i: number) => number]>([
    ['1.002 beside 985', ';', (i) => grouped(watts(i), '.'), watts],
    ['"1,002" beside 985', ',', (i) => `"${grouped(watts(i), ',')}"`, watts],
    ['"20,345.60"', ',', (i) => `"${grouped(20_000 + i, ',')}.60"`, (i) => 20_000.6 + i],
    ['"20,345"', ',', (i) => `"${grouped(20_000 + i, ',')}"`, (i) => 20_000 + i],
    ['1.234.567,89', ';', (i) => `${grouped(1_234_567 + i, '.')},89`, (i) => Number(`${1_234_567 + i}.89`)],
    ['a narrow no-break space, in French', ';', (i) => `${grouped(watts(i), '\u202f')},5`, (i) => watts(i) + 0.5],
    ['a blank, in Swedish', '\t', (i) => `${grouped(watts(i), ' ')},5`, (i) => watts(i) + 0.5],
    ['an apostrophe, in Switzerland', ';', (i) => `${grouped(watts(i), "'")}.5`, (i) => watts(i) + 0.5],
    ['groups of two, in India', ',', (i) => `"12,34,${100 + i}.5"`, (i) => 1_234_100.5 + i],
    ['dollars', ',', (i) => `"$${grouped(watts(i), ',')}.25"`, (i) => watts(i) + 0.25],
    ['euros', ';', (i) => `${grouped(watts(i), '.')},25 €`, (i) => watts(i) + 0.25],
    [
      'negative in brackets',
      ',',
      (i) => (i % 2 ? `(${i}.25)` : `${i}.25`),
      (i) => (i % 2 ? -i : i) + (i % 2 ? -0.25 : 0.25),
    ],
    ['a minus behind, in SAP', ';', (i) => `${i},25${i % 2 ? '-' : ''}`, (i) => (i % 2 ? -i - 0.25 : i + 0.25)],
    ['a register to the base 16', ',', (i) => `0x${i.toString(16).toUpperCase().padStart(4, '0')}`, (i) => i],
    ['a register in bits', ',', (i) => `0b${i.toString(2)}`, (i) => i],
    ['Fortran', ',', (i) => (i / 8).toExponential(5).replace('e', 'D'), (i) => i / 8],
    ['a long minus', ',', (i) => `\u2212${i}.5`, (i) => -i - 0.5],
    ['per cent', ',', (i) => `${40 + (i % 9)} %`, (i) => 40 + (i % 9)],
    ['a decimal comma in quotes', ',', (i) => `"${value(i).toFixed(2).replace('.', ',')}"`, value],
    ['a decimal comma between tabs', '\t', (i) => value(i).toFixed(2).replace('.', ','), value],
    [
      'three digits after a point beside 0.500',
      ';',
      (i) => (0.5 + i / 1000).toFixed(3),
      (i) => Number((0.5 + i / 1000).toFixed(3)),
    ],
  ])('%s', async (_, delimiter, write, expected) => {
    const { columns, at } = await read(table(delimiter, write));
    expect(columns).toEqual({ power: list(expected) });
    expect(at).toEqual(times(COUNT));
  });

  test('a column that shows its decimal sign decides for another', async () => {
    const text = table(
      ';',
      (i) => `${(20 + i / 1000).toFixed(3).replace('.', ',')};${value(i).toFixed(2).replace('.', ',')}`,
      'a;b',
    );
    expect((await read(text)).columns).toEqual({
      a: list((i) => Number((20 + i / 1000).toFixed(3))),
      b: values(COUNT),
    });
  });

  test('both readings of 1.002, and what decides', async () => {
    const text = table(';', (i) => grouped(1002 + i, '.'));
    expect(await refusal(text, { roles: { power: 'target' } })).toBe(
      'Expected numbers in power that can be read in one way but found "1.002" in line 2 of the input, which is 1.002 or 1002. ' +
        "Use --decimal '.' or --decimal ',' to say which.",
    );
    expect(await refusal(text)).toMatch(/which is 1\.002 or 1002/); // also if nobody asked for the column, which is all there is
    expect((await read(text, { decimal: '.' })).columns).toEqual({ power: list((i) => (1002 + i) / 1000) });
    expect((await read(text, { decimal: ',' })).columns).toEqual({ power: list((i) => 1002 + i) });
    expect((await read(text, { thousands: '.' })).columns).toEqual({ power: list((i) => 1002 + i) });
  });

  test.each([
    [
      'two decimal signs',
      ';',
      (i: number) => (i % 2 ? '1,5' : '1.5'),
      /one decimal sign in power but line 2 .* "1\.5" and line 3 .* "1,5"/,
    ],
    [
      'two units',
      ',',
      (i: number) => (i < 100 ? `${i} Wh` : `${i} kWh`),
      /numbers of one unit in power but line 2 .* "0 Wh" and line 102 .* "100 kWh"/,
    ],
    ['a unit now and then', ',', (i: number) => (i % 3 ? `${i}` : `${i} W`), /numbers of one unit in power but line 2/],
  ])('%s are refused', async (_, delimiter, write, message) => {
    expect(await refusal(table(delimiter, write), { roles: { power: 'target' } })).toMatch(message);
  });
});

describe('missing values', () => {
  const words = [
    '',
    '-',
    '--',
    '----',
    '.',
    '?',
    'NA',
    'n/a',
    'NaN',
    'NAN',
    'null',
    'NULL',
    'None',
    'nil',
    '#N/A',
    '–',
    '...',
    'n/e',
    'undefined',
    '////',
    '#DIV/0!',
    '#NV',
    '(null)',
  ];
  test.each([...words, 'inf', '-Infinity', '1.#QNAN', 'missing', 'unavailable', 'unknown', 'Unknown'])(
    '%j',
    async (word) => {
      for (const first of [0, 5]) {
        const { columns } = await read(table(',', (i) => (i % 9 === first ? word : `${value(i)}`)));
        expect(columns).toEqual({ power: list((i) => (i % 9 === first ? Number.NaN : value(i))) });
      }
    },
  );

  test.each(['error', 'No Data', 'Bad Input', 'n.d.', '***', '[-11059] No Good Data', 'Fehler', '<LOD'])(
    '%j is offered',
    async (word) => {
      for (const first of [0, 5]) {
        const text = table(',', (i) => (i % 9 === first ? word : `${value(i)}`));
        const option = /^[a-z.]+$/i.test(word) ? word : JSON.stringify(word);
        expect(await refusal(text, { roles: { power: 'target' } })).toBe(
          `Expected numbers in power but line ${first + 2} of the input has ${JSON.stringify(word)} (${first === 0 ? 34 : 33} rows). ` +
            `Use --missing ${option} to read it as missing.`,
        );
        const { columns } = await read(text, { missing: [word.toUpperCase()] });
        expect(columns['power']!.filter(Number.isNaN)).toHaveLength(first === 0 ? 34 : 33);
      }
    },
  );

  test('numbers that stand for a missing value', async () => {
    const text = table(',', (i) => (i % 9 === 5 ? ['-999', '-999.0', '-9.99e2'][i % 3]! : `${value(i)}`));
    const { columns } = await read(text, { missing: ['-999'] });
    expect(columns).toEqual({ power: list((i) => (i % 9 === 5 ? Number.NaN : value(i))) });
  });

  test.each(['-999', '-9999.0', '999.9', '9999', '-6999', '65535', '-127', '3276.7'])(
    '%s among other numbers is a number, and offered',
    async (number) => {
      const { columns, notes } = await read(table(',', (i) => (i % 9 === 4 ? number : `${value(i)}`)));
      expect(columns).toEqual({ power: list((i) => (i % 9 === 4 ? Number(number) : value(i))) });
      expect(notes).toEqual([
        `In power, ${Number(number)} (33 rows) is far from all other values: --missing ${Number(number)} reads it as missing.`,
      ]);
      const { columns: read9, notes: none } = await read(
        table(',', (i) => (i % 9 === 4 ? number : `${value(i)}`)),
        {
          missing: [String(Number(number))],
        },
      );
      expect(read9).toEqual({ power: list((i) => (i % 9 === 4 ? Number.NaN : value(i))) });
      expect(none).toEqual([]);
    },
  );

  test.each<[string, (i: number) => number]>([
    ['among its like', (i) => 990 + (i % 20)],
    ['at the end of a range', (i) => i % 100],
    ['once above all others', (i) => (i === 7 ? 9999 : i % 20)],
    ['below others that are as low', (i) => (i === 7 ? -999 : -950 + i)],
  ])('99, 999 or the like %s is not offered', async (_, of) => {
    expect((await read(table(',', (i) => `${of(i)}`))).notes).toEqual([]);
  });

  test('a number with a code behind it, as NOAA writes both in one field, is not one number', async () => {
    const text = table(',', (i) => `"+${String(Math.round(10 * value(i))).padStart(4, '0')},1",${i}`, 'TMP,n');
    const { columns, notes } = await read(text);
    expect(columns).toEqual({ n: list((i) => i) });
    expect(notes).toEqual([
      'Expected one number in each field of TMP but found "+0200,1" in line 2 of the input, which may be two numbers: ' +
        "--decimal ',' reads it as 200.1.",
    ]);
    expect((await read(text, { decimal: ',' })).columns['TMP']![0]).toBe(200.1);
  });

  test('text in a column that nobody asked for changes nothing', async () => {
    const text = table(
      ',',
      (i) => `${value(i)},${i === 0 || i === 7 ? 'unknown' : i},${i % 2 ? 'a' : `line ${i}`},${i === 9 ? 'bad' : i}`,
      'power,n,note,m',
    );
    const { columns, notes } = await read(text, { roles: { power: 'target' } });
    expect(columns).toEqual({ power: values(COUNT), n: list((i) => (i === 0 || i === 7 ? Number.NaN : i)) });
    expect(notes).toEqual([
      'In n, "unknown" is read as missing.',
      'Column "note" is left out: it holds text.',
      'Expected numbers in m but line 11 of the input has "bad" (1 row). Use --missing bad to read it as missing.',
    ]);
  });
});

describe('words', () => {
  test.each([
    ['false', 'true'],
    ['FALSE', 'TRUE'],
    ['no', 'yes'],
    ['off', 'on'],
    ['Nein', 'Ja'],
    ['FAUX', 'VRAI'],
    ['FALSCH', 'WAHR'],
    ['N', 'Y'],
    ['f', 't'],
    ['non', 'oui'],
    ['0', '1'],
  ])('%s and %s are 0 and 1', async (no, yes) => {
    for (const absent of ['', 'unavailable']) {
      const { columns } = await read(table(',', (i) => (i % 9 === 2 ? absent : i % 2 ? yes : no)));
      expect(columns).toEqual({ power: list((i) => (i % 9 === 2 ? Number.NaN : i % 2)) });
    }
  });

  test.each([
    ['directions of the wind', ['NW', 'cv', 'SE', 'NE']],
    ['states', ['heat', 'cool', 'off']],
    ['codes, some of digits', ['E1', '7', 'E2']],
    ['with a place for unknown', ['north', 'unknown', 'south']],
    ['umlauts', ['Küche', 'Bad', 'Flur']],
  ])('a category: %s', async (_, some) => {
    const sorted = some.toSorted();
    const text = table(',', (i) => (i % 10 === 3 ? 'NA' : some[i % some.length]!));
    expect(await wordsOf(text)).toEqual({ power: sorted });
    expect((await read(text)).columns).toEqual({
      power: list((i) => (i % 10 === 3 ? Number.NaN : sorted.indexOf(some[i % some.length]!))),
    });
  });

  test('one word in all rows: on is 1, a letter is a word', async () => {
    const text = table(',', (i) => `${value(i)},on,y`, 'temp,switch,axis');
    expect((await read(text)).columns).toEqual({ temp: values(COUNT), switch: list(() => 1), axis: list(() => 0) });
    expect(await wordsOf(text)).toEqual({ temp: [], switch: ['off', 'on'], axis: ['y'] });
  });
});

describe('the picture of a column', () => {
  test.each([
    ['the decimal sign', 'temp\tmore', (i: number) => `1.${200 + i}\t${i}`, '1.234,5\t7', 1200],
    ['a group of thousands', 'temp\tmore', (i: number) => `1,${200 + i}\t${i}`, '1,234.5\t7', 1200],
  ])('follows all rows if only the last shows %s', async (_, header, row, last, first) => {
    const lines = Array.from({ length: 600 }, (_, i) => row(i));
    // in two pieces, the first of which already has as many rows as are looked at before the others
    const pieces = [`${header}\n${[...lines, ...lines].join('\n')}\n`, `${last}\n`];
    const { columns } = await inspectCsv(Readable.from(pieces.map((text) => Buffer.from(text))));
    const { min, picture } = columns[0]!;
    expect(min).toBe(first);
    expect(Math.min(...(picture as number[]))).toBeGreaterThanOrEqual(first);
  });
});
