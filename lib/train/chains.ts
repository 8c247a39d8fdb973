import { draw } from './draw.ts';
import { type Sampling, share } from './sampling.ts';
import type { WindowShape } from './windows.ts';

/**
 * As `sampling`, for windows that go on from one another: draws chains of up to `chain` windows, each of which begins
 * where the one before ended, and lays them side by side, so that each batch takes the next window of every chain. May
 * draw less than a batch fewer. `bySeries`: all windows that may be drawn.
 */
export function chainSampling(
  bySeries: readonly Int32Array[],
  { window, chain = 1 }: WindowShape,
  batchSize: number,
): Sampling {
  const series = bySeries.map((starts) => ({ length: starts.length, aligned: alignedStarts(starts, window) }));
  return (count, random) => {
    const shares = share(
      count,
      series.map(({ length }) => length),
      random,
    );
    const chains = series.flatMap(({ aligned }, i) => drawChains(aligned, shares[i]!, { window, chain }, random));
    const order = draw(Int32Array.from(chains.keys()), chains.length, random);
    return inLanes(Array.from(order, (i) => chains[i]!).flat(), batchSize);
  };
}

/** The windows in lists, ascending, within which they are a multiple of a window apart. */
function alignedStarts(starts: Int32Array, window: number): readonly (readonly number[])[] {
  const lists = new Map<number, number[]>();
  for (const start of starts.toSorted()) {
    const place = ((start % window) + window) % window;
    const list = lists.get(place);
    if (list) list.push(start);
    else lists.set(place, [start]);
  }
  return [...lists.values()];
}

/** Different chains of `count` windows in all. Each list of windows that is begun is cut at other places. */
function drawChains(
  aligned: readonly (readonly number[])[],
  count: number,
  { window, chain }: { readonly window: number; readonly chain: number },
  random: () => number,
): number[][] {
  const chains: number[][] = [];
  let left = count;
  for (const list of draw(Int32Array.from(aligned.keys()), aligned.length, random)) {
    let room = 1 + Math.floor(random() * chain);
    let last: number[] = [];
    for (const start of aligned[list]!) {
      if (left === 0) return chains;
      if (room === 0 || start !== last.at(-1)! + window) {
        if (last.length > 0) room = chain;
        last = [];
        chains.push(last);
      }
      last.push(start);
      room--;
      left--;
    }
  }
  return chains;
}

/** Divides a list evenly among the places of a batch: the next windows of all places are a batch. */
function inLanes(starts: readonly number[], batchSize: number): Int32Array {
  const width = Math.min(batchSize, starts.length);
  const steps = Math.floor(starts.length / width);
  return Int32Array.from({ length: width * steps }, (_, i) => starts[(i % width) * steps + Math.floor(i / width)]!);
}

/**
 * Lays chains, given one after the other, side by side: the next windows of up to `batchSize` chains are a batch, as
 * long as there are any.
 */
export function sideBySide(starts: readonly number[], window: number, batchSize: number): Int32Array {
  const chains: number[][] = [];
  for (const start of starts) {
    const last = chains.at(-1);
    if (last && start === last.at(-1)! + window) last.push(start);
    else chains.push([start]);
  }
  chains.sort((a, b) => b.length - a.length);
  const laid: number[] = [];
  for (let from = 0; from < chains.length; from += batchSize) {
    const side = chains.slice(from, from + batchSize);
    for (let step = 0; step < side[0]!.length; step++) {
      laid.push(...side.flatMap((chain) => (step < chain.length ? [chain[step]!] : [])));
    }
  }
  return Int32Array.from(laid);
}
