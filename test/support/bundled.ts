import { readFileSync, renameSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** As deep below the root as the modules of lib/, which find the addon from where they are. */
const folder = join(root, 'build-children', 'bundles');

/**
 * The arguments with which Node runs a TypeScript file of test/: bundled with all that it imports, because to compile
 * each module anew takes longer than most of these programs. Those that start threads from files of their own are not.
 */
export function programOf(path: string): string[] {
  const program = join(root, 'test', path);
  return readFileSync(program, 'utf8').includes('import.meta') ? ['--import', 'tsx', program] : [bundled(program)];
}

/** The path of a JavaScript module that is a TypeScript module and all that it imports. */
export function bundled(path: string): string {
  const name = relative(root, path).replaceAll(/[\\/]/g, '-');
  const out = join(folder, name.replace(/\.ts$/, '.mjs'));
  const own = `${out}.${process.pid}.mjs`;
  buildSync({
    entryPoints: [path],
    outfile: own,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  renameSync(own, out); // other test processes may be running it
  return out;
}
