import { GatecastError } from '../base/errors.ts';

/** Runs an action that the system may refuse. A refusal becomes `io`: "Expected to [what] but could not: ...". */
export function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof GatecastError) throw cause;
    throw new GatecastError('io', `Expected to ${what} but could not: ${(cause as Error).message}.`, { cause });
  }
}
