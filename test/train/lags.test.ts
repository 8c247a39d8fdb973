import { expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { fit } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const HOUR = 3_600_000;
const options = { targets: 'y', horizon: 1, lookback: 12, hidden: 6, epochs: 10, loss: 'mse' } as const;

const alone = {
  targets: ['a', 'b'],
  channels: 'independent',
  horizon: 24,
  hidden: 4,
  epochs: 1,
  loss: 'mse',
} as const;

/** The lags of so many values before the newest one. */
const last = (count: number) => Array.from({ length: count }, (_, i) => 2 + i);

/** Noise that comes again eight steps later, a little changed. */
function echo(rows: number) {
  const random = createRandom(3);
  const y = new Float64Array(rows);
  y.forEach((_, i) => (y[i] = i < 8 ? random() - 0.5 : 0.95 * y[i - 8]! + 0.2 * (random() - 0.5)));
  return { names: ['y'], columns: [y] };
}

test('a network that reads earlier values finds what it would have to remember', async () => {
  const table = echo(1200);
  const errors = [];
  for (const lags of ['none', last(8)] as const) {
    const model = await fit(table, { ...options, lags });
    expect(model.description.lags).toEqual(lags === 'none' ? undefined : lags);
    errors.push(evaluate(model, table, { from: 960 }).mse);
  }
  expect(errors[1]).toBeLessThan(0.5 * errors[0]!);
});

test('a model that learns on reads them too', async () => {
  const from = await fit(echo(400), { ...options, lags: last(8), epochs: 2 });
  const model = await fit(echo(500), { from, epochs: 1 });
  expect(model.description.lags).toEqual(last(8));
  expect(model.description.network).toEqual(from.description.network);
});

test.each([
  [true, {}, 24],
  [true, { lags: [2, 3, 4] }, 3],
  [true, { lookback: 12 }, undefined],
  [true, { calendar: 'none' }, undefined],
  [true, { channels: 'joint' }, undefined],
  [false, {}, undefined],
] as const)(
  'the default of targets on their own is a day where they follow it: %s, %o',
  async (follow, changes, lags) => {
    const random = createRandom(2);
    const at = Float64Array.from({ length: 24 * 40 }, (_, i) => i * HOUR);
    const day = (phase: number) =>
      at.map((_, i) => (follow ? Math.sin((2 * Math.PI * (i % 24)) / 24 + phase) : 0) + random());
    const table = { names: ['a', 'b'], columns: [day(0), day(2)], at };
    const model = await fit(table, { ...alone, ...changes });
    expect(model.description.lags).toEqual(lags && last(lags));
  },
);

test.each([
  [{ lags: last(1025) }, /for options.lags/],
  [{ lags: [1] }, /for options.lags\[0\] but received 1/],
  [{ lags: [2], model: 'segment' }, /^Expected no value without the model .* for options.lags/],
  [{ lags: [2], memory: 'window' }, /^Expected 'carried' with lags for description.memory/],
  [{ lags: [3, 3] }, /^Expected different lags for options.lags/],
])('what cannot be is refused: %o', async (changes, message) => {
  await expect(fit(echo(200), { ...options, ...changes } as never)).rejects.toThrow(
    gatecastError('invalid-argument', message),
  );
});
