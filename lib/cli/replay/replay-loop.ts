import type { Fallback } from '../../control/loop/loop-options.ts';
import type { LoopReport } from '../../control/replay/loop-report.ts';
import type { Controller, LoopTrialOptions } from '../../control/replay/loop-trial-options.ts';
import type { LoopFault } from '../../control/replay/observation-faults.ts';
import type { Plant } from '../../control/replay/plant.ts';
import { replayLoop } from '../../control/replay/replay-loop.ts';
import { type LoopSetup, simulateLoop } from '../../control/replay/simulate-loop.ts';
import { policy } from '../../control/policies/trained-policy.ts';
import { GatecastError } from '../../base/errors.ts';
import type { Duration } from '../../base/duration.ts';
import { Forecaster } from '../../model/forecaster.ts';
import { RecurrentPolicy } from '../../model/recurrent-policy.ts';
import { exitCodes } from '../failure.ts';
import { checkIsFile } from '../input.ts';
import { loadModule } from '../load-module.ts';
import type { DisturbanceFlags } from './replay.ts';
import { describeLoopReport } from './replay-loop-text.ts';
import { reportJson } from '../report-json.ts';

export interface LoopFlags extends DisturbanceFlags {
  controller?: string;
  plant?: string;
  duration?: Duration;
  assert?: string[];
}

/** Replays the recording of a control loop, or simulates the loop on a plant, with or without a recording. */
export async function replayLoopRun(file: string | undefined, flags: LoopFlags, signal: AbortSignal): Promise<void> {
  const { controller: named } = flags;
  const module = named === undefined || !isModule(named) ? {} : await loadModule(named);
  const fallback = module['fallback'] as Fallback | undefined;
  const options = {
    ...trialOptionsOf(flags),
    signal,
    ...(named !== undefined && { controller: isModule(named) ? controllerOf(module, named) : await trained(named) }),
    ...(fallback !== undefined && { fallback }),
  };
  let report: LoopReport;
  if (flags.plant === undefined) {
    const { compare } = flags;
    report = await replayLoop(file!, { ...options, ...(compare !== undefined && { compare }) });
  } else {
    const plant = await loadPlant(flags.plant);
    const { duration } = flags;
    const simulation = { ...options, plant, ...(duration !== undefined && { duration }) };
    try {
      report = await simulateLoop(file ?? setupOf(module, named!), simulation);
    } finally {
      if (plant instanceof Forecaster) plant.dispose();
    }
  }
  const name = file ?? flags.plant!;
  process.stdout.write(flags.json ? reportJson(name, report) : describeLoopReport(name, report));
  process.exitCode = exitCodeOf(report);
}

function exitCodeOf({ ending, verdicts, failure, comparison, nothingCompared }: LoopReport): number {
  if (ending === 'stopped') return exitCodes.interrupted;
  if (failure !== undefined || verdicts.some(({ holds }) => !holds)) return exitCodes.broken;
  return nothingCompared || (comparison !== undefined && comparison.different > 0) ? exitCodes.different : exitCodes.ok;
}

function isModule(file: string): boolean {
  return /\.[cm]?[jt]s$/.test(file);
}

async function trained(file: string): Promise<Controller> {
  checkIsFile(file, 'the controller');
  return policy(await RecurrentPolicy.load(file));
}

function controllerOf({ default: given }: Record<string, unknown>, file: string): Controller {
  if (typeof given === 'function') return given as Controller;
  if (typeof (given as { start?: unknown } | null | undefined)?.start === 'function') return given as Controller;
  throw new GatecastError(
    'invalid-file',
    `Expected a function that decides, or a policy, as the default export of ${file}.`,
  );
}

function setupOf({ loop }: Record<string, unknown>, file: string): LoopSetup {
  if (typeof loop === 'object' && loop !== null) return loop as LoopSetup;
  throw new GatecastError(
    'invalid-file',
    `Expected ${file} to export loop, the settings { hz, inputs, limits, fallback, ... }, where there is no recording.`,
  );
}

/** A model of the plant, or a function that makes one. */
async function loadPlant(file: string): Promise<Forecaster | (() => Plant)> {
  if (!isModule(file)) {
    checkIsFile(file, 'the model');
    return Forecaster.load(file);
  }
  const { default: given } = await loadModule(file);
  if (typeof given === 'function') return given as () => Plant;
  const what = 'a function that makes { observe(), act(action) }';
  throw new GatecastError('invalid-file', `Expected ${what} as the default export of ${file}.`);
}

function trialOptionsOf({ assert, faults, rate, latency, jitter, seed }: LoopFlags): LoopTrialOptions {
  return {
    ...(assert !== undefined && { assert }),
    ...(faults !== undefined && { faults: faults as LoopFault[] }),
    ...(rate !== undefined && { rate }),
    ...(latency !== undefined && { latency }),
    ...(jitter !== undefined && { jitter }),
    ...(seed !== undefined && { seed }),
  };
}
