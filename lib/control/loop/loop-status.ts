export type LoopStatus = 'warming' | 'running' | 'degraded' | 'stopped';

/**
 * The status of a loop, from whether its cycles were good: `warming` at first, `running` after `recoverAfter` good ones
 * in a row, `degraded` after `degradeAfter` bad ones in a row. `stopped` is the end.
 */
export class StatusMachine {
  readonly #degradeAfter: number;
  readonly #recoverAfter: number;
  #status: LoopStatus = 'warming';
  #good = 0;
  #bad = 0;

  constructor(degradeAfter: number, recoverAfter: number) {
    this.#degradeAfter = degradeAfter;
    this.#recoverAfter = recoverAfter;
  }

  get status(): LoopStatus {
    return this.#status;
  }

  good(): void {
    this.#bad = 0;
    if (++this.#good >= this.#recoverAfter) this.#status = 'running';
  }

  bad(count: number): void {
    this.#good = 0;
    this.#bad += count;
    if (this.#bad >= this.#degradeAfter) this.#status = 'degraded';
  }

  stop(): void {
    this.#status = 'stopped';
  }
}
