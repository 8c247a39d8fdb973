// `npm run bench`: see arguments.ts for the arguments.
import { fileURLToPath } from 'node:url';
import { type Arguments, jsTrials, liveTrials, nativeTrials, parseArguments, usage } from './arguments.ts';
import { checked } from './check.ts';
import { withFloor } from './floors.ts';
import { installRivals } from './install.ts';
import { describeMachine } from './machine.ts';
import { aboutNative, buildNative } from './native-runner.ts';
import { plotSteps } from './plot.ts';
import type { Result } from './record.ts';
import { runLines } from './run-lines.ts';
import { type SavedRun, saveRun } from './save.ts';
import { loud, say } from './say.ts';
import { shapesOf } from './shapes.ts';
import { tableOf } from './table.ts';

const words = readWords();
const results: Result[] = [];
const program = words.trials.every((trial) => liveTrials.includes(trial)) ? undefined : buildNative();
if (words.plot || words.save || words.trials.some((trial) => jsTrials.includes(trial))) installRivals();

// The ceilings always run first: they are the floors of the trials that follow.
const native = nativeTrials.filter((trial) => trial === 'ceilings' || words.trials.includes(trial));
if (program !== undefined) {
  const isa = process.env['GATECAST_ISA'];
  const options = [...(words.quick ? ['--quick'] : []), ...(isa ? ['--isa', isa] : [])];
  for (const trial of native) await run(trial, program, ['--trial', trial, ...options]);
}
const shapes = {
  plan: shapesOf('plan'), // after its native part
  'step-js': shapesOf('step'),
  streams: shapesOf('streams'),
  trained: shapesOf('trained'),
  training: shapesOf('training'),
  stream: shapesOf('stream'),
  fleet: shapesOf('fleet'),
  loop: shapesOf('loop'),
  read: shapesOf('read'),
};
const more = [
  ...(words.quick ? ['--quick'] : []),
  ...(words.samples ? ['--samples', `${words.samples}`] : []),
  ...(words.seconds ? ['--seconds', `${words.seconds}`] : []),
];
for (const [trial, list] of Object.entries(shapes)) {
  if (!words.trials.includes(trial)) continue;
  const cells = trial === 'loop' || trial === 'read' ? ['-'] : ['gru', 'lstm']; // these have none
  const cases = cells.flatMap((cell) => list.map((shape) => [trial, cell, ...shape.map(String)]));
  const script = fileURLToPath(new URL('js-case.ts', import.meta.url));
  for (const shape of cases) {
    say(shape.join(' '));
    // The loader that runs this file runs the other too.
    const start = [...process.execArgv, script, ...shape, ...more];
    await run(trial, process.execPath, start);
  }
  show(trial);
}

const saved: SavedRun = {
  machine: describeMachine(program === undefined ? undefined : aboutNative(program)),
  quick: words.quick,
  results,
};
if (words.save) say(`saved ${saveRun(saved)}`);
if (words.plot || words.save) for (const path of await plotSteps(saved)) say(`drew ${path}`);

/** Runs one trial or a part of it; a failure is reported and the rest goes on. */
async function run(trial: string, command: string, line: string[]): Promise<void> {
  try {
    await runLines(command, line, (result) => {
      const right = checked(result);
      if (right === undefined) return;
      const complete = withFloor(right, results);
      results.push(complete);
      if (words.json && words.trials.includes(trial)) console.log(JSON.stringify(complete));
    });
  } catch (error) {
    process.exitCode = 1;
    loud(`FAILED: ${trial}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (nativeTrials.includes(trial) && trial !== 'plan') show(trial);
}

function show(trial: string): void {
  if (words.json || !words.trials.includes(trial)) return;
  console.log(`\n${trial}\n${tableOf(results.filter((result) => result.trial === trial || isPart(result, trial)))}`);
}

/** The decayed states are a part of the trial of tails. */
function isPart(result: Result, trial: string): boolean {
  return trial === 'tail' && result.trial === 'decayed';
}

function readWords(): Arguments {
  try {
    return parseArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return process.exit(2);
  }
}
