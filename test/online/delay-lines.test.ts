import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DelayLines } from '../../lib/online/judging/delay-lines.ts';

test('an entry is found again exactly `step` samples later, for every target, step and number of samples', () => {
  const shape = { targets: fc.integer({ min: 1, max: 3 }), horizon: fc.integer({ min: 1, max: 9 }) };
  const sizes = { width: fc.integer({ min: 1, max: 3 }), at: fc.integer({ min: 0, max: 5 }) };
  fc.assert(
    fc.property(fc.record({ ...shape, ...sizes }), ({ targets, horizon, width, at }) => {
      const lines = new DelayLines(targets, horizon, width);
      const row = new Float64Array(at + lines.size + 1).fill(0);
      lines.reset(row, at);
      for (let now = 0; now < 3 * horizon; now++) {
        lines.advance(row, at);
        for (let target = 0; target < targets; target++) {
          for (let step = 1; step <= horizon; step++) {
            const entry = lines.entry(row, at, target, step);
            for (let w = 0; w < width; w++) {
              const said = now < step ? Number.NaN : 1000 * (now - step) + 100 * target + 10 * step + w;
              expect(row[entry + w]).toBe(said);
              row[entry + w] = 1000 * now + 100 * target + 10 * step + w;
            }
          }
        }
      }
      expect([...row.subarray(0, at), row.at(-1)]).toEqual(Array.from({ length: at + 1 }, () => 0));
    }),
  );
});

test('keeps horizon * (horizon + 1) / 2 entries a target', () => {
  expect(new DelayLines(2, 12, 3).size).toBe(12 + 2 * 78 * 3);
});
