import { describe, expect, it } from 'vitest';
import { GatecastError } from '../../lib/base/errors.ts';
import { compare } from '../../lib/compare/compare.ts';
import { fields } from '../../lib/train/options.ts';
import { tune } from '../../lib/tune/tune.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';

const table = { names: ['y'], columns: [Float64Array.from({ length: 60 }, (_, t) => Math.sin(t))] };
const train = { targets: 'y', horizon: 2, hidden: 4, lookback: 8, epochs: 1 };
const names = [...Object.keys(fields), 'from', 'freeze', '__proto__', 'constructor', 'toString', 'hiden'];

/** What a search or a comparison of these options says before it begins. */
function saidOf(begin: (options: never) => unknown, options: object): unknown {
  try {
    begin(options as never);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe.each([
  ['compare', (options: never) => compare(table, options)],
  ['tune', (options: never) => tune(table, options)],
] as const)('%s', (_, begin) => {
  it.each(names)('answers any value of the option %s of train with one sentence, or takes it', (name) => {
    for (const [what, make] of HOSTILE_VALUES) {
      const own = Object.defineProperty({ ...train }, name, { value: make(), enumerable: true });
      const error = saidOf(begin, { train: own });
      if (error === undefined) continue;
      expect(error, what).toBeInstanceOf(GatecastError);
      expect((error as GatecastError).code, what).toMatch(/^invalid-(argument|data)$/);
      expect((error as GatecastError).message, what).toMatch(/^[^\n]{10,1000}\.( Did you mean [^\n]+\?)?$/);
    }
  });

  it('answers any value of train and of its own options with one sentence, or takes it', () => {
    for (const name of ['train', 'models', 'seeds', 'seed', 'budget', 'test', 'checkpoint', 'stop', 'toString']) {
      for (const [what, make] of HOSTILE_VALUES) {
        const error = saidOf(begin, { train, [name]: make() });
        if (error !== undefined) expect(error, what).toBeInstanceOf(GatecastError);
      }
    }
  });

  it('reads the options once: what the caller changes later changes nothing', () => {
    let reads = 0;
    const targets = new Proxy(['y'], {
      get(list, key) {
        if (key === '0') reads += 1;
        return Reflect.get(list, key) as unknown;
      },
    });
    begin({ train: { ...train, targets } } as never);
    expect(reads).toBe(1);
  });
});
