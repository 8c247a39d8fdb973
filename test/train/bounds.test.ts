import { expect, test } from 'vitest';
import type { Table } from '../../lib/data/table.ts';
import { targetBounds } from '../../lib/train/bounds.ts';
import { fit } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const table = (...cpu: number[]): Table => ({
  names: ['cpu', 'load'],
  columns: [Float64Array.from(cpu), Float64Array.from(cpu, (value) => value / 10)],
  units: ['%', undefined],
});
const busy = [table(0, 40, Number.NaN, 100)];
const targets = ['cpu', 'load'];

test.each([
  ['a share in per cent', {}, [{ min: 0, max: 100 }, {}]],
  [
    'all targets',
    { min: -5, max: 105 },
    [
      { min: -5, max: 105 },
      { min: -5, max: 105 },
    ],
  ],
  ['one of them', { min: { load: 0 } }, [{ min: 0, max: 100 }, { min: 0 }]],
  ['none at one side', { max: { cpu: Infinity } }, [{ min: 0 }, {}]],
  ['none at all', { min: -Infinity, max: Infinity }, undefined],
])('bounds of %s', (_, given, bounds) => {
  expect(targetBounds(busy, { targets, ...given })).toEqual(bounds);
});

test('a target in per cent with values outside has no default bounds', () => {
  expect(targetBounds([table(0, 101)], { targets })).toBeUndefined();
  expect(targetBounds([...busy, table(-0.1, 5)], { targets })).toBeUndefined();
});

test.each([
  [{ min: { cpuu: 0 } }, 'invalid-argument', /Did you mean "cpu"/],
  [{ min: Number.NaN }, 'invalid-argument', /a number for options.min but received NaN/],
  [{ max: { load: '9' as never } }, 'invalid-argument', /options.max.load but received "9"/],
  [{ min: 50, max: 50 }, 'invalid-argument', /less than 50 for the min of cpu/],
  [{ min: 200, max: 300 }, 'invalid-data', /values of "cpu" between 200 and 300 but found none/],
] as const)('refuses %j', (given, code, message) => {
  expect(() => targetBounds(busy, { targets, ...given })).toThrow(gatecastError(code, message));
});

test('fit keeps them in the model, and by default reads the targets alone', async () => {
  const rows = Float64Array.from({ length: 120 }, (_, t) => 50 + 50 * Math.sin(t));
  const data = { names: ['cpu', 'load'], columns: [rows, rows], units: ['%', undefined] };
  const options = { targets: 'cpu', horizon: 2, hidden: 2, epochs: 1, lookback: 4 };
  const model = await fit(data, options);
  expect(model.description).toMatchObject({ bounds: [{ min: 0, max: 100 }], inputs: [{ name: 'cpu', unit: '%' }] });
  const all = await fit(data, { ...options, inputs: 'all', min: -Infinity });
  expect(all.description.bounds).toEqual([{ max: 100 }]);
  expect(all.description.inputs.map(({ name }) => name)).toEqual(['cpu', 'load']);
});
