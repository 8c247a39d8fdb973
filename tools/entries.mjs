// The entries of the package, as `exports` in package.json lists them: what users import, and the file of lib/ it is.
import { readFileSync } from 'node:fs';

const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** { name: 'gatecast/csv', source: 'lib/adapters/csv.ts' } for each entry that is code. */
export const entries = Object.entries(exports)
  .filter(([, target]) => target.endsWith('.js'))
  .map(([path, target]) => ({
    name: `gatecast${path.slice(1)}`,
    source: target.replace('./dist/', 'lib/').replace(/\.js$/, '.ts'),
  }));
