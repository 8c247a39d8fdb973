import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rls } from '../../lib/online/learner/rls.ts';

const numbers = fc.double({ min: -10, max: 10, noNaN: true });

/** Solves A w = b by elimination with pivots. */
function solve(a: number[][], b: number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]!]);
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows.slice(k).reduce((best, row) => (Math.abs(row[k]!) > Math.abs(best[k]!) ? row : best));
    rows.splice(rows.indexOf(pivot), 1, rows[k]!);
    rows[k] = pivot;
    for (let i = 0; i < rows.length; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]! / pivot[k]!;
      rows[i] = rows[i]!.map((value, j) => value - factor * pivot[j]!);
    }
  }
  return rows.map((row, i) => row.at(-1)! / row[i]!);
}

/** The weights of weighted ridge regression, from its normal equations. */
function regression(xs: number[][], ys: number[], weights: number[], ridge: number): number[] {
  const n = xs[0]!.length;
  const a = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (i === j ? ridge : 0)));
  const b = new Array<number>(n).fill(0);
  xs.forEach((x, t) => {
    for (let i = 0; i < n; i++) {
      b[i]! += weights[t]! * x[i]! * ys[t]!;
      for (let j = 0; j < n; j++) a[i]![j]! += weights[t]! * x[i]! * x[j]!;
    }
  });
  return solve(a, b);
}

/** A part's row with its numbers between others, as a stream's row has them. */
function start(rls: Rls) {
  const row = new Float64Array(rls.size + 6);
  row.fill(7, 0, 3).fill(7, rls.size + 3);
  rls.reset(row, 3);
  return row;
}

const weightsOf = (row: Float64Array, count: number, first = 0) => [...row.subarray(3 + first, 3 + first + count)];

describe('recursive least squares', () => {
  it('gives after each sample the ridge regression of all so far', () => {
    const sample = fc.tuple(fc.tuple(numbers, numbers, numbers), numbers);
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 30 }), (samples) => {
        const rls = new Rls({ features: 3, outputs: 1, forgetting: 1, ridge: 0.5 });
        const row = start(rls);
        samples.forEach(([x, y], t) => {
          rls.update(row, 3, Float64Array.from(x), Float64Array.of(y));
          const seen = samples.slice(0, t + 1);
          const xs = seen.map(([features]) => [...features]);
          const ys = seen.map(([, target]) => target);
          const wanted = regression(
            xs,
            ys,
            xs.map(() => 1),
            0.5,
          );
          weightsOf(row, 3).forEach((weight, i) => expect(weight).toBeCloseTo(wanted[i]!, 8));
        });
        expect([...row.subarray(0, 3), ...row.subarray(-3)]).toEqual([7, 7, 7, 7, 7, 7]);
      }),
    );
  });

  it('forgets as weighted regression does, the ridge of one coordinate being renewed at each update', () => {
    const forgetting = 0.9;
    const rls = new Rls({ features: 2, outputs: 1, forgetting, ridge: 0.5 });
    const row = start(rls);
    const [xs, ys, weights]: [number[][], number[], number[]] = [[], [], []];
    for (let t = 0; t < 50; t++) {
      const x = [Math.sin(t), Math.cos(3 * t)];
      const y = Math.sin(t * t);
      rls.update(row, 3, Float64Array.from(x), Float64Array.of(y));
      xs.push(x);
      ys.push(y);
      weights.push(1);
      weights.forEach((weight, i) => (weights[i] = weight * forgetting));
      xs.push(t % 2 === 0 ? [1, 0] : [0, 1]); // "this weight is zero", as heavy as what was forgotten since its turn
      ys.push(0);
      weights.push(0.5 * (1 - forgetting ** 2));
      const wanted = regression(xs, ys, weights, 0.5 * forgetting ** (t + 1));
      weightsOf(row, 2).forEach((weight, i) => expect(weight).toBeCloseTo(wanted[i]!, 9));
    }
  });

  it('learns several outputs as one alone would, and leaves one whose target is NaN', () => {
    const pair = new Rls({ features: 2, outputs: 2, forgetting: 0.99, ridge: 1 });
    const alone = new Rls({ features: 2, outputs: 1, forgetting: 0.99, ridge: 1 });
    const [pairRow, aloneRow] = [start(pair), start(alone)];
    for (let t = 0; t < 40; t++) {
      const x = Float64Array.of(1, Math.sin(t));
      pair.update(pairRow, 3, x, Float64Array.of(2 + Math.sin(t), Number.NaN));
      alone.update(aloneRow, 3, x, Float64Array.of(2 + Math.sin(t)));
    }
    expect(weightsOf(pairRow, 2)).toEqual(weightsOf(aloneRow, 2));
    expect(weightsOf(pairRow, 2, 2)).toEqual([0, 0]);
    const out = new Float64Array(2);
    pair.predict(pairRow, 3, Float64Array.of(1, 0.5), out);
    expect(out[0]).toBeCloseTo(pairRow[3]! + 0.5 * pairRow[4]!, 12);
  });

  it('stays bounded over a million updates that excite one direction, and still follows a change afterwards', () => {
    const features = 4;
    const rls = new Rls({ features, outputs: 1, forgetting: 0.99, ridge: 1e-4 });
    const row = start(rls);
    const x = Float64Array.of(1, 1, 1e-9, 0); // the sum of the first two is all that can be learned
    const target = Float64Array.of(3);
    for (let t = 0; t < 1_000_000; t++) {
      x[2] = t % 2 === 0 ? 1e-9 : -1e-9;
      rls.update(row, 3, x, target);
    }
    expect(row[3]! + row[4]!).toBeCloseTo(3, 4);
    expect(row.every((value) => Math.abs(value) <= 1 / (1e-4 * 0.99 ** features))).toBe(true);
    for (let j = 0; j < features; j++) expect(row[3 + features + (j * (j + 1)) / 2 + j]).toBeGreaterThan(0);
    const other = Float64Array.of(1, -1, 2, 0.5);
    for (let t = 0; t < 2000; t++) {
      for (let i = 0; i < features; i++) other[i] = Math.sin(t * (i + 1) + i);
      rls.update(row, 3, other, Float64Array.of(other[0]! - 2 * other[1]! + 3 * other[2]! - other[3]!));
    }
    const out = new Float64Array(1);
    rls.predict(row, 3, Float64Array.of(1, 1, 1, 1), out);
    expect(out[0]).toBeCloseTo(1, 3);
  });
});
