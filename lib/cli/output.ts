import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { GatecastError } from '../errors.ts';

/** Where results go: text in order, waiting for whoever reads it. */
export interface Output {
  write(text: string): Promise<void>;
  /** Call once, last: `complete` false throws away a file that was begun. */
  close(complete: boolean): Promise<void>;
}

/** A file that appears under its name when it is complete, or standard output when no path is given. */
export async function openOutput(path: string | undefined): Promise<Output> {
  if (path === undefined) return { write: (text) => writeAll(process.stdout, text), close: async () => {} };
  const partial = `${path}.${process.pid}.partial`;
  const file = createWriteStream(partial);
  const explain = (cause: unknown) => {
    return new GatecastError('io', `Expected to write ${path} but could not: ${(cause as Error).message}.`, { cause });
  };
  await once(file, 'open').catch((cause) => {
    throw explain(cause);
  });
  return {
    write: (text) =>
      writeAll(file, text).catch((cause) => {
        throw explain(cause);
      }),
    async close(complete) {
      file.end();
      await once(file, 'close');
      await (complete ? rename(partial, path) : rm(partial, { force: true }));
    },
  };
}

async function writeAll(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain');
}

/** A reader that has gone away (`gatecast ... | head`) is the end of the work, not a failure. */
export function endQuietlyWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
