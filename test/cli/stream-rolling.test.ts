import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { openDataFile, seriesOfFile } from '../../lib/adapters/data-file.ts';
import { tableOptions } from '../../lib/adapters/table-options.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { csvReader } from '../../lib/cli/stream/csv-samples.ts';
import { LineRun } from '../../lib/cli/stream/line-run.ts';
import { LineStream } from '../../lib/cli/stream/line-stream.ts';
import { ndjsonReader } from '../../lib/cli/stream/samples.ts';
import { gather, seriesOf } from '../../lib/data/series.ts';
import { makeModel } from '../support/models.ts';

const numbersOnly = makeModel(); // of pressure and temperature, a sample a second
const { names } = numbersOnly.scaler;
const start = Date.UTC(2024, 2, 13);

interface Row {
  at: number;
  pressure: number;
  temperature: number;
  pump: string;
}

/** Ways to write a time, as names of columns and their fields. */
const TIMES: Readonly<Record<string, (at: Date) => Record<string, string | number>>> = {
  iso: (at) => ({ time: at.toISOString() }),
  bare: (at) => ({ time: at.toISOString().slice(0, 19).replace('T', ' ') }),
  seconds: (at) => ({ ts: at.getTime() / 1000 }),
  milliseconds: (at) => ({ at: at.getTime() }),
  microseconds: (at) => ({ timestamp: at.getTime() * 1000 }),
  digits: (at) => ({ datetime: Number(at.toISOString().replaceAll(/\D/g, '').slice(0, 14)) }),
  german: (at) => ({ Zeit: `${day(at)} ${clock(at)}` }),
  two: (at) => ({ date: day(at), time: clock(at) }),
};
const day = (at: Date) => at.toISOString().slice(0, 10).split('-').toReversed().join('.');
const clock = (at: Date) => at.toISOString().slice(11, 19);

/** Ways to write a file of these rows. */
const FORMATS: Readonly<Record<string, (rows: readonly Record<string, string | number>[]) => string[]>> = {
  csv: (rows) => [Object.keys(rows[0]!).join(','), ...rows.map((row) => Object.values(row).join(','))],
  semicolons: (rows) => [
    Object.keys(rows[0]!).join(';'),
    ...rows.map((row) =>
      Object.values(row)
        .map((x) => (typeof x === 'number' ? String(x).replace('.', ',') : x))
        .join(';'),
    ),
  ],
  ndjson: (rows) => rows.map((row) => JSON.stringify(row)),
  quoted: (rows) =>
    rows.map((row) => JSON.stringify(Object.fromEntries(Object.entries(row).map(([k, v]) => [k, String(v)])))),
};

/** The numbers of each forecast of a live stream, by the time of its sample. */
function streamed(lines: readonly string[], key?: string, model = numbersOnly): Map<string, number[]> {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const flags = key === undefined ? {} : { key };
  const stream = new LineStream(model, undefined, flags);
  const reader = lines[0]!.startsWith('{') ? ndjsonReader : csvReader;
  const read = reader({ inputs: names, interval: model.description.interval, note: () => {}, ...flags });
  const run = new LineRun(stream, read, { onInvalid: 'error', keeps: false, after: undefined });
  const found = new Map<string, number[]>();
  for (const [i, text] of lines.entries()) {
    for (const one of run.take({ number: i + 1, text }))
      if (one.ready) found.set(`${(one as { key?: string }).key ?? ''} ${one.at}`, [...one.numbers]);
  }
  stream.end();
  stream.dispose();
  said.mockRestore();
  return found;
}

/** The same of `forecast --rolling 1` of a file with these lines. */
async function rolled(
  lines: readonly string[],
  { by, every, model = numbersOnly }: { by?: string; every?: string; model?: typeof numbersOnly } = {},
): Promise<Map<string, number[]>> {
  async function* bytes() {
    yield Buffer.from(`${lines.join('\n')}\n`);
  }
  const roles = Object.fromEntries(names.map((name) => [name, 'past' as const]));
  const options = tableOptions({ roles, ...(by !== undefined && { by }), ...(every !== undefined && { every }) });
  const tables = await gather(seriesOfFile(() => openDataFile(bytes(), options.file), options));
  const found = new Map<string, number[]>();
  for await (const { key, forecast } of rolling(model, seriesOf(tables))) {
    if (forecast.ready) found.set(`${key} ${forecast.at}`, [...forecast.numbers]);
  }
  return found;
}

const number = (least: number, most: number) => fc.integer({ min: least * 100, max: most * 100 }).map((x) => x / 100);
const rows = fc
  .array(fc.record({ pressure: number(8, 12), temperature: number(15, 25), pump: fc.constantFrom('a', 'b') }), {
    minLength: 6,
    maxLength: 25,
  })
  .map((all) => all.map((row, i): Row => ({ at: start + 1000 * i, ...row })));

test('a live stream of the lines of a file gives the same bits as rolling forecasts of the file, however it is written', async () => {
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.constantFrom(...Object.keys(TIMES)),
      fc.constantFrom(...Object.keys(FORMATS)),
      async (all, time, format) => {
        const lines = FORMATS[format]!(
          all.map(({ at, pressure, temperature }) => ({ ...TIMES[time]!(new Date(at)), pressure, temperature })),
        );
        const expected = await rolled(lines);
        expect(expected.size).toBeGreaterThan(0);
        expect(streamed(lines)).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

test('so does a live stream of many streams', async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom(...Object.keys(FORMATS)), async (all, format) => {
      const lines = FORMATS[format]!(
        all.flatMap(({ at, pressure, temperature }) =>
          ['a', 'b'].map((pump, i) => ({
            time: new Date(at).toISOString(),
            pump,
            pressure: pressure + i,
            temperature,
          })),
        ),
      );
      expect(streamed(lines, 'pump')).toEqual(await rolled(lines, { by: 'pump' }));
    }),
    { numRuns: 20 },
  );
});

const masking = [...names, 'pressure_missing', 'temperature_missing', 'temperature_elapsed'].map((name) => ({ name }));
const gaps = {
  hold: makeModel({ gap: 'hold' }),
  decay: makeModel({ gap: 'decay' }),
  'mask and elapsed': makeModel({
    inputs: masking,
    gap: { pressure: 'mask', temperature: 'elapsed' },
    network: { inputSize: masking.length },
  }),
};

describe('with missing values and missing rows', () => {
  test.each(Object.entries(gaps))('filled by %s', async (_, model) => {
    const lost = fc.array(fc.constantFrom('pressure', 'temperature', 'both', 'row', 'word', ''), {
      minLength: 25,
      maxLength: 25,
    });
    await fc.assert(
      fc.asyncProperty(rows, lost, fc.constantFrom(...Object.keys(FORMATS)), async (all, lost, format) => {
        const written = all.flatMap(({ at, pressure, temperature }, i) => {
          const what = i === 0 ? '' : lost[i]!; // a column of nothing but missing values is none
          const row = {
            time: new Date(at).toISOString(),
            pressure: what === 'pressure' || what === 'both' ? '' : what === 'word' ? 'unknown' : pressure,
            temperature: what === 'temperature' || what === 'both' ? 'NaN' : temperature,
          };
          return what === 'row' ? [] : [row];
        });
        const lines = FORMATS[format]!(written);
        const live = streamed(lines, undefined, model);
        const expected = await rolled(lines, { every: '1s', model }); // also after rows that are not there
        expect(live).toEqual(new Map([...live.keys()].map((at) => [at, expected.get(at)])));
      }),
      { numRuns: 40 },
    );
  });
});
