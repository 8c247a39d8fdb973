import { parseArgs } from 'node:util';

export const nativeTrials = ['ceilings', 'step', 'tail', 'batch', 'sequences', 'rollout', 'plan', 'accuracy'];
export const jsTrials = ['step-js', 'streams', 'trained'];
/** Trials from JavaScript whose only rival is PyTorch. */
const torchTrials = ['training'];
/** Trials of the product as a whole: they have no rivals and no floor. */
export const liveTrials = ['stream', 'fleet', 'loop', 'read'];

const known = [...nativeTrials, ...jsTrials, ...torchTrials, ...liveTrials];

export interface Arguments {
  trials: string[];
  json: boolean;
  quick: boolean;
  save: boolean;
  plot: boolean;
  /** Samples in each case of the fleet; rows of the file that is read. */
  samples: number | undefined;
  /** Duration of the loops. */
  seconds: number | undefined;
}

export const usage = `npm run bench -- [--trial NAME]... [--quick] [--json] [--save] [--plot] [--samples COUNT] [--seconds COUNT]
  --trial  ${known.join(', ')}; all if left out
  --quick  few short rounds: shows that everything works, not how fast it is
  --json   one result a line
  --save   keeps the results in bench/results, and draws
  --plot   draws bench/results/step.svg and step.png from this run
  --samples  of each case of the trial fleet (5e6 if left out); rows of the trial read (1e7)
  --seconds  that the trial loop runs; 60 if left out
GATECAST_ISA forces an instruction set, for ours, the floors and oneDNN.`;

/** Throws a sentence for people if the arguments are not understood. */
export function parseArguments(words: string[]): Arguments {
  const { values } = parseArgs({
    args: words,
    options: {
      trial: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      plot: { type: 'boolean', default: false },
      samples: { type: 'string' },
      seconds: { type: 'string' },
    },
  });
  for (const trial of values.trial) {
    if (!known.includes(trial)) {
      throw new Error(`Expected one of ${known.join(', ')} for --trial but received "${trial}".`);
    }
  }
  const trials = values.trial.length === 0 ? known : known.filter((trial) => values.trial.includes(trial));
  const samples = count('samples', values.samples);
  const seconds = count('seconds', values.seconds);
  return { ...values, trials, samples, seconds };
}

function count(name: string, word: string | undefined): number | undefined {
  const value = word === undefined ? undefined : Number(word);
  if (value === undefined || (Number.isInteger(value) && value >= 1)) return value;
  throw new Error(`Expected a whole number, such as 5e7, for --${name} but received "${word}".`);
}
