// Series are learned from on even steps, as a live stream of their rows takes them.
import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { rolling } from '../../lib/batch/rolling.ts';
import { seriesOf } from '../../lib/data/series.ts';
import { rowCount, sliceRows, type Table } from '../../lib/data/table.ts';
import type { Forecaster } from '../../lib/model/forecaster.ts';
import { evenSeries } from '../../lib/train/even-steps.ts';
import type { TrainOptions } from '../../lib/train/options.ts';
import type { NetworkOptions } from '../../lib/train/models/choose-model.ts';
import { fit, train } from '../../lib/train/train.ts';
import { chance, upTo } from '../data/rules-set-up.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { noisySine } from './series.ts';

const NAN = Number.NaN;
const MINUTE = 60_000;
const LOOKBACK = 8;
const small: NetworkOptions = { targets: 'sine', inputs: 'all', horizon: 2, lookback: LOOKBACK, hidden: 4, epochs: 2 };
const keyed = (table: Table, key = '') => ({ ...table, key });
const even = (table: Table, options: Partial<Pick<TrainOptions, 'interval' | 'split' | 'horizon'>> = {}) =>
  evenSeries([keyed(table)], { horizon: 2, ...options }, LOOKBACK);

function pick(table: Table, rows: readonly number[]): Table {
  const of = (column: Float64Array) => Float64Array.from(rows, (row) => column[row]!);
  return { ...table, columns: table.columns.map(of), at: of(table.at!) };
}

/** The sine with a column of words. */
function windy(rows: number): Table {
  const table = noisySine(rows);
  const wind = Float64Array.from({ length: rows }, (_, row) => row % 3);
  return {
    ...table,
    names: [...table.names, 'wind'],
    columns: [...table.columns, wind],
    units: ['°C', undefined, undefined],
    words: [undefined, undefined, ['E', 'N', 'W']],
  };
}

/** All that a forecaster has learned. */
function learned(model: Forecaster) {
  const { training, ...description } = model.description;
  const { trainedAt: _, ...record } = training;
  const probe = windy(60);
  const forecasts = [...rolling(model, probe)].map(({ forecast }) => [...forecast.numbers]);
  model.dispose();
  return { description, record, forecasts };
}

test('the rows that stand for a long hole reach as far as a forecast before it', () => {
  const rows = [...upTo(100), ...upTo(100).map((row) => 900 + row)];
  const torn = pick(noisySine(1000), rows);
  for (const [horizon, standing] of [
    [2, LOOKBACK],
    [30, 30],
  ] as const) {
    const [table] = even(torn, { horizon }).tables;
    const holed = table!.columns[0]!.subarray(100, 100 + standing);
    expect(rowCount(table!)).toBe(198 + standing); // two rows after the hole are not believed at once
    expect(holed.every(Number.isNaN)).toBe(true);
  }
});

describe('rows that are missing', () => {
  const rows = 260;
  const holes = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: LOOKBACK - 1 })), {
    minLength: 1,
    maxLength: 8,
  });

  test('are learned from as rows without values are, to the bit', async () => {
    const whole = windy(rows);
    const more = fc.constantFrom<Partial<TrainOptions>>(
      {},
      { gap: 'elapsed' },
      { gap: { sine: 'decay', wind: 'mask' }, calendar: ['minute-of-hour'] },
      { split: { train: 150, validation: 60 } },
    );
    await fc.assert(
      fc.asyncProperty(holes, more, async (some, options) => {
        const isHole = new Uint8Array(rows);
        let row = 3;
        for (const [distance, length] of some) {
          row += distance + 1;
          isHole.fill(1, row, row + length);
          row += length;
        }
        isHole.fill(0, rows - 1);
        const left = upTo(rows).filter((each) => !isHole[each]);
        const empty = whole.columns.map((column) => column.map((value, each) => (isHole[each] ? NAN : value)));
        const counted = (count: number) => left.findIndex((each) => each >= count);
        const { split } = options;
        const train = split && counted(split.train);
        const fewer = split && { train: train!, validation: counted(split.train + split.validation) - train! };
        const short = await fit(pick(whole, left), { ...small, ...options, ...(fewer && { split: fewer }) });
        // rows are counted as they were given: a hole at the seam belongs to the rows before it
        const seam = (count: number) => left[counted(count)]!;
        const long = split && {
          train: seam(split.train),
          validation: seam(split.train + split.validation) - seam(split.train),
        };
        const filled = await fit({ ...whole, columns: empty }, { ...small, ...options, ...(long && { split: long }) });
        expect(learned(short)).toEqual(learned(filled));
      }),
      { numRuns: 12 },
    );
  });

  test('have the times of their steps', () => {
    const table = pick(noisySine(40), [...upTo(10), 13, 14.5, 16, ...upTo(20).map((row) => 17 + row)].map(Math.floor));
    const { tables, notes, interval } = even(table);
    expect([...tables[0]!.at!]).toEqual(upTo(37).map((row) => row * MINUTE));
    expect(tables[0]!.columns[0]!.findIndex(Number.isNaN)).toBe(10);
    expect([interval, ...notes]).toEqual([MINUTE, '4 steps of 1m without a row: values are missing there.']);
  });

  test.each(['after a hole of eight years', 'after a hole longer than the lookback'])('split the rows %s', (years) => {
    const gap = years.includes('years') ? 8 * 365 * 1440 : LOOKBACK + 1;
    const table = noisySine(400);
    table.at = table.at!.map((time, row) => time + (row < 200 ? 0 : gap * MINUTE));
    const { tables, notes } = even(table);
    const [found] = tables;
    // a clock believes the third row after a silence
    expect(rowCount(found!)).toBe(200 + LOOKBACK + 198);
    expect(found!.columns[0]!.findIndex(Number.isNaN)).toBe(200);
    expect(found!.at!.every((time, row) => row === 0 || time > found!.at![row - 1]!)).toBe(true);
    expect(notes.join(' ')).toMatch(/2 rows were left out.*Long gaps divide the rows into 2 segments\./);
  });

  test('two days of some years are filled', async () => {
    const days = upTo(4 * 365 + 1).filter((day) => day !== 365 && day !== 1095);
    const column = Float64Array.from(days, (day) => Math.sin(day / 58) + 0.2 * chance(day));
    const table = { names: ['y'], columns: [column], at: Float64Array.from(days, (day) => day * 1440 * MINUTE) };
    const last = await lastValueFrom(train(table, { targets: 'y', horizon: 7, hidden: 4, epochs: 1 }));
    expect(last.notes).toEqual(['2 steps of 1d without a row: values are missing there.']);
    expect(last.forecaster!.description).toMatchObject({ gap: 'hold', interval: 1440 * MINUTE });
  });
});

describe('rows that come as they should', () => {
  test('are taken as they are', () => {
    for (const table of [noisySine(300), { ...noisySine(300), at: new Float64Array(300).fill(5) }]) {
      const found = even(table, { split: { train: 200, validation: 50 } });
      expect([...found.tables[0]!.columns, found.tables[0]!.at]).toEqual([...table.columns, table.at]);
      expect(found.tables[0]!.columns[0]).toBe(table.columns[0]);
      expect(found.splits).toEqual([{ train: 200, validation: 50 }]);
      expect(found.notes).toEqual([]);
    }
  });

  test('in any order, give the same forecaster', async () => {
    const table = windy(300);
    const model = learned(await fit(table, small));
    const newest = pick(table, upTo(300).toReversed());
    const mixed = pick(
      table,
      upTo(300).sort((a, b) => chance(a) - chance(b)),
    );
    const twice = pick(
      table,
      upTo(600).map((row) => row >> 1),
    );
    for (const other of [newest, mixed, twice]) expect(learned(await fit(other, small))).toEqual(model);
    const { notes } = even(newest);
    expect(notes).toEqual(['The rows are newest first; they were read from the oldest on.']);
  });
});

describe('a split counts the rows that were given', () => {
  test.each([
    ['holes', [...upTo(50), ...upTo(50).map((row) => row + 53)]],
    ['repeated rows', upTo(110).map((row) => Math.floor(row / 1.1))],
  ])('whatever %s there are', (_, rows) => {
    const table = pick(noisySine(200), rows);
    const split = { train: 70, validation: 20 };
    const { tables, splits } = even(table, { split });
    const [found] = tables;
    const [first, next] = [rows[split.train]!, rows[split.train + split.validation]!];
    expect(found!.at![splits[0]!.train]).toBe(first * MINUTE);
    expect(found!.at![splits[0]!.train + splits[0]!.validation]).toBe(next * MINUTE);
  });

  test('and is refused if there are fewer', () => {
    const table = pick(noisySine(200), [...upTo(50), ...upTo(50).map((row) => row + 55)]);
    const message = /^Expected 80 \+ 21 rows for training and validation but the table has 100\.$/;
    const refused = gatecastError('invalid-data', message);
    expect(() => even(table, { split: { train: 80, validation: 21 } })).toThrow(refused);
  });
});

describe('the interval', () => {
  test('is one for all series', async () => {
    const few = pick(
      noisySine(300),
      upTo(60).map((row) => 5 * row),
    );
    const { interval, tables } = evenSeries([keyed(noisySine(300), 'a'), keyed(few, 'b')], { horizon: 2 }, LOOKBACK);
    expect(interval).toBe(MINUTE);
    expect(tables.map(rowCount)).toEqual([300, 296]);
    const model = await fit(
      seriesOf(
        new Map([
          ['a', noisySine(300)],
          ['b', few],
        ]),
      ),
      small,
    );
    expect(model.description).toMatchObject({ interval: MINUTE, gap: 'hold' });
    model.dispose();
  });

  test('is refused where times are uneven, unless it is given or there is none', async () => {
    const table = noisySine(300);
    let time = 0;
    table.at = table.at!.map((_, row) => (time += MINUTE * (0.1 + 9 * chance(row) ** 4)));
    const message = /^Expected rows at even times in the table .*\(--every /;
    expect(() => train(table, small)).toThrow(gatecastError('invalid-data', message));
    const model = await fit(table, { ...small, interval: null });
    expect(model.description.interval).toBeNull();
    expect(model.description.gap).toBeUndefined();
    model.dispose();
    expect(even(table, { interval: 2 * MINUTE }).interval).toBe(2 * MINUTE);
  });
});

test.each([
  ['hold', 6], // the phase is not lost, though what was held so long hides the start
  ['impute', 1.3],
] as const)('forty minutes missing in minute data are not stepped over as one: %s', async (gap, most) => {
  const rows = 4000;
  const whole = noisySine(rows, 0.05);
  /** Forty rows are missing in each three hundred, not always at the same phase. */
  const beyond = (row: number) => (row + 7 * Math.floor(row / 300)) % 300;
  const left = upTo(rows).filter((row) => beyond(row) >= 40 || row < 40);
  const table = pick(whole, left);
  const known = sliceRows(table, 0, 2800);
  const options: TrainOptions = {
    targets: 'sine',
    horizon: 6,
    hidden: 24,
    lookback: 60,
    epochs: 50,
    learningRate: 0.01,
    calendar: 'none',
  };
  const model = await fit(known, { ...options, ...(gap !== 'hold' && { gap }) });
  expect(model.description.gap).toBe(gap);
  /** Mean error of the forecasts after the rows that are so far beyond a hole. */
  const error = (of: Table, isMeant: (after: number) => boolean) => {
    let [sum, count] = [0, 0];
    for (const { row, forecast } of rolling(model, of, { from: 2800, to: left.length - 6 })) {
      if (!isMeant(beyond(left[row]!) - 40)) continue;
      forecast.mean.forEach((mean, step) => {
        const truth = whole.columns[0]![left[row]! + step + 1]!;
        sum += Math.abs(mean - truth);
        count += 1;
      });
    }
    return sum / count;
  };
  const right = (after: number) => after >= 0 && after < 5;
  const elsewhere = error(table, (after) => after >= 60 && after < 240);
  const { at: _, ...blind } = table;
  expect(error(table, right)).toBeLessThan(most * elsewhere);
  expect(error(table, right)).toBeLessThan(0.5 * error(blind, right));
  model.dispose();
});
