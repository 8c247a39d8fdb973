import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Novelty } from '../../lib/online/judging/novelty.ts';
import { createRandom } from '../../lib/base/random.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { anyNumber, keepsItsMemoryInTheRow } from './contract.ts';

/** The score after these samples. */
function score(novelty: Novelty, samples: readonly (readonly number[])[]): number {
  const row = new Float64Array(novelty.size);
  for (const sample of samples) novelty.update(row, 0, sample);
  return novelty.score(row, 0);
}

/** Standard normal numbers: G. E. P. Box and M. E. Muller (1958). */
function normals(seed: number): () => number {
  const random = createRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

describe('Novelty', () => {
  const novelty = new Novelty({ samples: 3 });
  keepsItsMemoryInTheRow(novelty, fc.array(anyNumber, { maxLength: 3 }), (row, at, scaled) => {
    novelty.update(row, at, scaled);
    return novelty.score(row, at);
  });

  test('is the probability of a smaller chi-square of one degree, by the tables', () => {
    for (const [probability, quantile] of [
      [0.5, 0.454936],
      [0.9, 2.705543],
      [0.99, 6.634897],
      [0.999, 10.827566],
      [0.9999, 15.136705],
    ] as const) {
      const z = Math.sqrt(quantile);
      expect(score(new Novelty(), [[z]])).toBeCloseTo(probability, 6);
      expect(score(new Novelty(), [[z, -z, z]])).toBeCloseTo(probability, 6);
    }
  });

  test('of normal samples at most a thousandth is beyond 0.999, however the inputs hang together', () => {
    const count = 200_000;
    for (const common of [0, 0.5, 0.9, 1]) {
      for (const samples of [1, 8]) {
        const novelty = new Novelty({ samples });
        const row = new Float64Array(novelty.size);
        const normal = normals(4);
        let beyond = 0;
        for (let i = 0; i < count; i++) {
          const shared = normal();
          const sample = [0, 1, 2].map(() => Math.sqrt(common) * shared + Math.sqrt(1 - common) * normal());
          novelty.update(row, 0, sample);
          beyond += Number(novelty.score(row, 0) > 0.999);
        }
        expect(beyond / count).toBeLessThan(0.00115);
      }
    }
  });

  test('rises with distance, from 0 to 1', () => {
    const scores = [0, 0.1, 1, 2, 3, 5, 1e5, 1e300, -1e300].map((z) => score(new Novelty(), [[z, z]]));
    expect(scores).toEqual([...scores].sort((a, b) => a - b));
    expect(scores[0]).toBeCloseTo(0, 6);
    expect(scores.at(-1)).toBe(1);
    expect(score(new Novelty(), [])).toBeCloseTo(0, 6);
  });

  test('averages over samples: one far sample among eight counts an eighth', () => {
    const far = [4, 4];
    const row = new Float64Array(2);
    const novelty = new Novelty({ samples: 8 });
    for (let i = 0; i < 100; i++) novelty.update(row, 0, [0, 0]);
    novelty.update(row, 0, far);
    expect(novelty.score(row, 0)).toBe(score(new Novelty(), [[Math.SQRT2, Math.SQRT2]]));
  });

  test('leaves missing inputs out', () => {
    expect(score(new Novelty(), [[2, Number.NaN, 2]])).toBe(score(new Novelty(), [[2, 2]]));
    expect(score(new Novelty(), [[2], [Number.NaN], [Number.POSITIVE_INFINITY]])).toBe(score(new Novelty(), [[2]]));
  });

  test('refuses wrong options', () => {
    expect(() => new Novelty({ samples: 0 })).toThrow(gatecastError('invalid-argument', /samples/));
  });
});
