import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './docs/scratch.ts';

/** Builds dist once before all tests, for those that start the command line. Type errors are for `npm run types`. */
export default function setup(): void {
  spawnSync(process.execPath, [join(root, 'tools', 'build.mjs')], { stdio: 'ignore' });
}
