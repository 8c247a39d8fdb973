/** The memory of a `Judge`, as a checkpoint keeps it. */
export interface JudgeState {
  /** The last validation losses, at most `SEEN`. */
  readonly recent: readonly number[];
  /** The lowest of their medians so far. */
  readonly lowest: number;
  /** Passes since then. */
  readonly waited: number;
  /** How often it has come to a standstill. */
  readonly standstills: number;
}

/** How many validation losses decide together. */
const SEEN = 3;
/** Standstills until the patience is over. */
const STANDSTILLS = 3;

/**
 * Judges by the validation losses of one pass after another whether learning still gets on. It goes by the median of
 * the last three, so that one pass that is better or worse by chance neither ends learning nor keeps it going.
 */
export class Judge {
  readonly #patience: number;
  #state: JudgeState;

  constructor(patience: number, state: JudgeState = { recent: [], lowest: Infinity, waited: 0, standstills: 0 }) {
    this.#patience = patience;
    this.#state = state;
  }

  get state(): JudgeState {
    return this.#state;
  }

  /** True if `patience` passes brought nothing. */
  get isOver(): boolean {
    return this.#state.waited >= this.#patience;
  }

  /** Takes the validation loss of the next pass. */
  take(loss: number): void {
    const { recent, lowest, waited, standstills } = this.#state;
    const seen = [...recent, loss].slice(-SEEN);
    const median = Float64Array.from(seen).sort()[Math.floor(seen.length / 2)]!; // of two the greater
    if (median < lowest) {
      this.#state = { recent: seen, lowest: median, waited: 0, standstills };
      return;
    }
    const still = (waited + 1) % Math.ceil(this.#patience / STANDSTILLS) === 0;
    this.#state = { recent: seen, lowest, waited: waited + 1, standstills: standstills + (still ? 1 : 0) };
  }
}
