import { describe, expect, test } from 'vitest';
import { DAY, HOUR, iso, MINUTE, read, refusal, rows, START, times, value, values } from './read-text.ts';

const COUNT = 60;
/** A table of `COUNT` rows whose times are written by `write`, which is given ISO 8601 and the time [ms]. */
const table = (write: (t: string, ms: number) => string, { step = MINUTE, name = 'time', delimiter = ',' } = {}) =>
  `${name}${delimiter}temp\n${rows(COUNT, (i) => `${write(iso(i, step), START + i * step)}${delimiter}${value(i)}`)}`;

const day = (t: string, sign: string) => [t.slice(8, 10), t.slice(5, 7), t.slice(0, 4)].join(sign);
const clock = (t: string) => t.slice(11, 19);
const half = (t: string) => {
  const hour = Number(t.slice(11, 13));
  return `${String(hour % 12 || 12).padStart(2, '0')}:${t.slice(14, 16)} ${hour < 12 ? 'AM' : 'PM'}`;
};
const asian = (t: string, before: string, after: string) => {
  const [time, part] = half(t).split(' ');
  return `${part === 'AM' ? before : after} ${Number(time!.slice(0, 2))}${time!.slice(2)}:00`;
};
const american = (t: string) => `${t.slice(5, 7)}/${t.slice(8, 10)}/${t.slice(0, 4)}`;
const bare = (t: string) => t.slice(0, 19).replace('T', ' ');

/** `2020-W53` of a day, by the year and the number of its Thursday. */
function isoWeek(at: number): string {
  const thursday = at + (3 - ((at / DAY + 3) % 7)) * DAY;
  const year = new Date(thursday).getUTCFullYear();
  return `${year}-W${String(Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY)) + 1).padStart(2, '0')}`;
}

describe('times in one column', () => {
  test.each<[string, (t: string, ms: number) => string, { step?: number; name?: string; delimiter?: string }?]>([
    ['seconds', (_, ms) => `${ms / 1000}`],
    ['seconds with a fraction', (_, ms) => (ms / 1000).toFixed(6)],
    ['seconds with a power of ten', (_, ms) => (ms / 1000).toExponential(9)],
    ['milliseconds in quotes', (_, ms) => `"${ms}"`],
    ['microseconds', (_, ms) => `${BigInt(ms) * 1000n}`],
    ['nanoseconds', (_, ms) => `${BigInt(ms) * 1_000_000n}`, { name: 'timestamp_ns' }],
    ['ticks of .NET', (_, ms) => `${BigInt(ms) * 10_000n + 621_355_968_000_000_000n}`, { name: 'Timestamp' }],
    ['seconds with a decimal comma', (_, ms) => `${ms / 1000},000`, { name: 'Zeit', delimiter: ';' }],
    ['days of a spreadsheet', (_, ms) => (ms / DAY + 25_569).toFixed(8), { name: 'Date' }],
    [
      'days of a German one',
      (_, ms) => (ms / DAY + 25_569).toFixed(8).replace('.', ','),
      { name: 'Datum', delimiter: ';' },
    ],
    ['whole days of a spreadsheet', (_, ms) => `${ms / DAY + 25_569}`, { name: 'Date', step: DAY }],
    ['digits to the minute', (t) => t.slice(0, 16).replaceAll(/[-:T]/g, '')],
    ['digits to the hour', (t) => t.slice(0, 13).replaceAll(/[-:T]/g, ''), { name: 'MESS_DATUM', step: HOUR }],
    ['ISO 8601 in short', (t) => `${t.slice(0, 19).replaceAll(/[-:]/g, '')}Z`],
    ['a German date', (t) => `${day(t, '.')} ${clock(t)}`, { name: 'Datum' }],
    ['one with a short year', (t) => `${day(t, '.').slice(0, 6)}24 ${t.slice(11, 16)}`, { name: 'Datum' }],
    ['an American date', (t) => `${american(t)} ${half(t)}`, { step: HOUR }],
    ['one without zeros', (t) => `${Number(t.slice(5, 7))}/${Number(t.slice(8, 10))}/24 ${half(t)}`, { step: HOUR }],
    ['a British date', (t) => `${day(t, '/')} ${t.slice(11, 16)}`, { name: 'Date' }],
    ['a Dutch date', (t) => `${day(t, '-')} ${t.slice(11, 16)}`, { name: 'Tijd', delimiter: ';' }],
    ['a Danish clock', (t) => `${t.slice(0, 10)} ${clock(t).replaceAll(':', '.')}`, { name: 'Tid', delimiter: ';' }],
    ['a Finnish date', (t) => `20.1.2024 klo ${t.slice(11, 16).replace(':', '.')}`, { name: 'Aika', delimiter: ';' }],
    ['a French date', (t) => `20 janv. 2024 à ${t.slice(11, 13)}h${t.slice(14, 16)}`, { name: 'Horodatage' }],
    ['a Japanese date', (t) => `2024年1月${Number(t.slice(8, 10))}日 ${clock(t)}`, { name: '日時' }],
    ['a month by name', (t) => `"Jan ${Number(t.slice(8, 10))}, 2024, ${half(t)}"`, { step: HOUR }],
    ['one as IFTTT writes it', (t) => `"January ${t.slice(8, 10)}, 2024 at ${half(t).replace(' ', '')}"`],
    ['Oracle', (t) => `${t.slice(8, 10)}-JAN-24 ${half(t).replace(':', '.').replace(' ', '.00.000000 ')}`],
    ['RFC 2822', (t) => `"${new Date(t).toUTCString()}"`],
    ['ThingSpeak', (t) => `${bare(t)} UTC`, { name: 'created_at' }],
    ['PostgreSQL', (t) => `${bare(t)}+00`],
    ['MySQL', (t) => `${bare(t)}.000000`],
    ['a web server', (t) => `20/Jan/2024:${clock(t)} +0000`],
    ['MetaTrader', (t) => bare(t).replaceAll('-', '.'), { name: '<DATE>' }],
    ['minutes as a chart shows them', (t) => `${t.slice(0, 16).replaceAll('-', '.')}Z`],
    ['blanks in a date', (t) => bare(t).replaceAll('-', ' ')],
    ['an underscore', (t) => bare(t).replace(' ', '_')],
    ['digits with an underscore', (t) => t.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_')],
    ['digits with a dash', (t) => t.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')],
    ['DB2', (t) => `${t.slice(0, 10)}-${clock(t).replaceAll(':', '.')}.000000`],
    ['the name of a file', (t) => `${t.slice(0, 10)}T${clock(t).replaceAll(':', '-')}Z`],
    ['SAS', (t) => `20JAN2024:${clock(t)}.000`],
    ['milliseconds after a colon', (t) => `${day(t, '/')} ${clock(t)}:000`],
    ['a clock before the date', (t) => `${clock(t)} ${day(t, '/')}`],
    ['a clock before a month by name', (t) => `${t.slice(11, 16)} 20-Jan-2024`],
    ['a clock with letters', (t) => `${t.slice(0, 10)} ${t.slice(11, 13)}h${t.slice(14, 16)}m${t.slice(17, 19)}s`],
    ['Hungary', (t) => `${t.slice(0, 10).replaceAll('-', '.')}. ${clock(t)}`],
    ['Korea', (t) => `2024. 1. ${Number(t.slice(8, 10))}. ${t.slice(11, 16)}`],
    ['Czechia', (t) => `20. 1. 2024 ${clock(t)}`],
    ['France', (t) => `sam. 20 janv. 2024 ${clock(t)}`],
    ['Spain', (t) => `20 de enero de 2024 ${clock(t)}`],
    ['Mexico', (t) => `${day(t, '/')} ${half(t).replace('AM', 'a. m.')}`, { name: 'Fecha' }],
    ['a numbered day', (t) => `"January 20th 2024, ${half(t)}"`],
    ['the day of the year', (t) => `2024-020T${clock(t)}Z`],
    ['the day of a week', (t) => `${isoWeek(Date.parse(t))}-6T${clock(t)}`],
    ['the same in short', (t) => `${isoWeek(Date.parse(t)).replace('-', '')}6T${clock(t)}`],
    ['a span of ISO 8601', (t, ms) => `${t}/${new Date(ms + MINUTE).toISOString()}`],
    ['a span with a long dash', (t) => `${day(t, '.')} ${t.slice(11, 16)} – 23:59`],
    ['a span in words', (t) => `${bare(t)} to 2024-01-21 00:00:00`],
    ['Go', (t) => `${bare(t)}.000000000 +0000 UTC`],
    ['the name of a zone', (_, ms) => `${bare(new Date(ms + HOUR).toISOString())} Europe/Berlin`],
    ['a zone far away by letters', (_, ms) => `${bare(new Date(ms + 9 * HOUR).toISOString())} JST`],
    ['a number and letters of a zone', (_, ms) => `${bare(new Date(ms + HOUR).toISOString())} +0100 CET`],
    ['days of MATLAB', (_, ms) => (ms / DAY + 719_529).toFixed(6), { name: 'datenum' }],
    ['Julian days', (_, ms) => (ms / DAY + 2_440_587.5).toFixed(6), { name: 'JD' }],
    ['LabVIEW', (_, ms) => (ms / 1000 + 2_082_844_800).toFixed(3), { name: 'Time' }],
    ['ticks of Windows', (_, ms) => `${BigInt(ms) * 10_000n + 116_444_736_000_000_000n}`, { name: 'Timestamp' }],
    ['a PLC', (t) => `DT#${t.slice(0, 10)}-${clock(t)}`],
    ['dates of a PLC', (t) => `D#${t.slice(0, 10)}`, { step: DAY }],
    ['a camera', (t) => `${t.slice(0, 10).replaceAll('-', ':')} ${clock(t)}`],
    ['JSON of .NET', (_, ms) => `/Date(${ms})/`],
    ['JSON of .NET with an offset', (_, ms) => `/Date(${ms}+0100)/`],
    [
      'China',
      (t) => `${bare(t).slice(0, 10).replaceAll('-', '/')} ${asian(t, '上午', '下午')}`,
      { name: '时间', step: HOUR },
    ],
    [
      'China without a blank',
      (t) => `2024年1月${Number(t.slice(8, 10))}日${asian(t, '上午', '下午').replace(' ', '')}`,
    ],
    [
      'China with signs for the clock',
      (t) => `2024年1月20日 ${t.slice(11, 13)}时${t.slice(14, 16)}分${t.slice(17, 19)}秒`,
    ],
    ['Japan with signs for the clock', (t) => `2024年1月20日${t.slice(11, 13)}時${t.slice(14, 16)}分`],
    ['Korea with the half of the day', (t) => `${t.slice(0, 10)} ${asian(t, '오전', '오후')}`, { step: HOUR }],
    ['SenML', (_, ms) => `${ms / 1000}`, { name: 't' }],
    ['nanoseconds of a clock', (t) => `${t.slice(0, 19)}.000000000Z`],
    ['an offset', (_, ms) => `${bare(new Date(ms + HOUR).toISOString())} +0100`],
    ['a zone by letters', (_, ms) => `${bare(new Date(ms + HOUR).toISOString())} CET`],
    ['a zone in brackets', (_, ms) => `${new Date(ms + HOUR).toISOString().slice(0, 19)}[Europe/Berlin]`],
    [
      'spans of a market',
      (t, ms) =>
        `${day(t, '.')} ${t.slice(11, 16)} - ${day(iso(0, 1), '.')} ${new Date(ms + HOUR).toISOString().slice(11, 16)}`,
      { name: 'MTU', step: HOUR },
    ],
  ])('%s', async (_, write, options = {}) => {
    const { at, columns } = await read(table(write, options));
    expect(at).toEqual(times(COUNT, options.step));
    expect(columns).toEqual({ temp: values(COUNT) });
  });

  test.each<[string, (i: number) => string, (i: number) => number]>([
    [
      'year and month',
      (i) => `${1949 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}`,
      (i) => Date.UTC(1949, i),
    ],
    [
      'month and year',
      (i) => `${String((i % 12) + 1).padStart(2, '0')}/${1949 + Math.floor(i / 12)}`,
      (i) => Date.UTC(1949, i),
    ],
    [
      'a month by name',
      (i) =>
        `${['Jan', 'Feb', 'Mär', 'Apr', 'Mai', 'Jun', 'Jul', 'Aug', 'Sep', 'Okt', 'Nov', 'Dez'][i % 12]} ${1949 + Math.floor(i / 12)}`,
      (i) => Date.UTC(1949, i),
    ],
    [
      'months of a statistical office',
      (i) => `${1949 + Math.floor(i / 12)}M${String((i % 12) + 1).padStart(2, '0')}`,
      (i) => Date.UTC(1949, i),
    ],
    ['weeks', (i) => isoWeek(Date.UTC(2020, 5, 1 + 7 * i)), (i) => Date.UTC(2020, 5, 1 + 7 * i)],
    [
      'days of weeks',
      (i) => `${isoWeek(Date.UTC(2020, 11, 1 + i))}-${((i + 1) % 7) + 1}`,
      (i) => Date.UTC(2020, 11, 1 + i),
    ],
    ['quarters', (i) => `${1949 + Math.floor(i / 4)}-Q${(i % 4) + 1}`, (i) => Date.UTC(1949, 3 * i)],
    ['years', (i) => `${1949 + i}`, (i) => Date.UTC(1949 + i, 0)],
  ])('%s', async (_, write, time) => {
    const { at, columns } = await read(
      `${write(0).length === 4 ? 'Year' : 'period'},y\n${rows(COUNT, (i) => `${write(i)},${i}`)}`,
    );
    expect(at).toEqual(Array.from({ length: COUNT }, (_, i) => time(i)));
    expect(columns).toEqual({ y: Array.from({ length: COUNT }, (_, i) => i) });
  });
});

describe('times in several columns', () => {
  test.each<[string, string, (t: string) => string, number?]>([
    ['date and time', 'Date,Time', (t) => `${t.slice(0, 10)},${clock(t)}`],
    ['in German', 'Datum,Uhrzeit', (t) => `${day(t, '.')},${t.slice(11, 16)}`],
    ['in America', 'Date,Time', (t) => `${american(t)},${half(t)}`, HOUR],
    ['in Italy', 'Data,Ora', (t) => `${day(t, '/')},${clock(t).replaceAll(':', '.')}`, HOUR],
    ['time before date', 'Time,Date', (t) => `${clock(t)},${t.slice(0, 10)}`],
    [
      'spans of hours',
      'Datum,Uhrzeit',
      (t) => `${day(t, '.')},${t.slice(11, 16)}-${iso(1 + Number(t.slice(11, 13)), HOUR).slice(11, 16)}`,
      HOUR,
    ],
    ['digits', 'YYYYMMDD,HH', (t) => `${t.slice(0, 10).replaceAll('-', '')},${Number(t.slice(11, 13))}`, HOUR],
    ['hhmm', 'date,time', (t) => `${t.slice(0, 10)},${t.slice(11, 16).replace(':', '')}`],
    [
      'parts',
      'year,month,day,hour',
      (t) => [0, 5, 8, 11].map((at) => Number(t.slice(at, at ? at + 2 : 4))).join(','),
      HOUR,
    ],
    ['parts of a buoy', 'YY,MM,DD,hh,mm', (t) => t.slice(0, 16).split(/[-T:]/).join(',')],
    ['year, month and day', 'Year,Month,Day', (t) => t.slice(0, 10).split('-').join(','), DAY],
  ])('%s', async (_, names, write, step = MINUTE) => {
    const text = `${names},temp\n${rows(COUNT, (i) => `${write(iso(i, step))},${value(i)}`)}`;
    const expected = { at: times(COUNT, step), columns: { temp: values(COUNT) } };
    expect(await read(text)).toMatchObject(expected);
    expect(await read(text, { time: names.split(',') })).toMatchObject(expected);
  });

  test.each([
    ['two digits', (hour: number) => String(hour).padStart(2, '0')],
    ['one digit', String],
  ])('a date and a time of day with dots, whose hours before ten have %s', async (_, hours) => {
    const clock = (i: number) => `${hours(i % 24)}.30.00`;
    const text = `day;clock;v\n${rows(48, (i) => `0${1 + Math.floor(i / 24)}.02.2024;${clock(i)};${i}`)}`;
    const start = Date.UTC(2024, 1, 1, 0, 30);
    expect((await read(text)).at).toEqual(Array.from({ length: 48 }, (_, i) => start + i * HOUR));
  });

  test('year and month, also by name', async () => {
    const text = `year,month,y\n${rows(COUNT, (i) => `${1949 + Math.floor(i / 12)},${(i % 12) + 1},${i}`)}`;
    const at = Array.from({ length: COUNT }, (_, i) => Date.UTC(1949, i));
    expect((await read(text)).at).toEqual(at);
    expect((await read(text, { time: ['year', 'month'] })).at).toEqual(at);
    const years = `y,Year\n${rows(COUNT, (i) => `${i},${1949 + i}`)}`;
    expect((await read(years, { time: 'Year' })).at).toEqual(
      Array.from({ length: COUNT }, (_, i) => Date.UTC(1949 + i, 0)),
    );
  });

  test('a year beside the week of the year is not the time alone', async () => {
    const { at, columns } = await read(`year,week,y\n${rows(COUNT, (i) => `2024,${i + 1},${value(i)}`)}`);
    expect(at).toBeUndefined();
    expect(columns).toMatchObject({ year: new Array(COUNT).fill(2024), y: values(COUNT) });
  });

  test('another column proves the order of day and month', async () => {
    const text = `start,end,y\n${rows(20, (i) => `0${1 + (i % 9)}/02/2024,${15 + (i % 9)}/02/2024,${i}`)}`;
    const { at } = await read(text, { order: 'file', time: 'start' });
    expect(at?.[1]).toBe(Date.UTC(2024, 1, 2));
  });

  test('of a time on the wall and the same in UTC, the latter is taken', async () => {
    const local = (i: number) => bare(new Date(START + i * MINUTE + HOUR).toISOString());
    for (const [name, mark] of [
      ['datetime_utc', ''],
      ['datetime', 'Z'],
    ]) {
      const text = `datetime_local,${name},temp\n${rows(COUNT, (i) => `${local(i)},${bare(iso(i))}${mark},${value(i)}`)}`;
      expect((await read(text)).at).toEqual(times(COUNT));
    }
  });

  test('a format that nobody could guess', async () => {
    const text = `D,T,temp\n${rows(COUNT, (i) => `${iso(i).slice(8, 10)}_01_24,${iso(i).slice(11, 16)},${value(i)}`)}`;
    const { at } = await read(text, { time: ['D', 'T'], timeFormat: '%d_%m_%y %H:%M' });
    expect(at).toEqual(times(COUNT));
  });
});

describe('zones', () => {
  // Intl writes what a clock on the wall in Berlin shows.
  const wall = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'medium' });
  test.each([
    ['autumn', Date.UTC(2024, 9, 26, 22)],
    ['spring', Date.UTC(2024, 2, 30, 22)],
  ])('%s in Berlin', async (_, from) => {
    const at = Array.from({ length: COUNT }, (_, i) => from + i * 15 * MINUTE);
    const text = `Zeit,temp\n${at.map((time, i) => `${wall.format(time)},${value(i)}\n`).join('')}`;
    expect(await read(text, { zone: 'Europe/Berlin' })).toMatchObject({
      at,
      columns: { temp: values(COUNT) },
      notes: [],
    });
    const reversed = `Zeit,temp\n${at
      .map((time, i) => `${wall.format(time)},${value(i)}\n`)
      .toReversed()
      .join('')}`;
    expect((await read(reversed, { zone: 'Europe/Berlin' })).at).toEqual(at);
  });
});

test.each([
  ['2024-03-31T02:00', '2024-03-31T02:30', 2],
  ['2024-03-31T02:59', '2024-03-31T03:30', 1],
  ['2024-03-31T01:59', '2024-03-31T03:00', 0],
])('rows of %s and %s in Berlin: those that spring leaves out are said', async (one, other, count) => {
  const text = `time,temp\n2024-03-31T00:00,1\n${one},2\n${other},3\n`;
  const { notes } = await read(text, { zone: 'Europe/Berlin' });
  const said = notes.filter((sentence) => sentence.includes('in an hour that the zone leaves out in spring'));
  expect(said.map((sentence) => Number.parseInt(sentence, 10))).toEqual(count === 0 ? [] : [count]);
});

describe('a zone that only a name or another column says', () => {
  const said = async (header: string, more = '') => {
    const { notes, at } = await read(
      `${header},temp${more && ',x'}\n${rows(COUNT, (i) => `${bare(iso(i))}${more},${value(i)}`)}`,
    );
    expect(at).toEqual(times(COUNT));
    return notes.filter((note) => note.includes('--zone'));
  };
  test.each([
    ['"Date Time, GMT+01:00"', 'its name "Date Time, GMT+01:00" says GMT+01:00'],
    ['MTU (CET/CEST)', 'its name "MTU (CET/CEST)" says CET/CEST'],
    ['time_local', 'its name "time_local" says local'],
  ])('%s', async (header, why) => {
    expect(await said(header)).toEqual([`The time is read as UTC, but ${why}: --zone says which zone it is in.`]);
  });

  test('a column of zones', async () => {
    const usgs = `time,tz_cd,temp\n${rows(COUNT, (i) => `${bare(iso(i))},${i < 9 ? 'EST' : 'EDT'},${value(i)}`)}`;
    const why = 'the column "tz_cd" says EDT and EST';
    expect((await read(usgs)).notes).toContain(`The time is read as UTC, but ${why}: --zone says which zone it is in.`);
    expect((await read(usgs, { zone: 'America/New_York' })).notes.join()).not.toMatch(/--zone/);
  });

  test.each(['time (UTC)', 'Time', '"Date Time, GMT+00:00"', 'timestamp'])('%s says nothing else', async (header) => {
    expect(await said(header)).toEqual([]);
  });
});

describe('refused', () => {
  test('both readings of a date', async () => {
    const text = table((t) => `05/03/2024 ${clock(t)}`, { name: 'Date' });
    expect(await refusal(text)).toBe(
      'Expected dates in Date that can be read in one way but "05/03/2024 00:00:00" in line 2 of the input is 5 March 2024 or ' +
        '3 May 2024. Use --time-format dmy or --time-format mdy to say which.',
    );
    expect((await read(text, { timeFormat: 'mdy' })).at?.[0]).toBe(Date.UTC(2024, 4, 3));
    expect((await read(text, { timeFormat: 'dmy' })).at?.[0]).toBe(Date.UTC(2024, 2, 5));
  });

  test.each([1, 20])('%d %% of a column called time is something else', async (percent) => {
    const text = `time,y\n${rows(100, (i) => `${i % (100 / percent) === 3 ? 'bad clock' : iso(i)},${i}`)}`;
    expect(await refusal(text)).toBe(
      'Expected a time such as 2026-01-31 12:00:00 for time in line 5 of the input but received "bad clock". ' +
        'Use --missing "bad clock" to leave out rows with it.',
    );
    const { at, notes } = await read(text, { missing: ['bad clock'] });
    expect(at).toHaveLength(100 - percent);
    expect(notes).toContain(`${percent === 1 ? '1 row was' : `${percent} rows were`} left out for lack of a time.`);
  });

  test('a time column that is there but cannot be read is named', async () => {
    const { at, notes } = await read(table((_, ms) => `T${ms}x`, { name: 'created_at' }));
    expect(at).toBeUndefined();
    expect(notes[0]).toBe(
      'No times were found, and the time between rows is unknown: "T1705708800000x" in line 2 of column "created_at" is no ' +
        "time in a form that is known. --time-format '%d.%m.%Y %H:%M' says how times are written.",
    );
    const name = (i: number) => `${['Jan', 'Jul'][i % 2]}-${24 + (i >> 1)}`;
    const months = `Date,y\n${rows(COUNT, (i) => `${name(i)},${i}`)}`;
    expect((await read(months)).notes[0]).toMatch(
      /"Jan-24" in line 2 .* --time-format '%b-%y' says how times are written/,
    );
    const halves = Array.from({ length: COUNT }, (_, i) => Date.UTC(2024, 6 * i));
    expect((await read(months, { timeFormat: '%b-%y' })).at).toEqual(halves);
    const clocks = await read(table(clock, { name: 'Time' }));
    expect(clocks.notes[0]).toMatch(/unknown: "00:00:00" in line 2 of column "Time" has no date\.$/);
    const seconds = await read(`time [s],y\n${rows(COUNT, (i) => `${i / 2},${i}`)}`);
    expect(seconds.notes[0]).toMatch(/"0" in line 2 .* --time "time \[s\]" takes it for the time all the same\.$/);
  });
});

describe('clocks that are wrong for some rows', () => {
  test.each<[string, (i: number) => string | undefined]>([
    ['2099', (i) => (i === 300 ? '2099-01-01T00:00:00Z' : undefined)],
    ['2036, as after an overflow', (i) => (i === 300 || i === 301 ? `2036-02-07T06:28:${15 + i - 300}Z` : undefined)],
    ['1970 at the start', (i) => (i < 3 ? new Date(i * MINUTE).toISOString() : undefined)],
    ['2000 amid the rows', (i) => (i >= 300 && i < 303 ? `2000-01-01T00:0${i - 300}:00Z` : undefined)],
  ])('%s', async (_, wrong) => {
    const { at, columns, notes } = await read(`time,y\n${rows(600, (i) => `${wrong(i) ?? iso(i)},${i}`)}`);
    const right = Array.from({ length: 600 }, (_, i) => i).filter((i) => wrong(i) === undefined);
    expect(columns).toEqual({ y: right });
    expect(at).toEqual(right.map((i) => START + i * MINUTE));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(
      /left out because of times far from all others: (2099-01-01|2036-02-07|1970-01-01|2000-01-01)/,
    );
  });

  test('seconds since 1970 that begin at 0', async () => {
    const { at } = await read(`time,y\n${rows(600, (i) => `${i < 3 ? 60 * i : START / 1000 + 60 * i},${i}`)}`);
    expect(at).toEqual(times(600).slice(3));
  });
});

describe('the year and the day of the year in columns of their own', () => {
  const first = Date.UTC(2023, 11, 20);
  const yearOf = (at: number) => new Date(at).getUTCFullYear();
  const dayOf = (at: number) => Math.floor((at - Date.UTC(yearOf(at), 0, 1)) / DAY) + 1;
  const at = (step: number) => Array.from({ length: COUNT }, (_, i) => first + i * step);

  test.each<[string, string, number, (at: number) => string]>([
    ['days over the end of a year', 'YEAR,DOY', DAY, (time) => `${yearOf(time)},${dayOf(time)}`],
    ['hours', 'YEAR,DOY,HR', HOUR, (time) => `${yearOf(time)},${dayOf(time)},${new Date(time).getUTCHours()}`],
    ['the day first', 'day of year,year', DAY, (time) => `${dayOf(time)},${yearOf(time)}`],
  ])('%s', async (_, names, step, write) => {
    const text = `${names},temp\n${at(step)
      .map((time, i) => `${write(time)},${value(i)}\n`)
      .join('')}`;
    expect(await read(text)).toMatchObject({ at: at(step), columns: { temp: values(COUNT) } });
    const named = await read(text, { time: names.split(',') });
    expect(named.at).toEqual(at(step));
  });

  test('a day that the year does not have is no time', async () => {
    const days = Array.from({ length: COUNT }, (_, i) => `2023,${i === 9 ? 366 : i + 1},${value(i)}\n`).join('');
    const { at: read366 } = await read(`year,doy,temp\n${days}`);
    expect(read366).toHaveLength(COUNT - 1);
  });
});

test.each(['2024-01-20 下午 15:15:00', '2024:13:20 15:15:00', 'DT#2024-01-20', '/Date(x)/', 'T#1h'])(
  '%j is no time',
  async (text) => {
    const { at } = await read(`date,temp\n${rows(COUNT, (i) => `${text},${value(i)}`)}`);
    expect(at).toBeUndefined();
  },
);
