import { describe, expect, test } from 'vitest';
import { csvReader } from '../../lib/cli/stream/csv-samples.ts';
import { type KeyedSample, type LineReaderOptions, ndjsonReader } from '../../lib/cli/stream/samples.ts';
import type { TimedSample } from '../../lib/model/sample.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const MINUTE = 60_000;
const newYear = Date.UTC(2024, 0, 1);
const every = <T>(count: number, of: (i: number) => T) => Array.from({ length: count }, (_, i) => of(i));
const minutes = (count: number) => every(count, (i) => newYear + i * MINUTE);

/** What lines become: samples, or the messages of errors; and what is said. */
function read(format: 'csv' | 'ndjson', lines: readonly string[], options: Partial<LineReaderOptions> = {}) {
  const said: string[] = [];
  const note = (sentence: string) => said.push(sentence);
  const reader = (format === 'csv' ? csvReader : ndjsonReader)({
    inputs: ['temp'],
    interval: MINUTE,
    note,
    ...options,
  });
  const samples: (KeyedSample | string)[] = [];
  for (const [i, line] of lines.entries()) {
    try {
      const sample = reader(line, i + 1);
      if (sample !== undefined) samples.push(sample);
    } catch (error) {
      expect(error).toEqual(gatecastError('invalid-sample', /./));
      samples.push((error as Error).message);
    }
  }
  const of = (key: 'at' | 'values') =>
    samples.map((one) => (typeof one === 'string' ? one : (one as TimedSample)[key]));
  return { said, times: of('at'), values: of('values') };
}

const json = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row));
const csv = (header: string, rows: readonly string[]) => [header, ...rows];

describe('the time of lines', () => {
  test.each([
    ['seconds', (at: number) => at / 1000, /^The times of the samples are read as seconds since 1970\.$/],
    ['seconds as text', (at: number) => String(at / 1000), /read as seconds/],
    ['milliseconds', (at: number) => at, undefined],
    ['microseconds', (at: number) => at * 1000, /read as microseconds/],
    ['nanoseconds as text', (at: number) => `${at}000000`, /read as nanoseconds/],
    ['ticks as text', (at: number) => `${BigInt(at) * 10_000n + 621_355_968_000_000_000n}`, /read as ticks of \.NET/],
    ['text in UTC', (at: number) => new Date(at).toISOString(), undefined],
    ['text of a broker', (at: number) => new Date(at).toUTCString(), undefined],
    ['text without a zone', (at: number) => new Date(at).toISOString().slice(0, 19), /read as text in UTC \(--zone/],
  ])('in %s is the same in NDJSON and CSV, and what is assumed is said once', (_, form, message) => {
    const ndjson = read('ndjson', json(minutes(4).map((at) => ({ at: form(at), temp: 20.5 }))));
    const table = read(
      'csv',
      csv(
        'time,temp',
        minutes(4).map((at) => `"${form(at)}",20.5`),
      ),
    );
    for (const { times, said } of [ndjson, table]) {
      expect(times).toEqual(minutes(4));
      expect(said).toEqual(message ? [expect.stringMatching(message)] : []);
    }
    expect(ndjson.values).toEqual(every(4, () => ({ at: expect.anything(), temp: 20.5 })));
    expect(table.values).toEqual(every(4, () => [20.5]));
  });

  test.each([
    ['timestamp', (at: number) => new Date(at).toISOString()],
    ['last_time', (at: number) => at / 1000],
    ['Zeit', (at: number) => `01.01.2024 00:0${(at - newYear) / MINUTE}`],
    ['time (UTC)', (at: number) => 45_292.0000001 + (at - newYear) / 86_400_000],
    ['datetime', (at: number) => `2024010100${String((at - newYear) / MINUTE).padStart(2, '0')}00`],
  ])('is found in %s', (name, form) => {
    const ndjson = read('ndjson', json(minutes(3).map((at) => ({ room: 7, [name]: form(at), temp: 1 }))));
    expect(ndjson.times).toEqual(minutes(3));
    expect(ndjson.said[0]).toBe(`The field "${name}" is taken as the time of each sample.`);
    const table = read(
      'csv',
      csv(
        `room,temp,${name}`,
        minutes(3).map((at) => `7,1,${form(at)}`),
      ),
    );
    expect(table.times).toEqual(minutes(3));
  });

  test('is found in a date and a time of day, or in year, month, day and hour', () => {
    const two = read('csv', csv('date;clock time;temp', ['31.07.2024;10:00;1', '31.07.2024;10:01;2']), {
      zone: 'Europe/Berlin',
    });
    expect(two.times).toEqual([Date.UTC(2024, 6, 31, 8), Date.UTC(2024, 6, 31, 8, 1)]);
    expect(two.said).toEqual([
      'The columns "date" and "clock time" are taken as the time of each sample.',
      'The times of the samples are read as day, month, year and time of day in Europe/Berlin.',
    ]);
    const rows = json([0, 1].map((hour) => ({ year: 2024, month: 2, day: 29, hour, temp: 1 })));
    expect(read('ndjson', rows).times).toEqual([Date.UTC(2024, 1, 29), Date.UTC(2024, 1, 29, 1)]);
  });

  test('in a zone that goes back an hour is told apart for each stream', () => {
    const local = ['02:00', '02:30', '02:00', '02:30', '03:00'].flatMap((clock) =>
      ['a', 'b'].map((key) => ({ time: `2024-10-27 ${clock}`, key, temp: 1 })),
    );
    const { times } = read('ndjson', json(local), { zone: 'Europe/Berlin', key: 'key', interval: 30 * MINUTE });
    const utc = every(5, (i) => Date.UTC(2024, 9, 27) + i * 30 * MINUTE);
    expect(times).toEqual(utc.flatMap((at) => [at, at]));
  });

  test('whose day may be the month is refused until one shows it or the format is given', () => {
    const lines = csv('time,temp', [
      '02/01/2024 00:00,1',
      '02/01/2024 00:01,1',
      '25/01/2024 00:00,1',
      '03/02/2024 00:00,1',
    ]);
    const { times } = read('csv', lines);
    expect(times.slice(0, 2)).toEqual(
      every(2, () =>
        expect.stringMatching(/^Expected a time for time but .* two ways: --time-format dmy or .* says which\.$/),
      ),
    );
    expect(times.slice(2)).toEqual([Date.UTC(2024, 0, 25), Date.UTC(2024, 1, 3)]);
    expect(read('csv', lines, { timeFormat: 'dmy' }).times).toEqual([
      Date.UTC(2024, 0, 2),
      Date.UTC(2024, 0, 2, 0, 1),
      Date.UTC(2024, 0, 25),
      Date.UTC(2024, 1, 3),
    ]);
    const american = read('csv', csv('time,temp', ['01/31/2026 03:15 PM,1', '02/01/2026 03:15 PM,1']));
    expect(american.times).toEqual([Date.UTC(2026, 0, 31, 15, 15), Date.UTC(2026, 1, 1, 15, 15)]);
    expect(american.said).toEqual([
      'The times of the samples are read as month, day, year in UTC (--zone names another zone).',
    ]);
  });

  test('in a given format or unit holds, and what does not fit is reported', () => {
    const given = read('csv', csv('t,temp', ['31|01|24 10h05,1', 'soon,1', ',1']), {
      time: ['t'],
      timeFormat: '%d|%m|%y %Hh%M',
    });
    expect(given.times).toEqual([
      Date.UTC(2024, 0, 31, 10, 5),
      'Expected a time for t but received "soon".',
      undefined,
    ]);
    const serial = read('ndjson', json([45_292, 45_292.5].map((at) => ({ when: at, temp: 1 }))), {
      time: ['when'],
      timeFormat: 'excel',
    });
    expect(serial.times).toEqual([newYear, newYear + 720 * MINUTE]);
    expect(() => csvReader({ inputs: [], interval: null, note: () => {}, zone: 'Mars/Base' })).toThrow(
      gatecastError('invalid-argument', /time zone/),
    );
  });

  test('is never an input, nor a date whose name does not say so in NDJSON', () => {
    const { times } = read('ndjson', json([{ time: 1_704_067_200, built: '2019-05-01', temp: 1 }]), {
      inputs: ['time', 'temp'],
    });
    expect(times).toEqual([undefined]);
    expect(read('csv', csv('built,temp', ['2019-05-01,1'])).times).toEqual([Date.UTC(2019, 4, 1)]);
  });
});

describe('the numbers of lines', () => {
  const values = (rows: readonly string[], options: Partial<LineReaderOptions> = {}) =>
    read('csv', csv('a;b', rows), { inputs: ['a', 'b'], ...options });

  test('have the decimal sign that the first with one shows, and others are reported', () => {
    const { values: found, said } = values(['1.234,5;20', '7;20,5', '1.002;3', '8.5;3']);
    expect(found).toEqual([
      [1234.5, 20],
      [7, 20.5],
      [1002, 3],
      expect.stringMatching(/^Expected a finite number for a but received "8\.5"\. Its decimal sign is not ","/),
    ]);
    expect(said).toEqual(['The decimal sign of the numbers is read as ",".']);
    expect(values(['1.5;"1,002"']).values).toEqual([[1.5, 1002]]);
  });

  test('that can be read in two ways are reported with both readings, unless the sign is given', () => {
    const { values: found } = values(['1.002;5']);
    expect(found).toEqual([
      expect.stringMatching(
        /^Expected a number that can be read in one way for a but .* It is 1\.002 or 1002: --decimal/,
      ),
    ]);
    expect(values(['1.002;5'], { decimal: '.' }).values).toEqual([[1.002, 5]]);
    expect(values(['1.002;5'], { decimal: ',' }).values).toEqual([[1002, 5]]);
    expect(values(['1.002;2,5']).values).toEqual([[1002, 2.5]]);
  });

  test('may have a unit, which stays', () => {
    const { values: found } = values(['21.5 °C;3 %', '22.5 °C;4 %', '295 K;4 %']);
    expect(found).toEqual([[21.5, 3], [22.5, 4], expect.stringMatching(/The numbers before have the unit "°C"\.$/)]);
  });

  test('may be missing, by words and numbers that are given; other text is reported with what to do', () => {
    const { values: found } = values(['NA;unavailable', '-;-999', 'error;1', '-999.0;1'], { missing: ['-999'] });
    const nothing = Number.NaN;
    expect(found).toEqual([
      [nothing, nothing],
      [nothing, nothing],
      'Expected a finite number for a but received "error". --missing error reads it as missing.',
      [nothing, 1],
    ]);
    const given = read('ndjson', json([{ temp: 'ERR' }, { temp: -999 }, { temp: '21' }]), { missing: ['err', '-999'] });
    expect(given.values).toEqual([{ temp: nothing }, { temp: nothing }, { temp: 21 }]);
  });

  test('are 0 and 1 for the words of a switch, where the model knows no other values', () => {
    const lines = json([{ temp: 'on' }, { temp: 'OFF' }, { temp: true }, { temp: '1' }]);
    expect(read('ndjson', lines, { toggles: ['temp'] }).values).toEqual([1, 0, 1, 1].map((temp) => ({ temp })));
    expect(read('ndjson', lines).values[0]).toMatch(/^Expected a finite number for temp but received "on"/);
    expect(read('csv', csv('temp', ['on', 'false']), { toggles: ['temp'] }).values).toEqual([[1], [0]]);
  });

  test('of fields in objects are found by both names', () => {
    const lines = json([{ air: { temp: '20.5' } }, { values: { 'air.temp': 3 } }]);
    expect(read('ndjson', lines, { inputs: ['air.temp'] }).values).toMatchObject([
      { 'air.temp': 20.5 },
      { 'air.temp': 3 },
    ]);
  });

  test('of categories are words', () => {
    const options = { inputs: ['mode', 'temp'], categories: ['mode'] };
    expect(read('csv', csv('temp,mode', ['1, eco', '2,12', '3,']), options).values).toEqual([
      ['eco', 1],
      ['12', 2],
      [Number.NaN, 3],
    ]);
  });
});

describe('CSV lines', () => {
  test('are read as rows of a file are: quotes, a last delimiter, the header again, comments', () => {
    const rows = [
      '"2024-01-01T00:00:00Z","20.5",',
      'time,temp,',
      '# calibrated',
      '2024-01-01T00:01:00Z,21,',
      '"open,1,',
      '1,2,3,4',
    ];
    const { times, values } = read('csv', csv('time,temp,', rows));
    expect(times.slice(0, 2)).toEqual(minutes(2));
    expect(values.slice(0, 2)).toEqual([[20.5], [21]]);
    expect(values.slice(2)).toEqual([
      expect.stringMatching(/^Expected a line of CSV for a sample but received "\\"open,1,"/),
      expect.stringMatching(/^Expected a line of CSV with \d fields for a sample but received "1,2,3,4"/),
    ]);
  });

  test.each([
    ['numbers for names', '1,2', /column names/],
    [
      'a header without the input',
      'time,tmp',
      /^Expected a column "temp" in the input\. Did you mean|^Expected a column "temp"/,
    ],
  ])('refuse %s', (_, header, message) => {
    const reader = csvReader({ inputs: ['temp'], interval: null, note: () => {} });
    expect(() => reader(header, 1)).toThrow(gatecastError('invalid-data', message));
  });
});

describe('an input beside `values`', () => {
  const lines = json([
    { at: newYear, price: 3, values: { temp: 20 } },
    { at: newYear, price: 3, values: { temp: 20, price: 4 } },
    { at: newYear, price: 3, values: { temp: 20, price: null } },
    { at: newYear, air: { price: 5 }, values: { temp: 20 } },
  ]);

  test('is read, as in a file, unless it is in them too', () => {
    const { values } = read('ndjson', lines, { inputs: ['temp', 'price'] });
    expect(values).toMatchObject([{ temp: 20, price: 3 }, { price: 4 }, { price: null }, { temp: 20 }]);
    expect(values[3]).not.toHaveProperty('price');
    expect(read('ndjson', [lines[3]!], { inputs: ['temp', 'air.price'] }).values).toMatchObject([{ 'air.price': 5 }]);
  });

  test('is not the time, the offset or the key', () => {
    const line = json([{ at: 1, offset: 2, pump: 'a', values: { temp: 20 } }]);
    const { values } = read('ndjson', line, { inputs: ['temp', 'at', 'offset', 'pump'], key: 'pump' });
    expect(values).toEqual([{ temp: 20 }]);
  });
});
