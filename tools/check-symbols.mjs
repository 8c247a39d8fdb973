// Checks that each unit of native/core/isa exports one symbol, its table of kernels, and leaks no weak or inline one:
// an inline function compiled for AVX-512 that wins at link time would crash an older machine. Reads the objects of the
// given CMake build folder (default build), compiled by g++ or clang.
import { basename, join } from 'node:path';
import { conclude, files, findProgram, loud, root, run } from './tool.mjs';

const folder = process.argv[2] ?? 'build';
const nm = findProgram('nm', 'llvm-nm');
if (nm === undefined) {
  loud('The exported symbols were NOT CHECKED: nm was not found (Debian: binutils).');
  process.exit(0);
}

const complaints = [];
let tables = 0;
const units = files('native/core/isa', /\.cpp$/)
  .map((path) => basename(path))
  .filter((name) => name !== 'dispatch.cpp');
for (const unit of units) {
  const objects = files(folder, /\.(o|obj)$/).filter((path) => path.includes(`core/isa/${unit}`));
  if (objects.length !== 1) complaints.push(`${folder} has ${objects.length} objects of ${unit}; build it first.`);
  for (const object of objects) {
    const symbols = run(nm, ['-C', join(root, object)], { capture: true })
      .stdout.split('\n')
      .map((line) => /^\s*[0-9a-f]*\s+([A-Za-z])\s+(.+)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, kind, name]) => ({ kind, name }));
    for (const { kind, name } of symbols) {
      if ('WVui'.includes(kind)) complaints.push(`${unit} leaks the weak or inline symbol ${name}.`);
    }
    const exported = symbols.filter(({ kind }) => 'TDBRGS'.includes(kind)).map(({ name }) => name);
    // A unit of another architecture is empty here.
    if (exported.length > 1) complaints.push(`${unit} exports ${exported.join(', ')}; one symbol is allowed.`);
    if (exported.length === 1 && !/::k\w+Kernels$/.test(exported[0])) {
      complaints.push(`${unit} exports ${exported[0]}, which is not its table of kernels.`);
    }
    tables += exported.length;
  }
}
if (tables < 2) complaints.push(`Only ${tables} units export a table of kernels.`);
conclude(complaints, `symbols of ${units.length} instruction sets, ${tables} of them built`);
