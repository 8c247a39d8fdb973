import { describe, expect, test } from 'vitest';
import { learningRate, type ScheduleName } from '../../lib/train/schedule.ts';

const at = (schedule: ScheduleName, step: number, standstills = 0, rampUp = 0) =>
  learningRate({ schedule, learningRate: 0.01, rampUp }, { step, steps: 100, standstills });

describe('a schedule', () => {
  test('falls along a half cosine, step by step', () => {
    // eta_min + (eta_max - eta_min) (1 + cos(T_cur / T_max pi)) / 2, equation 5 of SGDR
    for (const [step, share] of [
      [0, 1],
      [25, (1 + Math.SQRT1_2) / 2],
      [50, 0.5],
      [75, (1 - Math.SQRT1_2) / 2],
    ] as const) {
      expect(at('cosine', step)).toBeCloseTo(0.01 * share, 15);
    }
    expect(at('cosine', 99)).toBeGreaterThan(0);
  });

  test('falls at each standstill, or stays', () => {
    expect([0, 1, 2].map((standstills) => at('plateau', 50, standstills))).toEqual([
      0.01,
      expect.closeTo(0.003, 15),
      expect.closeTo(0.0009, 15),
    ]);
    expect(at('constant', 99, 7)).toBe(0.01);
  });

  test.each(['cosine', 'plateau', 'constant'] as const)(
    '%s rises in a line at first, over steps or a share',
    (name) => {
      for (const ramp of [10, 0.1]) {
        for (const step of [0, 4, 9])
          expect(at(name, step, 0, ramp)).toBeCloseTo(((step + 1) / 10) * at(name, step), 15);
        expect(at(name, 10, 0, ramp)).toBe(at(name, 10));
      }
    },
  );
});
