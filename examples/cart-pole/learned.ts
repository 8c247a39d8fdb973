import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Forecaster } from 'gatecast';
import { type DynamicsOptions, trainDynamics } from 'gatecast/control';
import { play } from './play.ts';

export interface Models {
  /** Has memory: from a series of noisy positions it knows how fast things move. */
  readonly gru: Forecaster;
  /** The same network, which starts each step from the zero state: a multilayer perceptron. */
  readonly memoryless: Forecaster;
}

const RUNS = 400;
const CYCLES = 400;
const common = {
  inputs: 'force',
  outputs: ['x', 'cos', 'sin'],
  hidden: 32,
  steps: 6,
  weightDecay: 0,
  seed: 1,
} satisfies DynamicsOptions;

/** The models in a folder; if there are none, or with `anew`, they are first learned from a log of random play. */
export async function learned(folder: string, anew: boolean): Promise<Models> {
  const paths = [join(folder, 'gru.gatecast'), join(folder, 'memoryless.gatecast')] as const;
  if (anew || !paths.every((path) => existsSync(path))) await learn(folder, paths);
  const [gru, memoryless] = await Promise.all(paths.map((path) => Forecaster.load(path)));
  return { gru: gru!, memoryless: memoryless! };
}

async function learn(folder: string, paths: readonly string[]): Promise<void> {
  console.log(`learning from ${RUNS} runs of random play with the simulated cart, ${CYCLES / 100} s each`);
  const began = performance.now();
  const runs = play(RUNS, CYCLES, 3);
  const [gru, memoryless] = await Promise.all([
    trainDynamics(runs, { ...common, epochs: 200 }),
    trainDynamics(runs, { ...common, memory: 'none', epochs: 20 }),
  ]);
  mkdirSync(folder, { recursive: true });
  await Promise.all([gru, memoryless].map(({ models: [model] }, i) => model!.save(paths[i]!)));
  console.log(`${gru.report}\n`);
  console.log(`learned in ${((performance.now() - began) / 1000).toFixed(0)} s; kept in ${folder}`);
}
