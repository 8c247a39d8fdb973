import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inspectCsv } from '../../lib/adapters/csv.ts';
import { HOUR, iso, MINUTE, read, readBy, refusal, rows, source, START, times, value, values } from './read-text.ts';

const COUNT = 60;
const bare = (i: number, step = MINUTE) => iso(i, step).slice(0, 19).replace('T', ' ');
const german = (i: number, step = MINUTE) =>
  `${iso(i, step).slice(8, 10)}.${iso(i, step).slice(5, 7)}.${iso(i, step).slice(0, 4)} ${iso(i, step).slice(11, 16)}`;
const comma = (i: number) => value(i).toFixed(2).replace('.', ',');
const two = rows(COUNT, (i) => `${iso(i)},${value(i)}`);
const plain = `time,temp\n${two}`;

/** Tables that hold `values(COUNT)` under one name, at even times from `START` on. */
const files: [string, string, string, { unit?: string; step?: number }?][] = [
  ['lines before the header', `Logger: HX-2\nSerial: 42\n\n${plain}`, 'temp'],
  ['comments', `# unit: degC, logger v2\n# 2 columns\n${plain}`, 'temp'],
  ['comments of C', `// written by X\n${plain}`, 'temp'],
  ['comments among the rows', plain.replaceAll(/^(.*10:00.*)$/gm, '# a pause\n$1'), 'temp'],
  ['names in the last comment', `# time temp\n${rows(COUNT, (i) => `${iso(i)} ${value(i)}`)}`, 'temp'],
  ['a line of units', `time,temp\n-,degC\n${two}`, 'temp', { unit: 'degC' }],
  [
    'units in brackets',
    `time;temp\n[UTC];[°C]\n${rows(COUNT, (i) => `${bare(i)};${comma(i)}`)}`,
    'temp',
    { unit: '°C' },
  ],
  ['a unit beside the name', `time,Temp (°C)\n${two}`, 'Temp (°C)', { unit: '°C' }],
  [
    'a unit beside every number',
    `Time,temp\n${rows(COUNT, (i) => `${bare(i)},${value(i)} °C`)}`,
    'temp',
    { unit: '°C' },
  ],
  ['a line of dashes', `time,temp\n-----------------------,-----\n${two}`, 'temp'],
  ['a delimiter at the end of every line', `time,temp,\n${rows(COUNT, (i) => `${iso(i)},${value(i)},`)}`, 'temp'],
  ['columns without names or values', `time,temp,,\n${rows(COUNT, (i) => `${iso(i)},${value(i)},,`)}`, 'temp'],
  ['the header again', `${plain}time,temp\n`, 'temp'],
  ['CRLF, quotes and blanks', `"time" , "temp"\r\n${rows(COUNT, (i) => `"${iso(i)}" , ${value(i)}`, '\r\n')}`, 'temp'],
  ['CR alone', plain.replaceAll('\n', '\r'), 'temp'],
  ['sep= of Excel', `sep=;\n${plain.replaceAll(',', ';')}`, 'temp'],
  ['Excel in German', `Zeit;Temperatur in °C\n${rows(COUNT, (i) => `${german(i)};${comma(i)}`)}`, 'Temperatur in °C'],
  [
    'Excel in French',
    `Horodatage;Température (°C)\n${rows(COUNT, (i) => `${german(i).replaceAll('.', '/')};${comma(i)}`)}`,
    'Température (°C)',
    { unit: '°C' },
  ],
  ['text of Excel', `Time\tTemp\n${rows(COUNT, (i) => `${bare(i)}\t${comma(i)}`)}`, 'Temp'],
  [
    'annotated CSV of InfluxDB',
    `#group,false,false,false\n#datatype,string,dateTime:RFC3339,double\n,result,_time,_value\n${rows(COUNT, (i) => `,,${iso(i)},${value(i)}`)}`,
    '_value',
  ],
  [
    'its lines end with CRLF',
    `#datatype,string,long,dateTime:RFC3339,double\r\n#group,false,false,false,false\r\n#default,_result,,,\r\n,result,table,_time,temp\r\n${rows(COUNT, (i) => `,,0,${iso(i)},${value(i)}`, '\r\n')}\r\n`,
    'temp',
  ],
  [
    'the command line of InfluxDB',
    `name: env\ntime,temp\n----,----\n${rows(COUNT, (i) => `${BigInt(START + i * MINUTE) * 1_000_000n},${value(i)}`)}`,
    'temp',
  ],
  ['Grafana', `"Time","temp"\n${rows(COUNT, (i) => `${bare(i)},${value(i)}`)}`, 'temp'],
  [
    'Home Assistant',
    `entity_id,state,last_changed\n${rows(COUNT, (i) => `sensor.boiler,${value(i)},${iso(i)}`)}`,
    'state',
  ],
  [
    'ThingSpeak',
    `created_at,entry_id,field1,latitude\n${rows(COUNT, (i) => `${bare(i)} UTC,${i + 1},${value(i)},`)}`,
    'field1',
  ],
  [
    'Open-Meteo',
    `latitude,longitude,elevation,timezone\n52.52,13.42,38.0,GMT\n\ntime,temperature_2m (°C)\n${rows(COUNT, (i) => `${iso(i, HOUR).slice(0, 16)},${value(i)}`)}`,
    'temperature_2m (°C)',
    { unit: '°C', step: HOUR },
  ],
  [
    'the German weather service',
    `STATIONS_ID;MESS_DATUM;QN_9;TT_TU;eor\n${rows(COUNT, (i) => `          3;${iso(i, HOUR).slice(0, 13).replaceAll(/[-T]/g, '')};    5;${value(i).toFixed(2).padStart(6)};eor`)}`,
    'TT_TU',
    { step: HOUR },
  ],
  [
    'a logger of Campbell',
    `"TOA5","CR1000","CR1000","1234","OS","prog","1","T1"\n"TIMESTAMP","RECORD","AirT"\n"TS","RN","Deg C"\n"","","Avg"\n${rows(COUNT, (i) => `"${bare(i)}",${i},${value(i)}`)}`,
    'AirT',
    { unit: 'Deg C' },
  ],
  [
    'a logger of HOBO',
    `"Plot Title: 1234"\n"#","Date Time, GMT+00:00","Temp, °C (LGR S/N: 1, SEN S/N: 1)"\n${rows(COUNT, (i) => `${i + 1},01/20/24 ${String((i / 60) | 0 || 12).padStart(2, '0')}:${bare(i).slice(14)} AM,${value(i)}`)}`,
    'Temp, °C (LGR S/N: 1, SEN S/N: 1)',
    { unit: '°C' },
  ],
  [
    'Ignition',
    `"#NAMES"\n"t_stamp","temp"\n"#TYPES"\n"date","D"\n"#ROWS","${COUNT}"\n${rows(COUNT, (i) => `"${bare(i)}","${value(i)}"`)}`,
    'temp',
  ],
  [
    'Ignition without quotes',
    `#NAMES\nt_stamp,temp\n#TYPES\ndate,D\n#ROWS,${COUNT}\n${rows(COUNT, (i) => `${bare(i)},${value(i)}`)}`,
    'temp',
  ],
  [
    'CloudWatch',
    `"Resource: vm1"\n"Metric: CPU"\n\n"timestamp","average"\n${rows(COUNT, (i) => `"${iso(i)}","${value(i)}"`)}`,
    'average',
  ],
  [
    'the grid operators of Europe',
    `"MTU (UTC)","Price [EUR/MWh]","Currency"\n${rows(COUNT, (i) => `"${german(i, HOUR)} - ${german(i + 1, HOUR)}","${value(i)}","EUR"`)}`,
    'Price [EUR/MWh]',
    { unit: 'EUR/MWh', step: HOUR },
  ],
  [
    'a German market',
    `Datum von;Datum bis;Netzlast [MWh]\n${rows(COUNT, (i) => `${german(i, HOUR)};${german(i + 1, HOUR)};${comma(i)}`)}`,
    'Netzlast [MWh]',
    { unit: 'MWh', step: HOUR },
  ],
  [
    'air in Italy',
    `Date;Time;CO;;\n${rows(COUNT, (i) => `${german(i, HOUR).slice(0, 10).replaceAll('.', '/')};${bare(i, HOUR).slice(11).replaceAll(':', '.')};${comma(i)};;`)}`,
    'CO',
    { step: HOUR },
  ],
  [
    'LabVIEW',
    `LabVIEW Measurement\t\nSeparator\tTab\nDate\t2026/01/20\n***End_of_Header***\t\n\t\nChannels\t1\t\nSamples\t60\t\nDate\t2026/01/20\t\n***End_of_Header***\t\t\nTime\tTemp\tComment\n${rows(COUNT, (i) => `${bare(i)}\t${value(i)}\t`)}`,
    'Temp',
  ],
  [
    'a logger of Campbell in short',
    `"TOACI1","CR1000","T1"\n"TMSTAMP","RECNBR","AirT"\n${rows(COUNT, (i) => `"${bare(i)}",${i},${value(i)}`)}`,
    'AirT',
  ],
  [
    'a buoy, with its units in a comment',
    `#YY  MM DD hh mm WDIR WTMP\n#yr  mo dy hr mn degT degC\n${rows(COUNT, (i) => `${iso(i).slice(0, 16).split(/[-T:]/).join(' ')} 230 ${value(i)}`)}`,
    'WTMP',
  ],
  ['ERDDAP', `time,sea_temp\nUTC,degree_C\n${two}`, 'sea_temp', { unit: 'degree_C' }],
  [
    'PostgreSQL on a screen',
    ` time | temp \n------+------\n${rows(COUNT, (i) => ` ${bare(i)} | ${value(i)}`)}(60 rows)\n\n`,
    'temp',
  ],
  [
    'MySQL on a screen',
    `+---+---+\n| time | temp |\n+---+---+\n${rows(COUNT, (i) => `| ${bare(i)} | ${value(i)} |`)}+---+---+\n`,
    'temp',
  ],
  [
    'solar power, with a legend below',
    `Latitude:\t52.5\n\n${plain}\ntemp: air temperature\n\nPVGIS (c) European Union, 2001-2026, and others\n`,
    'temp',
  ],
  ['a count below the rows', `${plain}\n60 records exported\n`, 'temp'],
  ['pandas with its index', `,time,temp\n${rows(COUNT, (i) => `${i},${iso(i)},${value(i)}`)}`, 'temp'],
  [
    'R with the numbers of its rows',
    `"time","temp"\n${rows(COUNT, (i) => `"${i + 1}","${iso(i)}",${value(i)}`)}`,
    'temp',
  ],
  [
    'labels of Prometheus',
    `metric,timestamp,value\n${rows(COUNT, (i) => `"up{job=""a"",inst=""b;c""}",${START / 1000 + 60 * i}.000,${value(i)}`)}`,
    'value',
  ],
];

describe('a file of', () => {
  test.each(files)('%s', async (_, text, name, { unit, step = MINUTE } = {}) => {
    const table = await read(text);
    expect(table.columns[name]).toEqual(values(COUNT));
    expect(table.at).toEqual(times(COUNT, step));
    expect(table.units[name]).toBe(unit);
    const report = await inspectCsv(source(text));
    expect(report.time).toMatchObject({ first: iso(0), last: iso(COUNT - 1, step), interval: step, regular: 1 });
    expect(report.columns.find((column) => column.name === name)).toMatchObject({
      kind: 'number',
      used: true,
      missing: expect.any(Number),
    });
  });

  test('what stands below the rows is said', async () => {
    expect((await read(`${plain}\nunit: degC\n`)).notes).toEqual(['Line 63 below the rows is skipped.']);
    expect((await read(`${plain}\nunit: degC\nby: me\n`)).notes).toEqual([
      'Lines 63 to 64 below the rows are skipped.',
    ]);
  });

  test('tables of InfluxDB one after another are series', async () => {
    const head =
      '#datatype,string,long,dateTime:RFC3339,double,string\n#group,false,false,false,false,true\n#default,_result,,,,\n,result,table,_time,_value,host\n';
    const table = (k: number) => rows(COUNT, (i) => `,,${k},${iso(i)},${value(i) + 100 * k},h${k}`);
    for (const text of [`${head}${table(0)}${table(1)}`, `${head}${table(0)}\n${head}${table(1)}`]) {
      expect(await refusal(text)).toMatch(
        /the column "host" splits the rows into 2 series in time order: use --by host\.$/,
      );
      const { h0, h1 } = await readBy(text, 'host');
      expect(h0).toMatchObject({ at: times(COUNT), columns: { _value: values(COUNT) } });
      expect(h1!.columns['_value']![9]).toBeCloseTo(value(9) + 100, 9);
    }
  });

  test.each([
    ['three times', 'time,x,x,x,temp', (i: number) => `${i},${i + 1},${i + 2},${value(i)}`, ['x', 'x 2', 'x 3']],
    ['with units', 'time,x (W),x (V),temp', (i: number) => `${i},${i + 1},${value(i)}`, ['x (W)', 'x (V)']],
    ['without a name', 'time,,,temp', (i: number) => `${i},${i + 1},${value(i)}`, ['column 2', 'column 3']],
  ])('names that occur %s beside the one that is asked for', async (_, header, row, others) => {
    const { columns, at } = await read(`${header}\n${rows(COUNT, (i) => `${iso(i)},${row(i)}`)}`, {
      roles: { temp: 'target' },
    });
    expect(at).toEqual(times(COUNT));
    expect(Object.keys(columns)).toEqual([...others, 'temp']);
    others.forEach((name, k) => expect(columns[name]).toEqual(Array.from({ length: COUNT }, (_, i) => i + k)));
  });

  test('names that occur twice, but are not asked for', async () => {
    const text = `time,temp,note,note\n${rows(COUNT, (i) => `${iso(i)},${value(i)},a${i},${i}`)}`;
    const { columns } = await read(text, { roles: { temp: 'target' } });
    expect(columns).toEqual({ temp: values(COUNT), 'note 2': Array.from({ length: COUNT }, (_, i) => i) });
    expect(await refusal(text, { by: 'note' })).toBe(
      'Expected one column "note" in the input but the columns 3 and 4 have that name.',
    );
  });
});

describe('an encoding:', () => {
  const text = `Zeit;Temperatur [°C];Größe\n${rows(COUNT, (i) => `${german(i)};${comma(i)};${i}`)}`;
  const expected = { at: times(COUNT), units: { 'Temperatur [°C]': '°C', Größe: undefined } };
  test.each<[string, Uint8Array, string?]>([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['Latin-1', Buffer.from(text, 'latin1')],
    ['Latin-1 by name', Buffer.from(text, 'latin1'), 'latin1'],
    ['UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 of big ends', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from(text, 'utf16le'), 'utf-16le'],
    ['gzip', gzipSync(text)],
    ['gzip of Latin-1', gzipSync(Buffer.from(text, 'latin1'))],
    ['gzip in two members', Buffer.concat([gzipSync(text.slice(0, 99)), gzipSync(text.slice(99))])],
  ])('%s', async (_, bytes, encoding) => {
    const table = await read(bytes, encoding === undefined ? {} : { encoding });
    expect(table).toMatchObject(expected);
    expect(table.columns['Temperatur [°C]']).toEqual(values(COUNT));
  });
});

describe('refused in one sentence:', () => {
  const packed = deflateRawSync(plain);
  test.each<[string, string | Uint8Array, string]>([
    [
      'zip',
      Buffer.concat([Buffer.from('PK\x03\x04'), packed]),
      'Expected CSV but the input is not text: it holds a zip archive; unpack it first.',
    ],
    [
      'Parquet',
      Buffer.concat([Buffer.from('PAR1'), packed]),
      'Expected CSV but the input is not text: it holds a Parquet file; export it as CSV first.',
    ],
    [
      'bzip2',
      Buffer.concat([Buffer.from('BZh91AY&SY'), packed]),
      'Expected CSV but the input is not text: it holds bzip2 data; unpack it first.',
    ],
    [
      'zstd',
      Buffer.concat([Buffer.from('28b52ffd', 'hex'), packed]),
      'Expected CSV but the input is not text: it holds zstd data; unpack it first.',
    ],
    [
      'an old workbook',
      Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), packed]),
      'Expected CSV but the input is not text: it holds an Excel workbook (xls); export it as CSV first.',
    ],
    [
      'gzip that was cut off',
      gzipSync(plain).subarray(0, 200),
      'Expected whole gzip data in the input but it ends before its end.',
    ],
    [
      'JSON',
      JSON.stringify([{ time: iso(0), temp: 1 }]),
      'Expected CSV but the input holds JSON; export it as CSV first.',
    ],
    [
      'a page of the web',
      '<!doctype html><html><body>1,2\n3,4</body></html>',
      'Expected CSV but the input holds HTML or XML.',
    ],
    ['NUL in the middle', `${plain}2024,\0\n${two}`, 'Expected CSV but the input is not text: it has NUL bytes.'],
    [
      'no header',
      two,
      `Expected a header line with column names for line 1 of the input but received "${iso(0)},20". Write the names of the columns in a line above it.`,
    ],
    ['a field too many', `${plain}${iso(COUNT)},1,2\n`, 'Expected 2 fields in line 62 of the input but received 3.'],
    [
      'a line below the table',
      `${plain}Total,12000\n`,
      'Expected a time such as 2026-01-31 12:00:00 for time in line 62 of the input but received "Total". Use --missing Total to leave out rows with it.',
    ],
    [
      'a line of text among the rows',
      `${plain}a pause\n${two}`,
      'Expected 2 fields in line 62 of the input but received 1.',
    ],
    ['text and no rows', 'time,temp\nnothing\n', 'Expected 2 fields in line 2 of the input but received 1.'],
    [
      'a last line that was cut off',
      `${plain}${iso(COUNT)}\n`,
      'Expected 2 fields in line 62 of the input but received 1.',
    ],
    [
      'NetCDF',
      Buffer.concat([Buffer.from('CDF\x01'), packed]),
      'Expected CSV but the input is not text: it holds a NetCDF file; export it as CSV first.',
    ],
    [
      'a pointer of Git LFS',
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
      'Expected CSV but the input is not text: it holds a pointer of Git LFS; fetch the file it stands for.',
    ],
    [
      'a quote that is not closed',
      `${plain}"${iso(COUNT)},1\n`,
      'Expected well-formed CSV in line 62 of the input: a quote is not closed.',
    ],
    [
      'no row with both a date and a time of day',
      `date,time,x\n2024-01-31,,1\n,12:30,2\n2024-01-31,,3\n,12:31,2\n`,
      'Expected rows with a time in the input but all 4 were left out for lack of one.',
    ],
    ['nothing but a header', 'time,temp\n', 'Expected rows below the header of the input but found none.'],
    ['nothing', '', 'Expected a header line in the input but it is empty.'],
    [
      'the error of a query',
      '#datatype,string,long\n#group,true,true\n#default,,\n,error,reference\n,Failed to parse query,897\n',
      'Expected a table in the input but it holds the error of a query: see line 5.',
    ],
    [
      '10^6 columns',
      `${'a,'.repeat(999_999)}b\n`,
      'Expected at most 65536 columns in line 1 of the input but received 1000000.',
    ],
    [
      '10^6 columns between blanks',
      `${Array.from({ length: 1e6 }, (_, i) => `c${i}`).join(' ')}\n${'1 '.repeat(1e6)}\n`,
      'Expected at most 65536 columns in line 1 of the input but received 1000000.',
    ],
    [
      'one endless line',
      'x'.repeat(2 ** 24 + 1),
      'Expected at most 16777216 bytes in line 1 of the input but it is longer.',
    ],
  ])('%s', async (_, bytes, sentence) => {
    expect(await refusal(bytes)).toBe(sentence);
  });

  test('what only looks like bytes shows none of them', async () => {
    expect(await refusal(brotliCompressSync(plain.repeat(20)))).toMatch(
      /^Expected CSV but the input is not text: [\x20-\x7e]+$/,
    );
  });
});
