import type { Part } from '../part.ts';

/** Whether an alert is open: it says 'opened' and 'closed' for one sample each. */
export type AlertPhase = 'none' | 'opened' | 'open' | 'closed';

export interface AlertsOptions {
  /** Samples below the threshold after which an alert closes, 1 or more. */
  hysteresis: number;
  /** Samples after that in which none opens. */
  refractory: number;
}

/**
 * Makes one alert of what crosses the threshold many times: it opens at the first crossing and closes when all has been
 * quiet for a while.
 *
 * In the row: whether one is open; quiet samples left until it closes, or samples left until one may open.
 */
export class Alerts implements Part {
  readonly size = 2;
  readonly #options: Readonly<AlertsOptions>;

  constructor(options: AlertsOptions) {
    this.#options = { ...options };
  }

  reset(): void {}

  isOpen(row: Float64Array, at: number): boolean {
    return row[at] === 1;
  }

  /** Takes whether the present sample is beyond the threshold. */
  take(row: Float64Array, at: number, beyond: boolean): AlertPhase {
    const open = this.isOpen(row, at);
    const wait = row[at + 1]!;
    if (open && !beyond && wait === 1) {
      row[at] = 0;
      row[at + 1] = this.#options.refractory;
      return 'closed';
    }
    if (open || (beyond && wait === 0)) {
      row[at] = 1;
      row[at + 1] = beyond ? this.#options.hysteresis : wait - 1;
      return open ? 'open' : 'opened';
    }
    row[at + 1] = Math.max(0, wait - 1);
    return 'none';
  }
}
