// Which kind of model is learned where the options name none.
import { lastValueFrom, take } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { seriesOf } from '../../lib/data/series.ts';
import type { Table } from '../../lib/data/table.ts';
import { whySegments } from '../../lib/train/models/choose-model.ts';
import { resolveOptions, type TrainOptions } from '../../lib/train/options.ts';
import { layOut } from '../../lib/train/plan.ts';
import { train } from '../../lib/train/train.ts';

/** Two rhythms that know nothing of each other, and a third column. */
function rhythms(rows: number, level = 0): Table {
  const random = createRandom(5);
  const wave = (period: number) =>
    Float64Array.from({ length: rows }, (_, i) => level + Math.sin((2 * Math.PI * i) / period) + random() / 5);
  return { names: ['a', 'b', 'c'], columns: [wave(24), wave(31), wave(12)] };
}

const table = rhythms(9001);
const both = ['a', 'b'];

/** What is said of the choice; undefined if it is not 'segment'. */
function chosen(given: TrainOptions, tables: readonly Table[] = [table]): string | undefined {
  const keyed = tables.map((each) => ({ ...each, key: '' }));
  const series = layOut(
    keyed,
    keyed.map(() => given.split),
  );
  return whySegments(given, resolveOptions(given, tables), series);
}

describe('segments are chosen', () => {
  test.each<TrainOptions>([
    { targets: 'a', horizon: 48 },
    { targets: both, horizon: 96 },
    { targets: both, inputs: both, horizon: 48, loss: 'mse', seed: 3, gap: 'hold' },
    { targets: both, horizon: 48, channels: 'embedded', min: 0, split: { train: 7200, validation: 200 } },
  ])('for many steps of targets that are forecast from their own past: %o', (given) => {
    expect(chosen(given)).toMatch(/^model 'segment', because \d+ steps ahead are many and /);
  });

  test.each<[string, TrainOptions]>([
    ['few steps', { targets: 'a', horizon: 47 }],
    ['other inputs', { targets: 'a', inputs: ['c'], horizon: 48 }],
    ['all columns as inputs', { targets: 'a', inputs: 'all', horizon: 48 }],
    ['marks of what is missing', { targets: 'a', horizon: 48, gap: 'mask' }],
    ['counts', { targets: 'a', horizon: 48, loss: 'negative-binomial' }],
    ['few rows', { targets: 'a', horizon: 48, split: { train: 7199, validation: 200 } }],
    ['a horizon of which there are few', { targets: 'a', horizon: 730 }],
    ['targets that are read together', { targets: both, horizon: 48, channels: 'joint' }],
    ['the kind of model', { targets: 'a', horizon: 48, model: 'recurrent' }],
    ['the size of the network', { targets: 'a', horizon: 48, hidden: 32 }],
    ['how it learns', { targets: 'a', horizon: 48, epochs: 40 }],
    ['what only a carried state has', { targets: 'a', horizon: 48, calendar: 'auto' }],
  ])('not with %s', (_, given) => {
    expect(chosen(given)).toBeUndefined();
  });

  test('not where one target foretells another', () => {
    const [a, , c] = table.columns as [Float64Array, Float64Array, Float64Array];
    const noise = Float64Array.from(a, (_, i) => Math.sin(i * i));
    const led = noise.map((_, i) => (i >= 60 ? noise[i - 60]! : 0));
    const leads = { names: ['a', 'b', 'c'], columns: [noise, led, c] };
    expect(chosen({ targets: both, horizon: 60 }, [leads])).toBeUndefined();
  });

  test('for several series, but not where each needs a scale of its own', () => {
    const given = { targets: 'a', horizon: 48 };
    expect(chosen(given, [rhythms(9001), rhythms(600)])).toBeDefined();
    expect(chosen(given, [rhythms(9001), rhythms(9001, 1000)])).toBeUndefined();
  });
});

test('what is chosen is learned, and the notes say why', async () => {
  const given = { targets: both, horizon: 48, seed: 2 };
  const [first, again, recurrent] = await Promise.all(
    [
      train(table, given),
      train(seriesOf(new Map([['', table]])), given),
      train(table, { ...given, model: 'recurrent' }),
    ].map((passes) => lastValueFrom(passes.pipe(take(1)))),
  );
  expect(first!.notes).toEqual([
    "model 'segment', because 48 steps ahead are many and each target is forecast from its own past; name another with the option model",
  ]);
  expect(again).toEqual(first);
  expect(recurrent!.notes).toEqual([]);
  expect(recurrent!.epochs).not.toBe(first!.epochs);
});
