import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, take } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { seriesOf } from '../../lib/data/series.ts';
import { sliceRows, type Table } from '../../lib/data/table.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { resolveOptions, type TrainOptions } from '../../lib/train/options.ts';
import { gainFromOthers } from '../../lib/train/others.ts';
import { planTraining } from '../../lib/train/plan.ts';
import { fit, train } from '../../lib/train/train.ts';
import { gatecast } from '../cli/gatecast.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const TRAINING = 320;
const options = { targets: ['a', 'b'], horizon: 4, lookback: 12, hidden: 6, epochs: 3, seed: 3 } as const;

/**
 * Two columns with the same values in another order, of which each comes with its negative: so the mean is 0 and the
 * deviation the same to the bit, whether of one column or of both.
 */
function mirrored(hole?: number): Table {
  const random = createRandom(5);
  const half = Array.from({ length: TRAINING / 2 }, (_, i) => Math.round(8 * (9 * Math.sin(i / 4) + random())) / 8);
  const a = [...half, ...half.map((value) => -value)];
  if (hole !== undefined) a[hole] = a[hole + TRAINING / 2] = Number.NaN;
  const after = (phase: number) => Array.from({ length: 80 }, (_, i) => Math.round(70 * Math.sin(i / 4 + phase)) / 8);
  const columns = [
    [...a, ...after(0)],
    [...a.toReversed(), ...after(2)],
  ].map((values) => Float64Array.from(values));
  return { names: ['a', 'b'], columns };
}

describe('targets on their own', () => {
  test.each([
    [{}, undefined],
    [{ anchor: 'none', loss: 'mse' }, undefined],
    [{ scale: 'global', levelShift: 2, lags: [2, 3, 4] }, undefined],
    [{ gap: 'hold', scale: 'global', levelShift: 2 }, 40],
    [{ gap: 'hold', lags: [2, 4, 6] }, 40],
    [{ cell: 'lstm', layers: 2, memory: 'window' }, undefined],
    [{ lags: [2, 5, 12] }, undefined],
  ] as [Partial<TrainOptions>, number | undefined][])(
    'are learned as so many series are, to the bit: %o, with a hole at %o',
    async (changes, hole) => {
      const { names, columns } = mirrored(hole);
      const alone = new Map(names.map((name, i) => [name, { names: ['y'], columns: [columns[i]!] }]));
      const own = { ...options, scale: 'series', ...changes } as const;
      const one = await fit(seriesOf(alone), { ...own, targets: 'y' });
      const both = await fit({ names, columns }, { ...own, channels: 'independent' });
      expect(both.weights()).toEqual(one.weights());
      expect(both.description.training.validationLoss).toBe(one.description.training.validationLoss);
      expect(both.description.scale?.inputs).toEqual(own.scale === 'series' ? names : undefined);
      expect(both.description.network).toEqual(one.description.network);
    },
  );

  test('are the same in whichever order a sample has them', async () => {
    const table = mirrored();
    const own = { ...options, channels: 'embedded' } as const;
    const [model, turned] = [await fit(table, own), await fit(table, { ...own, inputs: ['b', 'a'] })];
    expect(turned.description.inputs.map(({ name }) => name)).toEqual(['b', 'a']);
    expect(turned.weights()).toEqual(model.weights());
    expect(turned.createState().step([1, 5])!.mean).toEqual(model.createState().step([5, 1])!.mean);
  });

  test('are told apart by embeddings: one repeats itself, the other turns', async () => {
    const random = createRandom(1);
    const noise = () => Array.from({ length: 600 }, () => random() - 0.5);
    const table = { names: ['a', 'b'], columns: [chained(0.9, noise()), chained(-0.9, noise())] };
    const one = { horizon: 1, lookback: 1, memory: 'window', anchor: 'none', scale: 'global', loss: 'mse' } as const; // a value alone
    const losses = [];
    for (const channels of ['independent', 'embedded'] as const) {
      const model = await fit(table, { ...options, ...one, epochs: 12, channels });
      losses.push(evaluate(model, table, { from: 480 }).scaled.mse);
    }
    expect(losses[1]).toBeLessThan(0.5 * losses[0]!);
  });

  test('give a model that learns on, also from a checkpoint, and stays what it is', async () => {
    const table = mirrored();
    const folder = mkdtempSync(join(tmpdir(), 'gatecast-channels-'));
    try {
      const from = await fit(table, { ...options, channels: 'embedded' });
      expect(Forecaster.fromBytes(from.toBytes()).fingerprint).toBe(from.fingerprint);
      const on = await fit(table, { from, epochs: 2, freeze: 'recurrent' });
      const { training, warmup: _, dependence: _own, ...own } = on.description;
      const { training: __, warmup: ___, dependence: _others, ...others } = from.description;
      expect(own).toEqual(others);
      expect(training.from).toBe(from.fingerprint);
      expect(on.weights()['weight_ih_l0']).toEqual(from.weights()['weight_ih_l0']);
      expect(on.weights()['head.weight']).not.toEqual(from.weights()['head.weight']);
      const kept = { ...options, channels: 'embedded', checkpoint: join(folder, 'a.checkpoint') } as const;
      await lastValueFrom(train(table, { ...kept, checkpointEvery: 0 }).pipe(take(2)));
      expect((await fit(table, { ...kept, threads: 2 })).weights()).toEqual(from.weights());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Values of which each is the one before, so many times, and some noise. */
function chained(times: number, noise: readonly number[]): Float64Array {
  let value = 0;
  return Float64Array.from(noise, (own) => (value = times * value + own));
}

/** Columns that wander each on its own; with `leads`, the second one is the first one a day later. */
function wandering(leads: boolean): Table {
  const random = createRandom(9);
  const walk = () => {
    let value = 0;
    return Float64Array.from({ length: 800 }, () => (value = 0.9 * value + random() - 0.5));
  };
  const [a, b, c] = [walk(), walk(), walk()];
  const after = a.map((_, i) => (i < 24 ? b[i]! : a[i - 24]!));
  return { names: ['a', 'b', 'c'], columns: [a, leads ? after : b, c] };
}

describe('by default', () => {
  test.each([
    [{}, 'independent'],
    [{ horizon: 23 }, undefined],
    [{ targets: ['a'] }, undefined],
    [{ inputs: ['b', 'a'] }, 'independent'],
    [{ inputs: ['c'] }, undefined],
    [{ inputs: 'all' }, undefined],
    [{ inputs: 'all', targets: ['c', 'a', 'b'] }, 'independent'],
    [{ gap: 'mask' }, undefined],
    [{ gap: 'hold' }, 'independent'],
    [{ channels: 'joint' }, undefined],
    [{ horizon: 1, channels: 'embedded' }, 'embedded'],
  ] as [Partial<TrainOptions>, string | undefined][])(
    'targets that do not help each other are on their own far ahead: %o',
    (changes, channels) => {
      const table = wandering(false);
      const resolved = resolveOptions({ targets: ['a', 'b'], horizon: 24, ...changes }, [table]);
      expect(planTraining([{ ...table, key: '' }], resolved).description.channels).toBe(channels);
    },
  );

  test('targets that help each other, or of which too few rows are known, are read together', () => {
    const channels = (table: Table, rows: number) => {
      const resolved = resolveOptions({ targets: ['a', 'b'], horizon: 24, lookback: 24 }, [table]);
      return planTraining([{ ...sliceRows(table, 0, rows), key: '' }], resolved).description.channels;
    };
    expect(channels(wandering(true), 800)).toBeUndefined();
    expect(channels(wandering(false), 130)).toBeUndefined();
    expect(channels(wandering(false), 800)).toBe('independent');
  });

  test('each keeps the scale of the training rows, unless series differ', () => {
    const table = wandering(false);
    const resolved = resolveOptions({ targets: ['a', 'b'], horizon: 24 }, [table]);
    const other = { ...table, columns: table.columns.map((column) => column.map((value) => 100 + 9 * value)) };
    const scaleOf = (...tables: Table[]) =>
      planTraining(
        tables.map((one, i) => ({ ...one, key: `${i}` })),
        resolved,
      ).description;
    expect(scaleOf(table)).toMatchObject({ channels: 'independent' });
    expect(scaleOf(table)).not.toHaveProperty('scale');
    expect(scaleOf(table, other)).toMatchObject({ channels: 'independent', scale: { inputs: ['a', 'b'] } });
  });
});

test('what others add to a linear forecast is what they know', () => {
  const rowsOf = (table: Table) => [
    { table, offset: 0, training: { from: 0, to: 800 }, validation: { from: 800, to: 800 } },
  ];
  // Of the change of b a day ahead, a knows all: one of two targets, at one of three steps.
  const known = gainFromOthers(rowsOf(wandering(true)), ['a', 'b'], 24)!;
  expect(known).toBeGreaterThan(0.12);
  const nothing = gainFromOthers(rowsOf(wandering(false)), ['a', 'b', 'c'], 24)!;
  expect(Math.abs(nothing)).toBeLessThan(0.05);
});

const many = Array.from({ length: 257 }, (_, i) => `t${i}`);

test.each([
  [
    { inputs: ['c'] },
    /^Expected only the targets, each of which is read alone with channels 'independent', for the inputs/,
  ],
  [{ gap: 'elapsed' }, /^Expected 'hold', 'decay' or 'impute' with channels 'independent' for options.gap/],
  [{ targets: ['word'] }, /^Expected a loss for numbers with channels 'independent' for options.loss/],
  [{ channels: 'apart' }, /^Expected 'joint' or 'independent' or 'embedded' for options.channels but received "apart"/],
  [{ channels: 'joint', model: 'segment' }, /^Expected 'independent' or 'embedded' with the model 'segment'/],
  [{ channels: 'independent', model: 'deepar' }, /^Expected no value without the model 'recurrent'/],
  [{ channels: 'embedded', targets: many }, /^Expected at most 256 with/],
])('what cannot be is refused in one sentence, case %#', (changes, sentence) => {
  const { columns } = mirrored();
  const names = ['a', 'b', 'c', ...many, 'word'];
  const words = names.map((name) => (name === 'word' ? ['on', 'off'] : undefined));
  const table = {
    names,
    columns: names.map((_, i) => (words[i] ? columns[0]!.map((_, row) => row % 2) : columns[i % 2]!)),
    words,
  };
  expect(() => train(table, { ...options, channels: 'independent', ...changes } as never)).toThrow(
    gatecastError('invalid-argument', sentence),
  );
});

describe('gatecast train --channels', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatecast-channels-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('learns targets on their own, and inspect says so', async () => {
    const { columns } = mirrored();
    const lines = Array.from({ length: 400 }, (_, row) => columns.map((column) => column[row]).join(','));
    writeFileSync(join(folder, 'two.csv'), `a,b\n${lines.join('\n')}\n`);
    const words = ['--target', 'all', '--horizon', '4', '--epochs', '1', '--channels', 'embedded'];
    const learned = await gatecast(folder, ['train', 'two.csv', ...words]);
    expect(learned.stdout).toMatch(/GRU, 1 layer of 32 units for each target alone;/);
    const { stdout } = await gatecast(folder, ['inspect', 'two.gatecast']);
    expect(stdout).toMatch(/^channels {3}each target is a stream of its own, with the same weights and an embedding$/m);
  });
});
