import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideNumbers, numberReader } from '../../lib/reading/number-form.ts';
import { NumberScan } from '../../lib/reading/number-scan.ts';
import { NumberSurvey } from '../../lib/reading/number-survey.ts';

/** Prints a number with these signs, by the digits of toFixed. */
function print(value: number, decimals: number, decimal: string, group: string): string {
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split('.') as [string, string?];
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, group);
  return `${value < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : decimal + fraction}`;
}

const signs = [
  ['.', ''],
  [',', ''],
  ['.', ','],
  [',', '.'],
  ['.', ' '],
  [',', '\u202f'],
  ['.', "'"],
  [',', '\u00a0'],
  ['.', '’'],
] as const;

describe('numbers', () => {
  test('whatever Number prints is read as Number reads it', () => {
    const scan = new NumberScan();
    const any = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(any, (value) => {
        expect(scan.scan(String(value))).toBe(true);
        expect(scan.dot).toBe(value + 0); // -0 is printed as 0
        if (Math.abs(value) < 1e21 && Math.abs(value) > 1e-6) {
          expect(scan.scan(String(value).replace('.', ','))).toBe(true);
          expect(scan.comma).toBe(value + 0);
        }
      }),
    );
  });

  test('whole numbers to the base 16 and 2 are read as Number reads them', () => {
    const scan = new NumberScan();
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.boolean(), (value, capital) => {
        const hex = value.toString(16);
        for (const text of [`0x${capital ? hex.toUpperCase() : hex}`, `0b${value.toString(2)}`]) {
          expect(scan.scan(text)).toBe(true);
          expect([scan.dot, scan.comma]).toEqual([value, value]);
        }
      }),
    );
  });

  test.each(['1.234e+00', '-1.234e0', '1.234E-00', '1,234e+00', '123.456e00'])(
    '%s groups no thousands, because it has an exponent',
    (text) => {
      const scan = new NumberScan();
      expect(scan.scan(text)).toBe(true);
      expect(scan.either).toBe('');
      expect(text.includes(',') ? scan.comma : scan.dot).toBe(Number(text.replace(',', '.')));
    },
  );

  test.each(signs)('a column printed with %j and %j, in any order of rows, has its values', (decimal, group) => {
    const column = fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 3, maxLength: 40 });
    fc.assert(
      fc.property(column, fc.constantFrom(' kW', ' %', '€', ''), fc.infiniteStream(fc.nat()), (values, unit, keys) => {
        const all = [...values, 12345678, 25].map((value) => value / 100);
        const texts = all.map((value) => print(value, 2, decimal, group) + unit);
        const decide = (rows: readonly string[]) => {
          const survey = new NumberSurvey(new Set());
          for (const [i, text] of rows.entries()) expect(survey.add(text, i + 2)).toBe(true);
          return decideNumbers(survey, { delimiter: ';' }, 'a', 'f.csv');
        };
        const { form, range } = decide(texts);
        const read = numberReader(form);
        expect(texts.map((text) => read(text))).toEqual(all.map((value) => Number(value.toFixed(2))));
        expect(form.unit).toBe(unit.trim());
        expect([range.min, range.max]).toEqual([Math.min(...all), Math.max(...all)]);
        const shuffled = texts.map((text) => [keys.next().value as number, text] as const).sort((a, b) => a[0] - b[0]);
        expect(decide(shuffled.map(([, text]) => text)).form).toEqual(form);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    '',
    '-',
    '.',
    '+',
    'e5',
    '1.2.3',
    '1,2,3',
    '12:30',
    '2026-01-31',
    '0b102',
    '0x1G',
    '0x1F kW',
    '0x1.8',
    '00x1F',
    '1x1F',
    '0o17',
    '0x20000000000000', // 2^53: longer ones are addresses
    '1 23',
    '12 34',
    '1.234,5.6',
    'A12',
    'DEV001',
    '20260131T151500',
    '1234,567.8',
    '1..2',
    '--1',
    'NaN',
    'Infinity',
    '1e999',
    '1_000',
    '31.01.2026',
  ])('%j is no number', (text) => {
    expect(new NumberScan().scan(text)).toBe(false);
  });

  test.each([
    ['20.5 °C', 20.5, '°C'],
    ['45%', 45, '%'],
    ['-€ 3.50', -3.5, '€'],
    ['$-3.50', -3.5, '$'],
    ['USD 1,234.50', 1234.5, 'USD'],
    ['12.30 €', 12.3, '€'],
    ['5 m3/h', 5, 'm3/h'],
    ['7 µg/m³', 7, 'µg/m³'],
    ['\u22125.5', -5.5, ''],
    ['.5', 0.5, ''],
    ['5.', 5, ''],
    ['12345678901234567890', Number('12345678901234567890'), ''],
    ['0x1F', 0x1f, ''],
    ['0XfF', 0xff, ''],
    ['-0x10', -0x10, ''],
    ['0x1FFFFFFFFFFFFF', Number.MAX_SAFE_INTEGER, ''],
    ['0b101', 0b101, ''],
    ['0x0', 0, ''],
    ['0x1e5', 0x1e5, ''],
  ])('%s', (text, value, unit) => {
    const scan = new NumberScan();
    expect(scan.scan(text)).toBe(true);
    expect([scan.dot, scan.unit]).toEqual([value, unit]);
  });
});
