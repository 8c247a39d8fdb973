import type { BuildChange } from '../../recording/recording-header.ts';
import type { Ending } from '../../recording/recording-records.ts';
import type { ControlCycle, CycleReason } from '../control-cycle.ts';
import type { CycleFlag } from '../cycle-flags.ts';
import type { LoopStatus } from '../loop/loop-status.ts';
import type { Verdict } from './assertions.ts';
import type { CycleComparison } from './cycle-comparison.ts';
import type { LoopDescription } from './loop-description.ts';
import type { LoopFault } from './observation-faults.ts';

/** What the cycles of a run come to, but for that of its end. */
export interface LoopCounts {
  readonly cycles: number;
  /** Cycles that were due and not run, and those that were run and over after their deadline. */
  readonly missed: number;
  readonly late: number;
  /** Cycles by whose action it was, and by what went wrong. */
  readonly sources: Readonly<Record<ControlCycle['source'], number>>;
  readonly reasons: Readonly<Partial<Record<CycleReason, number>>>;
  /** How often the status became `degraded`. */
  readonly degraded: number;
  /** Cycles by the flags that they raised; see `CycleFlag`. */
  readonly flags: Readonly<Partial<Record<CycleFlag, number>>>;
}

/** What a replay or a simulation of a loop came to. */
export interface LoopReport extends LoopCounts {
  readonly loop: LoopDescription;
  /** On the schedule, from the first cycle to the last. */
  readonly seconds: number;
  /**
   * Of a replay, as the recorded loop ended; 'torn' and 'unfinished' are recordings whose process died, 'stopped' is by
   * the signal.
   */
  readonly ending: Ending | 'torn' | 'unfinished' | 'stopped';
  /** What is not here as it was where the recording was made. */
  readonly changed: readonly BuildChange[];
  /** Undefined where nothing is compared: it was not asked for, or the observations are not those of the recording. */
  readonly comparison: CycleComparison | undefined;
  /** Whether cycles were to be compared but there were none: such a replay proves nothing, and is not a success. */
  readonly nothingCompared: boolean;
  /** Readings, or observations, that each fault has spoiled; undefined without faults. */
  readonly faults: Readonly<Record<LoopFault, number>> | undefined;
  readonly verdicts: readonly Verdict[];
  /** Why a simulated plant ended the run before its time, or what went wrong with the stop. */
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
