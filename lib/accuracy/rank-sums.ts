import { upperTail } from '../base/normal.ts';

/** Up to so many ranks, all choices of signs are counted. */
const EXACT = 200;

/**
 * The probability, with signs by chance, that the smaller of the sums of the ranks of either sign is at most `sum`.
 * Exact for few ranks, whatever their ties; else by the normal distribution, with a correction for continuity.
 */
export function rankSumTails(ranks: readonly number[], sum: number): number {
  return Math.min(1, 2 * (ranks.length <= EXACT ? exactTail(ranks, sum) : normalTail(ranks, sum)));
}

/** Shared ranks may be halves: all are doubled to be whole. */
function exactTail(ranks: readonly number[], sum: number): number {
  const most = Math.floor(2 * sum);
  // The probability of each sum of the doubled positive ranks, after some of the ranks.
  const probabilities = new Float64Array(most + 1);
  probabilities[0] = 1;
  for (const rank of ranks) {
    const step = 2 * rank;
    for (let at = most; at >= 0; at--) {
      probabilities[at] = (probabilities[at]! + (at >= step ? probabilities[at - step]! : 0)) / 2;
    }
  }
  return probabilities.reduce((all, each) => all + each, 0);
}

/** The sum of the ranks of one sign has the mean and the variance of independent signs. */
function normalTail(ranks: readonly number[], sum: number): number {
  const middle = ranks.reduce((all, rank) => all + rank, 0) / 2;
  const variance = ranks.reduce((all, rank) => all + rank * rank, 0) / 4;
  return upperTail(Math.max(0, middle - sum - 0.5) / Math.sqrt(variance));
}
