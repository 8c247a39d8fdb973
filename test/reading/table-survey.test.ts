import { describe, expect, test } from 'vitest';
import { TableSurvey, type TableSurveyOptions } from '../../lib/reading/table-survey.ts';

/** Surveys rows of text, the first of which has the names; lines count from 1. */
function survey(rows: readonly string[], options: Partial<TableSurveyOptions> = {}) {
  const delimiter = options.delimiter ?? ',';
  const [header, ...body] = rows.map((row) => row.split(delimiter));
  const table = new TableSurvey(header!, { source: 'f.csv', delimiter, ...options });
  for (const [i, fields] of body.entries()) table.add(fields, i + 2);
  const reading = table.finish();
  const column = (name: string) => reading.columns[header!.indexOf(name)]!;
  const values = (name: string) => body.map((fields) => column(name).read(fields[header!.indexOf(name)]!));
  const times = () => {
    const read = reading.time!.reader();
    return body.map((fields) => new Date(read.read(fields)).toISOString());
  };
  return { ...reading, column, values, times };
}

const days = (count: number, row: (day: number) => string) => Array.from({ length: count }, (_, i) => row(i));

describe('words in a column of numbers', () => {
  const rows = (word: string, at: readonly number[]) => [
    'entity_id,state,last_changed',
    ...days(600, (i) => {
      const time = new Date(Date.UTC(2024, 0, 1) + i * 60_000).toISOString();
      return `sensor.boiler,${at.includes(i) ? word : (20 + (i % 7)).toFixed(2)},${time}`;
    }),
  ];

  test.each(['unavailable', 'unknown', 'Unknown'])('%s is read as missing, first row or not, and said', (word) => {
    const { column, notes, time } = survey(rows(word, [0, 50, 99]), { wanted: ['state'] });
    expect(column('state')).toMatchObject({ kind: 'number', missing: 3, present: 597, min: 20, max: 26 });
    expect(column('state').read(word)).toBeNaN();
    expect(notes).toContain(`In state, "${word}" is read as missing.`);
    expect(time!.columns).toEqual([2]);
    expect(column('entity_id')).toMatchObject({ kind: 'category', constant: true, key: true });
  });

  test.each([[[0]], [[50, 51]], [[599]]])(
    'another word in rows %j of a wanted column is an error with the way out',
    (at) => {
      const count = at.length === 1 ? '1 row' : '2 rows';
      const message = `Expected numbers in state but line ${at[0]! + 2} of f.csv has "error" (${count}). Use --missing error to read it as missing.`;
      expect(() => survey(rows('error', at), { wanted: ['state'] })).toThrow(message);
      expect(survey(rows('error', at)).column('state')).toMatchObject({
        kind: 'text',
        leftOut: message,
        misfits: at.length,
      });
      const { column, values } = survey(rows('error', at), { wanted: ['state'], missing: ['ERROR'] });
      expect(column('state')).toMatchObject({ kind: 'number', missing: at.length });
      expect(values('state')[at[0]!]).toBeNaN();
    },
  );

  test('numbers among the words for missing values are compared as numbers', () => {
    const { column, values } = survey(['a', '1', '-999', '-999.0', '2'], { missing: ['-999'] });
    expect(column('a')).toMatchObject({ kind: 'number', missing: 2, min: 1, max: 2 });
    expect(values('a')).toEqual([1, NaN, NaN, 2]);
  });

  test('a number that is missing with the other decimal sign only counts as it is read', () => {
    const counts = (rows: string[], options = {}) => {
      const { column, values } = survey(['a;b', ...rows.map((row) => `${row};x`)], { delimiter: ';', ...options });
      const { missing, present, min, max } = column('a');
      return { missing, present, min, max, values: values('a') };
    };
    const rows = ['1.25', '9.999', '9999', '2.5'];
    expect(counts(rows, { missing: ['9999'] })).toEqual({
      missing: 1,
      present: 3,
      min: 1.25,
      max: 9.999,
      values: [1.25, 9.999, NaN, 2.5],
    });
    const grouped = rows.map((row) => row.replace('.', row === '9.999' ? '.' : ','));
    expect(counts(grouped, { missing: ['9999'] })).toEqual({
      missing: 2,
      present: 2,
      min: 1.25,
      max: 2.5,
      values: [1.25, NaN, NaN, 2.5],
    });
    expect(counts(['9.999', '9.999'], { missing: ['9999'], decimal: ',' })).toMatchObject({ missing: 2, present: 0 });
    // It says nothing of the others: whole numbers stay as they are.
    expect(counts(['1', '2', '-99.900'], { missing: ['-99.9'] })).toMatchObject({ missing: 1, values: [1, 2, NaN] });
  });

  test('text that nobody asked for is left out in a sentence', () => {
    const { column } = survey(['a,note', '1,all well', '2,a bit loud', '3,stopped'], { wanted: ['a'] });
    expect(column('note')).toMatchObject({ kind: 'text', leftOut: 'Column "note" is left out: it holds text.' });
    expect(() => survey(['a,note', '1,all well', '2,a bit loud', '3,stopped'], { wanted: ['note'] })).toThrow(
      'Expected numbers in note of f.csv but it holds text.',
    );
  });
});

describe('kinds', () => {
  test.each([
    ['true,FALSE,True,NA', [1, 0, 1, NaN]],
    ['on,off,unavailable,on', [1, 0, NaN, 1]],
    ['ja,nein,ja,ja', [1, 0, 1, 1]],
    ['no,yes,-,no', [0, 1, NaN, 0]],
  ])('%s is boolean', (fields, wanted) => {
    const { column, values } = survey(['a', ...fields.split(',')], { delimiter: ';' });
    expect(column('a').kind).toBe('boolean');
    expect(values('a')).toEqual(wanted);
  });

  test('words that repeat are a category with sorted words', () => {
    const { column, values } = survey(['wind', 'SE', 'NW', 'cv', 'NW', 'SE', '', 'cv', 'unknown', 'unknown']);
    expect(column('wind')).toMatchObject({ kind: 'category', words: ['NW', 'SE', 'cv', 'unknown'], missing: 1 });
    expect(values('wind')).toEqual([1, 0, 2, 0, 1, NaN, 2, 3, 3]);
    expect(column('wind').read('unseen')).toBeNaN();
  });

  test('codes of digits and letters are a category', () => {
    const { column } = survey(['code', ...days(40, (i) => ['1A', '2B', '7', 'X'][i % 4]!)]);
    expect(column('code')).toMatchObject({ kind: 'category', words: ['1A', '2B', '7', 'X'] });
  });

  test('more than a thousand words are text', () => {
    expect(survey(['a', ...days(3000, (i) => `w${i % 1001}x`)]).column('a').kind).toBe('text');
    expect(survey(['a', ...days(3000, (i) => `w${i % 1000}x`)]).column('a').words).toHaveLength(1000);
  });

  test('empty, constant and units', () => {
    const { column, values } = survey(['e;c;p;m', 'NA;5;45 %;€ 1,50', ';5.0;5 %;€ 2,25'], { delimiter: ';' });
    expect(column('e')).toMatchObject({ kind: 'empty', missing: 2 });
    expect(column('c')).toMatchObject({ kind: 'number', constant: true });
    expect(column('p').form!.unit).toBe('%');
    expect(values('p')).toEqual([45, 5]);
    expect(column('m').form).toMatchObject({ unit: '€', decimal: ',' });
    expect(values('m')).toEqual([1.5, 2.25]);
  });
});

describe('decimal and thousands', () => {
  const watts = days(600, (i) => {
    const watt = Math.round(1000 + 40 * Math.sin(i / 9) + (i % 3));
    return String(watt).replace(/^(\d)(\d{3})$/, '$1.$2');
  });
  const truth = watts.map((text) => Number(text.replace('.', '')));

  test('985 beside 1.002 between semicolons is grouped', () => {
    const { column, values } = survey(['power', ...watts], { delimiter: ';', wanted: ['power'] });
    expect(values('power')).toEqual(truth);
    expect(column('power').form).toEqual({ decimal: ',', thousands: '.', unit: '' });
  });

  test('between commas the same is refused, unless the user says which', () => {
    const refused =
      /Expected numbers in power that can be read in one way but found "1.002" in line \d+ of f.csv, which is 1.002 or 1002. Use --decimal '.' or --decimal ',' to say which./;
    const some = ['power', '985', '1.002', '1.019', '991'];
    expect(() => survey(some, { wanted: ['power'] })).toThrow(refused);
    expect(survey(some, { wanted: ['power'], thousands: '.' }).values('power')).toEqual([985, 1002, 1019, 991]);
    expect(survey(some, { wanted: ['power'], decimal: '.' }).values('power')).toEqual([985, 1.002, 1.019, 991]);
  });

  test('another column decides', () => {
    const { values } = survey(['a;b', '1.002;2,5', '1.019;3'], { delimiter: ';', wanted: ['a', 'b'] });
    expect(values('a')).toEqual([1002, 1019]);
    expect(survey(['a;b', '1.002;2.5', '1.019;3'], { delimiter: ';' }).values('a')).toEqual([1.002, 1.019]);
    expect(() => survey(['a', '1.002', '1.019'], { delimiter: ';', wanted: ['a'] })).toThrow(/which is 1.002 or 1002/);
    expect(survey(['a', '1.002', '1.234.567'], { delimiter: ';' }).values('a')).toEqual([1002, 1234567]);
  });

  test.each([
    [
      ['20,345.60', '1,000.5'],
      [20345.6, 1000.5],
    ],
    [
      ['20.345,60', '1.000'],
      [20345.6, 1000],
    ],
    [
      ['1 234 567,5', '985'],
      [1234567.5, 985],
    ],
    [
      ['1\u202f234', '985.25'],
      [1234, 985.25],
    ],
    [
      ["1'234.5", "12'345"],
      [1234.5, 12345],
    ],
    [
      ['1e5', '+1', '-2.5E-3', ' 7 '],
      [1e5, 1, -0.0025, 7],
    ],
    [
      ['1,234', '985', '1,002', '990'],
      [1234, 985, 1002, 990],
    ],
    [
      ['0,123', '1,234'],
      [0.123, 1.234],
    ],
    [
      ['1234.567', '20.123'],
      [1234.567, 20.123],
    ],
  ])('%j', (texts, wanted) => {
    expect(survey(['a', ...texts], { delimiter: '\t', wanted: ['a'] }).values('a')).toEqual(wanted);
  });

  test('three decimals between commas are decimals', () => {
    expect(survey(['a', '20.123', '20.456']).values('a')).toEqual([20.123, 20.456]);
  });

  test('two decimal signs in one column name both lines', () => {
    const message = 'Expected one decimal sign in a but line 2 of f.csv has "1.5" and line 3 has "2,5".';
    expect(() => survey(['a', '1.5', '2,5'], { delimiter: ';', wanted: ['a'] })).toThrow(message);
  });

  test('two units in one column name both lines', () => {
    const message = 'Expected numbers of one unit in a but line 2 of f.csv has "5 kW" and line 104 has "3 W".';
    const rows = ['a', ...days(102, (i) => `${i + 5} kW`), '3 W'];
    expect(() => survey(rows, { wanted: ['a'] })).toThrow(message);
  });

  test('a number without the unit of the others is named', () => {
    expect(() => survey(['p', '5 %', '6 %', '0'], { wanted: ['p'] })).toThrow(
      'Expected numbers of one unit in p but line 2 of f.csv has "5 %" and line 4 has "0".',
    );
  });
});

describe('the time', () => {
  const at = (i: number) => new Date(Date.UTC(2024, 0, 20) + i * 60_000).toISOString();
  const wanted = days(3000, at);
  const forms: Record<string, (t: string, i: number) => string> = {
    iso: (t) => t,
    blank: (t) => t.slice(0, 19).replace('T', ' '),
    utc: (t) => `${t.slice(0, 19).replace('T', ' ')} UTC`,
    german: (t) => `${t.slice(8, 10)}.${t.slice(5, 7)}.${t.slice(0, 4)} ${t.slice(11, 19)}`,
    dayfirst: (t) => `${t.slice(8, 10)}/${t.slice(5, 7)}/${t.slice(0, 4)} ${t.slice(11, 16)}`,
    american: (t) => {
      const hour = Number(t.slice(11, 13));
      return `${t.slice(5, 7)}/${t.slice(8, 10)}/${t.slice(0, 4)} ${hour % 12 || 12}:${t.slice(14, 16)} ${hour < 12 ? 'AM' : 'PM'}`;
    },
    short: (t) => `${t.slice(8, 10)}.${t.slice(5, 7)}.${t.slice(2, 4)} ${t.slice(11, 16)}`,
    compact: (t) => t.replaceAll(/[-:T]/g, '').slice(0, 14),
    minutes: (t) => t.replaceAll(/[-:T]/g, '').slice(0, 12),
    rfc: (t) => new Date(t).toUTCString(),
    s: (t) => String(Date.parse(t) / 1000),
    ms: (t) => String(Date.parse(t)),
    us: (t) => `${Date.parse(t)}000`,
    ns: (t) => `${Date.parse(t)}000000`,
    excel: (t) => String(Date.parse(t) / 86_400_000 + 25_569),
  };

  test.each(Object.keys(forms))('%s', (name) => {
    const { times, time } = survey(['v;date', ...wanted.map((t, i) => `${i % 10};${forms[name]!(t, i)}`)], {
      delimiter: ';',
    });
    expect(time!.columns).toEqual([1]);
    expect(times()).toEqual(wanted);
  });

  test('date and time in two columns, found and given', () => {
    const rows = ['Date,Time,temp', ...wanted.map((t, i) => `${t.slice(0, 10)},${t.slice(11, 19)},${i}`)];
    expect(survey(rows).times()).toEqual(wanted);
    expect(survey(rows, { time: ['Time', 'Date'] }).times()).toEqual(wanted);
    const numeric = [
      'd,t,temp',
      ...wanted.map((t, i) => `${t.slice(0, 10).replaceAll('-', '')},${t.slice(11, 13)}${t.slice(14, 16)},${i}`),
    ];
    expect(survey(numeric, { time: ['d', 't'] }).times()).toEqual(wanted);
  });

  test('year, month, day and hour, found and given', () => {
    const hours = days(100, (i) => new Date(Date.UTC(2010, 0, 30) + i * 3_600_000).toISOString());
    const rows = [
      'No,year,month,day,hour,pm',
      ...hours.map((t, i) => {
        const [date, clock] = t.split('T') as [string, string];
        return `${i},${date.split('-').map(Number).join(',')},${Number(clock.slice(0, 2))},NA`;
      }),
    ];
    expect(survey(rows).times()).toEqual(hours);
    expect(survey(rows, { time: ['year', 'month', 'day', 'hour'] }).times()).toEqual(hours);
  });

  test('columns named YY, MM, DD, hh and mm, and yyyy, mm and dd', () => {
    const buoy = survey(['YY,MM,DD,hh,mm,v', '2024,1,2,3,40,1', '2024,1,2,3,50,2']);
    expect(buoy.times()).toEqual(['2024-01-02T03:40:00.000Z', '2024-01-02T03:50:00.000Z']);
    expect(buoy.notes).toEqual([
      'Columns "YY", "MM", "DD", "hh" and "mm" are taken as the time, read as year, month, day, hour, minute.',
    ]);
    expect(survey(['yyyy,mm,dd,v', '2024,1,2,1', '2024,1,3,2']).times()[1]).toBe('2024-01-03T00:00:00.000Z');
    const bare = survey(['a,b,c,v', '2024,1,2,1'], { time: ['a', 'b', 'c'] });
    expect(bare.times()).toEqual(['2024-01-02T00:00:00.000Z']);
  });

  test('a date of digits with hours, and with hhmm', () => {
    expect(survey(['date,hour,v', '20240131,0,1', '20240131,23,2']).times()[1]).toBe('2024-01-31T23:00:00.000Z');
    const clock = survey(['date,time,v', '20240131,5,1', '20240131,1530,2']);
    expect(clock.times()).toEqual(['2024-01-31T00:05:00.000Z', '2024-01-31T15:30:00.000Z']);
  });

  test('times of day without a date are refused if they are named', () => {
    expect(() => survey(['t,v', '12:00,1', '12:10,2'], { time: ['t'] })).toThrow(
      'Expected dates in t of f.csv but it has times of day only. Name the column of the date too.',
    );
    expect(survey(['t,v', '12:00,1', '12:10,2']).time).toBeNull();
  });

  test('days of a spreadsheet with a decimal comma, which have few digits', () => {
    const rows = days(48, (i) => `${(45_311 + i / 24).toFixed(6).replace('.', ',')};1,5`);
    const { times } = survey(['Datum;Wert', ...rows], { delimiter: ';' });
    expect(times()).toEqual(days(48, (i) => new Date(Date.UTC(2024, 0, 20, i)).toISOString()));
  });

  test('a clock that counts from its start, if it is named', () => {
    const read = (texts: readonly string[]) =>
      survey(['t', ...texts], { time: ['t'] })
        .times()
        .map((t) => Date.parse(t));
    expect(read(['0', '60000', '120000'])).toEqual([0, 60_000, 120_000]);
    expect(read(['0', '60', '120'])).toEqual([0, 60_000, 120_000]);
    expect(read(['0', '0.5', '1'])).toEqual([0, 500, 1000]);
    expect(read(['0', '3600', '7200', '36000'])).toEqual([0, 3_600_000, 7_200_000, 36_000_000]);
    const us = survey(['t', '0', '1000', '2000'], { time: ['t'], timeFormat: 'us' });
    expect(us.times()[2]).toBe('1970-01-01T00:00:00.002Z');
  });

  test('a format of strptime, for one column and for two', () => {
    const one = survey(
      ['t,v', ...wanted.map((t) => `${t.slice(8, 10)}|${t.slice(5, 7)}|${t.slice(0, 4)} ${t.slice(11, 16)},1`)],
      {
        timeFormat: '%d|%m|%Y %H:%M',
      },
    );
    expect(one.times()).toEqual(wanted);
    const two = survey(
      ['d,t,v', ...wanted.map((t) => `${t.slice(0, 10).replaceAll('-', '')},${t.slice(11, 16).replace(':', '')},1`)],
      {
        time: ['d', 't'],
        timeFormat: '%Y%m%d %H%M',
      },
    );
    expect(two.times()).toEqual(wanted);
    expect(() => survey(['t,v', '1,2'], { timeFormat: '%Q' })).toThrow(/Expected a format such as/);
  });

  test('an order that nothing decides is refused with both readings', () => {
    const rows = ['d,v', ...days(24, (i) => `01/02/2026 ${String(i).padStart(2, '0')}:00,${i}`)];
    const message =
      'Expected dates in d that can be read in one way but "01/02/2026 00:00" in line 2 of f.csv is ' +
      '1 February 2026 or 2 January 2026. Use --time-format dmy or --time-format mdy to say which.';
    expect(() => survey(rows)).toThrow(message);
    expect(survey(rows, { timeFormat: 'mdy' }).times()[1]).toBe('2026-01-02T01:00:00.000Z');
  });

  test('without a day above 12, even spacing decides', () => {
    const rows = ['d,v', ...days(120, (i) => `0${1 + Math.floor(i / 24)}/02/2026 ${i % 24}:00,${i}`)];
    expect(survey(rows).times()[24]).toBe('2026-02-02T00:00:00.000Z');
    expect(survey(['d,v', ...rows.slice(1).toReversed()]).time!.descending).toBe(true);
    const monthly = [
      'd,v',
      ...days(24, (i) => `01/${String(1 + (i % 12)).padStart(2, '0')}/${2024 + Math.floor(i / 12)},1`),
    ];
    expect(survey(monthly).times()[1]).toBe('2024-02-01T00:00:00.000Z');
  });

  test('two orders in one column name both lines', () => {
    expect(() => survey(['d,v', '13/01/2026,1', '01/14/2026,2'])).toThrow(
      'Expected dates in d with one order of day and month but line 2 of f.csv has "13/01/2026" and line 3 has "01/14/2026".',
    );
  });

  test('a field that is no time is named', () => {
    const rows = ['time,v', ...wanted.map((t, i) => `${i === 7 ? 'noon' : t},1`)];
    expect(() => survey(rows)).toThrow(
      'Expected a time such as 2026-01-31 12:00:00 for time in line 9 of f.csv but received "noon".',
    );
  });

  test('a wrong clock in some rows does not decide the unit', () => {
    const numbers = [12, 73, ...wanted.slice(0, 50).map((t) => Date.parse(t) / 1000), 4070908800];
    const { times } = survey(['ts,v', ...numbers.map((n) => `${n},1`)]);
    expect([times()[0], times()[2], times()[52]]).toEqual([
      '1970-01-01T00:00:12.000Z',
      wanted[0],
      '2099-01-01T00:00:00.000Z',
    ]);
  });

  test('local times of a zone, by series', () => {
    const rows = [
      'k,t',
      ...['02:00', '02:30', '02:00', '02:30', '03:00'].flatMap((t) => [`a,2024-10-27 ${t}`, `b,2024-10-27 ${t}`]),
    ];
    const { time } = survey(rows, { zone: 'Europe/Berlin' });
    const read = time!.reader();
    const hours = rows.slice(1).map((row) => {
      const fields = row.split(',');
      return new Date(read.read(fields, fields[0])).toISOString().slice(11, 16);
    });
    expect(hours.filter((_, i) => i % 2 === 0)).toEqual(['00:00', '00:30', '01:00', '01:30', '02:00']);
    expect(hours.filter((_, i) => i % 2 === 1)).toEqual(['00:00', '00:30', '01:00', '01:30', '02:00']);
  });
});
