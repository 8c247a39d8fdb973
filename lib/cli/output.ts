import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { GatecastError } from '../errors.ts';
import { checkOutput } from './check-output.ts';

/** Where results go: text in order, waiting for whoever reads it. */
export interface Output {
  write(text: string): Promise<void>;
  /** Call once, last: `complete` false throws away a file that was begun. */
  close(complete: boolean): Promise<void>;
}

/**
 * A file that appears under its name when it is complete, or standard output when no path is given. A link is followed.
 * A pipe or a device, which a file must not replace, is written to directly.
 */
export async function openOutput(path: string | undefined): Promise<Output> {
  if (path === undefined)
    return { write: (text) => writeAll(process.stdout, text).catch(ignoreNoReader), close: async () => {} };
  await checkOutput(path, 'forecasts');
  const there = await stat(path).catch(() => undefined);
  const passes = there !== undefined && !there.isFile();
  const target = passes ? path : await realpath(path).catch(() => path);
  const partial = passes ? path : `${target}.${process.pid}.partial`;
  const file = createWriteStream(partial);
  // Listened to for as long as it is open: an error may come while nothing is being written.
  let failure: Error | undefined;
  file.on('error', (error) => {
    failure = error;
  });
  const orExplain = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (cause) {
      const message = `Expected to write ${path} but could not: ${(cause as Error).message}.`;
      throw new GatecastError('io', message, { cause });
    }
  };
  const finish = async (): Promise<void> => {
    file.end();
    await finished(file);
    if (!passes) await rename(partial, target);
  };
  await orExplain(once(file, 'open'));
  return {
    write: (text) => orExplain(failure ? Promise.reject(failure) : writeAll(file, text)),
    async close(complete) {
      try {
        if (complete) await orExplain(finish());
      } finally {
        file.destroy();
        if (!passes) await rm(partial, { force: true });
      }
    },
  };
}

async function writeAll(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain');
}

/** endQuietlyWithoutReader has been told of it too. */
function ignoreNoReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/**
 * A reader that has gone away (`gatecast ... | head`) is the end of the work, not a failure. A command that has files
 * to close first listens to SIGPIPE, which Node itself never sends. Of a terminal that has gone away another signal
 * tells, and there may be a model to keep first.
 */
export function endQuietlyWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') {
      if (!process.emit('SIGPIPE')) process.exit(0);
    } else if (error.code !== 'EIO') {
      throw error;
    }
  });
}
