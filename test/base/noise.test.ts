import { expect, test } from 'vitest';
import { addToHash, Noise, normalOf } from '../../lib/base/noise.ts';

test('Philox gives the numbers of its authors', () => {
  // Random123, kat_vectors: philox 2x32 10
  const noise = new Noise();
  for (const [place, step, key, low, high] of [
    [0, 0, 0, 0xff1dae59, 0x6cd10df2],
    [0xffffffff, 0xffffffff, 0xffffffff, 0x2c3f628b, 0xab4fd7ad],
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0xdd7ce038, 0xf62a4c12],
  ] as const) {
    noise.at(key, place, step);
    expect([noise.low, noise.high]).toEqual([low, high]);
  }
});

test('its numbers are uniform, and of two of them a normal number is made', () => {
  const noise = new Noise();
  const count = 20_000;
  const numbers = Array.from({ length: count }, (_, i) => {
    noise.at(7, i >> 4, i & 15);
    return [noise.first, noise.second, normalOf(noise.first, noise.second)] as const;
  });
  const mean = (of: (each: (typeof numbers)[number]) => number) => numbers.reduce((sum, n) => sum + of(n), 0) / count;
  for (const k of [0, 1] as const) {
    expect(numbers.every((each) => each[k] > 0 && each[k] < 1)).toBe(true);
    expect(Math.abs(mean((each) => each[k]) - 1 / 2)).toBeLessThan(4 / Math.sqrt(12 * count));
    expect(Math.abs(mean((each) => each[k] ** 2) - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / count));
  }
  const products = mean(([a, b]) => (a - 0.5) * (b - 0.5));
  expect(Math.abs(products)).toBeLessThan(4 / 12 / Math.sqrt(count));
  for (const [power, moment, variance] of [
    [1, 0, 1],
    [2, 1, 2],
    [4, 3, 96],
  ] as const) {
    expect(Math.abs(mean(([, , z]) => z ** power) - moment)).toBeLessThan(4 * Math.sqrt(variance / count));
  }
});

test('a hash tells numbers apart that differ in one bit, and their order, but not -0 from 0', () => {
  const values = [0, 1, -1, 2, 0.1, 0.1 + 2 ** -55, 1e300, 5e-324, Number.MAX_VALUE];
  const hashes = values.flatMap((a) => values.map((b) => addToHash(addToHash(0, a), b)));
  expect(new Set(hashes).size).toBe(values.length ** 2);
  expect(hashes.every((hash) => Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32)).toBe(true);
  expect(addToHash(5, -0)).toBe(addToHash(5, 0));
});
