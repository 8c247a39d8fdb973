import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'yarn berry' | 'bun';

/** How to build the addon, by package manager: most run no install script of a package until it is approved. */
const HOW: Record<PackageManager, string> = {
  npm: 'run "npm rebuild gatecast --ignore-scripts=false" to build it',
  pnpm:
    'run "pnpm approve-builds", choose gatecast, and then "pnpm rebuild gatecast" to build it ' +
    '(onlyBuiltDependencies: [gatecast] in pnpm-workspace.yaml does the same as the choice)',
  yarn: 'run "npm rebuild gatecast --ignore-scripts=false" to build it, which yarn has no command for',
  'yarn berry':
    'set "dependenciesMeta": { "gatecast": { "built": true } } in package.json and run "yarn rebuild gatecast" to build it',
  bun: 'run "bun pm trust gatecast" to build it, which adds it to trustedDependencies in package.json',
};

const LOCK_FILES: readonly (readonly [name: string, manager: PackageManager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['.yarnrc.yml', 'yarn berry'],
  ['yarn.lock', 'yarn'],
  ['package-lock.json', 'npm'],
];

/**
 * What to do if the addon at this path cannot be loaded: 'run "..." to build it'. For an installed package it depends
 * on the package manager.
 */
export function howToBuild(addon: string, folder = process.cwd(), env = process.env): string {
  if (env['GATECAST_BINARY']) return 'unset GATECAST_BINARY, which names it, or name another file';
  if (!/[\\/]node_modules[\\/]/.test(addon)) return 'run "npm run build" in the folder of gatecast to build it';
  return HOW[packageManager(folder, env)];
}

/** The package manager that runs this process, or else the one whose lock file is nearest; npm if there is neither. */
function packageManager(folder: string, env: NodeJS.ProcessEnv): PackageManager {
  const [, name, major] = /^(npm|pnpm|yarn|bun)\/(\d+)/.exec(env['npm_config_user_agent'] ?? '') ?? [];
  if (name === 'yarn') return Number(major) > 1 ? 'yarn berry' : 'yarn';
  // npx is also run in projects of other package managers
  if (name !== undefined && name !== 'npm') return name as PackageManager;
  for (let at = folder; ; at = dirname(at)) {
    const found = LOCK_FILES.find(([file]) => existsSync(join(at, file)));
    if (found) return found[1];
    if (dirname(at) === at) return 'npm';
  }
}
