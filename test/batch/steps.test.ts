// A file and a live stream of the same rows take the same steps, whatever the times of the rows are.
import fc from 'fast-check';
import { from, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { predict } from '../../lib/batch/predict.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import type { Table } from '../../lib/data/table.ts';
import type { Forecast } from '../../lib/model/forecast.ts';
import type { Forecaster } from '../../lib/model/forecaster.ts';
import type { TimedSample } from '../../lib/model/sample.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { chance, messyTimes, START, upTo } from '../data/rules-set-up.ts';
import { clockFaults, stampsOf } from '../stream/random-clock.ts';
import { makeModel } from '../support/models.ts';
import { inPieces } from './pieces.ts';

const NAN = Number.NaN;
const INTERVAL = 1000;
const LOOKBACK = 20;
const WIND = ['E', 'N', 'W'];

const plain = { lookback: LOOKBACK, interval: INTERVAL };
const rich = {
  ...plain,
  inputs: [{ name: 'pressure' }, { name: 'temperature' }, { name: 'wind', words: WIND, shares: [0.5, 0.25, 0.25] }],
  calendar: { zone: 'Europe/Berlin', parts: ['hour', 'weekday'] } as const,
  network: { inputSize: 2 + 3 + 12 },
};
const told = [{ name: 'pressure' }, { name: 'temperature' }, { name: 'temperature_missing' }];
const models: [string, Forecaster][] = [
  ['hold', makeModel({ ...plain, gap: 'hold' })],
  ['impute and mask', makeModel({ ...plain, inputs: told, gap: { temperature: 'mask', pressure: 'decay' } })],
  ['a window', makeModel({ ...plain, gap: 'impute', memory: 'window' })],
  ['words and a calendar', makeModel({ ...rich, gap: 'hold' })],
  [
    'a cycle and a scale',
    makeModel({
      ...plain,
      gap: 'hold',
      cycle: { period: 9 * INTERVAL, phases: 9, zone: 'UTC' },
      scale: { samples: 30, inputs: ['temperature'] },
    }),
  ],
  ['a cycle', makeModel({ ...plain, gap: 'hold', cycle: { period: 7 * INTERVAL, phases: 7, zone: 'UTC' } })],
  ['no interval', makeModel({ ...plain, gap: 'hold', interval: null })],
];

/** Rows at these times, NaN for none. Values are missing here and there, or absurdly large. */
function tableOf(at: readonly number[]): Table {
  const column = (base: number, seed: number) =>
    Float64Array.from(at, (_, i) => {
      const odd = chance(7 * i + seed);
      return odd < 0.1 ? NAN : odd < 0.12 ? 1e300 : base + chance(i + seed);
    });
  return {
    names: ['wind', 'temperature', 'pressure'],
    columns: [Float64Array.from(at, (_, i) => [0, 1, 2, NAN][(i * i) % 4]!), column(20, 1), column(10, 2)],
    words: [WIND, undefined, undefined],
    at: Float64Array.from(at),
  };
}

function samplesOf({ columns: [wind, temperature, pressure], at }: Table, model: Forecaster): TimedSample[] {
  const windy = model.description.inputs.some(({ words }) => words);
  return Array.from(at!, (time, i) => ({
    ...(!Number.isNaN(time) && { at: time }),
    values: [pressure![i]!, temperature![i]!, ...(windy ? [WIND[wind![i]!] ?? null] : [])] as never,
    offset: i,
  }));
}

type Said = readonly [row: number, ...rest: unknown[]];
const said = (row: number, one: Forecast): Said => [row, [...one.numbers], one.ready, one.at, one.skipped];

/** The forecasts of a live stream, each with the number of its sample. */
function live(model: Forecaster, table: Table): Said[] {
  const forecasts: Said[] = [];
  let row = -1;
  from(samplesOf(table, model))
    .pipe(
      tap(({ offset }) => (row = offset!)),
      forecast(model),
    )
    .subscribe((one) => forecasts.push(said(row, one)));
  return forecasts;
}

const filed = (model: Forecaster, table: Table): Said[] =>
  [...rolling(model, table)].map(({ row, forecast: one }) => said(row, one));

const messy = fc
  .tuple(messyTimes, fc.integer({ min: 0, max: 15 }))
  .map(([times, untimed]) =>
    times.map((step, i) => (untimed > 0 && i % 16 === untimed ? NAN : START + step * INTERVAL)),
  );
const faulty = clockFaults(INTERVAL, LOOKBACK, 0).map((faults) => stampsOf(faults, START, INTERVAL, 20));

describe.each(models)('with %s, a file has the steps of a live stream of its rows, to the bit', (_, model) => {
  test('with jitter, holes short and long, duplicates, late rows and rows without a time', () => {
    fc.assert(
      fc.property(messy, (times) => {
        const table = tableOf(times);
        expect(filed(model, table)).toEqual(live(model, table));
      }),
      { numRuns: 60 },
    );
  });

  test('if the clock of the rows is set, runs wrong or jumps to and fro', () => {
    fc.assert(
      fc.property(faulty, (times) => {
        const table = tableOf(times);
        expect(filed(model, table)).toEqual(live(model, table));
      }),
      { numRuns: 40 },
    );
  });

  test('in any chunks, beside other series, and predict gives its last', async () => {
    await fc.assert(
      fc.asyncProperty(messy, messy, fc.integer({ min: 1, max: 30 }), async (one, other, most) => {
        const tables = new Map([
          ['one', tableOf(one)],
          ['other', tableOf(other)],
        ]);
        const pieces = () => inPieces(tables, (chunk) => 1 + ((chunk * 7) % most));
        const found = new Map<string, Said[]>([...tables.keys()].map((key) => [key, []]));
        for await (const { key, row, forecast: made } of rolling(model, pieces()))
          found.get(key)!.push(said(row, made));
        const last = await predict(model, pieces());
        for (const [key, table] of tables) {
          const alone = live(model, table);
          expect(found.get(key)).toEqual(alone);
          const made = last.get(key);
          expect(made && said(made.row, made.forecast)).toEqual(alone.at(-1));
        }
      }),
      { numRuns: 20 },
    );
  });
});

test('a model that was trained without missing values takes rows as they come', () => {
  const model = makeModel(plain);
  const whole = tableOf(upTo(60).map((i) => START + i * INTERVAL));
  const torn = { ...whole, at: whole.at!.map((time, i) => (i < 30 ? time : time + 7 * INTERVAL)) };
  const values = (table: Table) => [...rolling(model, table)].map(({ row, forecast: one }) => [row, [...one.numbers]]);
  expect(values(torn)).toEqual(values(whole));
});

describe('true values are those of the steps', () => {
  const model = makeModel({ ...plain, gap: 'hold', horizon: 2 });
  /** Rows of these steps, where the temperature is the number of the step. */
  const at = (steps: readonly number[]): Table => ({
    names: ['pressure', 'temperature'],
    columns: [Float64Array.from(steps, () => 10), Float64Array.from(steps)],
    at: Float64Array.from(steps, (step) => START + step * INTERVAL),
  });

  test('a step without a row has none', () => {
    const steps = upTo(80).filter((step) => step !== 50 && step !== 51);
    const { windows, naive } = evaluate(model, at(steps), { from: 40, to: 60 });
    expect(windows).toBe(9 + 8); // rows 39 to 47, the last of which is two before the hole, and 50 to 57
    expect(naive.mae).toBe(1.5);
  });

  test('rows beyond a silence do not follow those before it', () => {
    const steps = [...upTo(60), ...upTo(60).map((step) => 5000 + step)];
    const { windows, naive } = evaluate(model, at(steps), { from: 40 });
    expect(naive.mae).toBe(1.5);
    // rows 39 to 57; two rows after the silence are not believed; the state is ready after 20 of the others
    expect(windows).toBe(19 + 58 - 2 - (model.description.warmup ?? LOOKBACK) + 1);
  });

  test('repeated and late rows are no steps', () => {
    const steps = upTo(80).flatMap((step) => (step % 9 === 0 ? [step, step - 3, step] : [step]));
    expect(evaluate(model, at(steps), { from: 30 }).naive.mae).toBe(1.5);
  });
});
