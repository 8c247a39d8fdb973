// One shape of a JavaScript trial: `js-case.ts TRIAL CELL NUMBERS... [--quick]` prints its results as JSON lines.
import type { CellName } from './record.ts';
import { stepJs } from './trials/step-js.ts';
import { streams } from './trials/streams.ts';

const quick = process.argv.includes('--quick');
const [trial, cell, ...words] = process.argv.slice(2).filter((word) => word !== '--quick');
const [first = 0, second = 0, third = 0] = words.map(Number);
const results =
  trial === 'step-js'
    ? await stepJs(cell as CellName, first, second, quick)
    : await streams(cell as CellName, first, second, third, quick);
for (const result of results) console.log(JSON.stringify(result));
process.exit(0); // rivals keep threads and timers
