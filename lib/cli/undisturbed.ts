import { exitCodes } from './failure.ts';
import { interrupts } from './interrupts.ts';
import { say } from './say.ts';

/** Writes a file to its end, also when a signal comes meanwhile: that then ends the process, with no part of a file left. */
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
