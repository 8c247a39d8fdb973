import { parseArgs } from 'node:util';

export const nativeTrials = ['ceilings', 'step', 'tail', 'batch', 'sequences', 'accuracy'];
export const jsTrials = ['step-js', 'streams', 'trained'];

export interface Arguments {
  trials: string[];
  json: boolean;
  quick: boolean;
  save: boolean;
  plot: boolean;
}

export const usage = `npm run bench -- [--trial NAME]... [--quick] [--json] [--save] [--plot]
  --trial  ${[...nativeTrials, ...jsTrials].join(', ')}; all if left out
  --quick  few short rounds: shows that everything works, not how fast it is
  --json   one result a line
  --save   keeps the results in bench/results, and draws
  --plot   draws bench/results/step.svg and step.png from this run
GATECAST_ISA forces an instruction set, for ours, the floors and oneDNN.`;

/** Throws a sentence for people where the words are not understood. */
export function parseArguments(words: string[]): Arguments {
  const { values } = parseArgs({
    args: words,
    options: {
      trial: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      plot: { type: 'boolean', default: false },
    },
  });
  const known = [...nativeTrials, ...jsTrials];
  for (const trial of values.trial) {
    if (!known.includes(trial)) {
      throw new Error(`Expected one of ${known.join(', ')} for --trial but received "${trial}".`);
    }
  }
  const trials = values.trial.length === 0 ? known : known.filter((trial) => values.trial.includes(trial));
  return { ...values, trials };
}
