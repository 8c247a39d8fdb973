import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GatecastError } from '../base/errors.ts';

/** What a module of the user exports. Throws `invalid-file` when it cannot be loaded. */
export async function loadModule(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GatecastError('invalid-file', `Expected a module in ${file} but loading it failed: ${why}`, { cause });
  }
}
