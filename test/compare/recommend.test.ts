import { describe, expect, it } from 'vitest';
import type { PairedTest } from '../../lib/accuracy/paired.ts';
import { chooseCandidate, type Contestant, recommend } from '../../lib/compare/recommend.ts';

const gru: Contestant = { name: 'gru(32)', errors: [0.5, 0.51, 0.49], parameters: 3000, streamBytes: 200 };
const lstm: Contestant = { name: 'lstm(32)', errors: [0.5, 0.5, 0.48], parameters: 4000, streamBytes: 400 };
const verdictOf = (verdict: PairedTest['verdict']) => () => ({ verdict }) as PairedTest;
const noise = verdictOf('noise');
const baseline = (verdict: PairedTest['verdict'] | undefined, error = 0.6) => ({ name: 'theta', error, verdict });

describe('the choice of a candidate', () => {
  it('takes the one with less memory if the difference is noise', () => {
    expect(chooseCandidate([lstm, gru], noise)).toBe(gru);
  });

  it('takes a larger one that is clearly better over windows and seeds', () => {
    const better = { ...lstm, errors: [0.3, 0.31, 0.29] };
    expect(chooseCandidate([gru, better], verdictOf('first'))).toBe(better);
  });

  it('does not trust the windows alone: the seeds of these overlap', () => {
    expect(chooseCandidate([gru, lstm], verdictOf('first'))).toBe(gru);
  });

  it('takes the better one, clearly or not, if it is better by more than a twentieth', () => {
    expect(chooseCandidate([gru, { ...lstm, errors: [0.3, 0.5, 0.4] }], noise).name).toBe('lstm(32)');
  });

  it('does not trust one seed', () => {
    const one = [gru, { ...lstm, errors: [0.49] }].map((each) => ({ ...each, errors: each.errors.slice(0, 1) }));
    expect(chooseCandidate(one, verdictOf('first')).name).toBe('gru(32)');
  });

  it('breaks a tie in memory by parameters', () => {
    const small = { ...gru, name: 'small', parameters: 10 };
    expect(chooseCandidate([gru, small], noise)).toBe(small);
  });
});

describe('the recommendation', () => {
  it('says how far a network is ahead of the best baseline', () => {
    const { choice, against, sentences } = recommend([gru, lstm], gru, noise, baseline('first'));
    expect([choice, against]).toEqual(['gru(32)', 'better']);
    expect(sentences[0]).toContain('16.7% below that of the best baseline, theta'); // 1 - 0.5 / 0.6
    expect(sentences[1]).toContain('no more than noise');
  });

  it('names a loss to a baseline first of all', () => {
    const { choice, against, sentences } = recommend([gru], gru, noise, baseline('second', 0.4));
    expect([choice, against]).toEqual(['theta', 'worse']);
    expect(sentences[0]).toMatch(/^gru\(32\) loses to the baseline theta/);
  });

  it.each([
    ['the test says so', baseline('noise')],
    ['there are too few windows', baseline(undefined)],
    ['one seed is behind', baseline('first', 0.505)],
  ])('calls it noise if %s', (_, best) => {
    const { choice, against } = recommend([gru], gru, noise, best);
    expect([choice, against]).toEqual(['theta', 'noise']);
  });

  it('names a clear loser', () => {
    const worse = { ...lstm, errors: [0.9, 0.91, 0.92] };
    const { sentences } = recommend([gru, worse], gru, verdictOf('first'), baseline('first'));
    expect(sentences[1]).toContain('lstm(32) is clearly worse than gru(32): its error is 82.0% above');
  });
});
