import { describe, expect, it } from 'vitest';
import { bestNabScore, type NabSeries, nabProbation, nabProfiles, nabScore } from '../../lib/batch/nab.ts';
import { gatecastError } from '../support/gatecast-error.ts';

/** A series of `rows` with these scores, 0 elsewhere. */
function series(rows: number, scores: Record<number, number>, ...windows: [number, number][]): NabSeries {
  return { scores: Float64Array.from({ length: rows }, (_, row) => scores[row] ?? 0), windows };
}

// 20 rows, of which floor(0.15 * 20) = 3 are probation; one window of 4 rows, 10 to 13.
const detected = (...rows: number[]) => series(20, Object.fromEntries(rows.map((row) => [row, 1])), [10, 13]);
const standard = (...rows: number[]) => nabScore([detected(...rows)], 0.5, nabProfiles.standard).score;

describe('the score of the Numenta Anomaly Benchmark', () => {
  it('is 0 for silence and 100 for detection at the first row of the window', () => {
    expect(standard()).toBe(0);
    expect(standard(10)).toBeCloseTo(100, 10);
    expect(standard(10, 11, 13)).toBeCloseTo(100, 10); // a window earns once, its best
  });

  it('pays less for a later detection', () => {
    // Row 12: y = -(13 - 12 + 1) / 4 = -0.5, S = 2 / (1 + e^-2.5) - 1 = 0.848284; S(-1) = 0.986614; earned 0.859793.
    // 100 * (0.859793 - (-1)) / (1 - (-1)) = 92.98963
    expect(standard(12)).toBeCloseTo(92.98963, 4);
    // Row 13, the last: y = -0.25, S = 2 / (1 + e^-1.25) - 1 = 0.554600; earned 0.562125; 100 * 1.562125 / 2
    expect(standard(13)).toBeCloseTo(78.1062, 3);
  });

  it('charges a false alarm in full before any window and long after one, and little directly after it', () => {
    expect(standard(5)).toBeCloseTo((100 * -0.11) / 2, 10);
    // Row 14: y = (14 - 13) / (4 - 1) = 0.333333, S = 2 / (1 + e^1.666667) - 1 = -0.682262
    expect(standard(14)).toBeCloseTo((100 * -0.11 * 0.682262) / 2, 4);
    // Row 19: y = 2, S = 2 / (1 + e^10) - 1 = -0.9999092
    expect(standard(19)).toBeCloseTo((100 * -0.11 * 0.9999092) / 2, 6);
    // Beyond three widths, y > 3, it is -1 exactly.
    const far = series(40, { 35: 1 }, [10, 13]);
    expect(nabScore([far], 0.5, nabProfiles.standard).score).toBeCloseTo((100 * -0.11) / 2, 12);
  });

  it('is the sum over windows and files, for each profile', () => {
    // Found at its first row 1; missed -1 (or -2); false alarms at row 5 (-1) and row 15: y = 2 / 3, S = -0.931110.
    const files = [detected(10, 15), series(20, { 5: 1 }, [10, 13])];
    const cost = 1 + 0.93111;
    const score = (profile: keyof typeof nabProfiles) => nabScore(files, 0.5, nabProfiles[profile]);
    expect(score('standard').score).toBeCloseTo((100 * (1 - 1 - 0.11 * cost + 2)) / 4, 3);
    expect(score('low-fp').score).toBeCloseTo((100 * (1 - 1 - 0.22 * cost + 2)) / 4, 3);
    expect(score('low-fn').score).toBeCloseTo((100 * (1 - 2 - 0.11 * cost + 4)) / 6, 3);
    expect(score('standard')).toMatchObject({ found: 1, windows: 2, falseAlarms: 2 });
  });

  it('leaves the probation out', () => {
    expect([nabProbation(20), nabProbation(5000), nabProbation(22_695)]).toEqual([3, 750, 750]);
    expect(standard(0, 1, 2)).toBe(0);
    expect(standard(3)).toBeLessThan(0);
  });

  it('finds the best threshold of all files together', () => {
    // At 0.9 one window; at 0.6 both and one false alarm (-0.11 of 4); at 0.4 two false alarms more.
    const files = [series(20, { 10: 0.9, 5: 0.6, 6: 0.4, 7: 0.4 }, [10, 13]), series(20, { 10: 0.6 }, [10, 13])];
    const best = bestNabScore(files, nabProfiles.standard);
    expect(best).toEqual(nabScore(files, 0.6, nabProfiles.standard));
    expect(best).toMatchObject({ threshold: 0.6, found: 2, falseAlarms: 1 });
    expect(best.score).toBeCloseTo(100 * (1 - 0.11 / 4), 10);
  });

  it('prefers silence to detections that cost more than they earn', () => {
    const files = [series(200, { 40: 1 }, [100, 103])];
    expect(bestNabScore(files, nabProfiles.standard)).toMatchObject({ score: 0, threshold: Infinity });
  });

  it('refuses wrong windows and scores out of range', () => {
    for (const windows of [
      [[13, 10]],
      [[10, 20]],
      [
        [10, 13],
        [13, 15],
      ],
      [[5, 5]],
    ] as [number, number][][]) {
      expect(() => nabScore([series(20, {}, ...windows)], 0.5, nabProfiles.standard)).toThrow(
        gatecastError('invalid-argument', /windows/),
      );
    }
    for (const score of [Number.NaN, -1, 2]) {
      expect(() => nabScore([series(20, { 3: score })], 0.5, nabProfiles.standard)).toThrow(
        gatecastError('invalid-argument', /scores/),
      );
    }
  });
});
