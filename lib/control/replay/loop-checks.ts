import { misfit } from '../../base/errors.ts';
import type { ControlCycle, CycleReason } from '../control-cycle.ts';
import type { LoopDescription } from './loop-description.ts';

/** The result of a check: nothing to check, or how many of the cases, 1 by default, are broken. */
export type CheckResult =
  | { readonly checked?: number; readonly broken?: number; readonly what?: string | undefined }
  | undefined;

/** A moment in a run: the cycle, and the time after the first was due. */
export interface Moment {
  readonly seq: number;
  readonly seconds: number;
}

/** When an action was sent: before the first cycle, in a cycle, in a cycle whose `act` threw, or at the end. */
export type Sending = 'start' | 'cycle' | 'refused' | 'stop';

/**
 * Checks a run against the loop's settings, from the actions sent and the cycles reported, independently of the loop's
 * own code. Each run has its own.
 */
export interface LoopCheck {
  sent?(action: Float64Array, as: Sending, moment: Moment): CheckResult;
  observed?(values: ArrayLike<number>, moment: Moment): CheckResult;
  cycle?(cycle: Omit<ControlCycle, 'errors' | 'notice'>, origin: number): CheckResult;
  /** The share that may be broken, 0 by default. */
  readonly share?: number;
  /** Whether it holds if there was nothing to check. */
  readonly mayBeIdle?: boolean;
}

const SOUND: CheckResult = {};
/** Reasons that mean that the observation could not be used. */
const BAD_OBSERVATION: ReadonlySet<CycleReason | undefined> = new Set<CycleReason>([
  'missing',
  'malformed',
  'stale',
  'wrong-length',
  'not-finite',
  'out-of-range',
  'observe-threw',
]);
/** Sums of times and actions are rounded: tolerances [ms], and relative to the numbers compared. */
const ROUNDING_MS = 0.001;
const ROUNDING = 1e-12;

export function bounds({ limits, actionNames }: LoopDescription): LoopCheck {
  return {
    sent(action) {
      for (const [i, { min, max }] of limits.entries()) {
        const value = action[i]!;
        if (!(value >= min && value <= max)) return { what: `${actionNames[i]} ${value}, bounds ${min} to ${max}` };
      }
      return SOUND;
    },
  };
}

/** Relative to the previous action that was taken. The stop may change at any rate. */
export function rate({ limits, actionNames, hz }: LoopDescription): LoopCheck {
  if (limits.every(({ maxRate }) => maxRate === undefined)) {
    throw misfit('a loop with a maxRate', "'no action outside rate'", 'none');
  }
  let before: Float64Array | undefined;
  return {
    sent(action, as) {
      const last = before;
      if (as !== 'refused') before = action;
      if (as === 'stop' || last === undefined) return undefined;
      for (const [i, { maxRate = Number.POSITIVE_INFINITY }] of limits.entries()) {
        const [from, to] = [last[i]!, action[i]!];
        const allowed = maxRate / hz;
        const rounding = ROUNDING * (Math.abs(from) + Math.abs(to) + allowed);
        if (!(Math.abs(to - from) <= allowed + rounding)) {
          return { what: `${actionNames[i]} from ${from} to ${to}, allowed ${allowed} a cycle` };
        }
      }
      return SOUND;
    },
  };
}

export function finite({ actionNames }: LoopDescription): LoopCheck {
  return {
    sent(action) {
      const place = action.findIndex((value) => !Number.isFinite(value));
      return place < 0 ? SOUND : { what: `${actionNames[place]} ${action[place]}` };
    },
  };
}

/**
 * Cycles are due at the rate of the loop; late and missed cycles are reported as such, and a cycle whose action is not
 * the model's gives a reason.
 */
export function flagged({ hz, deadlineMs }: LoopDescription): LoopCheck {
  let next = 0;
  return {
    cycle({ seq, missed, tDue, tOut, deadlineMet, source, reason }, origin) {
      const due = origin + (1000 * seq) / hz;
      const expectedSeq = next + missed;
      next = seq + 1;
      if (seq !== expectedSeq) return { what: `${seq - expectedSeq} cycles missing and not counted as missed` };
      if (Math.abs(tDue - due) > ROUNDING_MS)
        return { what: `reported as due ${(tDue - due).toFixed(3)} ms off the schedule` };
      const late = tOut - due - deadlineMs;
      if (late > ROUNDING_MS && deadlineMet)
        return { what: `${late.toFixed(3)} ms after its deadline and not reported as late` };
      if (source !== 'model' && reason === undefined) return { what: `${source} without a reason` };
      return SOUND;
    },
  };
}

/** After bad observations the model acts again, on time, at the `count`-th good one in a row at the latest. */
export function recovery(count: number): LoopCheck {
  if (count < 1) throw misfit('at least 1', "'recovers within'", count);
  let good: number | undefined; // good ones in a row since the last bad one; undefined when recovered
  return {
    mayBeIdle: true,
    cycle({ reason, source, deadlineMet }) {
      if (BAD_OBSERVATION.has(reason)) {
        good = 0;
        return undefined;
      }
      const unknown = reason === 'stopped' || (reason === 'act-threw' && source !== 'model');
      if (good === undefined || unknown) return undefined;
      good++;
      if (source === 'model' && deadlineMet) {
        good = undefined;
        return SOUND;
      }
      if (good < count) return undefined;
      good = undefined;
      return { what: `still ${reason ?? 'late'} with good observation ${count} in a row` };
    },
  };
}

export function fallbackShare(percent: number): LoopCheck {
  return {
    share: shareOf(percent, 'fallback at most'),
    cycle({ source, reason }) {
      if (reason === 'stopped') return undefined;
      return { what: source === 'model' ? undefined : `${source}: ${reason}` };
    },
  };
}

export function missShare(percent: number): LoopCheck {
  return {
    share: shareOf(percent, 'misses at most'),
    cycle({ missed, deadlineMet, reason }) {
      const broken = missed + (deadlineMet || reason === 'stopped' ? 0 : 1);
      const checked = missed + (reason === 'stopped' ? 0 : 1);
      return { checked, broken, what: missed > 0 ? `${missed} not run before it` : 'late' };
    },
  };
}

/** An observed value, as it was before anything was spoiled, or an action. Values that are not numbers are skipped. */
export function within(loop: LoopDescription, name: string, low: number, high: number, after: number): LoopCheck {
  const { inputNames, actionNames } = loop;
  const [input, action] = [inputNames.indexOf(name), actionNames.indexOf(name)];
  if (input < 0 && action < 0) {
    const what = `one of ${[...inputNames, ...actionNames].join(', ')}`;
    throw misfit(what, 'what is within a range', name);
  }
  if (low > high) throw misfit(`at least ${low}`, `${name} within`, high);
  const look = (value: number | undefined): CheckResult => {
    if (value === undefined || Number.isNaN(value)) return undefined;
    return { what: value >= low && value <= high ? undefined : String(value) };
  };
  const counts = ({ seconds }: Moment) => 1000 * seconds >= after;
  if (input >= 0) return { observed: (values, moment) => (counts(moment) ? look(values[input]) : undefined) };
  return { sent: (values, as, moment) => (as === 'cycle' && counts(moment) ? look(values[action]) : undefined) };
}

function shareOf(percent: number, name: string): number {
  if (percent >= 0 && percent <= 100) return percent / 100;
  throw misfit('0 to 100 %', `'${name}'`, percent);
}
