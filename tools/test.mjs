// `npm test`: builds dist, runs vitest and the C++ tests, and ends with the sum of both. Arguments go to vitest; with
// arguments the C++ tests are left out.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeTests } from './native-tests.mjs';
import { root, run } from './tool.mjs';

const words = process.argv.slice(2);
const sum = { passed: 0, failed: 0, skipped: 0 };
const add = ({ passed, failed, skipped }) => {
  sum.passed += passed;
  sum.failed += failed;
  sum.skipped += skipped;
};

const folder = mkdtempSync(join(tmpdir(), 'gatecast-test-'));
try {
  const report = join(folder, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { ok } = run(process.execPath, [vitest, 'run', ...reporters, ...words]);
  add(vitestCounts(report, ok));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (words.length === 0) add(nativeTests('native'));

console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 ? 1 : 0;

/** A run that failed without a failed test (a file that could not be loaded, an unhandled error) counts as one. */
function vitestCounts(report, ok) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
    const failed = ok ? numFailedTests : Math.max(numFailedTests, 1);
    return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
