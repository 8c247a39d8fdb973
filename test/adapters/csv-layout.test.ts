import { describe, expect, test } from 'vitest';
import { type CsvLayout, findLayout } from '../../lib/adapters/csv-layout.ts';
import { gatecastError } from '../support/gatecast-error.ts';

function layout(text: string): CsvLayout {
  const lines = text.split('\n').map((line, i) => ({ number: i + 1, text: line }));
  return findLayout(lines, 'a file', 'utf-8');
}

const rows = (count: number, row: (i: number) => string) => Array.from({ length: count }, (_, i) => row(i)).join('\n');
const minute = (i: number) => new Date(Date.UTC(2024, 0, 1) + i * 60_000).toISOString();
const two = (count = 5, delimiter = ',') => rows(count, (i) => `${minute(i)}${delimiter}${20 + i / 2}`);

describe('findLayout', () => {
  test.each([
    ['nothing else', `time,temp\n${two()}`, 1, 2],
    ['lines before the header', `Logger: HX-2\nSerial: 42\n\ntime,temp\n${two()}`, 4, 5],
    ['lines with as many fields before it', `Logger,HX-2\nSerial,42\ntime,temp\n${two()}`, 3, 4],
    ['numbers before it', `Serial,42\nx,y\n${rows(9, (i) => `${i},${i * i}`)}`, 2, 3],
    [
      'lines that a spreadsheet has filled up',
      `Report;;\n;;\nfrom;2024;\n\na;b;c\n${rows(4, (i) => `${i};${i},5;x`)}`,
      5,
      6,
    ],
    ['comments', `# unit: degC, logger v2\n# and more\ntime,temp\n${two()}`, 3, 4],
    ['comments of C', `// one\ntime,temp\n// two\n${two()}`, 2, 3],
    ['comments of Matlab', `% a, b, c\ntime,temp\n${two()}`, 2, 3],
    ['comments with a semicolon', `; written by X\ntime,temp\n${two()}`, 2, 3],
    ['a long licence', `${rows(60, (i) => `# line ${i}, of a licence`)}\ntime,temp\n${two()}`, 61, 62],
    ['a line of units', `time,temp\n-,degC\n${two()}`, 1, 3],
    ['one row', 'time,temp\n2024-01-01,20.5', 1, 2],
    ['a quote in the text before it', `Probe 5" long\ntime,temp\n${two()}`, 2, 3],
    ['a first row without values', `time,temp\n-,-\n,\n${two()}`, 1, 2],
    ['first rows of dots', `a,b,c\n.,.,.\n.,.,.\n${rows(9, (i) => `${i},${i + 1},7`)}`, 1, 2],
    ['a first row of errors', `a;b;c\n#N/A;#DIV/0!;#N/A\n${rows(9, (i) => `${i};${i + 1};7`)}`, 1, 2],
    ['a first row of infinities', `a,b,c\ninf,-inf,1.#QNAN\n${rows(9, (i) => `${i},${i + 1},7`)}`, 1, 2],
    ['a first row of NaN', `a,b,c\nNaN,NaN,NaN\n${rows(9, (i) => `${i},${i + 1},7`)}`, 1, 2],
    ['a word for missing in the first row', `time,temp\n2024-01-01,unavailable\n${two()}`, 1, 2],
    ['many lines of text before it', `${rows(90, (i) => `Line ${i}, of a preface`)}\ntime,temp\n${two(60)}`, 91, 92],
    ['descriptions and units', `t,a,b\nTime,Temperature,Flow\ns,degC,l/min\n${rows(5, (i) => `${i},2${i}.5,3`)}`, 1, 4],
    ['a name in quotes with a line end', `"time\n(UTC)",temp\n${two()}`, 1, 3],
  ])('%s', (_, text, headerLine, firstRow) => {
    expect(layout(text)).toMatchObject({ headerLine, firstRow });
  });

  test.each([
    [',', `time,temp\n${two()}`],
    [';', `time;temp\n${two(5, ';').replaceAll('.5', ',5')}`],
    [';', `Zeit;Temp, innen;Feuchte, rel.\n${rows(5, (i) => `2024-01-0${i + 1};${i},5;${i},25`)}`],
    ['\t', `time\ttemp, inside\n${two(5, '\t')}`],
    ['|', `time|temp\n${two(5, '|')}`],
    [' ', `t  x   y\n${rows(5, (i) => `  0.${i}  ${i}   1e-${i}`)}`],
    [',', `date time,temp in\n${rows(5, (i) => `2024-01-01 00:0${i},${i}`)}`],
    [',', `time,note,temp\n${rows(5, (i) => `2024-01-01,"a;b;c, d|e",${i}`)}`],
    ['|', `sep=|\na,b|c,d\n${rows(5, (i) => `1,${i}|2,${i}`)}`],
    [';', `value\n${rows(5, (i) => `${i},5`)}`],
  ])('the delimiter %j', (delimiter, text) => {
    expect(layout(text).delimiter).toBe(delimiter);
  });

  test('one bad row does not make blanks the delimiter', () => {
    const text = `date time,temp c\n${rows(6, (i) => `2024-01-01 00:0${i},${i}${i === 3 ? ',9' : ''}`)}`;
    expect(layout(text)).toMatchObject({ delimiter: ',', width: 2, names: ['date time', 'temp c'] });
  });

  test.each([
    [
      'names with units',
      'time,temp [degC],flow (l/min),"Temp, °C",T / K,state (on)',
      [, 'degC', 'l/min', '°C', 'K', ,],
    ],
    ['a line of units', 'time,a,b,c,d,e\n-,degC,m/s,%,kg,', [, 'degC', 'm/s', '%', 'kg', ,]],
    ['units in brackets', 'time,a,b,c,d,e\n[s],[m],[-],[kW h],[],(V)', ['s', 'm', , 'kW h', , 'V']],
  ])('%s', (_, header, units) => {
    const found = layout(`${header}\n${rows(4, (i) => `2024-01-0${i + 1},1,2,3,4,5`)}`);
    expect(found.units).toEqual(Array.from(units));
    expect(found.names[0]).toBe('time');
  });

  test('a name keeps its unit', () => {
    expect(layout('time,temp [degC]\n2024-01-01,1').names).toEqual(['time', 'temp [degC]']);
  });

  test('a data table of a Campbell logger', () => {
    const head = '"TOA5","CR1000","1","2","3"\n"TIMESTAMP","RECORD","BattV_Avg"\n"TS","RN","Volts"\n"","","Avg"';
    const found = layout(`${head}\n${rows(5, (i) => `"2024-01-01 00:0${i}:00",${i},12.${i}`)}`);
    expect(found).toMatchObject({
      headerLine: 2,
      firstRow: 5,
      names: ['TIMESTAMP', 'RECORD', 'BattV_Avg'],
      units: [undefined, undefined, 'Volts'],
    });
  });

  test('an annotated CSV of InfluxDB', () => {
    const text = [
      '#group,false,false,true,true,false,false,true',
      '#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string',
      '#default,_result,,,,,,unknown',
      ',result,table,_start,_stop,_time,_value,host',
      ',,0,2024-01-01T00:00:00Z,2024-01-02T00:00:00Z,2024-01-01T00:00:00Z,20.5,a',
    ].join('\r\n'.replace('\r', ''));
    expect(layout(text)).toMatchObject({
      delimiter: ',',
      headerLine: 4,
      firstRow: 5,
      names: ['_time', '_value', 'host'],
      fields: [5, 6, 7],
      annotations: {
        datatypes: ['dateTime:RFC3339', 'double', 'string'],
        groups: [false, false, true],
        defaults: ['', '', 'unknown'],
      },
      notes: ['Left out of the annotated CSV: result, table, _start, _stop.'],
    });
  });

  test.each([
    ['NumPy', `# time temp\n${rows(5, (i) => `${i}.0 ${i}.5`)}`, ' '],
    ['a script', `#time,temp\n${two()}`, ','],
    ['a script that says more', `# made today, by hand\n# time,temp\n${two()}`, ','],
  ])('names in a comment, as %s writes them', (_, text, delimiter) => {
    expect(layout(text)).toMatchObject({ names: ['time', 'temp'], delimiter });
  });

  test.each([
    ['a first column called #', '#,time,temp\n1,2024-01-01,20\n2,2024-01-02,21', ['#', 'time', 'temp']],
    ['a column of #1, #2', 'id,temp\n#1,20\n#2,21', ['id', 'temp']],
    ['an empty first name', ',temp\n0,20\n1,21', ['column 1', 'temp']],
    ['names that are numbers', 'time,0,1,2\n2024-01-01,5,6,9\n2024-01-02,7,3,1', ['time', '0', '1', '2']],
    ['names that are years', 'site,2019,2020,2021\nA,5.1,2,3\nB,4,1,7', ['site', '2019', '2020', '2021']],
    ['the same name twice', 'a,b,a,a 2,a\n1,2,3,4,5', ['a', 'b', 'a 3', 'a 2', 'a 4']],
    ['delimiters at the ends', 'a,b,\n1,2,\n3,4,', ['a', 'b']],
    ['delimiters at the ends of rows', 'a;b\n1;2;\n3;4;', ['a', 'b']],
    ['a delimiter at the end of the header', 'a;b;\n1;2\n3;4', ['a', 'b']],
    ['nothing but text', 'a,b\nx,y', ['a', 'b']],
    ['the header again below the rows', `a,b\n1,2\na,b\n3,4`, ['a', 'b']],
    ['the numbers of rows that R writes', `"a" "b"\n"1" "x" 5\n"2" "y" 6`, ['column 1', 'a', 'b']],
    [
      'fields of a log',
      '#Version: 1.0\n#Fields: date time took\n2024-01-01 10:00 5\n2024-01-01 10:01 6',
      ['date', 'time', 'took'],
    ],
    [
      'formats under the header',
      `site\t00060\tat\n5s\t14n\t20d\n${rows(5, (i) => `x\t${i}\t2024-01-0${i + 1}`)}`,
      ['site', '00060', 'at'],
    ],
    [
      'a query without annotations',
      `,result,table,_time,_value\n,,0,${minute(1)},1\n\n,result,table,_time,_value\n,,1,${minute(1)},2`,
      ['_time', '_value'],
    ],
    ['one column', 'value\n1\n2', ['value']],
    ['one column below other lines', 'Logger HX\nvalue\n1\n2', ['value']],
    ['nothing below it', 'time,temp', ['time', 'temp']],
  ])('%s', (_, text, names) => {
    expect(layout(text).names).toEqual(names);
  });

  test('says what it has skipped and renamed', () => {
    expect(layout(`Logger HX\nNo. 4\n\na,b,a\n-,degC,-\n${rows(4, (i) => `${i},1.5,${i * i}`)}`).notes).toEqual([
      'Lines 1 to 2 before the header are skipped.',
      'Line 5 under the header is no row: the units of the columns.',
      'Column 3 is called "a 2", because a column before it is called "a".',
    ]);
  });

  test.each([
    [
      'numbers',
      '1,2\n3,4',
      /^Expected a header line with column names for line 1 of a file but received "1,2"\. Write/,
    ],
    ['dates', '2024-01-01,1.5\n2024-01-02,2', /header line with column names for line 1 .*above it\.$/],
    ['dates and a word', '2024-01-01,unavailable\n2024-01-02,2', /header line with column names for line 1/],
    ['comments and numbers', '# 2024\n1,2\n3,4', /header line with column names for line 2/],
    [
      'too few names',
      'time,temp\n2024-01-01,1,2\n2024-01-02,3,4',
      /^Expected 3 column names in line 1 of a file, one for each field of line 2 below it, but received 2: "time,temp"\.$/,
    ],
    ['only comments', '# a\n# b', /It has only comments\.$/],
    ['annotations alone', '#group,false\n#datatype,string', /^Expected a header line below the annotations in line 1/],
    [
      'the error of a query',
      '#datatype,string,string\n#group,true,true\n#default,,\n,error,reference\n,failed,897',
      /error of a query: see line 5/,
    ],
    ['a quote that is not closed', 'a,"b\n1,2\n3,4', /well-formed CSV in line 1 of a file: a quote is not closed/],
    ['nothing', '', /^Expected a header line in a file but it is empty\.$/],
    [
      'a million columns',
      `${'a,'.repeat(1e6)}\n1`,
      /^Expected at most 65536 columns in line 1 of a file but received 1000001\.$/,
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => layout(text)).toThrow(gatecastError('invalid-data', message));
  });

  test('long lines of one character do not take long', () => {
    const heads = [
      `a,b\n${'7'.repeat(500_000)}x,1`,
      `a,b\n${' '.repeat(500_000)}"1,2`,
      `${'/a'.repeat(100_000)},b\n1,2`,
      `${' ('.repeat(100_000)},b\n1,2`,
      `${'a,'.repeat(60_000)}b\n${'1,'.repeat(60_000)}2`,
    ];
    for (const text of heads) expect(() => layout(text).names.length).not.toThrow();
  });
});
