import { types } from 'node:util';
import { totalmem } from 'node:os';
import { GatecastError } from './errors.ts';

/** The memory that this process may use at most [bytes]: the machine's, or less in a container. */
export function mostMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Throws `invalid-argument` for more bytes than the machine has: options that need so many are a mistake. */
export function checkMemory(bytes: number, what: string): void {
  if (bytes > mostMemory()) throw tooMuch(bytes, what);
}

/** Returns what `make` returns. Throws `invalid-argument` if there is not enough memory for `bytes`. */
export function allocate<T>(bytes: number, what: string, make: () => T): T {
  checkMemory(bytes, what);
  try {
    return make();
  } catch (error) {
    throw types.isNativeError(error) && error.name === 'RangeError' ? tooMuch(bytes, what, error) : error;
  }
}

function tooMuch(bytes: number, what: string, cause?: RangeError): GatecastError {
  const size = `${(bytes / 2 ** 30).toPrecision(3)} GiB`;
  return new GatecastError('invalid-argument', `Expected memory for ${what} but there are not ${size}.`, { cause });
}
