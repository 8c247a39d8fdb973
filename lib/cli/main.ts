#!/usr/bin/env node
import { reportFailure } from './failure.ts';
import { watchStandardOutput } from './output.ts';

watchStandardOutput();
try {
  // Imported here so that an error thrown while a command is loaded is reported as a sentence too.
  const { runProgram } = await import('./program.ts');
  await runProgram();
} catch (error) {
  process.exitCode = reportFailure(error);
}
