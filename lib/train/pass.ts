import type { PassSums } from './course.ts';
import type { Trainable } from './trainable.ts';

/**
 * In how many pieces a pass is run. Between two of them the learning rate follows its schedule, and a checkpoint can be
 * written.
 */
const PIECES = 16;

/** What a pass asks while it runs. */
export interface PassGuide {
  /** Windows of a step of the optimiser. */
  readonly batchSize: number;
  /** The learning rate of the next steps, after this many steps of the pass. */
  rate(step: number): number;
  /** Ends the pass after the piece that runs. */
  readonly signal: AbortSignal;
  /** Awaited between two pieces, and before the pass is ended early. */
  between(sums: PassSums): Promise<void>;
}

/**
 * Learns from the windows of a pass, beginning after those that are done. Resolves to the sums over the whole pass;
 * undefined if cancelled. Where the pieces end depends on the windows alone.
 */
export async function runPass(
  trainer: Trainable,
  starts: Int32Array,
  done: PassSums,
  guide: PassGuide,
): Promise<PassSums | undefined> {
  const { batchSize } = guide;
  const steps = Math.ceil(starts.length / batchSize);
  const length = Math.ceil(steps / PIECES) * batchSize;
  let sums = done;
  while (sums.windows < starts.length) {
    const from = sums.windows;
    const begun = performance.now();
    const piece = await trainer.run(starts.subarray(from, from + length), guide.rate(from / batchSize));
    if (piece.cancelled) return undefined;
    sums = {
      windows: from + piece.windows,
      loss: sums.loss + piece.windows * piece.loss,
      norm: sums.norm + piece.windows * piece.gradientNorm,
      seconds: sums.seconds + (performance.now() - begun) / 1000,
    };
    if (sums.windows < starts.length || guide.signal.aborted) await guide.between(sums);
    if (guide.signal.aborted) return undefined;
  }
  return sums;
}
