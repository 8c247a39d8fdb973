import { expect, test } from 'vitest';
import { describeGain, measurePrecisions } from '../../lib/cli/precision-gain.ts';

const gain = (steps: number, batches: number) => ({
  steps: { 64: 0.9, 256: steps },
  batches: { 64: 0.8, 256: batches },
});

test.each([
  [gain(1.04, 1.09), /^gains nothing on this machine \(speed to f32: steps 0\.90 at 64 units, 1\.04 at 256 units;/],
  [gain(1.04, 3), /batches and plans 0\.80 at 64 units, 3\.00 at 256 units; gains nothing for single streams$/],
  [gain(2, 0.7), /; gains nothing for batches and plans$/],
  [gain(2, 3), /3\.00 at 256 units$/],
])('reports where %j gains', (measured, sentence) => {
  expect(describeGain(measured)).toMatch(sentence);
});

test('measures each precision at both sizes, one stream and many', () => {
  const ratio = expect.toSatisfy((value: number) => value > 0.01 && value < 100);
  const each = { steps: { 64: ratio, 256: ratio }, batches: { 64: ratio, 256: ratio } };
  expect(measurePrecisions()).toEqual({ bf16: each, int8: each });
});
