import { exitCodes } from './failure.ts';
import { interrupts } from './interrupts.ts';
import { say } from './say.ts';

/**
 * Writes a whole file even if a signal arrives: the signal ends the process afterwards, so no partial file is left
 * behind.
 */
export async function undisturbed(file: string, write: () => Promise<void>): Promise<void> {
  let ended = false;
  const signals = interrupts('SIGINT', 'SIGTERM', 'SIGHUP').subscribe(() => {
    ended = true;
  });
  try {
    await write();
  } finally {
    signals.unsubscribe();
  }
  if (!ended) return;
  say(`interrupted, ${file} was written`);
  process.exit(exitCodes.interrupted);
}
