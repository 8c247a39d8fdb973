// Builds and runs the C++ tests. Without an argument: for this machine, beside the addon in build, so that the core is
// compiled once for both. The variants build the core without Node, each in a folder of its own:
//   clang     compiled by clang instead of the machine's own compiler
//   sanitize  with the address and undefined-behaviour sanitizers
//   neon      cross-built for 64-bit ARM and run under qemu
//   avx512    the AVX-512 kernels emulated by SIMDe
// A missing tool is reported loudly.
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findProgram, loud, root, run } from './tool.mjs';

const variants = {
  native: { folder: 'build', beside: true },
  sanitize: { folder: 'build-sanitize', flags: ['-DSANITIZE=ON'] },
  clang: {
    folder: 'build-clang',
    flags: ['-DCMAKE_CXX_COMPILER=clang++-14', '-DCMAKE_COMPILE_WARNING_AS_ERROR=ON'],
    programs: { 'clang++-14': 'clang-14' },
  },
  neon: {
    folder: 'build-neon',
    flags: ['-DCMAKE_TOOLCHAIN_FILE=tools/aarch64-linux-gnu.cmake'],
    isa: 'neon',
    programs: { 'aarch64-linux-gnu-g++': 'g++-aarch64-linux-gnu', 'qemu-aarch64': 'qemu-user' },
  },
  avx512: { folder: 'build-avx512', flags: ['-DEMULATED_AVX512=ON'], isa: 'avx512', feature: 'avx2' },
};

/** The counts of one run, { passed, failed, skipped }; `skipped` is 1 if the tests could not be built here. */
export function nativeTests(name) {
  const { folder, flags = [], beside = false, isa, programs = {}, feature = '' } = variants[name];
  const needed = { cmake: 'cmake', ...programs };
  for (const [program, packageName] of Object.entries(needed)) {
    if (!findProgram(program)) return skip(name, `${program} was not found (Debian: ${packageName})`);
  }
  if (!machineFeatures().includes(feature)) return skip(name, `this machine has no ${feature.toUpperCase()}`);
  const configured = beside ? configureAddon(folder) : configure(folder, flags);
  if (!configured.ok) {
    console.error(configured.stdout + configured.stderr);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const missing = /SKIPPED: (.*)/.exec(configured.stdout + configured.stderr);
  if (missing) return skip(name, missing[1]);
  const jobs = String(Math.min(availableParallelism(), 8));
  if (!run('cmake', ['--build', folder, '--parallel', jobs]).ok) return { passed: 0, failed: 1, skipped: 0 };
  const tests = run('ctest', ['--test-dir', folder, '--output-on-failure', '--parallel', jobs], {
    capture: true,
    env: isa === undefined ? {} : { GATECAST_ISA: isa },
  });
  process.stdout.write(tests.stdout);
  const counts = /(\d+) tests? failed out of (\d+)/.exec(tests.stdout);
  const failed = counts === null ? 1 : Number(counts[1]);
  return { passed: counts === null ? 0 : Number(counts[2]) - failed, failed, skipped: 0 };
}

function configure(folder, flags) {
  const generator = !existsSync(folder) && findProgram('ninja') ? ['-G', 'Ninja'] : [];
  return run('cmake', ['-S', '.', '-B', folder, ...generator, ...flags], { capture: true });
}

function configureAddon(folder) {
  const script = join(root, 'node_modules', 'cmake-js', 'bin', 'cmake-js');
  return run(process.execPath, [script, 'configure', '--out', folder, '--CDTESTS=ON'], { capture: true });
}

function machineFeatures() {
  return existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
}

function skip(name, reason) {
  loud(`The C++ tests (${name}) were SKIPPED: ${reason}.`);
  return { passed: 0, failed: 0, skipped: 1 };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const name = process.argv[2] ?? 'native';
  if (!(name in variants)) {
    console.error(`Expected ${Object.keys(variants).join(', ')} as the variant but received "${name}".`);
    process.exit(2);
  }
  const { passed, failed, skipped } = nativeTests(name);
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed > 0 ? 1 : 0);
}
