// Builds dist/ from lib/: one file for each entry, the modules that they share in dist/chunks/, each module once, and
// the types. `npm install` runs this.
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { entries, started } from './entries.mjs';
import { files, root, run } from './tool.mjs';

const dist = join(root, 'dist');
const { metafile } = await build({
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
  metafile: true,
  logLevel: 'warning',
});
// What an earlier build left: removed last, so that what runs meanwhile finds its files.
for (const path of files('dist', /\.js(?:\.map)?$/)) if (!(path in metafile.outputs)) rmSync(join(root, path));
chmodSync(join(dist, 'cli', 'main.js'), 0o755);
const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
process.exitCode = run(process.execPath, [tsc, '-p', 'tsconfig.build.json']).ok ? 0 : 1;
