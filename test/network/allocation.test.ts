import { describe, expect, it } from 'vitest';
import { runChild } from '../support/child.ts';

// A young generation that takes all that an allocating call would use up: no collection can hide it.
const flags = ['--expose-gc', '--max-semi-space-size=64', '--min-semi-space-size=64'];
const { lines, errors } = runChild('network/children/count-heap.ts', flags);
const results: Record<string, number> = JSON.parse(
  lines.at(-1) ?? `{"results":{},"errors":${JSON.stringify(errors)}}`,
).results;

// The smallest thing on V8's heap takes 12 bytes; asking for the heap's size adds a little to a whole round.
const NOTHING = 0.5;

describe('the count of heap bytes a call', () => {
  it('counts', () => {
    expect(results['a number on the heap']).toBeGreaterThanOrEqual(12);
  });

  it('is nothing for nothing', () => {
    expect(results['an empty function']).toBeLessThan(NOTHING);
  });
});

describe('after warm-up nothing is allocated in V8 by', () => {
  const calls = Object.keys(results).filter((name) => /^(step|copyFrom)/.test(name));

  it('every kind of network', () => {
    expect(calls).toHaveLength(15);
  });

  it.each(calls)('%s', (name) => {
    expect(results[name]).toBeLessThan(NOTHING);
  });
});
