import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { backtest, backtestClasses, backtestProgress } from '../../lib/backtest/backtest.ts';
import type { BacktestOptions } from '../../lib/backtest/options.ts';
import { baselines } from '../../lib/baselines/baselines.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { type Data, gather, isSeries, seriesOf } from '../../lib/data/series.ts';
import type { Table } from '../../lib/data/table.ts';
import { createRandom } from '../../lib/base/random.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { standInModel } from '../batch/stand-in-model.ts';

const random = createRandom(2);
const HOUR = 3_600_000;
const walk = (rows: number, first = 0): Table => {
  let level = 0;
  return {
    names: ['y'],
    columns: [Float64Array.from({ length: rows }, () => (level += random() - 0.5))],
    at: Float64Array.from({ length: rows }, (_, row) => (first + row) * HOUR),
  };
};
const table = walk(100);
const last = (horizon = 5) => baselines.last({ inputs: ['y'], horizon });

/** Makes baselines, and keeps the times of the rows that it is given, by series: the first and the last [h]. */
function recorder() {
  const seen: Record<string, [number, number]>[] = [];
  const spanOf = ({ at }: Table): [number, number] => [at![0]! / HOUR, at!.at(-1)! / HOUR];
  const train = async (rows: Data) => {
    const tables = isSeries(rows) ? await gather(rows) : new Map([['', rows]]);
    seen.push(Object.fromEntries([...tables].map(([key, each]) => [key, spanOf(each)])));
    return last();
  };
  return { seen, train };
}

describe('the rows that a model learns from', () => {
  test.each([
    [
      'all before each origin',
      {},
      [
        [0, 49],
        [0, 69],
        [0, 89],
      ],
    ],
    [
      'as many as at first',
      { mode: 'sliding' },
      [
        [0, 49],
        [20, 69],
        [40, 89],
      ],
    ],
    [
      'without those in the gap',
      { gap: 7 },
      [
        [0, 42],
        [0, 62],
        [0, 82],
      ],
    ],
    [
      'as many as at first, without those in the gap',
      { gap: 7, mode: 'sliding' },
      [
        [0, 42],
        [20, 62],
        [40, 82],
      ],
    ],
    ['once', { refit: false }, [[0, 49]]],
    [
      'for every second origin',
      { refit: 2 },
      [
        [0, 49],
        [0, 89],
      ],
    ],
    [
      'before the last two origins',
      { initial: undefined, origins: 2 },
      [
        [0, 74],
        [0, 94],
      ],
    ],
  ] as const)('are %s', async (_, options, spans) => {
    const { seen, train } = recorder();
    const score = await backtest(table, { train, horizon: 5, initial: 50, stride: 20, ...options });
    expect(seen).toEqual(spans.map((span) => ({ '': span })));
    const origins = 'origins' in options ? [75, 95] : [50, 70, 90];
    expect(score.origins!.map(({ row }) => row)).toEqual(origins);
    expect(score.windows).toBe(origins.length);
  });
});

test('the score is that of evaluate on the same windows, for one training or many', async () => {
  const wanted = evaluate(last(), table, { from: 50, stride: 5 });
  for (const refit of [true, 3, false]) {
    const score = await backtest(table, { train: () => last(), horizon: 5, initial: 50, refit });
    expect(score.windows).toBe(10);
    for (const name of ['mae', 'mse', 'rmse', 'smape'] as const) expect(score[name]).toBeCloseTo(wanted[name], 12);
    expect(score.steps[4]!.mae).toBeCloseTo(wanted.steps[4]!.mae, 12);
    expect(score.origins!.map(({ mae }) => mae)).toEqual(evaluateEach(50, 10, 5));
  }
});

/** The error of each of some origins, alone. */
function evaluateEach(from: number, count: number, stride: number): number[] {
  return Array.from({ length: count }, (_, n) => {
    const row = from + n * stride;
    return evaluate(last(), table, { from: row, to: row + 5 }).mae;
  });
}

test('nothing is learned from a series that is later than what is forecast of another', async () => {
  const { seen, train } = recorder();
  const tables = new Map([
    ['early', walk(100)],
    ['late', walk(60, 30)], // hours 30 to 89
    ['last', walk(20, 80)], // begins when the first model is made
  ]);
  const score = await backtest(seriesOf(tables), { train, horizon: 5, initial: 80, stride: 10 });
  expect(seen).toEqual([
    { early: [0, 79], late: [30, 79] },
    { early: [0, 89], late: [30, 89], last: [80, 89] },
  ]);
  // at hour 80 two series have a forecast, at hour 90 one has ended and one has begun
  expect(score.origins!.map(({ at, windows }) => [at / HOUR, windows])).toEqual([
    [80, 2],
    [90, 2],
  ]);
  expect([...score.series.keys()].sort()).toEqual(['early', 'last', 'late']);
  expect(score.windows).toBe(4);
});

describe('with the options of train', () => {
  const sine: Table = {
    names: ['y'],
    columns: [Float64Array.from({ length: 160 }, (_, row) => Math.sin(row / 2))],
  };
  const train = { targets: 'y', horizon: 2, hidden: 4, lookback: 6, epochs: 2 };

  test('a forecaster is trained at each origin, with progress', async () => {
    const steps = await lastValueFrom(
      backtestProgress(sine, { train, origins: 4, refit: 2, stride: 10 }).pipe(toArray()),
    );
    expect(
      steps.map(({ fit, fits, done, origins, training, score }) => [
        fit,
        fits,
        done,
        origins,
        training?.epoch,
        !!score,
      ]),
    ).toEqual([
      [1, 2, 0, 4, 0, false],
      [1, 2, 0, 4, 1, false],
      [1, 2, 2, 4, undefined, false],
      [2, 2, 2, 4, 0, false],
      [2, 2, 2, 4, 1, false],
      [2, 2, 4, 4, undefined, true],
    ]);
    const { score } = steps.at(-1)!;
    expect(score!.windows).toBe(4);
    expect(score!.quantiles!.crps).toBeGreaterThan(0);
  });

  test('it ends when nobody listens any more, and runs again for the next', async () => {
    const progress = backtestProgress(sine, { train, origins: 2 });
    expect(await firstValueFrom(progress)).toMatchObject({ fit: 1, done: 0 });
    expect(await lastValueFrom(progress.pipe(take(2)))).toMatchObject({ fit: 1, training: { epoch: 1 } });
  });
});

describe('refuses', () => {
  test.each([
    [{ train: last }, /options.horizon/],
    [{ train: last, horizon: 5, initial: 5, origins: 5 }, /nothing beside options.initial for options.origins/],
    [{ train: { targets: 'y', horizon: 3 }, horizon: 5 }, /3, as in options.train, for options.horizon/],
    [{ train: 5 }, /options of train, or a function that makes a model, for options.train/],
    [{ train: last, horizon: 5, refit: 0 }, /options.refit/],
    [{ train: last, horizon: 5, mode: 'growing' }, /'expanding' or 'sliding'/],
  ])('wrong options at once: %o', async (options, message) => {
    expect(() => backtestProgress(table, options as never)).toThrow(gatecastError('invalid-argument', message));
    await expect(backtest(table, options as never)).rejects.toThrow(gatecastError('invalid-argument', message));
  });

  test.each([{ initial: 96 }, { origins: 21 }, { initial: 10, gap: 10 }])('too few rows: %o', async (options) => {
    const run = backtest(table, { train: () => last(), horizon: 5, ...options });
    await expect(run).rejects.toThrow(gatecastError('invalid-data', /100 steps but found too few/));
  });

  test('what is no model, a model with another horizon, and models that differ', async () => {
    const run = (train: unknown) => backtest(table, { train: train as never, horizon: 5, origins: 2 });
    const dead = new Error('the disk is full');
    const throwing = async () => Promise.reject(dead);
    await expect(run(throwing)).rejects.toMatchObject({ code: 'invalid-argument', cause: dead });
    await expect(run(() => 7)).rejects.toThrow(gatecastError('invalid-argument', /a baseline or a Forecaster/));
    await expect(run(() => last(4))).rejects.toThrow(gatecastError('invalid-argument', /4, as in the model/));
    let levels = 0;
    const predict = (values: Float64Array) => values[0]!;
    const differing = () => standInModel({ horizon: 5, levels: [0.5, 0.9].slice(0, ++levels), predict });
    await expect(run(differing)).rejects.toThrow(
      gatecastError('invalid-argument', /the same targets, levels and kind of distribution/),
    );
  });

  test('no series, and none with a complete window', async () => {
    const options = { train: () => last(), horizon: 5, initial: 50 };
    await expect(backtest(seriesOf(new Map()), options)).rejects.toThrow(gatecastError('invalid-data', /found none/));
    const holed = { names: ['y'], columns: [new Float64Array(100).map((_, row) => (row < 50 ? row : Number.NaN))] };
    await expect(backtest(holed, options)).rejects.toThrow(gatecastError('invalid-data', /one complete window/));
  });
});

describe('a category', () => {
  const words = ['off', 'on'];
  const state = Float64Array.from({ length: 400 }, (_, row) => (row % 10 < 6 ? 0 : 1));
  const wave = state.map((on) => on + 0.1 * random());
  const rows: Table = { names: ['wave', 'state'], columns: [wave, state], words: [undefined, words] };
  const training = { targets: 'state', hidden: 4, lookback: 12, epochs: 8, cell: 'gru' } as const;

  test('is scored at each origin by its own measures', async () => {
    const options = { train: { ...training, horizon: 2 }, origins: 40, stride: 1, refit: 20 };
    const score = await backtestClasses(rows, options);
    expect(score.count).toBe(80);
    expect(score.accuracy).toBeGreaterThan(0.9); // it repeats every ten rows
    // Of the last 41 rows, by hand: which of the next two have the word of the row before.
    let again = 0;
    for (let origin = 359; origin < 399; origin++) {
      for (const step of [0, 1]) again += state[origin + step] === state[origin - 1] ? 1 : 0;
    }
    expect(score.repeated).toBeCloseTo(again / 80, 12);
  });

  test('is told of the present with horizon 0', async () => {
    const told = { train: { ...training, inputs: ['wave'], horizon: 0 }, origins: 30, stride: 2, refit: false };
    const score = await backtestClasses(rows, told);
    expect(score.count).toBe(30);
    expect(score.accuracy).toBe(1);
    expect(score).not.toHaveProperty('repeated');
    const { classes, score: none } = await lastValueFrom(backtestProgress(rows, told));
    expect([classes, none]).toEqual([score, undefined]);
  });

  test('and numbers are refused by the other function, with its name', async () => {
    const of = (train: BacktestOptions['train']) => ({ train, horizon: 2, origins: 2 });
    await expect(backtest(rows, { train: { ...training, horizon: 2, epochs: 1 }, origins: 2 })).rejects.toThrow(
      gatecastError('invalid-argument', /backtestClasses\(\)/),
    );
    const naive = () => baselines.last({ inputs: ['wave'], horizon: 2 });
    await expect(backtestClasses(rows, of(naive))).rejects.toThrow(gatecastError('invalid-argument', /backtest\(\)/));
  });
});
