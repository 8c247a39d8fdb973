#!/usr/bin/env node
import { reportFailure } from './failure.ts';
import { watchStandardOutput } from './output.ts';

watchStandardOutput();
try {
  // Imported here, so that what a file of the commands throws is answered with a sentence too.
  const { runProgram } = await import('./program.ts');
  await runProgram();
} catch (error) {
  process.exitCode = reportFailure(error);
}
