import { type Duration, milliseconds } from '../../base/duration.ts';
import type { ModelDescription } from '../../model/model.ts';
import type { GapFiller } from '../../online/time/gaps.ts';

/**
 * Samples without any value are a silence, as are samples that do not come: one that is too long ends what the stream
 * knows. The stream then starts again with the next value, as training does, which never learns across such a hole.
 */
export class Silence {
  readonly #gaps: GapFiller;
  readonly #gapsAt: number;
  /** The longest time between two values that does not reset a stream [samples]. */
  readonly #most: number;

  /** `gapsAt`: where the numbers of the filler begin among those of all parts. */
  constructor(
    gaps: GapFiller,
    gapsAt: number,
    { lookback, interval }: Pick<ModelDescription, 'lookback' | 'interval'>,
    resetAfter: Duration | undefined,
  ) {
    this.#gaps = gaps;
    this.#gapsAt = gapsAt;
    this.#most =
      resetAfter === undefined || interval === null ? lookback : milliseconds(resetAfter, 'resetAfter') / interval;
  }

  /** Whether this sample ends too long a silence of the stream whose parts have their numbers at `base` of `rows`. */
  endsWith(values: Float64Array, rows: Float64Array, base: number): boolean {
    return !values.every(Number.isNaN) && this.#gaps.silence(rows, base + this.#gapsAt) + 1 > this.#most;
  }
}
