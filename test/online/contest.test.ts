import { expect, test } from 'vitest';
import { Contest } from '../../lib/online/judging/contest.ts';

const patience = 100;

/** Scores the same errors `times` over, and counts the verdicts. */
function start() {
  const contest = new Contest(patience);
  const row = new Float64Array(contest.size);
  return {
    contest,
    row,
    answers: () => contest.answers(row, 0),
    score: (times: number, frozen: number, promoted: number, challenger: number) => {
      const verdicts = { stay: 0, promote: 0, discard: 0 };
      for (let k = 0; k < times; k++) verdicts[contest.score(row, 0, frozen, promoted, challenger)]++;
      return verdicts;
    },
  };
}

test('the challenger is promoted when it has been the best by a margin for so many samples in a row', () => {
  const better = start();
  expect(better.score(patience - 1, 1, 1, 0.9)).toEqual({ stay: patience - 1, promote: 0, discard: 0 });
  expect(better.answers()).toBe(false);
  expect(better.score(1, 1, 1, 0.9).promote).toBe(1);
  expect(better.answers()).toBe(true);
  const hardly = start();
  expect(hardly.score(10 * patience, 1, 1, 0.99).promote).toBe(0);
});

test('the promoted answers no more when it has cost 1.5 usual errors beyond the frozen, and again when it has gained 4', () => {
  const { score, answers } = start();
  score(patience, 1, 1, 0.5);
  expect(answers()).toBe(true);
  score(2, 1, 1.5, 1);
  expect(answers()).toBe(true); // it has cost 1
  score(2, 1, 1.5, 1);
  expect(answers()).toBe(false); // it has cost 2, and owes them
  score(11, 1, 0.5, 1);
  expect(answers()).toBe(false); // it has gained 3.5
  score(2, 1, 0.5, 1);
  expect(answers()).toBe(true);
});

test('one wild sample neither lets the promoted answer nor makes it the best', () => {
  const { score, answers } = start();
  score(patience, 1, 1, 0.5);
  score(10, 1, 1.5, 1);
  expect(answers()).toBe(false);
  score(1, 1000, 0, 1000);
  expect(answers()).toBe(false);
});

test('a challenger that has cost 10 usual errors is reset', () => {
  const { score } = start();
  expect(score(20, 1, 1, 1.5).discard).toBe(0);
  expect(score(1, 1, 1, 1.5).discard).toBe(1);
  expect(score(20, 1, 1, 1.5).discard).toBe(0);
});

test('a disturbance hardly moves what is usual, a lasting change does', () => {
  const { score, contest, row } = start();
  score(1000, 0.2, 0.2, 0.2);
  score(100, 50, 50, 50);
  expect(contest.usual(row, 0)).toBeGreaterThan(0.2);
  expect(contest.usual(row, 0)).toBeLessThan(0.22);
  score(30_000, 2, 2, 2);
  expect(contest.usual(row, 0)).toBeCloseTo(2, 1);
});
