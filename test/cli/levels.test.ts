import { expect, test } from 'vitest';
import { checkLevels } from '../../lib/cli/levels.ts';
import { aheadInputs } from '../../lib/model/ahead.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';

const [load, price] = [{ name: 'load' }, { name: 'price' }];
const task = { targets: ['load'], levels: [0.1, 0.5, 0.9] };

test.each([
  ['numbers', { inputs: [load, price] }],
  ['marks of all inputs', { inputs: [load, { name: 'load_missing' }], gap: 'mask' as const }],
  [
    'marks of one input',
    {
      inputs: [load, price, { name: 'price_missing' }, { name: 'price_elapsed' }],
      gap: { price: 'elapsed' as const },
    },
  ],
  ['a column known ahead', { inputs: [load, price, ...aheadInputs(['price'], 3)], gap: 'hold' as const }],
  ['words', { inputs: [load, { name: 'wind', words: ['N'], shares: [1] }] }],
])('intervals wider than the quantiles of a model with %s are refused before any work', (_, description) => {
  const model = makeModel({ ...task, ...description });
  expect(() => checkLevels(model, [0.5, 0.8])).not.toThrow();
  const hint = /To train a model that has them: gatecast train --levels 50,99\.$/;
  expect(() => checkLevels(model, [0.5, 0.99])).toThrow(gatecastError('invalid-argument', hint));
});
