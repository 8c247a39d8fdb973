// Builds build/Release/gatecast.node: with cmake-js if there is CMake, else with node-gyp. `npm install` runs this.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { has, missingTools } from './build-tools.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const jobs = String(Math.min(availableParallelism(), 8));

/** Node's headers beside the running executable, so that node-gyp need not download them. */
function localHeaders() {
  const prefix = resolve(dirname(process.execPath), '..');
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? [`--nodedir=${prefix}`] : [];
}

const builders = [
  {
    name: 'cmake-js',
    usable: has.cmake && (has.ninja || has.make),
    script: () => join(dirname(require.resolve('cmake-js/package.json')), 'bin', 'cmake-js'),
    arguments: ['compile', '--target', 'gatecast', '--parallel', jobs],
  },
  {
    name: 'node-gyp',
    usable: has.make && has.python,
    script: () => join(dirname(require.resolve('node-gyp/package.json')), 'bin', 'node-gyp.js'),
    arguments: ['rebuild', '--jobs', jobs, ...localHeaders()],
  },
];

function build({ name, script, arguments: words }) {
  const run = spawnSync(process.execPath, [script(), ...words], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return { name, ok: run.status === 0, log: `${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}` };
}

function fail(sentence) {
  console.error(`gatecast: ${sentence}`);
  process.exit(1);
}

const only = process.argv[2];
if (only !== undefined && !builders.some((builder) => builder.name === only)) {
  fail(`Expected ${builders.map((builder) => builder.name).join(' or ')} as the builder but received "${only}".`);
}

const [missing] = missingTools();
if (missing) fail(missing);
const usable = builders.filter((builder) => builder.usable && (only ?? builder.name) === builder.name);
if (usable.length === 0) fail(`Expected what ${only} needs but it is missing; see docs/contributing.md.`);

const failures = [];
for (const builder of usable) {
  const result = build(builder);
  if (result.ok) {
    console.log(`gatecast: native part built with ${result.name}.`);
    process.exit(0);
  }
  failures.push(result);
}
for (const { name, log } of failures) {
  console.error(`--- ${name}, last lines ---\n${log.trimEnd().split('\n').slice(-40).join('\n')}`);
}
fail(`The native part could not be built with ${failures.map(({ name }) => name).join(' or ')}; the output is above.`);
