import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { seriesOf } from '../../lib/data/series.ts';
import type { Table } from '../../lib/data/table.ts';
import { Phases } from '../../lib/model/inputs/cycle.ts';
import { fit } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1); // a Monday
const small = { targets: 'y', horizon: 3, hidden: 4, epochs: 1, lookback: 8, calendar: 'none' } as const;

/** Hours that follow `course` of the hour of the day and the day of the week, with noise around a level that wanders. */
function hours(rows: number, course: (hour: number, day: number) => number, noise = 0.3, wander = 0.05): Table {
  const random = createRandom(4);
  let level = 50;
  const at = Float64Array.from({ length: rows }, (_, i) => START + i * HOUR);
  const y = at.map((_, i) => {
    level += wander * (random() - 0.5);
    return level + course(i % 24, Math.floor(i / 24) % 7) + noise * (random() - 0.5);
  });
  return { names: ['y'], columns: [y], at };
}

/** Where a day jumps, which no few sines describe. */
const jumps = (hour: number) => [5, 9, 17].filter((of) => of <= hour).length * 4 - (hour === 12 ? 6 : 0);

describe('a cycle', () => {
  test('is found as the mean course of the training rows, whatever their level', async () => {
    const table = hours(24 * 60, jumps);
    const model = await fit(table, { ...small, cycle: '1d' });
    expect(model.description.cycle).toEqual({ period: 24 * HOUR, phases: 24, zone: 'UTC' });
    const [std, { data }] = [model.scaler.std[0]!, model.course!];
    const mean = Array.from({ length: 24 }, (_, hour) => jumps(hour) / 24).reduce((a, b) => a + b);
    data.forEach((value, hour) => expect(value * std).toBeCloseTo(jumps(hour) - mean, 0));
    model.dispose();
  });

  test('is found by itself where the rows follow the day or the week, and not in noise', async () => {
    const of = async (table: Table) => {
      const model = await fit(table, { ...small, calendar: 'auto', cycle: 'auto' });
      model.dispose();
      return model.description.cycle?.phases;
    };
    expect(await of(hours(24 * 60, jumps, 0.3, 0))).toBe(24);
    expect(await of(hours(24 * 60, (hour, day) => jumps(hour) * (day < 5 ? 1 : 0.2)))).toBe(168);
    expect(await of(hours(24 * 60, () => 0))).toBeUndefined();
  });

  test('lets a network that has learned little forecast a course that jumps', async () => {
    const table = hours(24 * 60, jumps);
    const span = { from: 24 * 50 };
    const plain = await fit(table, { ...small, split: { train: 960, validation: 240 } });
    const cycled = await fit(table, {
      ...small,
      cycle: 'auto',
      calendar: 'auto',
      split: { train: 960, validation: 240 },
    });
    const [before, after] = [plain, cycled].map((model) => evaluate(model, table, span).mae);
    expect(after).toBeLessThan(0.2 * before!);
    expect(after).toBeLessThan(0.2); // noise of 0.3 has a mean distance of 0.1 between two values
  });

  test('is an option of a model that draws paths, which follow it', async () => {
    const table = hours(24 * 60, jumps);
    const options = { ...small, model: 'deepar', scale: 'global', split: { train: 960, validation: 240 } } as const;
    const [plain, cycled] = [await fit(table, options), await fit(table, { ...options, cycle: '1d' })];
    expect(cycled.description.cycle).toEqual({ period: 24 * HOUR, phases: 24, zone: 'UTC' });
    const [before, after] = [plain, cycled].map((model) => evaluate(model, table, { from: 24 * 50, stride: 5 }).mae);
    expect(after).toBeLessThan(0.4 * before!);
  });

  test('of a week draws phases with few rows towards their day', async () => {
    const table = hours(24 * 7 * 6, jumps, 4);
    const model = await fit(table, { ...small, cycle: '7d' });
    const [std, { data }] = [model.scaler.std[0]!, model.course!];
    const finder = new Phases(model.description.cycle!);
    const mean = Array.from({ length: 24 }, (_, hour) => jumps(hour) / 24).reduce((a, b) => a + b);
    let [error, raw] = [0, 0];
    const rows = table.columns[0]!.subarray(0, Math.floor(0.8 * 24 * 7 * 6));
    const level = rows.reduce((a, b) => a + b) / rows.length;
    for (let phase = 0; phase < 168; phase++) {
      const truth = jumps(phase % 24) - mean;
      const own = [...rows].filter((_, i) => finder.at(table.at![i]!) === phase);
      error += (data[phase]! * std - truth) ** 2;
      raw += (own.reduce((a, b) => a + b) / own.length - level - truth) ** 2;
    }
    expect(error).toBeLessThan(0.5 * raw);
    model.dispose();
  });

  test('has any length of whole steps, and its own phases for each target', async () => {
    const at = Float64Array.from({ length: 900 }, (_, i) => START + i * 60_000);
    const y = at.map((_, i) => (i % 9 === 4 ? 5 : 0));
    const z = at.map((_, i) => 100 - 20 * ((i % 9) / 9));
    const options = { ...small, targets: ['y', 'z'], cycle: '9m' };
    const model = await fit({ names: ['y', 'z'], columns: [y, z], at }, options);
    const errors = evaluate(model, { names: ['y', 'z'], columns: [y, z], at }, { from: 720 });
    expect(errors.scaled.mae).toBeLessThan(0.05);
    model.dispose();
  });

  test('goes with a scale for each series: forecasts do not depend on the level of the series', async () => {
    const low = hours(24 * 60, jumps);
    const high = { ...low, columns: [low.columns[0]!.map((value) => value + 1e6)] };
    const series = new Map([
      ['low', low],
      ['high', high],
    ]);
    const model = await fit(seriesOf(series), { ...small, cycle: '1d', scale: 'series', anchor: 'none' });
    const scores = await evaluate(model, seriesOf(series), { from: 24 * 50 });
    const [below, above] = ['low', 'high'].map((key) => scores.series.get(key)!.mae);
    expect(above).toBeCloseTo(below!, 3);
    expect(below).toBeLessThan(0.4);
  });

  test('stays that of the model on which learning goes on', async () => {
    const from = await fit(hours(24 * 60, jumps), { ...small, cycle: '1d' });
    const flat = hours(24 * 60, () => 0);
    const model = await fit(flat, { from, epochs: 1 });
    expect(model.course).toEqual(from.course);
    expect(model.description.cycle).toEqual(from.description.cycle);
  });

  test('is refused where it cannot be', async () => {
    const table = hours(24 * 20, jumps);
    const wrong = (data: Table, options: object, message: RegExp) =>
      expect(fit(data, { ...small, ...options })).rejects.toThrow(gatecastError('invalid-argument', message));
    const { at: _, ...untimed } = table;
    await wrong(untimed, { cycle: '1d' }, /^Expected rows with times on even steps, for a cycle, for options\.cycle/);
    await wrong(table, { cycle: '1h' }, /^Expected 2 to 10080 steps of 3600000 ms, for a cycle, for options\.cycle/);
    await wrong(table, { cycle: 'daily' }, /^Expected milliseconds or text such as '10m' for options\.cycle/);
  });
});
