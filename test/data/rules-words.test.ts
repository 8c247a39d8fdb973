import { describe, expect, test } from 'vitest';
import { applyRules } from '../../lib/data/rules/apply-rules.ts';
import type { RulesOptions } from '../../lib/data/rules/rules-options.ts';
import { rulesWords, sumReports } from '../../lib/data/rules/rules-words.ts';
import { MINUTE, START, tableOf, upTo } from './rules-set-up.ts';

const minutes = (...steps: number[]) => steps.map((step) => START + step * MINUTE);
const report = (times: readonly number[], options?: RulesOptions) => applyRules(tableOf(times), options).report;

describe('what the rules did is said', () => {
  test.each([
    [[0, 1, 2, 3], []],
    [[3, 2, 1, 0], ['The rows are newest first; they were read from the oldest on.']],
    [[0, 1, 3, 2, 4], ['1 of 5 rows came after a later one; they were put in time order.']],
    [[0, 1, 1, 2, 3], ['1 row repeats the step of another; the first row of each step was kept.']],
    [[0, 1, 2, 4, 5], ['1 step of 1m without a row: values are missing there.']],
    [[0, Number.NaN, 1], ['1 row was left out for lack of a time.']],
    [
      [...upTo(50), 500, 501, 502],
      [
        '2 rows were left out because of a time too far ahead to be believed at once.',
        'Long gaps divide the rows into 2 segments.',
      ],
    ],
  ])('%j', (steps, words) => {
    expect(rulesWords(report(minutes(...steps)), 'first')).toEqual(words);
  });

  test('of times far away', () => {
    const [words] = rulesWords(report([0, ...minutes(...upTo(50))]), 'first');
    expect(words).toBe('1 row was left out because of times far from all others: 1970-01-01T00:00:00.000Z.');
  });

  test('of several series at once', () => {
    const sum = sumReports([report(minutes(0, 1, 1, 3)), report(minutes(2, 1, 1, 0))])!;
    expect(sum).toMatchObject({
      series: 2,
      rows: 8,
      newestFirst: 1,
      duplicates: 2,
      missing: 1,
      segments: 2,
      interval: MINUTE,
    });
    expect(rulesWords(sum, 'mean')).toEqual([
      'The rows of 1 of 2 series are newest first; they were read from the oldest on.',
      '2 rows repeat the step of another; the mean of each step was taken.',
      '1 step of 1m without a row: values are missing there.',
    ]);
    expect(sumReports([])).toBeUndefined();
  });
});
