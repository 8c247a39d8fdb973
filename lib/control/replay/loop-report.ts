import type { BuildChange } from '../../recording/recording-header.ts';
import type { Ending } from '../../recording/recording-records.ts';
import type { ControlCycle, CycleReason } from '../control-cycle.ts';
import type { CycleFlag } from '../cycle-flags.ts';
import type { LoopStatus } from '../loop/loop-status.ts';
import type { Verdict } from './assertions.ts';
import type { CycleComparison } from './cycle-comparison.ts';
import type { LoopDescription } from './loop-description.ts';
import type { LoopFault } from './observation-faults.ts';

/** Counts over the cycles of a run, without the last one that ends it. */
export interface LoopCounts {
  readonly cycles: number;
  /** How many cycles were due and not run, and how many were run and over after their deadline. */
  readonly missed: number;
  readonly late: number;
  /** Cycles by where the action came from, and by what went wrong. */
  readonly sources: Readonly<Record<ControlCycle['source'], number>>;
  readonly reasons: Readonly<Partial<Record<CycleReason, number>>>;
  /** How often the status became `degraded`. */
  readonly degraded: number;
  /** Cycles by the flags that they raised; see `CycleFlag`. */
  readonly flags: Readonly<Partial<Record<CycleFlag, number>>>;
}

/** The result of a replay or a simulation of a loop. */
export interface LoopReport extends LoopCounts {
  readonly loop: LoopDescription;
  /** Seconds on the schedule, from the first cycle to the last. */
  readonly seconds: number;
  /**
   * For a replay, how the recorded loop ended. 'torn' and 'unfinished': the recording process died; 'stopped': by the
   * signal.
   */
  readonly ending: Ending | 'torn' | 'unfinished' | 'stopped';
  /** Differences from the build and machine that made the recording. */
  readonly changed: readonly BuildChange[];
  /** Undefined if nothing is compared: `compare` is false, or the observations are not those of the recording. */
  readonly comparison: CycleComparison | undefined;
  /**
   * Whether cycles were to be compared but there were none: such a replay proves nothing and does not count as a
   * success.
   */
  readonly nothingCompared: boolean;
  /** How many readings, or observations, each fault has spoiled; undefined without faults. */
  readonly faults: Readonly<Record<LoopFault, number>> | undefined;
  readonly verdicts: readonly Verdict[];
  /** Why a simulated plant ended the run early, or what failed at the stop. */
  readonly failure: { readonly seq: number; readonly message: string } | undefined;
}

/** Counts cycles. */
export class LoopTally implements LoopCounts {
  cycles = 0;
  missed = 0;
  late = 0;
  degraded = 0;
  readonly sources: Record<ControlCycle['source'], number> = { model: 0, fallback: 0, held: 0 };
  readonly reasons: Partial<Record<CycleReason, number>> = {};
  readonly flags: Partial<Record<CycleFlag, number>> = {};
  #status: LoopStatus = 'warming';

  take({ missed, deadlineMet, source, reason, status, flags }: ControlCycle): void {
    this.missed += missed;
    if (status === 'stopped') return;
    this.cycles++;
    if (!deadlineMet) this.late++;
    this.sources[source]++;
    if (reason !== undefined) this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
    for (const flag of flags) this.flags[flag] = (this.flags[flag] ?? 0) + 1;
    if (status === 'degraded' && this.#status !== 'degraded') this.degraded++;
    this.#status = status;
  }
}
