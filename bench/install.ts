import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { benchFolder } from './paths.ts';
import { loud, say } from './say.ts';

/** Installs the rivals and the drawing tools on first use; says in one sentence what is missing if that fails. */
export function installRivals(): void {
  if (existsSync(join(benchFolder, 'node_modules'))) return;
  say('installing the rivals and the drawing tools into bench/node_modules');
  const { status, stderr } = spawnSync('npm', ['ci', '--prefix', benchFolder, '--no-audit', '--no-fund'], {
    encoding: 'utf8',
    // It would fetch GPU libraries.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  const reason = (stderr ?? '').split('\n').find((line) => /npm (error|ERR!)/.test(line)) ?? 'npm was not found';
  loud(`MISSING: onnxruntime-node, tfjs-wasm and the drawing tools could not be installed (${reason}).`);
}
