// Checks the C++ with clang-format 14 (another version formats differently); --write formats in place.
import { files, loud, run } from './tool.mjs';

const program = ['clang-format-14', 'clang-format'].find((name) =>
  /version 14\./.test(run(name, ['--version'], { capture: true }).stdout),
);
const sources = [
  ...files('native', /\.(h|cpp)$/),
  ...files('test/native', /\.(h|cpp)$/),
  ...files('bench/native', /\.(h|cpp)$/),
];

if (program === undefined) {
  loud('The C++ format was NOT CHECKED: clang-format 14 was not found (Debian: clang-format-14).');
  process.exit(0);
}
const write = process.argv.includes('--write');
if (!run(program, write ? ['-i', ...sources] : ['--dry-run', '--Werror', ...sources]).ok) process.exit(1);
console.log(`${sources.length} C++ files ${write ? 'formatted' : 'are formatted'}.`);
