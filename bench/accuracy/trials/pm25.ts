// A file as it was published, through the command line: missing values, words, and a time in four columns.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../paths.ts';
import type { Outcome, Task, Trial } from '../trial.ts';

const FILE = 'classic/beijing_pm25.csv';

export const pm25: Trial = {
  name: 'pm25',
  about: 'fine dust in Beijing by gatecast train, 24 hours ahead, the last 15 % of the rows: errors in ug/m3',
  needs: [FILE],
  run,
};

async function* run({ quick, file }: Task): AsyncIterable<Outcome> {
  const time = ['--target', 'pm2.5', '--horizon', '24', '--time', 'year,month,day,hour'];
  const weather = ['--past', 'DEWP,TEMP,PRES,cbwd,Iws,Is,Ir'];
  let simple: Outcome[] = [];
  for (const [method, words] of [
    ['gatecast train', time],
    ['with the weather', [...time, ...weather]],
  ] as const) {
    const { test, baselines, seconds } = await train([file(FILE), ...words, ...(quick ? ['--epochs', '1'] : [])]);
    const settings = { command: ['gatecast train', FILE, ...words].join(' ') };
    yield { method, errors: errorsOf(test), settings, seed: 1, seconds };
    simple = Object.entries(baselines.baselines).map(([name, score]) => ({
      method: name,
      errors: errorsOf(score),
      seconds: 0,
    }));
  }
  yield* simple;
}

interface Score {
  mae: number;
  mse: number;
}

interface Printed {
  seconds: number;
  test: Score;
  baselines: { baselines: Record<string, Score> };
}

function errorsOf({ mae, mse }: Score): Record<string, number> {
  return { MAE: mae, RMSE: Math.sqrt(mse) };
}

/** What `gatecast train --json` prints. */
async function train(words: readonly string[]): Promise<Printed> {
  const folder = await mkdtemp(join(tmpdir(), 'gatecast-accuracy-'));
  try {
    const command = [...process.execArgv, join(root, 'lib', 'cli', 'main.ts'), 'train', ...words];
    const out = ['--out', join(folder, 'model.gatecast'), '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, [...command, ...out], { maxBuffer: 2 ** 24 });
    const printed = JSON.parse(stdout) as Printed;
    return { ...printed, seconds: Number(printed.seconds.toFixed(1)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
