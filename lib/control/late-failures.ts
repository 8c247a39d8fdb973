import { types } from 'node:util';
import { describe, GatecastError } from '../base/errors.ts';

/** A failure after the last cycle of a control loop, which could not be reported in a cycle. */
export interface LateFailure {
  /** What failed: a function of the options, or the recording of the loop. */
  readonly source: 'observe' | 'decide' | 'act' | 'fallback' | 'start' | 'stop' | 'recording';
  readonly error: unknown;
}

export type OnLateFailure = (failure: LateFailure) => unknown;

/** How long the promise of the last action may take before that counts as a failure [ms]. */
const STOP_PATIENCE = 1000;

/** Reports a failure to `listener` if given, otherwise as a warning of the process. Never throws. */
export function reportLate(failure: LateFailure, listener: OnLateFailure | undefined): void {
  if (listener === undefined) {
    warn(failure);
    return;
  }
  const failed = (error: unknown) => {
    warn(failure);
    warn({ source: failure.source, error });
  };
  try {
    const given: unknown = listener(failure);
    whenSettled(given, (rejected) => rejected && failed(rejected.error));
  } catch (error) {
    failed(error);
  }
}

type Settled = (failure?: { readonly error: unknown }) => void;

/**
 * Calls back once when a promise settles, with the error if it rejects. Returns false for a value that is not a
 * promise. Throws what its getters throw.
 */
export function whenSettled(given: unknown, settled: Settled): boolean {
  if ((typeof given !== 'object' && typeof given !== 'function') || given === null) return false;
  if (typeof (given as Partial<PromiseLike<unknown>>).then !== 'function') return false;
  // A thenable may call back more than once; the promise around it settles once.
  new Promise((resolve) => resolve(given)).then(
    () => settled(),
    (error: unknown) => settled({ error }),
  );
  return true;
}

/** Calls back when the promise of a stop action settles or takes too long. The process does not wait for it. */
export function whenStopped(given: unknown, settled: Settled): void {
  const timer = setTimeout(() => {
    const message = `Expected the promise of the stop action to settle within ${STOP_PATIENCE} ms but it has not.`;
    settled({ error: new GatecastError('io', message) });
  }, STOP_PATIENCE);
  timer.unref();
  let isPromise = false;
  try {
    isPromise = whenSettled(given, (failure) => {
      clearTimeout(timer);
      settled(failure);
    });
  } finally {
    if (!isPromise) clearTimeout(timer);
  }
}

function warn({ source, error }: LateFailure): void {
  const [message, detail] = wordsOf(error);
  process.emitWarning(`A control loop had ended when ${source} failed: ${message}`, {
    type: 'GatecastWarning',
    code: 'GATECAST_LATE_FAILURE',
    ...(detail !== undefined && { detail }),
  });
}

/** What was thrown, as an error: RxJS cannot throw a value that has no text. */
export function asError(source: LateFailure['source'], thrown: unknown): Error {
  if (types.isNativeError(thrown)) return thrown;
  return new GatecastError('io', `A control loop had ended when ${source} failed: ${wordsOf(thrown)[0]}`, {
    cause: thrown,
  });
}

/** The message and the stack of what was thrown, whatever it is. */
export function wordsOf(error: unknown): [string, string | undefined] {
  try {
    const { message, stack } = error as { message?: unknown; stack?: unknown };
    if (typeof message === 'string') return [message, typeof stack === 'string' ? stack : undefined];
  } catch {} // null, undefined, a proxy or a getter that throws
  return [describe(error), undefined];
}
