/** The share of a budget in which is trained; the rest is for the test rows. */
const TRAINING_SHARE = 0.85;

const MOST_TIMEOUT = 2 ** 31 - 1;

/** When training has to end: after its share of a budget, or when one of some signals aborts. */
export class Ending {
  readonly #abort = new AbortController();
  readonly #asked: readonly AbortSignal[];
  readonly #clock: NodeJS.Timeout;
  readonly #end = () => this.#abort.abort();
  #isLate = false;

  /** @param budget [ms], of which `spent` are gone */
  constructor(budget: number, spent: number, asked: readonly (AbortSignal | undefined)[]) {
    this.#asked = asked.filter((signal) => signal !== undefined);
    const late = () => {
      this.#isLate = !this.signal.aborted;
      this.#end();
    };
    this.#clock = setTimeout(late, Math.min(Math.max(0, trainingTime(budget) - spent), MOST_TIMEOUT));
    for (const signal of this.#asked) signal.addEventListener('abort', this.#end);
    if (this.#asked.some(({ aborted }) => aborted)) this.#end();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether it was the time that ended it. */
  get isLate(): boolean {
    return this.#isLate;
  }

  /** Waits no longer. */
  release(): void {
    clearTimeout(this.#clock);
    for (const signal of this.#asked) signal.removeEventListener('abort', this.#end);
  }
}

/** The part of a budget in which is trained [ms]. */
export function trainingTime(budget: number): number {
  return TRAINING_SHARE * budget;
}
