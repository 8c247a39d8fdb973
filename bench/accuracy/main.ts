// `npm run bench:accuracy`: see arguments.ts for the arguments.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.ts';
import { loud, say } from '../say.ts';
import { type Arguments, parseArguments, usage } from './arguments.ts';
import { checkKnown } from './check-known.ts';
import { keepResults } from './keep-results.ts';
import { tableOf } from './table.ts';
import type { Measured, Trial } from './trial.ts';

/** Data sets that may not be shipped lie beside the project. */
const dataFolder = join(root, '..', 'shared', 'data');

const words = readWords();
for (const trial of words.trials) await run(trial);

/** Runs a trial. If it fails, this is reported and the others run. */
async function run(trial: Trial): Promise<void> {
  const file = (name: string) => join(dataFolder, name);
  const missing = trial.needs.filter((name) => !existsSync(file(name)));
  if (missing.length > 0) return loud(`SKIPPED: ${trial.name} needs ${missing.map(file).join(', ')}`);
  say(`${trial.name}: ${trial.about}`);
  const results: Measured[] = [];
  try {
    for await (const outcome of trial.run({ quick: words.quick, file })) {
      const result = { trial: trial.name, ...outcome };
      checkKnown(result);
      results.push(result);
      say(`  ${result.method}: ${JSON.stringify(result.errors)}`);
      if (words.json) console.log(JSON.stringify(result));
    }
  } catch (error) {
    process.exitCode = 1;
    return loud(`FAILED: ${trial.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!words.json) console.log(`\n${trial.name}\n${tableOf(results)}`);
  if (words.save) say(`saved ${keepResults(trial.name, results)}`);
}

function readWords(): Arguments {
  try {
    return parseArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return process.exit(2);
  }
}
