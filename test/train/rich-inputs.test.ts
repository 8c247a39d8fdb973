import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { createRandom } from '../../lib/base/random.ts';
import { seriesOf } from '../../lib/data/series.ts';
import type { Table } from '../../lib/data/table.ts';
import type { Description } from '../../lib/model/description.ts';
import { calendarFor, levelMoves } from '../../lib/train/calendar.ts';
import { fit, train } from '../../lib/train/train.ts';
import { trainDynamics } from '../../lib/train/train-dynamics.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const DAY = 86_400_000;
const small = { horizon: 2, hidden: 4, epochs: 1, lookback: 8, seed: 3 } as const;

/** Rows whose next value depends on a word: up after 'rise', down after 'fall'. */
function steered(rows: number, seed: number, words = ['fall', 'rise', 'stay']): Table {
  const random = createRandom(seed);
  const [y, word] = [new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row++) {
    const said = ['fall', 'rise', 'stay'][Math.floor(random() * 3)]!;
    word[row] = words.indexOf(said);
    if (row + 1 < rows) y[row + 1] = 0.5 * y[row]! + { fall: -1, rise: 1, stay: 0 }[said]! + 0.1 * random();
  }
  return { names: ['y', 'word'], columns: [y, word], words: [undefined, words] };
}

/** Rows with noise that follow the day, the week and the year, by the shares given. */
function timed(rows: number, interval: number, shares = { day: 1, week: 1, year: 1 }): Table {
  const random = createRandom(8);
  const begin = Date.UTC(2024, 0, 1); // a Monday
  const at = Float64Array.from({ length: rows }, (_, i) => begin + i * interval);
  const wave = (time: number, period: number) => Math.sin((2 * Math.PI * (time - begin)) / period);
  const y = at.map((time) => {
    const year = shares.year * 3 * wave(time, 365.25 * DAY);
    return shares.day * wave(time, DAY) + shares.week * wave(time, 7 * DAY) + year + 0.3 * random();
  });
  return { names: ['y'], columns: [y], at };
}
const calendarOf = async (table: Table, options = {}): Promise<Description['calendar']> => {
  const model = await fit(table, { targets: 'y', ...small, ...options });
  const { calendar } = model.description;
  model.dispose();
  return calendar;
};

describe('training with words', () => {
  test('learns what they say', async () => {
    const table = steered(1500, 1);
    const options = { targets: 'y', horizon: 1, epochs: 30, hidden: 16, learningRate: 0.02 };
    const [with_, without] = [await fit(table, { ...options, inputs: 'all' }), await fit(table, options)];
    const [told, blind] = [with_, without].map((model) => evaluate(model, steered(400, 2)).mae);
    expect(told).toBeLessThan(0.4 * blind!);
    const [, input] = with_.description.inputs;
    expect(input!.words).toEqual(['fall', 'rise', 'stay']);
    const { columns } = table;
    const counted = [0, 1, 2].map((word) => columns[1]!.subarray(0, 1200).filter((value) => value === word).length);
    expect(input!.shares).toEqual(counted.map((count) => count / 1200));
  });

  test('gives the same model for any order of the words', async () => {
    const of = async (table: Table | ReturnType<typeof seriesOf>) => {
      const model = await fit(table, { targets: 'y', inputs: 'all', ...small });
      return model.fingerprint;
    };
    const usual = await of(steered(200, 5));
    expect(await of(steered(200, 5, ['rise', 'unused', 'stay', 'fall']))).toBe(usual);
    expect(await of(seriesOf(steered(200, 5, ['stay', 'fall', 'rise'])))).toBe(usual);
  });

  test('keeps the 256 most frequent words', async () => {
    const rows = 2000;
    const words = Array.from({ length: 400 }, (_, i) => `w${i}`);
    const table: Table = {
      names: ['y', 'word'],
      columns: [
        Float64Array.from({ length: rows }, (_, i) => Math.sin(i)),
        Float64Array.from({ length: rows }, (_, i) => (i % 2 ? i % 200 : (i * 7) % 400)),
      ],
      words: [undefined, words],
    };
    const { forecaster, notes } = await lastValueFrom(train(table, { targets: 'y', inputs: ['word'], ...small }));
    const [input] = forecaster!.description.inputs;
    expect(input!.words).toHaveLength(256);
    const seen = Array.from(table.columns[1]!.subarray(0, 0.8 * rows), (place) => words[place]!);
    const rare = seen.filter((word) => !input!.words!.includes(word)).length;
    expect(notes).toEqual([
      `word has ${new Set(seen).size} words: the 256 most frequent are learned, the others, in ${rare} of 1600 rows, count ` +
        'as never seen.',
    ]);
    expect(input!.words).toEqual([...input!.words!].sort());
    const odd = words.filter((_, i) => i < 200 && i % 2 === 1);
    for (const word of odd) expect(input!.words).toContain(word);
    expect(input!.shares!.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  test('takes rows whose word is missing, and refuses words as a target', async () => {
    const table = steered(300, 7);
    table.columns[1]!.fill(Number.NaN, 0, 250);
    const model = await fit(table, { targets: 'y', inputs: 'all', ...small, split: { train: 260, validation: 40 } });
    expect(model.description.training.rows).toBe(260);
    const target = fit(steered(300, 7), { ...small, targets: 'word' });
    await expect(target).rejects.toThrow(
      gatecastError('invalid-data', /^Expected numbers for word but received "words"\.$/),
    );
    const none = { ...table, columns: [table.columns[0]!, new Float64Array(300).fill(Number.NaN)] };
    await expect(fit(none, { targets: 'y', inputs: 'all', ...small })).rejects.toThrow(/at least one word in "word"/);
    const plant = trainDynamics(steered(300, 7), { inputs: 'word', outputs: 'y', epochs: 1 });
    await expect(plant).rejects.toThrow(gatecastError('invalid-data', /^Expected numbers for word/));
  });
});

describe('the calendar of a training', () => {
  // 80 % of the rows are learned from
  test.each([
    [60, DAY / 48, undefined],
    [119, DAY / 48, undefined],
    [120, DAY / 48, ['hour']],
    [24 * 17, DAY / 24, ['hour']],
    [24 * 18, DAY / 24, ['hour', 'weekday']],
    [17, DAY, undefined],
    [18, DAY, ['weekday']],
    [1000, DAY, ['weekday', 'day-of-year']],
    [40, 30 * DAY, ['day-of-year']],
    [400, 1000, undefined],
  ])('by itself, for %i rows %i ms apart, is %j', async (rows, interval, parts) => {
    const calendar = await calendarOf(timed(rows, interval), { lookback: 4, horizon: 1 });
    expect(calendar).toEqual(parts && { zone: 'UTC', parts });
  });

  test.each([
    [{ day: 1, week: 0, year: 0 }, ['hour']],
    [{ day: 0, week: 1, year: 0 }, ['weekday']],
    [{ day: 0, week: 0, year: 0 }, undefined],
    [{ day: 0.1, week: 0.2, year: 1 }, ['hour', 'weekday']],
  ])('by itself, takes what the targets follow: %j', async (shares, parts) => {
    const calendar = await calendarOf(timed(24 * 70, DAY / 24, shares));
    expect(calendar?.parts).toEqual(parts);
  });

  test('is found under a level that wanders, in every series, whatever its unit', () => {
    const random = createRandom(2);
    const series = [1, 1e6, 1e-6].map((unit) => {
      const table = timed(24 * 100, DAY / 24);
      let level = 0;
      const y = table.columns[0]!.map((value) => unit * (value + (level += 0.3 * (random() - 0.5))));
      const span = { from: 0, to: 24 * 80 };
      return { table: { ...table, columns: [y] }, offset: 0, training: span, validation: span };
    });
    const options = { calendar: 'auto', zone: 'UTC', targets: ['y'], loss: 'quantile' } as const;
    const found = calendarFor(series, options, DAY / 24)!;
    expect(found.parts).toEqual(['hour', 'weekday']);
    expect(levelMoves(series, found, ['y'])).toBe(true);
    const steady = { ...series[0]!, table: timed(24 * 100, DAY / 24, { day: 1, week: 1, year: 0 }) };
    expect(levelMoves([steady], found, ['y'])).toBe(false);
  });

  test('stands any times', async () => {
    const table = timed(500, DAY / 24);
    for (const [row, at] of [
      [499, 8e15],
      [0, -8e15],
      [250, 0],
      [399, 8e15],
    ] as const) {
      table.at![row] = at;
      await calendarOf(table, { interval: DAY / 24 });
    }
    table.at!.fill(0);
    expect(await calendarOf(table)).toBeUndefined();
  });

  test('needs times; a row without one is left out', async () => {
    const table = timed(500, DAY / 24);
    const holed = { ...table, at: table.at!.map((at, i) => (i === 77 ? Number.NaN : at)) };
    expect(await calendarOf(holed)).toEqual(await calendarOf(table));
    const { at: _, ...untimed } = table;
    for (const none of [untimed, { ...table, at: table.at!.map(() => Number.NaN) }]) {
      expect(await calendarOf(none)).toBeUndefined();
      const message = /^Expected a time for each row, for options\.calendar, but some have none\.$/;
      await expect(calendarOf(none, { calendar: ['hour'] })).rejects.toThrow(gatecastError('invalid-data', message));
    }
  });

  test('can be given, in a zone, or be none', async () => {
    const table = timed(500, DAY / 24);
    expect(await calendarOf(table, { calendar: 'none' })).toBeUndefined();
    const given = { calendar: ['weekday', 'minute-of-hour'], zone: 'Europe/Berlin' };
    expect(await calendarOf(table, given)).toEqual({ zone: 'Europe/Berlin', parts: ['weekday', 'minute-of-hour'] });
    const fails = (options: object, message: RegExp) =>
      expect(() => fit(table, { targets: 'y', ...small, ...options })).rejects.toThrow(
        gatecastError('invalid-argument', message),
      );
    await fails({ zone: 'Mars' }, /^Expected a time zone such as Europe\/Berlin for options\.zone/);
    await fails({ calendar: ['hour', 'hour'] }, /^Expected different rhythms for options\.calendar/);
    await fails({ calendar: ['hours'] }, /^Expected 'minute-of-hour' or 'hour'/);
  });

  test('leaves the weights as they were where there is none', async () => {
    const table = timed(200, 1000);
    const { at: _, ...untimed } = table;
    const [a, b] = [
      await fit(table, { targets: 'y', ...small }),
      await fit(untimed, { targets: 'y', ...small, interval: 1000 }),
    ];
    expect(a.fingerprint).toBe(b.fingerprint);
  });

  test('is learned: the same model forecasts a rhythm that only the clock shows', async () => {
    // The value is noise but at 9 o'clock, where it is 5.
    const table = timed(24 * 90, DAY / 24);
    const random = createRandom(4);
    table.columns[0]!.forEach((_, i, column) => {
      column[i] = i % 24 === 9 ? 5 : random();
    });
    const model = await fit(table, {
      targets: 'y',
      horizon: 1,
      hidden: 16,
      calendar: ['hour'],
      anchor: 'none',
      learningRate: 0.02,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (day) => {
        const at = Date.UTC(2024, 0, 1) + day * DAY;
        const said = (hour: number) => {
          const state = model.createState();
          let last = 0;
          for (let h = hour - 5; h <= hour; h++)
            last = state.step({ at: at + h * (DAY / 24), values: [0.5] })!.mean[0]!;
          state.dispose();
          return last;
        };
        expect(said(8)).toBeGreaterThan(3.5);
        expect(said(14)).toBeLessThan(1.5);
      }),
      { numRuns: 5 },
    );
  });
});
