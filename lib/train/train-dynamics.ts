import { availableParallelism } from 'node:os';
import type { DynamicsReport } from '../batch/dynamics-report.ts';
import { evaluateDynamics, findStarts } from '../batch/evaluate-dynamics.ts';
import { type Log, readRuns } from '../data/runs.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { createRandom } from '../base/random.ts';
import { prepareData, type TrainingData } from './data.ts';
import { type DynamicsOptions, memberOptions, type ResolvedDynamics, resolveDynamics } from './dynamics-options.ts';
import { planDynamics } from './dynamics-plan.ts';
import { recurrentTask } from './models/recurrent.ts';
import { learn } from './learn.ts';
import type { Plan } from './plan.ts';

export interface TrainedDynamics {
  /** A forecaster of one step for each member, as `Rollout` takes them. */
  models: Forecaster[];
  /** The errors of the models on rows that were kept out of training. */
  report: DynamicsReport;
}

/** Most members that learn at once. */
const MOST_AT_ONCE = 3;

/**
 * Learns models of a plant from logged runs. Each row of a run holds the measured outputs and the action taken at that
 * moment. The network takes `lookback` measured samples, then `steps` steps on its own forecasts with the logged
 * actions, as a roll-out does. It learns from the errors of all these steps, and so learns not to drift. The end of the
 * log is held out for the report: whole runs if there are five or more, else the last rows of each. The rows before it
 * decide when learning stops. Members learn side by side off the main thread. The same log, options and seed give the
 * same weights, bit for bit, on the same build.
 *
 * Rejects with `invalid-argument` or `invalid-data` for options or a log that cannot be used, before learning begins.
 *
 * ```ts
 * const options = { inputs: 'force', outputs: ['position', 'angle'], members: 3 };
 * const { models, report } = await trainDynamics(runs, options);
 * console.log(`${report}`);
 * const rollout = new Rollout(models[0]!, { samples: 512, horizon: 30 });
 * ```
 */
export async function trainDynamics(log: Log, options: DynamicsOptions): Promise<TrainedDynamics> {
  const resolved = resolveDynamics(options);
  const names = resolved.train.inputs;
  const given = resolved.test && (await readRuns(resolved.test, names));
  const { plan, test } = planDynamics(await readRuns(log, names), given, resolved);
  resolved.signal?.throwIfAborted();
  const data = await prepareData(plan, 0);
  findStarts(test, { lookback: data.shape.warmup + 1, steps: resolved.steps });
  const models = await learnAll(plan, data, resolved);
  const report = await evaluateDynamics(models, test, { steps: resolved.steps });
  return { models, report };
}

/** Trains the members, a few at once. If one fails, the others end too. */
async function learnAll(plan: Plan, data: TrainingData, options: ResolvedDynamics): Promise<Forecaster[]> {
  const { members, train } = options;
  const atOnce = Math.min(members, availableParallelism(), MOST_AT_ONCE);
  const each = { ...options, train: { ...train, threads: Math.max(1, Math.floor(train.threads / atOnce)) } };
  const failure = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
  const models: Forecaster[] = [];
  let next = 0;
  const work = async () => {
    try {
      for (let member = next++; member < members; member = next++) {
        models[member] = await learnMember(plan, data, each, member, signal);
      }
    } catch (error) {
      failure.abort(error);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  if (!signal.aborted) return models;
  for (const model of models) model?.dispose();
  throw signal.reason;
}

async function learnMember(
  plan: Plan,
  data: TrainingData,
  options: ResolvedDynamics,
  member: number,
  signal: AbortSignal,
): Promise<Forecaster> {
  const own = memberOptions(options, member);
  const training = options.members > 1 ? bootstrap(data.training, own.seed) : data.training.slice();
  let model: Forecaster | undefined;
  for await (const { forecaster, ...progress } of learn(
    recurrentTask(plan, own),
    { ...data, training, bySeries: [training] },
    own,
    signal,
  )) {
    model = forecaster;
    options.onEpoch?.({ member, ...progress });
    if (signal.aborted) break; // the signal may abort between two calls of the trainer, when there is nothing to cancel
  }
  if (!signal.aborted) return model!;
  model?.dispose();
  throw signal.reason;
}

/**
 * The same number of windows, drawn with replacement (Efron, Bootstrap methods: another look at the jackknife, 1979).
 */
function bootstrap(windows: Int32Array, seed: number): Int32Array {
  const random = createRandom(seed);
  return windows.map(() => windows[Math.floor(random() * windows.length)]!);
}
