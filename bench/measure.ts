import { setTimeout as sleep } from 'node:timers/promises';

/** Does one thing `count` times in a row. */
export interface Contender {
  name: string;
  run(count: number): void | Promise<void>;
  /**
   * How long its threads may keep a core busy after a turn, waiting for work [ms]: nobody's turn begins before that.
   * Default 0.
   */
  spinsMs?: number;
}

export interface Timing {
  /** Median over the rounds, per call. */
  ns: number;
  /** Median absolute deviation, in % of the median. */
  spread: number;
}

/**
 * Measures in rounds in which every contender has its turn, so that a disturbance of the machine affects all of them.
 * The order changes from round to round. Nobody starts with cold caches: each is run a little before its clock starts.
 * A turn takes about `roundMs`.
 */
export async function measure(
  contenders: readonly Contender[],
  quick: boolean,
  roundMs: number = quick ? 2 : 10,
): Promise<Timing[]> {
  const rounds = quick ? 5 : 25;
  const counts: number[] = [];
  for (const contender of contenders) {
    counts.push(await calibrate(contender, roundMs));
    await sleep(contender.spinsMs ?? 0);
  }
  const samples = contenders.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const who = (turn + round) % contenders.length;
      const count = counts[who]!;
      await contenders[who]!.run(Math.ceil(count / 8));
      samples[who]!.push((await time(contenders[who]!, count)) / count);
      await sleep(contenders[who]!.spinsMs ?? 0);
    }
  }
  return samples.map((sample) => {
    const ns = median(sample);
    return { ns, spread: (100 * median(sample.map((value) => Math.abs(value - ns)))) / ns };
  });
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** In ns. A call that is not asynchronous is not awaited: that would cost it a turn of the microtask queue. */
async function time(contender: Contender, count: number): Promise<number> {
  const start = performance.now();
  const pending = contender.run(count);
  if (pending !== undefined) await pending;
  return (performance.now() - start) * 1e6;
}

/** How many calls fit into a round, measured until the engine's compilers have settled. */
async function calibrate(contender: Contender, roundMs: number): Promise<number> {
  const began = performance.now();
  for (let count = 1; ; count *= 2) {
    const ms = (await time(contender, count)) / 1e6;
    if (ms >= roundMs / 2 && performance.now() - began > 4 * roundMs) {
      return Math.max(1, Math.round((count * roundMs) / ms));
    }
    if (ms >= roundMs) count /= 2;
  }
}
