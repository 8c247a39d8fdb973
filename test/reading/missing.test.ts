import { describe, expect, test } from 'vitest';
import { isAbsent, MissingWords } from '../../lib/reading/missing.ts';

describe('MissingWords', () => {
  test.each([
    '',
    ' ',
    'NA',
    'n/a',
    'NaN',
    'NULL',
    'None',
    '-',
    '?',
    '#N/A',
    '#DIV/0!',
    '\\N',
    'inf',
    '-Infinity',
    '1.#QNAN',
    ' na ',
  ])('%j is missing', (field) => {
    expect(new MissingWords().has(field)).toBe(true);
  });

  test.each(['unknown', 'unavailable', 'error', 'bad', 'off', '0', '-1', 'nancy', '--x'])(
    '%j is not, but may be given',
    (field) => {
      expect(new MissingWords().has(field)).toBe(false);
      expect(new MissingWords([field]).has(field.toUpperCase())).toBe(true);
    },
  );

  test('unavailable and unknown are absent readings', () => {
    expect(['Unavailable', 'unknown', 'error'].map(isAbsent)).toEqual([true, true, false]);
  });
});
