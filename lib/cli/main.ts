#!/usr/bin/env node
import { reportFailure } from './failure.ts';
import { endQuietlyWithoutReader } from './output.ts';

endQuietlyWithoutReader();
try {
  // Importing the commands loads the addon, and that may fail.
  const { runProgram } = await import('./program.ts');
  await runProgram();
} catch (error) {
  process.exitCode = reportFailure(error);
}
