// The entries of the package, as `exports` in package.json lists them: what users import, the file of lib/ that it is,
// and the file of dist/ that is built from it; and the files that Node starts.
import { readFileSync } from 'node:fs';

const { exports, bin } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** { name: 'gatecast/csv', source: 'lib/adapters/csv.ts', target: 'dist/adapters/csv.js' } for each entry that is code. */
export const entries = Object.entries(exports)
  .filter(([, target]) => target.endsWith('.js'))
  .map(([path, target]) => ({ name: `gatecast${path.slice(1)}`, ...built(target.slice(2)) }));

/** The command line and the worker of `forecastInWorker`. */
export const started = [
  built(bin.gatecast),
  { source: 'lib/stream/worker/forecast-worker.ts', target: 'dist/forecast-worker.js' },
];

function built(target) {
  return { source: target.replace(/^dist\//, 'lib/').replace(/\.js$/, '.ts'), target };
}
