import type { ControlCycle } from '../control-cycle.ts';
import type { RecordedCycle } from './read-loop.ts';

/** One difference between a recorded cycle and the one run again. */
export interface CycleDifference {
  /** Its number on the schedule, and its time after the first was due [s]. */
  readonly seq: number;
  readonly seconds: number;
  /** What differs: 'cycle' if it was not run again. */
  readonly what: 'cycle' | 'action' | (typeof FIELDS)[number];
  /** If an action differs: which value, from 0. */
  readonly value?: number;
  readonly recorded: unknown;
  readonly computed: unknown;
}

/** Recorded cycles compared with those run again. */
export interface CycleComparison {
  readonly compared: number;
  /** How many of those differ in any bit. */
  readonly different: number;
  readonly first: CycleDifference | undefined;
}

const FIELDS = [
  'seq',
  'missed',
  'reason',
  'source',
  'tDue',
  'tIn',
  'tEvent',
  'iterations',
  'limited',
  'tOut',
  'deadlineMet',
  'status',
] as const satisfies readonly (keyof ControlCycle)[];

/** Compares cycles one by one, to the bit. */
export class CycleMeter implements CycleComparison {
  compared = 0;
  different = 0;
  first: CycleDifference | undefined;

  compare(recorded: RecordedCycle, computed: ControlCycle | undefined, seconds: number): void {
    this.compared++;
    const difference = computed === undefined ? noCycle : differenceOf(recorded, computed);
    if (difference === undefined) return;
    this.different++;
    this.first ??= { seq: recorded.seq, seconds, ...difference };
  }
}

type Found = Omit<CycleDifference, 'seq' | 'seconds'>;
const noCycle: Found = { what: 'cycle', recorded: 'one', computed: 'none' };

function differenceOf(recorded: RecordedCycle, computed: ControlCycle): Found | undefined {
  const length = Math.max(recorded.action.length, computed.action.length);
  for (let value = 0; value < length; value++) {
    const [a, b] = [recorded.action[value], computed.action[value]];
    if (!Object.is(a, b)) return { what: 'action', value, recorded: a, computed: b };
  }
  const what = FIELDS.find((name) => !Object.is(recorded[name], computed[name]));
  return what && { what, recorded: recorded[what], computed: computed[what] };
}
