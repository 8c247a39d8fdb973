import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../docs/scratch.ts';
import { runExample } from './run-example.ts';

test.each(['pump', 'sites'])('examples/make-%s.ts makes its file', async (name) => {
  const { lines } = await runExample(`make-${name}.ts`);
  expect(lines).toEqual(
    readFileSync(join(root, `examples/data/${name}.csv`), 'utf8')
      .trimEnd()
      .split('\n'),
  );
});
