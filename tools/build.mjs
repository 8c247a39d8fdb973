// Builds dist/ from lib/: one file for each entry, the modules that they share in dist/chunks/, each module once, and
// the types. `npm install` runs this.
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { entries, started } from './entries.mjs';
import { root, run } from './tool.mjs';

const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: [...entries, ...started].map(({ source, target }) => ({ in: source, out: target.replace(/\.js$/, '') })),
  outdir: root,
  chunkNames: 'dist/chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
});
chmodSync(join(dist, 'cli', 'main.js'), 0o755);
const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
process.exitCode = run(process.execPath, [tsc, '-p', 'tsconfig.build.json']).ok ? 0 : 1;
