import { StepClock } from '../../time/step-clock.ts';
import type { WritableTrust } from '../live-forecast.ts';
import type { RingPart } from '../part.ts';
import type { Step } from '../step.ts';

/** The clock of a live stream. It reports how many steps without a sample came right before a step. */
export class StreamClock extends StepClock implements RingPart {
  readonly reportSize = 1;

  report({ report, reportAt, missing }: Step): void {
    report[reportAt] = missing;
  }

  trust(report: readonly number[], at: number, trust: WritableTrust): void {
    trust.missing = report[at]!;
  }
}
