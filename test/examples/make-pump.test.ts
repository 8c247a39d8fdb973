import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../docs/scratch.ts';
import { runExample } from './run-example.ts';

it('examples/make-pump.ts makes examples/data/pump.csv', async () => {
  const { lines } = await runExample('make-pump.ts');
  expect(lines).toEqual(readFileSync(join(root, 'examples/data/pump.csv'), 'utf8').trimEnd().split('\n'));
});
