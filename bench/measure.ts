/** Does one thing `count` times in a row. */
export interface Contender {
  name: string;
  run(count: number): void | Promise<void>;
}

export interface Timing {
  /** Median over the rounds, of one time. */
  ns: number;
  /** Median absolute deviation, in % of the median. */
  spread: number;
}

/**
 * Rounds in which every contender has its turn, so that what disturbs the machine disturbs all of them. The first of a
 * round changes from round to round. Nobody's caches are cold: each is run a little before its clock starts.
 */
export async function measure(contenders: readonly Contender[], quick: boolean): Promise<Timing[]> {
  const rounds = quick ? 5 : 25;
  const roundMs = quick ? 2 : 10;
  const counts: number[] = [];
  for (const contender of contenders) counts.push(await calibrate(contender, roundMs));
  const samples = contenders.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const who = (turn + round) % contenders.length;
      const count = counts[who]!;
      await contenders[who]!.run(Math.ceil(count / 8));
      samples[who]!.push((await time(contenders[who]!, count)) / count);
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

/** In ns. What is not asynchronous is not awaited: that would cost it a turn of the microtask queue. */
async function time(contender: Contender, count: number): Promise<number> {
  const start = performance.now();
  const pending = contender.run(count);
  if (pending !== undefined) await pending;
  return (performance.now() - start) * 1e6;
}

/** How many times fit into a round, asked until the compilers of the engine have settled. */
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
