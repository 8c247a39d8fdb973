import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AdaptOptions, Adapter } from '../../lib/online/learner/adapter.ts';
import { anyNumber } from './contract.ts';

const units = 2;
const horizon = 3;
const deviation = 4;

function start(options: AdaptOptions = {}, deviations = [deviation]) {
  const adapter = new Adapter({ units, deviations, horizon }, options);
  const row = new Float64Array(adapter.size);
  adapter.reset(row, 0);
  return { adapter, row };
}

const hidden = (t: number) => Float32Array.of(Math.sin(t), Math.cos(1.7 * t));
/** What a forecast of 0 lacks, [horizon]: linear in the hidden vector, and a little that is not. */
const lack = (t: number, step: number) =>
  deviation * (0.5 + 0.3 * step * hidden(t)[0]! - 0.4 * hidden(t)[1]! + 0.05 * Math.sin(t * t));

/** The weights of ridge regression, from its normal equations, by Cramer's rule. */
function regression(xs: number[][], ys: number[], ridge: number): number[] {
  const a = [0, 1, 2].map((i) => [0, 1, 2].map((j) => xs.reduce((sum, x) => sum + x[i]! * x[j]!, i === j ? ridge : 0)));
  const b = [0, 1, 2].map((i) => xs.reduce((sum, x, t) => sum + x[i]! * ys[t]!, 0));
  const det = (m: number[][]) =>
    m[0]![0]! * (m[1]![1]! * m[2]![2]! - m[1]![2]! * m[2]![1]!) -
    m[0]![1]! * (m[1]![0]! * m[2]![2]! - m[1]![2]! * m[2]![0]!) +
    m[0]![2]! * (m[1]![0]! * m[2]![1]! - m[1]![1]! * m[2]![0]!);
  return [0, 1, 2].map((k) => det(a.map((line, i) => line.map((value, j) => (j === k ? b[i]! : value)))) / det(a));
}

test('what answers is the ridge regression, at the time of the promotion, of all that forecasts are known to have lacked', () => {
  // With horizon 1 every truth can be given its own lack; the steps of a longer horizon share theirs.
  const adapter = new Adapter({ units, deviations: [deviation], horizon: 1 }, { window: 1e9, ridge: 2, patience: 50 });
  const row = new Float64Array(adapter.size);
  adapter.reset(row, 0);
  let promotedAt: number | undefined;
  for (let t = 0; t < 90; t++) {
    if (t > 0) adapter.observe(row, 0, Float64Array.of(lack(t - 1, 1)));
    if (promotedAt === undefined && adapter.adapted(row, 0, 0)) promotedAt = t;
    const block = Float64Array.of(0, -1, 1);
    adapter.correct(row, 0, hidden(t), block);
    expect(block[1]! + 1).toBeCloseTo(block[0]!, 12);
    expect(block[2]! - 1).toBeCloseTo(block[0]!, 12);
    if (promotedAt === undefined) {
      expect(block[0]).toBe(0);
      continue;
    }
    const known = Array.from({ length: promotedAt - 1 }, (_, s) => s); // the newest error was scored, and not yet learned
    const features = (s: number) => [hidden(s)[0]!, hidden(s)[1]!, 1];
    const weights = regression(
      known.map(features),
      known.map((s) => lack(s, 1) / deviation),
      2,
    );
    const wanted = features(t).reduce((sum, x, i) => sum + x * weights[i]!, 0);
    expect(block[0]).toBeCloseTo(deviation * wanted, 5);
  }
  expect(promotedAt).toBeGreaterThan(50);
});

/** Steps through truths that lie above every forecast of 0 by a wave, from `from` on. */
function wave(
  part: ReturnType<typeof start>,
  from: number,
  to: number,
  truth = (t: number) => Math.sin(t / 3) + 2,
): Float64Array {
  const block = new Float64Array(horizon);
  for (let t = from; t < to; t++) {
    part.adapter.observe(part.row, 0, Float64Array.of(truth(t)));
    part.adapter.correct(part.row, 0, Float32Array.of(Math.sin(t / 3), Math.cos(t / 3)), block.fill(0));
  }
  return block;
}

test('each step learns its own correction', () => {
  const part = start({ patience: 50 });
  const block = wave(part, 0, 600);
  expect(part.adapter.adapted(part.row, 0, 0)).toBe(true);
  for (let step = 1; step <= horizon; step++)
    expect(Math.abs(block[step - 1]! - Math.sin((599 + step) / 3) - 2)).toBeLessThan(0.1);
});

test('missing truths teach nothing', () => {
  const [gappy, part] = [start({ patience: 50 }), start({ patience: 50 })];
  wave(part, 0, 300);
  wave(gappy, 0, 300);
  wave(part, 300, 303, () => Number.NaN); // earlier forecasts are forgotten, as their truths are
  wave(gappy, 300, 400, () => Number.NaN);
  expect(gappy.adapter.adapted(gappy.row, 0, 0)).toBe(true);
  const next = (p: typeof part) => p.adapter.correct(p.row, 0, Float32Array.of(0.3, 0.4), block(p));
  const blocks = new Map<unknown, Float64Array>();
  const block = (p: typeof part) => blocks.set(p, new Float64Array(horizon)).get(p)!;
  next(part);
  next(gappy);
  expect(blocks.get(gappy)).toEqual(blocks.get(part));
});

test('a target that needs no correction is left alone next to one that does', () => {
  const { adapter, row } = start({ patience: 50 }, [1, 1]);
  const block = new Float64Array(2 * horizon);
  for (let t = 0; t < 500; t++) {
    adapter.observe(row, 0, Float64Array.of(Math.sin(t * t), 3 + Math.sin(t * t)));
    adapter.correct(row, 0, hidden(t), block.fill(0));
  }
  expect([adapter.adapted(row, 0, 0), adapter.adapted(row, 0, 1)]).toEqual([false, true]);
  expect([...block.subarray(0, horizon)]).toEqual([0, 0, 0]);
  for (const value of block.subarray(horizon)) expect(Math.abs(value - 3)).toBeLessThan(0.5);
});

test('a copy of the row goes on to the bit, and whatever comes, corrections stay finite and within 3 deviations', () => {
  const step = fc.tuple(anyNumber, fc.tuple(anyNumber, anyNumber), anyNumber);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.nat(119), (steps, cut) => {
      const { adapter, row } = start({ patience: 3 });
      const copy = new Float64Array(adapter.size + 9).fill(42);
      steps.forEach(([truth, h, said], t) => {
        if (t === cut) copy.set(row, 4);
        const blocks = [row, copy].slice(0, t < cut ? 1 : 2).map((r) => {
          const at = r === row ? 0 : 4;
          adapter.observe(r, at, Float64Array.of(truth));
          const block = new Float64Array(horizon).fill(said);
          adapter.correct(r, at, Float32Array.from(h), block);
          return block;
        });
        for (const block of blocks) expect(block).toEqual(blocks[0]);
        if (!Number.isFinite(said) || Math.abs(said) > 1e9) return;
        for (const value of blocks[0]!) expect(Math.abs(value - said)).toBeLessThanOrEqual(3 * deviation + 1e-6);
      });
      expect([...copy.subarray(0, 4), ...copy.subarray(-5)]).toEqual(new Array(9).fill(42));
    }),
    { numRuns: 200 },
  );
});
