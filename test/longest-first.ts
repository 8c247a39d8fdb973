import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * They wait for sensors, run every program of the pages, or call every function: begun last, they would be alone at the
 * end.
 */
const longest = [
  'test/docs/readme.test.ts',
  'test/examples/sensor-stream.test.ts',
  'test/docs/pages.test.ts',
  'test/network/misuse.test.ts',
  'test/cli/commands.test.ts',
];

/** Begins the longest files first, also in a clone that has no times of an earlier run. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => longest.findIndex((name) => moduleId.endsWith(name));
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => (rank(b) < 0 ? 0 : 1) - (rank(a) < 0 ? 0 : 1) || rank(a) - rank(b));
  }
}
