import type { Part } from '../part.ts';
import type { AlertPhase } from './alerts.ts';

/**
 * Whether the last answer reported an open alert. When late samples take the stream back and forward again, an alert
 * opens and closes once for each change in the answers, whatever the repeated steps do.
 */
export class ReportedAlert implements Part {
  readonly size = 1;

  reset(): void {}

  /** The phase that the next answer reports for an alert that is `open` or not. */
  phase(row: Float64Array, at: number, open: boolean): AlertPhase {
    const before = row[at] === 1;
    row[at] = open ? 1 : 0;
    if (open) return before ? 'open' : 'opened';
    return before ? 'closed' : 'none';
  }
}
