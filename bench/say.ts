/** Progress and complaints go to the standard error: the standard output is for results. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Prints a message that nobody overlooks. */
export function loud(message: string): void {
  const line = '!'.repeat(72);
  say(`${line}\n!! ${message}\n${line}`);
}
