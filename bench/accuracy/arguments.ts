import { parseArgs } from 'node:util';
import type { Trial } from './trial.ts';
import { trials } from './trials.ts';

export interface Arguments {
  trials: readonly Trial[];
  quick: boolean;
  json: boolean;
  save: boolean;
}

const names = trials.map(({ name }) => name).join(', ');

export const usage = `npm run bench:accuracy -- [--trial NAME]... [--quick] [--json] [--save]
  --trial  ${names}; all if left out
  --quick  little learning: shows that everything works, not how accurate it is
  --json   one result a line
  --save   adds the results to bench/results/accuracy, a file for each trial`;

/** Throws a sentence for people if the arguments are not understood. */
export function parseArguments(words: string[]): Arguments {
  const { values } = parseArgs({
    args: words,
    options: {
      trial: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
    },
  });
  const { trial: wanted, ...others } = values;
  const stranger = wanted.find((word) => trials.every(({ name }) => name !== word));
  if (stranger !== undefined) throw new Error(`Expected one of ${names} for --trial but received "${stranger}".`);
  if (others.quick && others.save)
    throw new Error('Expected --quick or --save but received both: quick errors say nothing.');
  return { ...others, trials: trials.filter(({ name }) => wanted.length === 0 || wanted.includes(name)) };
}
