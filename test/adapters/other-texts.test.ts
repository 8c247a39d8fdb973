import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openDataFile, seriesOfFile } from '../../lib/adapters/data-file.ts';
import { tableOptions } from '../../lib/adapters/table-options.ts';
import { gather } from '../../lib/data/series.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { iso, read, rows, source, START, times, value, values } from './read-text.ts';

const COUNT = 60;
const seconds = (i: number) => START / 1000 + 60 * i;
const stamp = (i: number) => `Jan 20 ${iso(i).slice(11, 19)}`;
const objects = Array.from({ length: COUNT }, (_, i) => ({ time: iso(i), temp: value(i) }));

/** The rows of a file of any kind, as the commands read it. */
async function opened(text: string | Uint8Array) {
  const options = tableOptions({});
  const tables = await gather(seriesOfFile(() => openDataFile(source(text), options.file), options));
  const { names, columns, at } = [...tables.values()][0]!;
  return { names, at: at && [...at], columns: columns.map((column) => [...column]) };
}

describe('a text that is no table is refused by its kind:', () => {
  test.each<[string, string, string]>([
    [
      'line protocol',
      rows(COUNT, (i) => `weather,place=us\\ west temp=${value(i)},hum=${i}i ${seconds(i)}000000000`),
      'line protocol of InfluxDB; export it as CSV first',
    ],
    [
      'line protocol without tags or times',
      rows(COUNT, (i) => `cpu value=${value(i)}`),
      'line protocol of InfluxDB; export it as CSV first',
    ],
    [
      'metrics',
      `# HELP temp of a room\n# TYPE temp gauge\n${rows(COUNT, (i) => `temp{room="a b",n="${i}"} ${value(i)} ${seconds(i)}000`)}`,
      'metrics of Prometheus; export it as CSV first',
    ],
    [
      'metrics without comments',
      rows(COUNT, (i) => `temp{n="${i}"} ${i % 9 ? value(i) : 'NaN'}`),
      'metrics of Prometheus; export it as CSV first',
    ],
    [
      'syslog',
      rows(COUNT, (i) => `${stamp(i)} host-1 sensord[${i}]: temp ${value(i)}`),
      'a log of syslog; export it as CSV first',
    ],
    [
      'syslog with a few long messages',
      rows(COUNT, (i) => `<34>${stamp(i)} host-1 sensord: temp ${value(i)}${i % 20 ? '' : '\n  at sensor.c:12'}`),
      'a log of syslog; export it as CSV first',
    ],
    [
      'syslog of RFC 5424',
      rows(COUNT, (i) => `<34>1 ${iso(i)} host-1 sensord - ID47 - temp ${value(i)}`),
      'a log of syslog; export it as CSV first',
    ],
    [
      'logfmt',
      rows(COUNT, (i) => `time=${iso(i)} level=info msg="read, ok" temp=${value(i)}`),
      'lines of key=value .logfmt.; export it as CSV first',
    ],
    ['XML', `<?xml version="1.0"?>\n<d>\n${rows(9, (i) => `<r t="${iso(i)}"/>`)}</d>`, 'HTML or XML'],
    ['XML without a declaration', `<d>\n${rows(9, (i) => `<r>${iso(i)},${i}</r>`)}</d>`, 'HTML or XML'],
    ['XML in one line', `<d>${rows(9, (i) => `<r t="${iso(i)}" v="${i}"/>`, '')}</d>`, 'HTML or XML'],
    [
      'a table of HTML',
      `<table>\n${rows(9, (i) => `<tr><td>${iso(i)}</td><td>${i}</td></tr>`)}</table>`,
      'HTML or XML',
    ],
    ['YAML', rows(COUNT, (i) => `- time: ${iso(i)}\n  temp: ${value(i)}`), 'YAML; export it as CSV first'],
    [
      'YAML with a head',
      `---\nroom: a\nrows:\n${rows(COUNT, (i) => `  - { time: ${iso(i)}, temp: ${value(i)} }`)}`,
      'YAML; export it as CSV first',
    ],
    [
      'ARFF',
      `% a title\n@RELATION r\n@ATTRIBUTE temp NUMERIC\n@DATA\n${rows(COUNT, (i) => `${value(i)}`)}`,
      'ARFF; export it as CSV first',
    ],
  ])('%s', async (_, text, kind) => {
    await expect(opened(text)).rejects.toThrow(
      gatecastError('invalid-data', new RegExp(`^Expected CSV or NDJSON but the input holds ${kind}\\.$`)),
    );
  });

  test('bytes without a digit', async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => 128 + ((i * 37) % 128));
    await expect(opened(bytes)).rejects.toThrow(
      gatecastError(
        'invalid-data',
        /^Expected CSV or NDJSON but the input is not text: it holds bytes of no known kind\.$/,
      ),
    );
  });

  test('columns of a fixed width under which dashes are drawn', async () => {
    const text = `time                    temp\n----------------------- ------\n${rows(COUNT, (i) => `${iso(i).slice(0, 23).replace('T', ' ')} ${value(i).toFixed(2).padStart(6)}`)}`;
    await expect(opened(text)).rejects.toThrow(
      gatecastError('invalid-data', /fixed width, as line 2 shows: write them with one, such as sqlcmd -W -s ','\.$/),
    );
  });
});

const two = rows(COUNT, (i) => `${iso(i)},${value(i)}`);
describe('a table is read, although it looks like', () => {
  test.each<[string, string]>([
    ['XML: names in angle brackets', `<time>\t<temp>\n${two.replaceAll(',', '\t')}`],
    ['logfmt: settings above it', `room=a\nrate=60\n\ntime,temp\n${two}`],
    ['YAML: a list above it', `Logger: HX-2\nSerial: 42\nRate: 1 min\ntime,temp\n${two}`],
    ['metrics: comments above it', `# TYPE temp gauge\n# HELP time of the day\ntime,temp\n${two}`],
    [
      'a table of Markdown, which it is',
      `| time | temp |\n| :--- | ---: |\n${rows(COUNT, (i) => `| ${iso(i)} | ${value(i)} |`)}`,
    ],
    ['one without bars at the sides', `time | temp\n--- | ---\n${two.replaceAll(',', ' | ')}`],
    [
      'a page of Markdown',
      `# A log\n\nSome text, too.\n\n| time | temp |\n|---|---|\n${rows(COUNT, (i) => `| ${iso(i)} | ${value(i)} |`)}`,
    ],
    ['dashes of sqlcmd', `time,temp\n----,----\n${two}\n(60 rows affected)\n`],
  ])('%s', async (_, text) => {
    const { at, columns } = await read(text);
    expect(at).toEqual(times(COUNT));
    expect(Object.values(columns).at(-1)).toEqual(values(COUNT));
  });

  test('dashes under the names are no row, also without times', async () => {
    expect((await read(`temp,flow\n---,---\n${rows(COUNT, (i) => `${value(i)},${i}`)}`)).columns).toEqual({
      temp: values(COUNT),
      flow: Array.from({ length: COUNT }, (_, i) => i),
    });
  });
});

test('of an oscilloscope, the names and units of its channels are kept', async () => {
  const text = `X,CH1,CH2,Start,Increment,\nSequence,Volt,Volt,-6.0e-03,1.0e-05,\n${rows(COUNT, (i) => `${i},${value(i)},${2 * i},,`)}`;
  const { columns, units } = await read(text);
  expect(columns).toMatchObject({ CH1: values(COUNT), CH2: Array.from({ length: COUNT }, (_, i) => 2 * i) });
  expect(units).toMatchObject({ CH1: 'Volt', CH2: 'Volt' });
  expect(Object.keys(columns)).toEqual(['X', 'CH1', 'CH2']);
});

test('numbers of Ignition without times are rows from the first one on', async () => {
  const text = `"#NAMES"\n"temp","flow"\n"#TYPES"\n"D","I"\n"#ROWS","${COUNT}"\n${rows(COUNT, (i) => `"${value(i)}","${i}"`)}`;
  expect((await read(text)).columns).toEqual({ temp: values(COUNT), flow: Array.from({ length: COUNT }, (_, i) => i) });
});

describe('JSON that goes over several lines', () => {
  const expected = { names: ['temp'], at: times(COUNT), columns: [values(COUNT)] };

  test.each<[string, string]>([
    ['an array in one line', JSON.stringify(objects)],
    ['an array of lines', `[\n${objects.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`],
    ['an array with indents', JSON.stringify(objects, null, 2)],
    ['an array with indents and CRLF', JSON.stringify(objects, null, '\t').replaceAll('\n', '\r\n')],
    ['objects with indents', objects.map((one) => JSON.stringify(one, null, 2)).join('\n')],
    ['a byte order mark', `\ufeff${JSON.stringify(objects)}`],
  ])('%s', async (_, text) => {
    expect(await opened(text)).toEqual(expected);
  });

  test('any values, with whatever signs in their texts, are those of the same objects in lines', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'"\\[]{},: \n\u00e9x'.split('')) });
    const row = fc.record({ a: fc.integer(), text, air: fc.record({ 'x]"': fc.integer() }) });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 2, maxLength: 6 }), fc.nat(3), async (all, indent) => {
        const whole = await opened(JSON.stringify(all, null, indent));
        expect(whole).toEqual(await opened(all.map((one) => JSON.stringify(one)).join('\n')));
        expect(whole.columns[whole.names.indexOf('a')]).toEqual(all.map(({ a }) => a));
      }),
      { numRuns: 60 },
    );
  });

  test.each<[string, string, RegExp]>([
    [
      'an array that is cut',
      JSON.stringify(objects).slice(0, -20),
      /^Expected JSON in the input but it ends within what begins in line 1\.$/,
    ],
    ['an array without its end', '[\n{"a":1},\n{"a":2}\n', /^Expected JSON in the input but it ends within /],
    [
      'text behind an array',
      '[{"a":1}]\n{"a":2}',
      /^Expected nothing behind the array in the input but line 2 goes on\.$/,
    ],
    ['no comma', '[\n{"a":1}\n{"a":2}]', /^Expected JSON for line 2 of the input but received/],
    ['numbers in an array', '[\n20.5,\n21]', /^Expected an object for line 2 of the input but received 20\.5\.$/],
    ['an object of lists', '{"time":[1,2],"temp":[3,4]}', /but all of it is one object, with lists such as "time"\./],
    [
      'an object of rows',
      JSON.stringify({ status: 'ok', count: 2, data: [{ a: 1 }, { a: 2 }] }, null, 2),
      /lists such as "data"\./,
    ],
  ])('%s is refused', async (_, text, message) => {
    await expect(opened(text)).rejects.toThrow(gatecastError('invalid-data', message));
  });
});
