import { describe, expect, it } from 'vitest';
import { goldens, hiddenOf, networkOf, number, tensor, weights } from '../support/goldens.ts';
import { relativeError, rows, swapped } from '../support/tensors.ts';

/** Relative to the Euclidean norm of each tensor. */
const TOLERANCE = 1e-4;

describe.each(goldens('network'))('$name', (golden) => {
  const input = rows(tensor(golden, 'input'), 0, number(golden, 'gradientSteps'));
  const gradient = { output: tensor(golden, 'cotangent.output'), hidden: hiddenOf(golden, 'n', 'cotangent.') };
  const initial = hiddenOf(golden, '0');

  it('carries gradients back as PyTorch does', () => {
    const result = networkOf(golden).backward(input, gradient, initial);
    const expected = weights(golden, 'gradient.');
    expect(Object.keys(result.parameters)).toEqual(Object.keys(weights(golden)));
    for (const [name, actual] of Object.entries(result.parameters)) {
      expect(actual.shape, name).toEqual(expected[name]?.shape);
      expect(relativeError(actual.data, expected[name]!.data), name).toBeLessThanOrEqual(TOLERANCE);
    }
    expect(result.input.shape).toEqual(input.shape);
    expect(relativeError(result.input.data, tensor(golden, 'gradient.input').data)).toBeLessThanOrEqual(TOLERANCE);
    const first = hiddenOf(golden, '0', 'gradient.');
    expect(relativeError(result.initial.h.data, first.h.data)).toBeLessThanOrEqual(TOLERANCE);
    expect(result.initial.c === undefined).toBe(first.c === undefined);
    if (result.initial.c && first.c) {
      expect(relativeError(result.initial.c.data, first.c.data)).toBeLessThanOrEqual(TOLERANCE);
    }
  });

  it('gives the same bits batch first', () => {
    const result = networkOf(golden).backward(input, gradient, initial);
    const swappedGradient = { output: swapped(gradient.output), hidden: gradient.hidden };
    const first = networkOf(golden, { batchFirst: true }).backward(swapped(input), swappedGradient, initial);
    expect(first.parameters).toEqual(result.parameters);
    expect(first.input).toEqual(swapped(result.input));
    expect(first.initial).toEqual(result.initial);
  });
});
