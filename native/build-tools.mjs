// The tools that building the addon needs, and how to install missing ones: for native/install.mjs and `gatecast
// doctor`.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const windows = process.platform === 'win32';

function onPath(...names) {
  const extensions = windows ? ['.exe', '.cmd'] : [''];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.find((name) =>
    folders.some((folder) =>
      extensions.some((extension) => {
        try {
          accessSync(join(folder, name + extension), constants.X_OK);
          return true;
        } catch {
          return false;
        }
      }),
    ),
  );
}

/** The tools that were found on this machine. */
export const has = {
  compiler: windows || Boolean(process.env.CXX) || Boolean(onPath('g++', 'clang++', 'c++')),
  cmake: Boolean(onPath('cmake')),
  ninja: Boolean(onPath('ninja')),
  make: windows || Boolean(onPath('make')),
  python: Boolean(process.env.PYTHON ?? onPath('python3', 'python')),
};

/** One sentence per missing tool; empty if the addon can be built. */
export function missingTools() {
  const missing = [];
  if (!has.compiler) {
    missing.push('A C++20 compiler (g++ 11 or clang 14, or newer) is missing; install one and try again.');
  }
  if (!(has.cmake && (has.ninja || has.make)) && !(has.make && has.python)) {
    missing.push(
      'A build tool is missing; install either cmake and make (or ninja), or make and python3, and try again.',
    );
  }
  return missing;
}

const INSTALLERS = [
  ['apt-get', 'apt-get install g++ cmake make'],
  ['apk', 'apk add g++ cmake make'],
  ['dnf', 'dnf install gcc-c++ cmake make'],
  ['pacman', 'pacman -S gcc cmake make'],
  ['zypper', 'zypper install gcc-c++ cmake make'],
  ['brew', 'xcode-select --install; brew install cmake'],
];

/** The command that installs all the tools on this system; undefined if none is known. */
export function installCommand() {
  return INSTALLERS.find(([name]) => onPath(name))?.[1];
}
