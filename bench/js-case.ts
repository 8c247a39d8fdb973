// One shape of a JavaScript trial: `js-case.ts TRIAL CELL NUMBERS... [--quick]` prints its results as JSON lines.
import type { CellName, Result } from './record.ts';
import { stepJs } from './trials/step-js.ts';
import { streams } from './trials/streams.ts';
import { trained } from './trials/trained.ts';

const quick = process.argv.includes('--quick');
const [trial, cell, ...words] = process.argv.slice(2).filter((word) => word !== '--quick');
const [first = 0, second = 0, third = 0] = words.map(Number);
const trials: Record<string, () => Promise<Result[]>> = {
  'step-js': () => stepJs(cell as CellName, first, second, quick),
  streams: () => streams(cell as CellName, first, second, third, quick),
  trained: () => trained(cell as CellName, first),
};
const results = await trials[trial ?? '']!();
for (const result of results) console.log(JSON.stringify(result));
process.exit(0); // rivals keep threads and timers
