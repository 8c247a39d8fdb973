import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { benchFolder } from './paths.ts';
import { loud, say } from './say.ts';

/** Installs the rivals and the drawing tools on first use; if that fails, says in one sentence what is missing. */
export function installRivals(): void {
  // npm writes this file last.
  if (existsSync(join(benchFolder, 'node_modules', '.package-lock.json'))) return;
  say('installing the rivals and the drawing tools into bench/node_modules');
  const words = ['ci', '--prefix', benchFolder, '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, stderr, error } = spawnSync('npm', words, {
    encoding: 'utf8',
    // Without this it would download GPU libraries.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  const said = (stderr ?? '').split('\n').filter((line) => /^npm (error|ERR!)/.test(line) && !/ code /.test(line));
  const reason = error === undefined ? (said[0] ?? `npm ended with code ${status}`) : 'npm was not found';
  loud(`MISSING: onnxruntime-node, tfjs-wasm and the drawing tools could not be installed (${reason}).`);
}
