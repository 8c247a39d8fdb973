import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages } from './blocks.ts';
import { checkPages } from './check-page.ts';
import { root } from './scratch.ts';

// README.md is in a file of its own: its commands wait for sensors, and both then run at once.
checkPages(pages().filter((page) => page !== 'README.md'));

describe('the commands that pages name and this test does not repeat', () => {
  it('are run by .ci/run', () => {
    const script = readFileSync(join(root, '.ci/run'), 'utf8');
    for (const command of ['npm ci', 'npm test']) expect(script).toContain(command);
  });
});
