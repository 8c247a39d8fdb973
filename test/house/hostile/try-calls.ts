import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { of } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as gatecast from '../../support/every-name.ts';
import { HOSTILE_VALUES, THROWING } from '../../support/hostile-values.ts';
import { inOtherRealm } from '../../support/other-realm.ts';
import { type Calls, places, put } from './calls.ts';
import { model, recordedLoop } from './subjects.ts';

/** Places whose value may pass on what it throws when it is looked into: a promise of an actuator is the caller's own. */
const theirs = new Set(['controlLoop, of what its functions give, 4']);

/** Calls whose arguments are samples, observations or what functions of the caller give: data everywhere. */
const ofData = /, (of|around) /;

/** The tests of calls: that they take no hostile value and no misspelt option. */
export function tryCalls(calls: Calls): void {
  let folder: string;
  const before = process.cwd();
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatecast-hostile-'));
    process.chdir(folder); // some hostile values are names of files to write
    of([1, 2])
      .pipe(gatecast.record('made.rec', { model, around: gatecast.forecast(model) }))
      .subscribe();
    recordedLoop({ at: 0, values: [0] }, [0], 'made-loop.rec');
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  describe('JavaScript values of every type, in every argument of everything exported,', () => {
    it.each(Object.keys(calls))('%s gives a result or a GatecastError', async (name) => {
      const { args, call, prepare } = calls[name]!;
      await prepare?.();
      await call(...args()); // as it should be
      await call(...args().map(inOtherRealm)); // as a test runner's sandbox would make it
      const wrong: string[] = [];
      for (const path of places(args())) {
        // A training for each hostile value of each option would take long, and `train` checks the same ones.
        if (name === 'fit' && path.length > 1) continue;
        for (const [label, make] of HOSTILE_VALUES) {
          try {
            await call(...put(args(), path, make()));
          } catch (error) {
            if (theirs.has(`${name}, ${path.join('.')}`) && THROWING.has(label)) continue;
            if (!(error instanceof gatecast.GatecastError)) {
              wrong.push(`${label} as argument ${path.join('.')}: ${String(error).split('\n')[0]}`);
            }
          }
        }
      }
      expect(wrong).toEqual([]);
    });
  });

  describe('an option with a wrong name', () => {
    it.each(Object.keys(calls))('%s refuses it and says which was meant', async (name) => {
      const { args, call, prepare, open } = calls[name]!;
      await prepare?.();
      const taken: string[] = [];
      for (const path of places(args())) {
        const given = args();
        const options = path.reduce((value, key) => (value as Record<string, unknown>)[key], given as unknown);
        const plain = typeof options === 'object' && options !== null && !Array.isArray(options);
        if (!plain || Object.getPrototypeOf(options) !== Object.prototype) continue;
        if (ofData.test(name) || open?.test(path.join('.'))) continue;
        const [known] = Object.keys(options);
        if (known === undefined) continue;
        Object.assign(options, { [`${known}x`]: (options as Record<string, unknown>)[known] });
        const [outcome] = await Promise.allSettled([(async () => call(...given))()]);
        const refused = outcome.status === 'rejected' && outcome.reason instanceof gatecast.GatecastError;
        if (!refused || !/did you mean/i.test(outcome.reason.message))
          taken.push(`${name} ${path.join('.')}.${known}x`);
      }
      expect(taken).toEqual([]);
    });
  });
}
