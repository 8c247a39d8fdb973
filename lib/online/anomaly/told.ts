import type { Part } from '../part.ts';
import type { AlertPhase } from './alerts.ts';

/**
 * Whether the stream was told of an open alert. Where late samples take the stream back and forward again, an alert
 * opens and closes for the reader when an answer says so, not when it did in the steps that were repeated.
 */
export class Told implements Part {
  readonly size = 1;

  reset(): void {}

  /** What an answer says of an alert that is `open` or not. */
  tell(row: Float64Array, at: number, open: boolean): AlertPhase {
    const before = row[at] === 1;
    row[at] = open ? 1 : 0;
    if (open) return before ? 'open' : 'opened';
    return before ? 'closed' : 'none';
  }
}
