// One shape of a JavaScript trial: `js-case.ts TRIAL CELL NUMBERS... [--quick] [--samples COUNT] [--seconds COUNT]` prints its results as JSON lines.
import { parseArgs } from 'node:util';
import type { CellName, Result } from './record.ts';
import { fleet } from './trials/fleet.ts';
import { loop } from './trials/loop.ts';
import { plan } from './trials/plan.ts';
import { read } from './trials/read.ts';
import { stepJs } from './trials/step-js.ts';
import { stream } from './trials/stream.ts';
import { streams } from './trials/streams.ts';
import { trained } from './trials/trained.ts';
import { training } from './trials/training.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, samples: { type: 'string' }, seconds: { type: 'string' } },
});
const { quick } = values;
const [trial, cell, ...words] = positionals;
const [first = 0, second = 0, third = 0, fourth = 0] = words.map(Number);
const trials: Record<string, () => Promise<Result[]>> = {
  'step-js': () => stepJs(cell as CellName, first, second, quick),
  streams: () => streams(cell as CellName, first, second, third, quick),
  plan: () => plan(cell as CellName, first, second, third, fourth, quick),
  training: () => training(cell as CellName, first, second, third, fourth, quick),
  trained: () => trained(cell as CellName, first),
  stream: () => stream(cell as CellName, first, quick),
  fleet: () => fleet(cell as CellName, first, second, third === 1, Number(values.samples ?? (quick ? 2e5 : 5e6))),
  read: () => read(first, Number(values.samples ?? (quick ? 1e5 : 1e7))),
  loop: () => loop(first, Number(values.seconds ?? (quick ? 3 : 60))),
};
const results = await trials[trial ?? '']!();
for (const result of results) console.log(JSON.stringify(result));
process.exit(0); // rivals keep threads and timers
