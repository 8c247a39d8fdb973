import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { evaluateClasses } from '../../lib/batch/evaluate-classes.ts';
import { predict } from '../../lib/batch/predict.ts';
import { seriesOf } from '../../lib/data/series.ts';
import { sliceRows, type Table } from '../../lib/data/table.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { fit } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const words = ['idle', 'slow', 'fast'];

/** A wave whose speed the state decides, for stretches of 20 rows. */
function machine(rows: number, phase = 0): Table {
  const random = createRandom(5 + phase);
  const state = Float64Array.from({ length: rows }, (_, row) => Math.floor((row + 7 * phase) / 20) % 3);
  let angle = 0;
  const wave = state.map((speed) => Math.sin((angle += speed)) + 0.1 * (random() - 0.5));
  return { names: ['wave', 'state'], columns: [wave, state], words: [undefined, words] };
}

const quick = { hidden: 8, lookback: 10, epochs: 6, seed: 1 } as const;

describe('a category as the target', () => {
  const table = machine(1500);

  test('is told of the newest sample, which need not have it, in tables, files and streams alike', async () => {
    const model = await fit(table, { ...quick, targets: 'state', horizon: 0 });
    expect(model.description).toMatchObject({ targets: ['state'], horizon: 1, present: true, loss: 'classes' });
    expect(model.description.inputs.map(({ name }) => name)).toEqual(['wave']);
    expect(model.description.classes).toEqual(['fast', 'idle', 'slow']);

    const fresh = machine(300, 1);
    const score = await evaluateClasses(model, fresh);
    expect(score.accuracy).toBeGreaterThan(0.85);
    expect(score.naive).toBeLessThan(0.45);
    expect(score.delay.changes).toBe(15);
    expect(score.delay.found).toBeGreaterThan(10);
    expect(score.delay.mean).toBeLessThan(6);

    const state = Forecaster.fromBytes(model.toBytes()).createState();
    const told: (string | undefined)[] = [];
    for (const value of fresh.columns[0]!) {
      const { classes, ready } = state.step(value)!;
      const shares = [...classes!.probabilities.values()].map(([share]) => share!);
      expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
      told.push(ready ? classes!.likeliest[0] : undefined);
    }
    const right = told.filter((word, row) => word === words[fresh.columns[1]![row]!]).length;
    const known = told.filter((word) => word !== undefined).length;
    expect(right / known).toBeCloseTo(score.accuracy, 12);
    const last = (await predict(model, fresh)).get('')!.forecast;
    expect(last.classes!.likeliest).toEqual([told.at(-1)]);
    expect(last.toJSON()).toMatchObject({ mean: {}, intervals: {}, classes: { state: { likeliest: [told.at(-1)] } } });
    expect(last.target('state').classes).toEqual(last.classes);
  });

  test('is learned on from a model of the newest sample, whose accuracy it keeps', async () => {
    const from = await fit(table, { ...quick, targets: 'state', horizon: 0 });
    const model = await fit(machine(600, 2), { from, epochs: 2, learningRate: 1e-3 });
    expect(model.description).toMatchObject({ horizon: 1, present: true, classes: ['fast', 'idle', 'slow'] });
    expect((await evaluateClasses(model, machine(300, 1))).accuracy).toBeGreaterThan(0.85);
  });

  test('is learned on from a model that forecasts it ahead, with its words', async () => {
    const from = await fit(table, { ...quick, targets: 'state', horizon: 3 });
    const model = await fit(machine(600, 2), { from, epochs: 2, learningRate: 1e-3 });
    expect(model.description).toMatchObject({ horizon: 3, classes: from.description.classes, loss: 'classes' });
  });

  test('is forecast ahead from its own course', async () => {
    const model = await fit(table, { ...quick, targets: 'state', inputs: ['wave'], horizon: 2, epochs: 12 });
    expect(model.description.inputs.map(({ name }) => name)).toEqual(['wave', 'state']);
    const score = await evaluateClasses(model, sliceRows(machine(500, 2), 0, 500));
    expect(score.accuracy).toBeGreaterThan(0.85);
    expect(score.repeated).toBeCloseTo(0.925, 2); // a word of two steps changes once in twenty rows: 1 - 1.5 / 20
    const state = model.createState();
    const { classes } = state.step({ values: { wave: 0.2, state: 'idle' } })!;
    expect(classes!.likeliest).toHaveLength(2);
  });

  test('is learned from rows that have it, and words that were not learned are reported', async () => {
    const holes = machine(1500);
    for (let row = 0; row < 1500; row += 3) holes.columns[1]![row] = Number.NaN;
    const model = await fit(holes, { ...quick, targets: 'state', horizon: 0 });
    const fresh = machine(300, 1);
    const other = { ...fresh, words: [undefined, ['idle', 'slow', 'broken']] };
    const score = await evaluateClasses(model, other);
    expect(score.unseen).toEqual(['broken']);
    expect(score.byClass[score.classes.indexOf('broken')]!.recall).toBe(0);
    expect((await evaluateClasses(model, fresh)).accuracy).toBeGreaterThan(0.7);
  });

  test('is refused where numbers are needed, in one sentence', async () => {
    const task = { ...quick, targets: 'state', horizon: 0, epochs: 1 } as const;
    const model = await fit(table, task);
    expect(() => evaluate(model, table)).toThrow(gatecastError('invalid-argument', /evaluateClasses/));
    expect(() => forecast(model, { skill: true })).toThrow(gatecastError('invalid-argument', /numbers for skill/));
    expect(() => forecast(model, { adapt: true })).toThrow(gatecastError('invalid-argument', /numbers for adapt/));
    const alone = { ...table, columns: [table.columns[0]!, new Float64Array(1500)] };
    const wrong = async (data: Table, options: object, message: RegExp) => {
      await expect(async () => fit(data, { ...task, ...options } as never)).rejects.toThrow(message);
    };
    await wrong(alone, {}, /at least two words in "state" .* found only "idle"/);
    await wrong(table, { targets: 'wave' }, /1 to 65536, or 0 for a category, for options.horizon but received 0/);
    await wrong(table, { loss: 'mse', horizon: 1 }, /numbers for state but received "words"/);
    await wrong(table, { targets: 'wave', loss: 'classes' }, /words, with the loss 'classes', for wave/);
    await wrong(table, { levels: [0.5] }, /none with the loss 'classes' for options.levels/);
    await wrong(table, { anchor: 'last' }, /'none' with the loss 'classes' for options.anchor/);
    await wrong(table, { inputs: ['state'] }, /a column beside state, to tell it from, for options.inputs/);
  });
});

describe('counts', () => {
  const random = createRandom(3);
  /** Sums of chances: about `level`, more with the phase. */
  const counts = (level: number) =>
    Float64Array.from({ length: 600 }, (_, row) => {
      const mean = level * (1 + 0.8 * Math.sin((2 * Math.PI * row) / 12));
      let sum = 0;
      for (let i = 0; i < 40; i++) sum += random() < mean / 40 ? 1 : 0;
      return sum;
    });
  const table = (level: number): Table => ({ names: ['sold'], columns: [counts(level)] });
  const task = { ...quick, targets: 'sold', horizon: 2, loss: 'negative-binomial', epochs: 10 } as const;

  test('are forecast by a distribution of whole numbers, of series of any level', async () => {
    const fleet = new Map([
      ['few', table(1)],
      ['many', table(12)],
    ]);
    const model = await fit(seriesOf(fleet), task);
    expect(model.description.anchor).toBe('none');
    for (const [key, own] of fleet) {
      const { forecast } = (await predict(model, own)).get('')!;
      const { family, parameters } = forecast.distribution!;
      expect(family).toBe('negative-binomial');
      expect(forecast.mean).toEqual(parameters['mean']);
      expect(Object.values(forecast.quantiles).every((values) => values.every(Number.isInteger))).toBe(true);
      const score = evaluate(model, own, { from: 480 });
      expect(score.mae).toBeLessThan(0.9 * score.naive.mae);
      expect(score.interval!.held).toBeGreaterThan(0.75);
      expect(forecast.mean[0]).toBeGreaterThan(key === 'few' ? 0 : 1);
    }
  });

  test.each([
    [-1, /whole numbers from 0, with the loss 'negative-binomial', for sold in row 5 but received -1/],
    [2.5, /for sold in row 5 but received 2.5/],
  ])('are refused if one is %s', async (value, message) => {
    const wrong = table(3);
    wrong.columns[0]![4] = value;
    await expect(async () => fit(wrong, task)).rejects.toThrow(gatecastError('invalid-data', message));
  });
});

test("Student's t distribution is hardly moved by outliers, which a normal one widens for", async () => {
  const random = createRandom(9);
  const column = Float64Array.from({ length: 1200 }, (_, row) => random() - 0.5 + (row % 50 === 0 ? 30 : 0));
  const widths: number[] = [];
  for (const loss of ['student-t', 'gaussian'] as const) {
    const model = await fit(
      { names: ['x'], columns: [column] },
      {
        ...quick,
        targets: 'x',
        horizon: 1,
        loss,
        anchor: 'none',
        levelShift: 0,
        epochs: 15,
      },
    );
    const { lower, upper } = (await predict(model, { names: ['x'], columns: [column.subarray(0, 1190)] }))
      .get('')!
      .forecast.interval(0.5);
    widths.push(upper[0]! - lower[0]!);
  }
  // half of the values without outliers lie within 0.5
  expect(widths[0]).toBeGreaterThan(0.3);
  expect(widths[0]).toBeLessThan(0.55);
  expect(widths[1]).toBeGreaterThan(1.3 * widths[0]!);
});
