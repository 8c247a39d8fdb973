#!/usr/bin/env node
import { reportFailure } from './failure.ts';
import { endQuietlyWithoutReader } from './output.ts';

endQuietlyWithoutReader();
try {
  // Imported here so that an error thrown while a command is loaded is reported as a sentence too.
  const { runProgram } = await import('./program.ts');
  await runProgram();
} catch (error) {
  process.exitCode = reportFailure(error);
}
