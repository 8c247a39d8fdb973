// `npm run bench:soak -- [--samples COUNT] [--no-workers]`: puts streams through what happens in months. Prints the
// memory in use every so often, and at the end whether it was flat: exit code 1 if not.
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { config } from 'rxjs';
import { liveModel } from './live-model.ts';
import { median } from './measure.ts';
import { loud } from './say.ts';
import { soakCycles } from './soak-cycles.ts';
import { workerCycle } from './soak-worker.ts';

const REPORTS = 40;
/** Cycles between workers, which take tens of milliseconds to start. */
const PER_WORKER = 100;
/** How much more memory may be in use in the last quarter than in the second, by when all code has been compiled. */
const MARGIN = 0.05;
const MB = 2 ** 20;

const { values } = parseArgs({
  options: { samples: { type: 'string', default: '1e8' }, workers: { type: 'boolean', default: true } },
  allowNegative: true,
});
const total = Number(values.samples);
if (!Number.isInteger(total) || total < 1) {
  console.error(`Expected a whole number, such as 1e8, for --samples but received "${values.samples}".`);
  process.exit(2);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const counts = { samples: 0, cycles: 0, workers: 0, thrown: 0 };
config.onUnhandledError = () => {}; // a subscriber throws on purpose

const model = await liveModel('gru', 32);
const cycles = Object.values(soakCycles(model, () => counts.thrown++));
const endWorker = values.workers ? await workerCycle(model) : undefined;
if (values.workers && !endWorker) loud('SKIPPED: workers, which need the built package: npm run build');
const resident: number[] = [];
const heap: number[] = [];
console.log('million samples   cycles  workers   errors   resident MB   heap MB');
while (counts.samples < total) {
  counts.samples += await cycles[counts.cycles % cycles.length]!();
  counts.cycles++;
  if (endWorker && counts.cycles % PER_WORKER === 1) {
    counts.samples += await endWorker();
    counts.workers++;
  }
  if (counts.samples < ((resident.length + 1) * total) / REPORTS) continue;
  await new Promise((resolve) => setTimeout(resolve, 20)); // for errors that RxJS reports later, and threads that end
  report();
}

const [residentGrowth, heapGrowth] = [growth(resident), growth(heap)];
const flat = residentGrowth <= MARGIN && heapGrowth <= MARGIN;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
console.log(
  `${flat ? 'FLAT' : 'NOT FLAT'}: from the second quarter to the last, resident memory grew by ${percent(residentGrowth)}, ` +
    `the heap by ${percent(heapGrowth)}; ${percent(MARGIN)} is allowed.`,
);
if (!flat) process.exitCode = 1;

function report(): void {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  resident.push(rss);
  heap.push(heapUsed);
  const columns: [string | number, number][] = [
    [(counts.samples / 1e6).toFixed(1), 15],
    [counts.cycles, 9],
    [counts.workers, 9],
    [counts.thrown, 9],
    [(rss / MB).toFixed(1), 14],
    [(heapUsed / MB).toFixed(2), 10],
  ];
  console.log(columns.map(([value, width]) => String(value).padStart(width)).join(''));
}

function growth(memory: readonly number[]): number {
  const quarter = REPORTS / 4;
  return median(memory.slice(-quarter)) / median(memory.slice(quarter, 2 * quarter)) - 1;
}
