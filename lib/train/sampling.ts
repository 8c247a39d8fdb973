import { draw } from './draw.ts';

/** Draws the windows of a pass: `count` different ones in random order. */
export type Sampling = (count: number, random: () => number) => Int32Array;

/**
 * Draws from all series, from each in proportion to the square root of its windows, though no more than it has. A long
 * series thus counts for more than a short one, but does not drown it: a hundred times the windows are drawn ten times
 * as often.
 */
export function sampling(bySeries: readonly Int32Array[]): Sampling {
  const series = bySeries.filter(({ length }) => length > 0);
  return (count, random) => {
    if (series.length === 1) return draw(series[0]!, count, random);
    const shares = share(
      count,
      series.map(({ length }) => length),
      random,
    );
    const all = new Int32Array(shares.reduce((sum, own) => sum + own, 0));
    let at = 0;
    for (const [index, own] of shares.entries()) {
      all.set(draw(series[index]!, own, random), at);
      at += own;
    }
    return draw(all, all.length, random);
  };
}

/**
 * Shares out `count` places among holders of `most` places each, on average in proportion to the square roots of
 * `most`. A holder that would get more than it can take leaves the rest to the others.
 */
export function share(count: number, most: readonly number[], random: () => number): number[] {
  const shares = most.map(() => 0);
  // The smallest holder first: what it cannot take is known before the others get theirs.
  const order = [...most.keys()].sort((a, b) => most[a]! - most[b]!);
  let weight = most.reduce((sum, places) => sum + Math.sqrt(places), 0);
  let left = count;
  for (const holder of order) {
    const own = Math.sqrt(most[holder]!);
    shares[holder] = Math.min(most[holder]!, left, Math.floor((left * own) / weight + random()));
    left -= shares[holder];
    weight -= own;
  }
  return shares;
}
