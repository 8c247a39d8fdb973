import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTime } from '../support/parse-time.ts';
import { TableSurvey, type TableSurveyOptions } from '../../lib/reading/table-survey.ts';
import { TimePattern } from '../../lib/reading/time-pattern.ts';
import { TimeScan } from '../../lib/reading/time-scan.ts';

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const two = (value: number) => String(value).padStart(2, '0');

/** The parts of an instant, by Date. */
function partsOf(at: number) {
  const date = new Date(at);
  const hour = date.getUTCHours();
  return {
    y: date.getUTCFullYear(),
    m: date.getUTCMonth() + 1,
    d: date.getUTCDate(),
    h: hour,
    min: date.getUTCMinutes(),
    s: date.getUTCSeconds(),
    half: hour < 12 ? 'AM' : 'PM',
    h12: hour % 12 || 12,
    name: months[date.getUTCMonth()]!,
  };
}

type Print = (parts: ReturnType<typeof partsOf>, at: number) => string;
const clock: Print = ({ h, min, s }) => `${two(h)}:${two(min)}:${two(s)}`;

const forms: Readonly<Record<string, Print>> = {
  ISO: (_, at) => new Date(at).toISOString(),
  'ISO with an offset': (_, at) => `${new Date(at + 9_000_000).toISOString().slice(0, 19)}+02:30`,
  'ISO with a short offset': (_, at) => `${new Date(at - 18_000_000).toISOString().slice(0, 19)}-05`,
  'a comma before the fraction': (p, at) => `${p.y}-${two(p.m)}-${two(p.d)} ${clock(p, at)},000`,
  slashes: (p, at) => `${p.y}/${p.m}/${p.d} ${clock(p, at)}`,
  UTC: (p, at) => `${p.y}-${two(p.m)}-${two(p.d)} ${clock(p, at)} UTC`,
  'GMT and an offset': (p, at) => `${p.y}-${two(p.m)}-${two(p.d)} ${clock(p, at)} GMT+0000`,
  'a zone in brackets': (_, at) => `${new Date(at + 7_200_000).toISOString().slice(0, 19)}+02:00[Europe/Berlin]`,
  'ISO without signs': (p, at) => `${p.y}${two(p.m)}${two(p.d)}T${clock(p, at).replaceAll(':', '')}Z`,
  dots: (p, at) => `${p.d}.${p.m}.${p.y} ${clock(p, at)}`,
  'dots and a comma': (p, at) => `${two(p.d)}.${two(p.m)}.${p.y}, ${clock(p, at)}`,
  'day-Mon-year': (p, at) => `${p.d}-${p.name.slice(0, 3)}-${p.y} ${clock(p, at)}`,
  'day Month year': (p, at) => `${p.d} ${p.name} ${p.y} ${clock(p, at)}`,
  'Mon day, year AM': (p) => `${p.name.slice(0, 3)} ${p.d}, ${p.y}, ${p.h12}:${two(p.min)}:${two(p.s)} ${p.half}`,
  'Month day year a.m.': (p) =>
    `${p.name} ${p.d} ${p.y} ${p.h12}:${two(p.min)}:${two(p.s)}${p.half === 'AM' ? ' a.m.' : ' p.m.'}`,
  'RFC 2822': (_, at) => new Date(at).toUTCString().replace('GMT', '+0000'),
  toUTCString: (_, at) => new Date(at).toUTCString(),
  ctime: (p, at) =>
    `${new Date(at).toUTCString().slice(0, 3)} ${p.name.slice(0, 3)} ${String(p.d).padStart(2)} ${clock(p, at)} ${p.y}`,
  'the log of a web server': (p, at) => `${two(p.d)}/${p.name.slice(0, 3)}/${p.y}:${clock(p, at)} +0000`,
};

const second = fc
  .integer({ min: Date.UTC(1971, 0, 1) / 1000, max: Date.UTC(2060, 0, 1) / 1000 })
  .map((at) => at * 1000);

describe('one text', () => {
  test.each(Object.keys(forms))('%s gives back any instant', (name) => {
    fc.assert(
      fc.property(second, (at) => {
        expect(parseTime(forms[name]!(partsOf(at), at))).toBe(at);
      }),
    );
  });

  test.each([
    ['2026-01-31', Date.UTC(2026, 0, 31)],
    ['2026-01', Date.UTC(2026, 0, 1)],
    ['2026-1-5 7:05', Date.UTC(2026, 0, 5, 7, 5)],
    ['2026-01-31T24:00:00', Date.UTC(2026, 1, 1)],
    ['2026-01-31 12:00:00.123456789', Date.UTC(2026, 0, 31, 12, 0, 0) + 123.456789],
    ['2026-01-31 12:00:00 CEST', Date.UTC(2026, 0, 31, 10)],
    ['2024-07-01T12:00:00[America/New_York]', Date.UTC(2024, 6, 1, 16)],
    ['5. Januar 2026', Date.UTC(2026, 0, 5)],
    ['1. März 2026 08:00', Date.UTC(2026, 2, 1, 8)],
    ['05.01.26', Date.UTC(2026, 0, 5)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['1900-03-01', Date.UTC(1900, 2, 1)],
    ['-000043-03-15', Date.parse('-000043-03-15')],
    ['+012026-01-31T15:15:00Z', Date.parse('+012026-01-31T15:15:00Z')],
    ['2026-01-31 15:5:3', Date.UTC(2026, 0, 31, 15, 5, 3)],
    ['31.01.2026 7:5', Date.UTC(2026, 0, 31, 7, 5)],
    ['2026-01-31 0:0:0', Date.UTC(2026, 0, 31)],
  ])('%s', (text, at) => {
    expect(parseTime(text)).toBeCloseTo(at, 3);
  });

  test.each([
    '',
    '20260131',
    '1704067200',
    '12:00',
    '01/02/2026',
    'Mon',
    'may',
    'May 5',
    '2023-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-01-31 25:00',
    '2026-01-31 12:60',
    '2026-01-31 24:01',
    '2026-01-31 13:00 PM',
    '32.01.2026',
    '2026-01-31 12:00 XYZ',
    '2026-01-31T',
    '2026-01-31 12:00:00+19:00',
    '1.5',
    '192.168.1.10',
    '555-12-3456',
    'x2026-01-31',
    '2026-01-31 12:00[Mars/Base]',
    '0044-03-15 (BC)',
    '0044-03-15 (B.C.)',
    '-43-03-15',
    '+2026-01-31',
    '-000043-13-01',
    '2026-01-31 15:61:3',
    '2026-01-31 15.5.3',
    '2026-01-31 15:5:',
  ])('%j has no time of its own', (text) => {
    expect(parseTime(text)).toBeNaN();
  });

  test.each([
    ['15:5:3', 15 * 3_600_000 + 5 * 60_000 + 3000],
    ['7:05', 7 * 3_600_000 + 5 * 60_000],
  ])('%s is a time of day', (text, clock) => {
    const scan = new TimeScan();
    expect([scan.scan(text), scan.date, scan.clock]).toEqual([true, 'none', clock]);
  });

  test('15:5 may be a ratio', () => {
    expect(new TimeScan().scan('15:5')).toBe(false);
  });

  test('any text is read without an error', () => {
    const scan = new TimeScan();
    const alphabet = fc.constantFrom(...'0123456789-/.:, TZ+[]()apmJanMon'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 30 }), (text) => {
        if (scan.scan(text) && scan.date === 'day') expect(scan.local('dmy')).not.toBeNaN();
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a format', () => {
  const patterns: Readonly<Record<string, Print>> = {
    '%d.%m.%Y %H:%M:%S': (p, at) => `${two(p.d)}.${two(p.m)}.${p.y} ${clock(p, at)}`,
    '%m/%d/%y %I:%M:%S %p': (p) => `${p.m}/${p.d}/${two(p.y % 100)} ${two(p.h12)}:${two(p.min)}:${two(p.s)} ${p.half}`,
    '%Y%m%d%H%M%S': (p, at) => `${p.y}${two(p.m)}${two(p.d)}${clock(p, at).replaceAll(':', '')}`,
    '%a %e %B %Y at %T': (p, at) => `Mon ${p.d} ${p.name} ${p.y} at ${clock(p, at)}`,
    '%F (%T%z)': (_, at) => `${new Date(at + 3_600_000).toISOString().slice(0, 19).replace('T', ' (')}+0100)`,
    '%S.%f|%M|%H|%d-%b-%Y': (p) => `${two(p.s)}.000|${two(p.min)}|${two(p.h)}|${p.d}-${p.name.slice(0, 3)}-${p.y}`,
  };
  test.each(Object.keys(patterns))('%s', (format) => {
    const pattern = new TimePattern(format);
    const from = fc.integer({ min: Date.UTC(1971, 0, 1) / 1000, max: Date.UTC(2060, 0, 1) / 1000 });
    fc.assert(
      fc.property(from, (at) => {
        expect(pattern.scan(patterns[format]!(partsOf(at * 1000), at * 1000))).toBe(true);
        const offset = Number.isNaN(pattern.offset) ? 0 : pattern.offset;
        expect(pattern.local() - offset).toBe(at * 1000);
      }),
    );
    expect(pattern.scan('x')).toBe(false);
  });

  test.each(['%', '%d %d', '%q', 'yyyy', '%m'])('%j is refused', (format) => {
    expect(() => new TimePattern(format)).toThrow(/Expected a format such as/);
  });
});

describe('any order of the rows', () => {
  const columns: Readonly<Record<string, Print>> = {
    dmy: (p, at) => `${two(p.d)}/${two(p.m)}/${p.y} ${clock(p, at)}`,
    mdy: (p) => `${p.m}/${p.d}/${p.y} ${p.h12}:${two(p.min)}:${two(p.s)} ${p.half}`,
    ymd: (p, at) => `${two(p.y % 100)}-${two(p.m)}-${two(p.d)} ${clock(p, at)}`,
    us: (_, at) => `${at}000`,
    excel: (_, at) => String(at / 86_400_000 + 25_569),
    digits: (p, at) => `${p.y}${two(p.m)}${two(p.d)}${clock(p, at).replaceAll(':', '')}`,
  };

  function read(texts: readonly string[], options: Partial<TableSurveyOptions> = {}) {
    const survey = new TableSurvey(['date', 'state', 'watt'], { source: 'f.csv', delimiter: ';', ...options });
    const rows = texts.map((text) => text.split(';'));
    for (const [i, row] of rows.entries()) survey.add(row, i + 2);
    const { time, columns: own, notes } = survey.finish();
    const at = time!.reader();
    const values = new Map(
      rows.map((row, i) => [texts[i]!, [at.read(row), own[1]!.read(row[1]!), own[2]!.read(row[2]!)]]),
    );
    const kinds = own.map(({ kind, form, words, missing, min, max, constant, key }) => ({
      kind,
      form,
      words,
      missing,
      min,
      max,
      constant,
      key,
    }));
    return { form: time!.form, kinds, notes, values: [...values].sort(([a], [b]) => (a < b ? -1 : 1)) };
  }

  test.each(Object.keys(columns))('%s: the same decisions and values', (name) => {
    const start = fc.integer({ min: 300_000, max: 500_000 }).map((hour) => hour * 3_600_000);
    fc.assert(
      fc.property(
        start,
        fc.constantFrom(900_000, 3_600_000, 86_400_000),
        fc.infiniteStream(fc.nat()),
        (from, step, keys) => {
          const times = Array.from({ length: 120 }, (_, i) => from + i * step);
          const texts = times.map((at, i) => {
            const watt = 700 + i * 7;
            const grouped = watt >= 1000 ? `1.${String(watt - 1000).padStart(3, '0')}` : String(watt);
            return `${columns[name]!(partsOf(at), at)};${i % 9 === 4 ? 'unknown' : i % 2 ? 'on' : 'off'};${grouped}`;
          });
          const shuffled = texts
            .map((text) => [keys.next().value as number, text] as const)
            .sort((a, b) => a[0] - b[0]);
          let ours: ReturnType<typeof read> | string;
          try {
            ours = read(texts);
          } catch (cause) {
            expect(() => read(shuffled.map(([, text]) => text))).toThrow(/can be read in one way/); // short, and on either side
            expect((cause as Error).message).toMatch(/can be read in one way/);
            expect(step).toBeLessThan(86_400_000);
            return;
          }
          expect(read(shuffled.map(([, text]) => text))).toEqual(ours);
          expect(new Set(ours.values.map(([, [at]]) => at))).toEqual(new Set(times));
        },
      ),
      { numRuns: 40 },
    );
  });
});
