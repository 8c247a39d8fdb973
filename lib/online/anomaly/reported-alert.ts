import type { Part } from '../part.ts';
import type { AlertPhase } from './alerts.ts';

/**
 * Whether the last answer reported an open alert. If late samples take the stream back and forward again, the reported
 * phase follows the answers, not the repeated steps.
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
