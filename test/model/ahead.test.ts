import { describe, expect, test } from 'vitest';
import { aheadInputs, knownAhead, tableInputs } from '../../lib/model/ahead.ts';
import { parseDescription } from '../../lib/model/description.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { Gap } from '../../lib/model/gap.ts';
import type { InputDescription } from '../../lib/model/model.ts';
import { type Sample, readSample, sampleForm } from '../../lib/model/sample.ts';
import { GapFiller } from '../../lib/online/time/gaps.ts';
import { laterSteps } from '../../lib/model/ahead.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

const NAN = Number.NaN;
const ahead = aheadInputs(['price'], 3);
const inputs: InputDescription[] = [{ name: 'load' }, { name: 'price' }, ...ahead];

function described(change: InputDescription[] = inputs, gap: Gap | undefined = 'hold') {
  return describeModel({ inputs: change, targets: ['load'], ...(gap && { gap }) });
}

describe('a description', () => {
  test('tells columns from the steps ahead of them, and is kept in a file', () => {
    const description = described([...inputs, { name: 'price_missing' }], { price: 'mask' });
    expect(knownAhead(description)).toEqual(['price']);
    expect(tableInputs(description)).toEqual(['load', 'price']);
    const model = Forecaster.from(partsFor(description));
    const loaded = Forecaster.fromBytes(model.toBytes());
    expect(loaded.description).toEqual(description);
    expect(loaded.fingerprint).toBe(model.fingerprint);
    expect(model.fingerprint).not.toBe(makeModel().fingerprint);
  });

  test.each<[string, InputDescription[], RegExp]>([
    ['a step that is left out', inputs.filter(({ ahead }) => ahead !== 2), /price\+2 for description.inputs\[3\]/],
    ['a step beyond the horizon', [...inputs, { name: 'price+4', of: 'price', ahead: 4 }], /no further input/],
    ['steps before a column', [...ahead, { name: 'load' }, { name: 'price' }], /an input before it/],
    ['steps of a target', [{ name: 'load' }, ...aheadInputs(['load'], 3)], /no target/],
    ['a step of nothing', [...inputs.slice(0, 2), { name: 'x', ahead: 1 }], /both or neither/],
  ])('refuses %s', (_, change, words) => {
    expect(() => parseDescription(described(change))).toThrow(gatecastError('invalid-argument', words));
  });

  test('refuses, and soon, more steps than would fit into memory', () => {
    const many = Array.from({ length: 6000 }, (_, i) => ({ name: `x${i}` }));
    const first = many.map(({ name }) => aheadInputs([name], 1)[0]!);
    const change = describeModel({ inputs: [{ name: 'load' }, ...many, ...first], targets: ['load'], horizon: 20_000 });
    const wrong = /Expected x0\+2 for description.inputs\[6002\]/;
    expect(() => parseDescription({ ...change, gap: 'hold' })).toThrow(gatecastError('invalid-argument', wrong));
  });

  test('refuses to leave open what fills a plan that ends', () => {
    expect(() => parseDescription(described(inputs, '' as never))).toThrow(/description.gap/);
  });
});

describe('a sample', () => {
  const form = sampleForm(described());
  const read = (sample: Sample, gaps = false) => {
    const out = new Float64Array(5);
    readSample(sample, undefined, form, out, gaps);
    return [...out];
  };

  test('has a list for a column known ahead, or a value for each step', () => {
    const values = { load: 7, price: [1, 2, 3, 4] };
    expect(read({ values })).toEqual([7, 1, 2, 3, 4]);
    expect(read({ values: { ...values, price: Float64Array.of(1, 2, 3, 4, 5) } })).toEqual([7, 1, 2, 3, 4]);
    expect(read({ values: { load: 7, price: 1, 'price+1': 2, 'price+2': 3, 'price+3': 4 } })).toEqual([7, 1, 2, 3, 4]);
    expect(read({ values: { ...values, 'price+2': 9 } })).toEqual([7, 1, 2, 9, 4]);
    expect(read([7, 1, 2, 3, 4])).toEqual([7, 1, 2, 3, 4]);
    expect(values.price).toEqual([1, 2, 3, 4]);
  });

  test('may have a shorter plan only if values may be missing', () => {
    expect(read({ values: { load: 7, price: [1, null, 3] } }, true)).toEqual([7, 1, NAN, 3, NAN]);
    expect(read({ values: { load: 7, price: 1 } }, true)).toEqual([7, 1, NAN, NAN, NAN]);
    expect(() => read({ values: { load: 7, price: [1, 2] } })).toThrow(
      gatecastError('invalid-sample', /^Expected a list of 4 numbers, now and 3 steps ahead, for price but received/),
    );
    expect(() => read({ values: { load: 7, price: 1 } })).toThrow(/^Expected a list of 4 numbers/);
  });
});

test('a plan keeps its place in time until it is given anew, and is held after its last value', () => {
  const later = laterSteps(inputs);
  expect([...later]).toEqual([-1, 2, 3, 4, -1]);
  const names = inputs.map(({ name }) => name);
  const filler = new GapFiller({
    names,
    mean: [0, 5, 5, 5, 5],
    targets: ['load'],
    interval: null,
    gap: 'decay',
    later,
  });
  const row = new Float64Array(filler.size);
  filler.reset(row, 0);
  const fill = (...values: number[]) => {
    const sample = Float64Array.from(values);
    filler.fillSample(row, 0, sample);
    return [...sample].slice(1);
  };
  expect(fill(1, NAN, NAN, NAN, NAN)).toEqual([5, 5, 5, 5]); // nothing is known yet
  expect(fill(1, 10, 11, NAN, 13)).toEqual([10, 11, 11, 13]);
  expect(fill(1, NAN, NAN, NAN, NAN)).toEqual([11, 11, 13, 13]);
  // Nothing was ever said of this step, so the policy fills it: 11 was last known, and the last value given is two old.
  expect(fill(1, NAN, NAN, 20, NAN)).toEqual([5 + 6 * Math.exp(-0.2), 13, 20, 20]);
  expect(fill(NAN, NAN, NAN, NAN, NAN)).toEqual([13, 20, 20, 20]);
  filler.restart(row, 0);
  const [now, ...others] = fill(1, NAN, NAN, NAN, NAN);
  expect(now).toBeCloseTo(5 + 8 * Math.exp(-0.5), 12); // 13 was last known five samples ago
  expect(others).toEqual([now, now, now]);
});
