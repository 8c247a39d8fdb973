import type { Part } from '../part.ts';
import type { AlertPhase } from './alerts.ts';

/**
 * Whether the reader was told of an open alert. If late samples take the stream back and forward again, an alert opens
 * and closes for the reader with the answers, not with the repeated steps.
 */
export class Told implements Part {
  readonly size = 1;

  reset(): void {}

  /** The phase to report for an alert that is `open` or not. */
  tell(row: Float64Array, at: number, open: boolean): AlertPhase {
    const before = row[at] === 1;
    row[at] = open ? 1 : 0;
    if (open) return before ? 'open' : 'opened';
    return before ? 'closed' : 'none';
  }
}
