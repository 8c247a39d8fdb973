import { describe, expect, it } from 'vitest';
import { describe as rendered, expected } from '../../lib/base/errors.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';

describe('what an error says it received', () => {
  it.each([...HOSTILE_VALUES].filter(([label]) => /revoked/.test(label)))('%s is not just an object', (_, make) => {
    const text = expected('an object', 'x', make());
    expect(text).not.toBe('Expected an object for x but received an object.');
  });

  it('a bigint is not printed with a million digits', () => {
    expect([2n ** 64n, -(2n ** 127n)].map(rendered)).toEqual([`${2n ** 64n}n`, `-${2n ** 127n}n`]);
    for (const large of [2n ** 127n, 1n << 100_000_000n])
      expect(rendered(large)).toBe('a bigint of more than 128 bits');
  });

  it('an array without its memory is described as such', () => {
    const detached = new Float64Array(3);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(rendered(detached)).toMatch(/^a Float64Array of length \d that has lost its memory$/);
    const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
    const view = new Float32Array(buffer, 32, 3);
    buffer.resize(16);
    expect(rendered(view)).toContain('that has lost its memory');
    expect(rendered(new Float32Array(3))).toBe('a Float32Array of length 3');
    expect(rendered(new Float32Array(0))).toBe('a Float32Array of length 0');
    expect(rendered(new DataView(new ArrayBuffer(8)))).toBe('a DataView of length 8');
  });
});
