import { describe, expect, test } from 'vitest';
import { Judge } from '../../lib/train/judge.ts';

/** After how many passes learning ends; undefined if it does not. */
function endOf(losses: readonly number[], patience: number): number | undefined {
  const judge = new Judge(patience);
  const end = losses.findIndex((loss) => {
    judge.take(loss);
    return judge.isOver;
  });
  return end < 0 ? undefined : end + 1;
}

const falling = Array.from({ length: 60 }, (_, pass) => 1 / (1 + pass));

describe('a judge', () => {
  test('ends learning when as many passes as its patience have brought nothing', () => {
    expect(endOf([3, 2, 1, ...Array<number>(20).fill(1)], 6)).toBe(3 + 1 + 6); // the median is 1 after the fourth
    expect(endOf(falling, 3)).toBeUndefined();
  });

  test('is not fooled by one pass that is good by chance', () => {
    const lucky = falling.with(4, 1e-3);
    expect(endOf(lucky, 6)).toBeUndefined();
  });

  test('is not fooled by passes that are bad by chance', () => {
    const shaken = falling.map((loss, pass) => (pass % 4 === 3 ? 5 : loss));
    expect(endOf(shaken, 4)).toBeUndefined();
  });

  test('does not wait longer because of one good pass after the end', () => {
    const flat = Array<number>(40).fill(1);
    expect(endOf(flat.with(8, 0.9), 12)).toBe(endOf(flat, 12));
  });

  test('counts a standstill at each third of its patience, and goes on from its state', () => {
    let judge = new Judge(6);
    const standstills = Array.from({ length: 7 }, () => {
      judge.take(1);
      judge = new Judge(6, structuredClone(judge.state));
      return judge.state.standstills;
    });
    expect(standstills).toEqual([0, 0, 1, 1, 2, 2, 3]);
    expect(judge.isOver).toBe(true);
  });

  test('takes no loss that is not a number for a gain', () => {
    expect(endOf(Array<number>(5).fill(Number.NaN), 3)).toBe(3);
  });
});
