// A model that reads words and the calendar gives the same bits on every path.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { from } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { predict } from '../../lib/batch/predict.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { baselines } from '../../lib/baselines/baselines.ts';
import { seriesOf } from '../../lib/data/series.ts';
import { sliceRows, type Table } from '../../lib/data/table.ts';
import type { Forecast } from '../../lib/model/forecast.ts';
import { memoryStore } from '../../lib/stores/memory-store.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import { KeyedStreams } from '../../lib/stream/fleet/keyed-streams.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { record } from '../../lib/stream/recording/record.ts';
import { replay } from '../../lib/stream/replay/replay.ts';
import { anomalies } from '../../lib/stream/anomaly/anomalies.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { LiveModel } from '../../lib/stream/swap/live-model.ts';
import { fit } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';

const STEP = 1_800_000;
const BEGIN = Date.UTC(2026, 2, 28, 20); // clocks in Berlin are set five hours later
const WIND = ['E', 'N', 'W'];
const calendar = { zone: 'Europe/Berlin', parts: ['hour', 'weekday'] } as const;
const rich = (words = WIND, memory: 'carried' | 'window' = 'carried') =>
  makeModel({
    inputs: [{ name: 'wind', words, shares: words.map(() => 1 / words.length) }, { name: 'temperature' }],
    calendar,
    interval: STEP,
    memory,
    network: { inputSize: words.length + 1 + 12 },
  });
const models = [
  ['carried', rich()],
  ['window', rich(WIND, 'window')],
] as const;

interface One {
  at: number;
  values: [string | null, number];
}

/** Words that the model knows, one that it does not, and missing ones. */
const anyWord = fc.constantFrom('E', 'N', 'W', 'storm', null);
const anySamples = fc
  .array(fc.tuple(anyWord, fc.double({ min: 10, max: 30, noNaN: true })), { minLength: 1, maxLength: 40 })
  .map((rows) => rows.map(([word, value], i): One => ({ at: BEGIN + i * STEP, values: [word, value] })));
const samplesOf = (count: number) =>
  Array.from({ length: count }, (_, i): One => {
    const word = ['E', 'N', 'W', 'storm', null][(i * i) % 5]!;
    return { at: BEGIN + i * STEP, values: [word, 20 + Math.sin(i)] };
  });

/** The samples as a table, whose columns and words come in another order than the model's. */
function tableOf(samples: readonly One[], words = ['W', 'storm', 'calm', 'N', 'E']): Table {
  return {
    names: ['more', 'temperature', 'wind'],
    columns: [
      new Float64Array(samples.length),
      Float64Array.from(samples, ({ values }) => values[1]),
      Float64Array.from(samples, ({ values: [word] }) => (word === null ? Number.NaN : words.indexOf(word))),
    ],
    words: [undefined, undefined, words],
    at: Float64Array.from(samples, ({ at }) => at),
  };
}

const numbers = (forecasts: readonly (Forecast | undefined)[]) => forecasts.map((one) => one?.numbers);
const stepped = (state: { step(sample: never): Forecast | undefined }, samples: readonly object[]) =>
  numbers(samples.map((one) => state.step(one as never)));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(models)('a model that reads words and a calendar, with memory %s', (_, model) => {
  test('gives a state, a table, chunks and streams the same bits', async () => {
    await fc.assert(
      fc.asyncProperty(anySamples, fc.nat(), async (samples, cut) => {
        const alone = stepped(model.createState(), samples);
        const table = tableOf(samples);
        expect(numbers([...rolling(model, table)].map((one) => one.forecast))).toEqual(alone);

        // chunks with words of their own
        const at = cut % samples.length;
        const chunks = async function* () {
          yield { key: 'a', ...sliceRows(table, 0, at) };
          yield { key: 'a', ...sliceRows(tableOf(samples, ['storm', 'E', 'N', 'W']), at, samples.length) };
        };
        const said = [];
        for await (const one of rolling(model, { [Symbol.asyncIterator]: chunks })) said.push(one.forecast);
        expect(numbers(said)).toEqual(alone);
        const last = await predict(model, { [Symbol.asyncIterator]: chunks });
        expect(last.get('a')!.forecast.numbers).toEqual(alone.at(-1));

        for (const options of [{}, { gap: 'hold', history: 2, lateness: 2 * STEP, watch: true }] as const) {
          const filled = 'gap' in options && samples.some(({ values }) => values[0] === null);
          if (filled) continue; // a missing word is held then
          expect(stepped(new StreamState(model, options), samples)).toEqual(alone);
        }
        const streamed: Forecast[] = [];
        from(samples as never[])
          .pipe(forecast(model))
          .subscribe((one) => streamed.push(one));
        expect(numbers(streamed)).toEqual(alone);
        const live = new LiveModel(model);
        expect(stepped(live, samples)).toEqual(alone);
        live.dispose();
        const both: Record<string, Forecast[]> = { a: [], b: [] };
        from(
          samples.flatMap((one) => [
            { ...one, key: 'a' },
            { ...one, key: 'b' },
          ]) as never[],
        )
          .pipe(forecastBy((one) => (one as { key?: string }).key!, model))
          .subscribe((one) => both[one.key]!.push(one));
        expect([numbers(both['a']!), numbers(both['b']!)]).toEqual([alone, alone]);
      }),
      { numRuns: 30 },
    );
  });

  test('gives a step without a sample its place in the calendar', () => {
    fc.assert(
      fc.property(anySamples, fc.array(fc.nat(), { maxLength: 10 }), (samples, holes) => {
        const gone = new Set(holes.map((hole) => 1 + (hole % samples.length)).filter((i) => i < samples.length - 1));
        const [holed, whole] = [0, 1].map(() => new StreamState(model, { gap: 'hold', resetAfter: '30d' }));
        for (const [i, one] of samples.entries()) {
          if (!gone.has(i)) holed!.step(one as never);
          whole!.step((gone.has(i) ? { at: one.at, values: [null, Number.NaN] } : one) as never);
        }
        const next = { at: BEGIN + samples.length * STEP, values: ['N', 21] } as const;
        expect(holed!.samples).toBe(whole!.samples);
        expect(holed!.step(next)!.numbers).toEqual(whole!.step(next)!.numbers);
      }),
      { numRuns: 50 },
    );
  });

  test('a late sample, a snapshot, a fork and a way back change nothing', () => {
    const options = { gap: 'hold', lateness: 4 * STEP, history: 3, resetAfter: '30d' } as const;
    const [tidy, late] = [0, 1].map(() => new StreamState(model, options)) as [StreamState, StreamState];
    const samples = samplesOf(40).filter((_, i) => i % 9 !== 4);
    const swapped = samples.flatMap((one, i) => (i % 7 === 3 ? [] : i % 7 === 5 ? [one, samples[i - 2]!] : [one]));
    const inOrder = stepped(tidy, samples);
    const untidy = stepped(late, swapped);
    expect(untidy.at(-1)).toEqual(inOrder.at(-1));
    expect(late.equals(tidy)).toBe(true);
    const restored = new StreamState(rich(WIND, model.description.memory), options);
    restored.restore(tidy.snapshot());
    const fork = tidy.fork();
    const more = samplesOf(45).slice(41);
    const on = stepped(tidy, more);
    expect([stepped(restored, more), stepped(fork, more)]).toEqual([on, on]);
    tidy.rewind(2);
    expect(stepped(tidy, more.slice(2))).toEqual(on.slice(2));
  });

  test('is recorded and replayed to the bit', async () => {
    const file = join(folder, `${model.description.memory}.rec`);
    const samples = samplesOf(30).map((one, i) =>
      i % 2 ? one : { ...one, values: { temperature: one.values[1], wind: one.values[0] } },
    );
    from(samples as never[])
      .pipe(record(file, { model, around: forecast(model, { gap: 'hold' }), options: { gap: 'hold' } }))
      .subscribe();
    const { comparison } = await replay(file, model);
    expect(comparison).toEqual({ compared: 30, different: 0, first: undefined });
  });
});

describe('a model that reads words and a calendar', () => {
  const model = rich();

  test('skips samples without a time, in streams and in tables', () => {
    const samples = samplesOf(12);
    const untimed = samples.map((one, i) => (i % 4 === 2 ? { values: one.values } : one));
    const state = new StreamState(model);
    const said = stepped(state, untimed);
    expect(state.skipped.invalid).toBe(3);
    const table = tableOf(samples);
    table.at!.forEach((_, i) => i % 4 === 2 && table.at!.fill(Number.NaN, i, i + 1));
    const rolled = [...rolling(model, table)];
    expect(numbers(rolled.map((one) => one.forecast))).toEqual(said.filter((one) => one !== undefined));
    const { at: _, ...timeless } = table;
    const message = /^Expected times of the rows, which this model reads, but the table has none\.$/;
    expect(() => [...rolling(model, timeless)]).toThrow(gatecastError('invalid-data', message));
  });

  test('takes over a stream with the words that the model before did not know', async () => {
    const wide = rich(['E', 'N', 'W', 'storm']);
    const samples = samplesOf(30);
    const live = new LiveModel(model);
    for (const one of samples.slice(0, 20)) live.step(one as never);
    expect(await live.swap(wide, { warm: 20 })).toMatchObject({ switched: true });
    const alone = stepped(new StreamState(wide), samples);
    expect(stepped(live, samples.slice(20))).toEqual(alone.slice(20));
    const fleet = new KeyedStreams<string>(model, { recent: 50, store: memoryStore() });
    const out: Forecast[] = [];
    const feed = (part: readonly One[]) =>
      from(part.map((one) => ({ ...one, key: 'a' })) as never[])
        .pipe(forecastBy((one) => (one as { key?: string }).key!, fleet))
        .subscribe((one) => out.push(one));
    feed(samples.slice(0, 20));
    fleet.swap(wide);
    feed(samples.slice(20));
    expect(numbers(out.slice(20))).toEqual(alone.slice(20));
    live.dispose();
    fleet.dispose();
  });

  test('cannot be replaced by a model that reads numbers there', () => {
    const plain = makeModel({ inputs: [{ name: 'wind' }, { name: 'temperature' }], interval: STEP });
    const message =
      /^Expected a model that reads words for wind, as the samples have, but received one that reads numbers\.$/;
    expect(() => new LiveModel(model).swap(plain)).toThrow(gatecastError('invalid-argument', message));
  });

  test('has baselines, which read its samples', () => {
    const samples = samplesOf(10);
    const last = stepped(baselines.last(model).createState(), samples);
    expect(last.map((one) => one![0])).toEqual(samples.map(({ values }) => values[1]));
  });

  test('refuses a column of the other kind', async () => {
    const table = tableOf(samplesOf(5));
    const { words: _, ...plain } = table;
    const message = /^Expected words in "wind" but the table has numbers\.$/;
    expect(() => [...rolling(model, plain)]).toThrow(gatecastError('invalid-data', message));
    const numbersOnly = makeModel({ inputs: [{ name: 'wind' }, { name: 'temperature' }] });
    await expect(predict(numbersOnly, seriesOf(table))).rejects.toThrow(
      /^Expected numbers in "wind" but the table has words\.$/,
    );
    const wrong = { ...table, columns: table.columns.map((column) => column.map((value) => value + 3)) };
    expect(() => [...rolling(model, wrong)]).toThrow(
      gatecastError('invalid-data', /^Expected the place of a word below 5/),
    );
  });

  test('holds the last word where values are filled, and knows an unseen word from a missing one', () => {
    const gap = { gap: 'decay' } as const;
    const after = (word: string | null) => {
      const state = new StreamState(model, gap);
      state.step({ at: BEGIN, values: ['N', 20] });
      return state.step({ at: BEGIN + STEP, values: [word!, 20] })!.numbers;
    };
    expect(after(null)).toEqual(after('N'));
    expect(after('storm')).not.toEqual(after('N'));
    expect(after('storm')).toEqual(after('gale'));
  });

  test('that was trained with missing values and words fills both alike, in streams and in tables', async () => {
    const rows = 300;
    const words = ['calm', 'storm'];
    const hole = (i: number) => i % 17 === 3;
    const load = Float64Array.from({ length: rows }, (_, i) =>
      i % 11 === 5 || hole(i) ? Number.NaN : Math.sin(i / 7),
    );
    const wind = Float64Array.from({ length: rows }, (_, i) => (i % 13 === 1 || hole(i) ? Number.NaN : (i >> 4) % 2));
    const at = Float64Array.from({ length: rows }, (_, i) => BEGIN + i * STEP);
    const table = { names: ['load', 'wind'], columns: [load, wind], words: [undefined, words], at };
    for (const gap of [undefined, 'elapsed', { load: 'decay' }] as const) {
      const options = { targets: 'load', inputs: ['wind'], horizon: 2, hidden: 4, epochs: 1, lookback: 12 } as const;
      const trained = await fit(table, { ...options, calendar: ['hour'], ...(gap && { gap }) });
      const { inputs, network } = trained.description;
      expect(network.inputSize).toBe(inputs.length + 1 + 6); // a word more than inputs, and the hour
      const rolled = [...rolling(trained, table)].map((one) => one.forecast);
      const state = new StreamState(trained);
      const samples = Array.from(at, (time, i) => ({
        at: time,
        values: { load: load[i]!, wind: words[wind[i]!] ?? null },
      }));
      expect(stepped(state, samples)).toEqual(numbers(rolled));
      expect(rolled).toHaveLength(rows);
      const sparse = new StreamState(trained);
      expect(
        stepped(
          sparse,
          samples.filter((_, i) => !hole(i)),
        ),
      ).toEqual(numbers(rolled).filter((_, i) => !hole(i)));
    }
  });

  test('judges its samples, and leaves out those without a time', () => {
    const samples = samplesOf(40);
    const judged = (given: readonly object[]) => {
      const said: (readonly unknown[])[] = [];
      from(given as never[])
        .pipe(anomalies(model, { gap: 'hold', health: true }))
        .subscribe(({ at, score, skipped }) => said.push([at, score, skipped.invalid]));
      return said;
    };
    const all = judged(samples);
    expect(all).toHaveLength(40);
    const untimed = judged([...samples, { values: ['N', 20] }, { at: BEGIN + 40 * STEP, values: ['N', 20] }]);
    expect(untimed.slice(0, 40)).toEqual(all);
    expect(untimed[40]![2]).toBe(1);
  });

  test('neither health nor novelty is disturbed by words', () => {
    const state = new StreamState(model, { health: true, watch: true });
    for (const one of samplesOf(60)) {
      const { trust } = state.step({ ...one, values: ['N', one.values[1]] })!;
      expect(trust!.flags['wind']).toBeUndefined();
      expect(trust!.novelty).toBeLessThan(0.9);
    }
  });
});
