import { expect, test } from 'vitest';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { predict } from '../../lib/batch/predict.ts';
import { createRandom } from '../../lib/base/random.ts';
import { seriesOf } from '../../lib/data/series.ts';
import type { Table } from '../../lib/data/table.ts';
import { fit, train } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const ROWS = 1200;
const split = { train: 800, validation: 200 };

/** A load that follows the price of the same row, 2 less for each unit, and noise of a mean size of 0.1. */
function priced(rows = ROWS): Table {
  const random = createRandom(3);
  const price = Float64Array.from({ length: rows }, () => Math.floor(random() * 2) * 4 + random());
  const load = price.map((value) => 20 - 2 * value + 0.4 * (random() - 0.5));
  return { names: ['load', 'price'], columns: [load, price], units: ['MW', 'EUR'] };
}

const roles = { load: 'target', price: 'future' } as const;
const quick = { horizon: 3, lookback: 6, epochs: 1, hidden: 4 };

test('what follows a column known ahead is forecast from it, nearly as well as its noise lets', async () => {
  const table = priced();
  const scores = [];
  for (const role of ['future', 'past'] as const) {
    const model = await fit(table, { horizon: 6, split, roles: { ...roles, price: role } });
    scores.push(evaluate(model, table, { from: 1000 }));
  }
  const [ahead, without] = scores;
  expect(ahead!.mae).toBeLessThan(0.2);
  expect(without!.mae).toBeGreaterThan(5 * ahead!.mae);
});

test('describes each step ahead, scaled as its column, and fills plans that end', async () => {
  const { description, scaler } = await fit(priced(200), { ...quick, roles });
  expect(description.inputs).toEqual([
    { name: 'price', unit: 'EUR' },
    { name: 'load', unit: 'MW' },
    { name: 'price+1', of: 'price', ahead: 1, unit: 'EUR' },
    { name: 'price+2', of: 'price', ahead: 2, unit: 'EUR' },
    { name: 'price+3', of: 'price', ahead: 3, unit: 'EUR' },
  ]);
  expect(description.gap).toBe('hold');
  for (const numbers of [scaler.mean, scaler.std]) {
    expect(new Set(numbers.subarray(2))).toEqual(new Set([numbers[0]]));
    expect(numbers[1]).not.toBe(numbers[0]);
  }
});

test('roles of the options, of a table and of series give the same model', async () => {
  const table = priced(200);
  const own: Table = { ...table, roles: ['target', 'future'] };
  const models = [
    await fit(table, { ...quick, roles }),
    await fit(own, quick),
    await fit(seriesOf(own), quick),
    await fit({ ...table, roles: ['future', 'past'] }, { ...quick, roles }),
    await fit(own, { ...quick, targets: 'load', inputs: ['price'] }),
  ];
  const prints = new Set(models.map(({ fingerprint }) => fingerprint));
  expect(prints.size).toBe(1);
});

test('refuses roles that do not fit in a sentence', () => {
  const table = priced(200);
  const refused = (options: object, code: string, words: RegExp, data: Table = table) =>
    expect(() => train(data, { ...quick, ...options })).toThrow(gatecastError(code as never, words));
  refused({ roles, targets: 'load' }, 'invalid-argument', /no value beside options.roles for options.targets/);
  refused({ roles, inputs: 'all' }, 'invalid-argument', /no value beside options.roles for options.inputs/);
  refused({ roles: { price: 'future' } }, 'invalid-argument', /a column with the role target for options.roles/);
  refused({ roles: { load: 'aim' } }, 'invalid-argument', /'target' or 'past' or 'future' or 'static'/);
  refused({ roles: { lod: 'target' } }, 'invalid-data', /Did you mean "load"/);
  const words: Table = {
    ...table,
    columns: [table.columns[0]!, new Float64Array(200)],
    words: [undefined, ['holiday']],
  };
  refused({ roles }, 'invalid-data', /^Expected numbers in a column known ahead for price but received/, words);
});

test('a static column that changes within a series is named with the row', async () => {
  const table = priced(200);
  const named = (change: number) => ({
    ...table,
    names: ['load', 'size'],
    columns: [table.columns[0]!, new Float64Array(200).fill(7).fill(change, 120)],
  });
  const fixed = { ...quick, roles: { load: 'target', size: 'static' } } as const;
  await expect(
    fit(
      seriesOf(
        new Map([
          ['a', named(7)],
          ['b', named(8)],
        ]),
      ),
      fixed,
    ),
  ).rejects.toThrow('Expected one value of "size", a static column, in the series "b" but row 121 has 8 after 7.');
  const holed = named(7);
  holed.columns[1]!.fill(Number.NaN, 0, 50);
  expect((await fit(holed, fixed)).description.inputs.map(({ name }) => name)).toContain('size');
});

test('rows at the end without a value of the target are the plan of the forecast after the row before them', async () => {
  const table = priced(200);
  const model = await fit(table, { ...quick, roles });
  const [load, price] = table.columns as [Float64Array, Float64Array];
  const planned = { ...table, columns: [load.map((value, row) => (row < 197 ? value : Number.NaN)), price] };
  const state = model.createState();
  let last;
  for (let row = 0; row < 197; row++) {
    last = state.step({ values: { load: load[row]!, price: price.subarray(row, row + 4) } });
  }
  const found = (await predict(model, planned)).get('')!;
  expect(found.row).toBe(196);
  expect(found.forecast.mean).toEqual(last?.mean);
});
