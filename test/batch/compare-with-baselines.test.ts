import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import type { Baseline } from '../../lib/baselines/baseline.ts';
import { baselines } from '../../lib/baselines/baselines.ts';
import { compareWithBaselines, notBeaten } from '../../lib/batch/compare-with-baselines.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { baselineNames, fitBaseline } from '../../lib/batch/fit-baseline.ts';
import { seriesOf } from '../../lib/data/series.ts';
import { sliceRows, type Table } from '../../lib/data/table.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const random = createRandom(5);
const noise = Float64Array.from({ length: 400 }, () => random());
/** A week of days, with noise and a slope. */
const load = (rows: number, level = 20): Table => ({
  names: ['load'],
  columns: [
    Float64Array.from({ length: rows }, (_, t) => level + 0.01 * t + 5 * Math.sin((2 * Math.PI * t) / 24) + noise[t]!),
  ],
  at: Float64Array.from({ length: rows }, (_, t) => 3_600_000 * t),
});
const task = { targets: ['load'], horizon: 6, interval: '1h' } as const;
const table = load(400);

describe('a comparison', () => {
  test('fits every baseline to the rows before and scores it as evaluate does', async () => {
    const model = baselines.drift(task);
    const said = await compareWithBaselines(model, table, { from: 300, to: 380 });
    const names = Object.keys(said.baselines);
    for (const name of baselineNames)
      expect(
        names.some((each) => each.replace(/\(.*/, '') === name),
        name,
      ).toBe(true);
    expect(names).toContain('seasonal(24)');
    expect(names).toContain('seasonal(168)'); // by the calendar
    expect(said.leftOut).toEqual([]);
    const own = evaluate(model, table, { from: 300, to: 380 });
    expect(said.model).toEqual({ mse: own.mse, mae: own.mae, scaled: own.scaled });
    expect(said.windows).toBe(75);
    expect(said.baselines.drift).toEqual(said.model);
    const seasonal = evaluate(baselines.seasonal(24, task), table, { from: 300, to: 380 });
    expect(said.baselines['seasonal(24)']!.mae).toBe(seasonal.mae);
    const errors = Object.values(said.baselines).map(({ scaled }) => scaled.mse);
    expect(errors).toEqual(errors.toSorted((a, b) => a - b));
    expect(said.best).toBe(names[0]);
    expect(said.skill).toBe(1 - said.model.scaled.mse / errors[0]!);
    expect(said.verdict).toMatch(/^The model loses to the baseline .*: its MSE is [\d.]+ times as large\.$/);
  });

  test('is won by a model that knows more, and says by how much', async () => {
    const rows = noise.subarray(290); // fitted to the rows of the test: a model that cannot be beaten
    const twice = { names: ['load'], columns: [Float64Array.from([...rows, ...rows])] };
    const model = await fitBaseline('nlinear', twice, task, { lookback: 48, validation: 110 });
    const won = await compareWithBaselines(model, { ...table, columns: [noise] }, { from: 340 });
    expect(won.skill).toBeGreaterThan(0.2);
    expect(won.verdict).toMatch(/^The model's MSE is [\d.]+% below that of the best baseline, .*\.$/);
    expect(notBeaten(won, 'best')).toBeUndefined();
    const wrong = await compareWithBaselines(baselines.seasonal(24, task), load(400), { from: 300 });
    expect(notBeaten(wrong, 'last')).toBeUndefined();
    expect(notBeaten(wrong, 'drift')).toBeUndefined();
    expect(notBeaten(wrong, 'seasonal')).toMatch(
      /^The model does not beat seasonal\(24\): its MSE on scaled values is /,
    );
    expect(notBeaten(wrong, 'best')).toMatch(/^The model does not beat /);
    const flat = await compareWithBaselines(baselines.last(task), { ...table, columns: [noise] }, { from: 5 });
    expect(notBeaten(flat, 'seasonal')).toBe('There is no baseline seasonal to beat: it does not apply to these rows.');
  });

  test('does not say that a model loses to itself', async () => {
    const { best } = await compareWithBaselines(baselines.last(task), table, { from: 300 });
    const name = baselineNames.find((each) => best.startsWith(each))!;
    const model = await fitBaseline(name, sliceRows(table, 0, 300), task, { period: 24 });
    const said = await compareWithBaselines(model, table, { from: 300 });
    expect(said.verdict).toBe(`The model errs as much as the best baseline, ${best}.`);
  });

  test('has a linear baseline that knows series of any size', async () => {
    const drifting = (size: number) => ({
      ...table,
      columns: [noise.map((value, i) => size * (Math.sin(i / 3) + i / 50 + value / 100))],
    });
    const sizes = [1e-3, 1, 1e3];
    const model = await fitBaseline(
      'nlinear',
      seriesOf(new Map(sizes.map((size) => [`${size}`, drifting(size)]))),
      task,
    );
    for (const size of sizes) {
      const { mae, naive } = evaluate(model, drifting(size), { from: 300 });
      expect(mae).toBeLessThan(0.5 * naive.mae);
    }
  });

  test('takes series, each from its own row', async () => {
    const series = seriesOf(
      new Map([
        ['a', load(400)],
        ['b', load(350, 900)],
        ['c', load(300)],
      ]),
    );
    const said = await compareWithBaselines(baselines.last(task), series, {
      from: new Map([
        ['a', 320],
        ['b', 300],
      ]),
    });
    expect(said.windows).toBe(80 - 5 + (50 - 5));
    expect(said.baselines.last).toEqual(said.model);
    expect(said.baselines['seasonal(24)']!.mse).toBeLessThan(said.model.mse);
  });

  test('says what was left out', async () => {
    const short = await compareWithBaselines(baselines.last(task), load(20), { from: 5 });
    expect(short.leftOut.join(' ')).toMatch(/to fit nlinear to/);
    expect(Object.keys(short.baselines)).toContain('last');
    const wide = { ...task, horizon: 30_000 };
    const long = { names: ['load'], columns: [Float64Array.from({ length: 60_100 }, (_, t) => t % 50)] };
    const many = await compareWithBaselines(baselines.last(wide), long, { from: 100 });
    expect(many.windows).toBe(66);
    expect(many.leftOut).toContain('Only the last 66 windows of each series are compared with the baselines.');
    expect(many.leftOut.join(' ')).toMatch(/at most 4096 samples of lookback and horizon together for nlinear/);
  });

  test('of a constant is no loss, and needs a window', async () => {
    const still = { ...table, columns: [new Float64Array(400).fill(5)] };
    const { skill, verdict } = await compareWithBaselines(baselines.last(task), still, { from: 300 });
    expect([skill, verdict]).toEqual([0, expect.stringMatching(/^The best baseline, .*, makes no error here\.$/)]);
    const none = compareWithBaselines(baselines.last(task), table, { from: 399 });
    await expect(none).rejects.toThrow(gatecastError('invalid-data', /^Expected at least one complete window/));
    const unsaid = compareWithBaselines(baselines.last(task), table, {} as never);
    await expect(unsaid).rejects.toThrow(gatecastError('invalid-argument', /options\.from/));
  });
});

describe('a fitted baseline', () => {
  test.each(baselineNames)('%s forecasts what was asked', async (name) => {
    const model = await fitBaseline(name, table, task);
    expect(model.name).toMatch(new RegExp(`^${name}`));
    expect(model.description).toMatchObject({ targets: ['load'], horizon: 6, interval: 3_600_000 });
    expect(evaluate(model, table, { from: 350 }).mae).toBeLessThan(8);
    expect((await fitBaseline(name, seriesOf(table), task)).fingerprint).toBe(model.fingerprint);
    expect((await fitBaseline(name, table, model)).fingerprint).toBe(model.fingerprint);
  });

  test('has parameters of its own for each target', async () => {
    const both = {
      names: ['a', 'b'],
      columns: [table.columns[0]!, table.columns[0]!.map((x, t) => x + (t % 9) * noise[t]!)],
    };
    const model = await fitBaseline('holtWinters', both, { inputs: ['a', 'b'], horizon: 2 }, { period: 24 });
    expect(model.name).toBe('holtWinters(24)');
    for (const name of both.names) {
      const alone = await fitBaseline(
        'holtWinters',
        both,
        { inputs: ['a', 'b'], targets: [name], horizon: 2 },
        { period: 24 },
      );
      const [state, other] = [model.createState(), alone.createState()];
      for (let t = 0; t < 90; t++) {
        const values = both.columns.map((column) => column[t]!);
        const said = state.step(values)!.mean;
        expect(other.step(values)!.mean).toEqual(name === 'a' ? said.slice(0, 2) : said.slice(2));
      }
    }
  });

  test('begins with its own first state, if asked', async () => {
    const options = { period: 24, damped: false, initial: true };
    const model = await fitBaseline('holtWinters', table, task, options);
    const plain = await fitBaseline('holtWinters', table, task, { ...options, initial: false });
    const error = (of: Baseline) =>
      Math.abs(of.createState().step([table.columns[0]![0]!])!.mean[5]! - table.columns[0]![6]!);
    expect(error(model)).toBeLessThan(1.5);
    expect(error(plain)).toBeGreaterThan(3); // the last value
  });

  test('is refused without a season or a whole window', async () => {
    const flat = { names: ['load'], columns: [noise] };
    await expect(fitBaseline('seasonal', flat, task)).rejects.toThrow(
      gatecastError('invalid-data', /^Expected a season/),
    );
    const linear = fitBaseline('dlinear', load(20), task, { lookback: 30 });
    await expect(linear).rejects.toThrow(gatecastError('invalid-data', /^Expected 36 rows with values in a row/));
    await expect(fitBaseline('arima' as never, table, task)).rejects.toThrow(
      gatecastError('invalid-argument', /for name/),
    );
    const empty = { names: ['load'], columns: [new Float64Array(50).fill(Number.NaN)] };
    await expect(fitBaseline('theta', empty, task)).rejects.toThrow(gatecastError('invalid-data', /one value in load/));
  });
});
