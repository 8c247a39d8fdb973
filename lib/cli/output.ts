import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { GatecastError } from '../base/errors.ts';
import { checkOutput } from './check-output.ts';
import { reportFailure } from './failure.ts';

/** Where results go: text in order, waiting for the reader. */
export interface Output {
  write(text: string): Promise<void>;
  /** Call once, last. With `complete` false, an unfinished file is discarded. */
  close(complete: boolean): Promise<void>;
}

/** How long to wait, after the work has ended, for a reader that has stopped reading [ms]. */
const LAST_WAIT = 1000;

/**
 * A file that appears under its name when it is complete, or standard output if no path is given. A link is followed. A
 * pipe or a device, which a file must not replace, is written to directly. After `stop`, it does not wait for a reader
 * of standard output that has stopped reading.
 */
export async function openOutput(path: string | undefined, stop?: AbortSignal): Promise<Output> {
  if (path === undefined) {
    const write = (text: string) => writeAll(process.stdout, text, stop).catch(() => {}); // see watchStandardOutput
    return { write, close: async () => {} };
  }
  await checkOutput(path, 'forecasts');
  const there = await stat(path).catch(() => undefined);
  const passes = there !== undefined && !there.isFile();
  const target = passes ? path : await realpath(path).catch(() => path);
  const partial = passes ? path : `${target}.${process.pid}.partial`;
  const file = createWriteStream(partial);
  // Listens for as long as the file is open: an error may come while nothing is being written.
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

async function writeAll(stream: Writable, text: string, signal?: AbortSignal): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain', signal && { signal });
}

/** Ends the process once standard output has been read, or after a second. */
export async function endWithReader(): Promise<void> {
  const { stdout } = process;
  if (stdout.writableLength > 0) {
    await new Promise<unknown>((resolve) => {
      stdout.write('', resolve);
      setTimeout(resolve, LAST_WAIT);
    });
  }
  process.exit();
}

/**
 * A reader that has gone away (`gatecast ... | head`) ends the work and is not a failure; a full disk is. A command
 * that has to close files first listens to SIGPIPE, which Node itself never sends. If a terminal goes away, another
 * signal comes, and there may be a model to save first. Errors of stderr are ignored.
 */
export function watchStandardOutput(): void {
  const { stdout, stderr } = process;
  let ended = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (ended || (error.code === 'EIO' && stdout.isTTY)) return;
    ended = true;
    if (error.code !== 'EPIPE') {
      const what = `Expected to write standard output but could not: ${error.message}.`;
      process.exitCode = reportFailure(new GatecastError('io', what));
    }
    if (!process.emit('SIGPIPE')) process.exit();
  });
  stderr.on('error', () => {});
}
