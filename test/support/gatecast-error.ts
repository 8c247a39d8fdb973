import { expect } from 'vitest';
import type { ErrorCode } from '../../lib/base/errors.ts';

/** Matches a GatecastError with this code, or one of these, in `toThrow()` and the like. */
export function gatecastError(code: ErrorCode | RegExp, message: RegExp = /./): unknown {
  return expect.objectContaining({
    name: 'GatecastError',
    code: typeof code === 'string' ? code : expect.stringMatching(code),
    message: expect.stringMatching(message),
  });
}
