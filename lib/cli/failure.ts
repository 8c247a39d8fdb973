import { CommanderError } from 'commander';
import { GatecastError, printable } from '../base/errors.ts';
import { say } from './say.ts';

/** The exit codes of the process, which docs/commands.md explains. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  different: 1,
  usage: 2,
  notBeaten: 2,
  broken: 4,
  unexpected: 70, // EX_SOFTWARE of sysexits.h
  interrupted: 130, // 128 + SIGINT
} as const;

/** Thrown by a command that the user has interrupted. */
export class Interrupted extends Error {
  /** @param wayOn how to go on, if there is a way */
  constructor(wayOn?: string) {
    super(wayOn === undefined ? 'interrupted, nothing was written' : `interrupted, ${wayOn}`);
    this.name = 'Interrupted';
  }
}

/** Prints what went wrong on stderr and returns the exit code for it. */
export function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof Interrupted) {
    say(error.message);
    return exitCodes.interrupted;
  }
  if (error instanceof GatecastError) {
    say(withOptionNames(error.message));
    return exitCodeOf(error);
  }
  const [first = '', ...stack] = (error instanceof Error ? (error.stack ?? '') : String(error)).split('\n');
  say(`unexpected: ${first}`);
  for (const line of stack) process.stderr.write(`${printable(line)}\n`);
  return exitCodes.unexpected;
}

function exitCodeOf({ code }: GatecastError): number {
  if (code === 'invalid-argument') return exitCodes.usage;
  return code === 'disposed' ? exitCodes.unexpected : exitCodes.failed;
}

/** `options.learningRate` is `--learning-rate` to a user of the command line. */
function withOptionNames(message: string): string {
  return message.replace(/options(?:\.stream)?\.(\w+)/g, (_, name: string) => {
    return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  });
}
