// Compiles lib/ to dist/ (or to a given folder) and makes the command line executable. `npm install` runs this.
import { chmodSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root, run } from './tool.mjs';

const dist = resolve(root, process.argv[2] ?? 'dist');
const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
const { ok } = run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', dist]);
const main = join(dist, 'cli', 'main.js');
if (existsSync(main)) chmodSync(main, 0o755);
process.exitCode = ok ? 0 : 1;
