import { dieboldMariano } from '../accuracy/paired.ts';
import { makeStates } from '../model/model.ts';
import type { Candidate } from './candidates.ts';
import { mean, type Contestant, variance, type WindowTest } from './recommend.ts';
import type { CandidateResult } from './result.ts';
import type { TrialRun } from './trial.ts';

const LEAST_WINDOWS = 10;

/** The numbers of the table for a candidate, over its seeds. */
export function summarize({ name, kind, cell, hidden }: Candidate, runs: readonly TrialRun[]): CandidateResult {
  const { model } = runs[0]!;
  const over = (value: (run: TrialRun) => number) => mean(runs.map(value));
  const errors = errorsOf(runs);
  const states = model[makeStates](1);
  const streamBytes = states.byteSize;
  states.dispose();
  return {
    name,
    kind,
    cell,
    hidden,
    parameters: parametersOf(runs[0]!),
    seeds: runs.length,
    mse: mean(errors),
    mseSpread: Math.sqrt(variance(errors)),
    mae: over(({ trial }) => trial.score.mae),
    mase: over(({ trial }) => trial.score.mase),
    seconds: over(({ trial }) => trial.seconds),
    stepMicroseconds: Math.min(...runs.map(({ trial }) => trial.stepMicroseconds)), // the first ones warm up
    streamBytes,
    fileBytes: model.toBytes().length,
  };
}

export function contestant(result: CandidateResult, runs: readonly TrialRun[]): Contestant {
  const { name, parameters, streamBytes } = result;
  return { name, errors: errorsOf(runs), parameters, streamBytes };
}

/** Compares candidates by the mean loss over their seeds in each test window. */
export function windowTest(runs: ReadonlyMap<string, readonly TrialRun[]>, horizon: number): WindowTest {
  const losses = new Map([...runs].map(([name, each]) => [name, meanLosses(each)]));
  return (first, second) => {
    const [own, other] = [losses.get(first)!, losses.get(second)!];
    const rows = [...own.keys()].filter((row) => other.has(row)).sort((a, b) => a - b);
    if (rows.length < Math.max(LEAST_WINDOWS, 2 * horizon)) return undefined;
    const of = (of: ReadonlyMap<number, number>) => rows.map((row) => of.get(row)!);
    return dieboldMariano(of(own), of(other), { names: [first, second], horizon });
  };
}

/** The run with the median error; of an even number, the better of the two in the middle. */
export function medianRun(runs: readonly TrialRun[]): TrialRun {
  const sorted = runs.toSorted((a, b) => a.trial.score.scaled.mse - b.trial.score.scaled.mse);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

function errorsOf(runs: readonly TrialRun[]): number[] {
  return runs.map(({ trial }) => trial.score.scaled.mse);
}

function meanLosses(runs: readonly TrialRun[]): ReadonlyMap<number, number> {
  const rows = [...runs[0]!.losses.keys()].filter((row) => runs.every(({ losses }) => losses.has(row)));
  return new Map(rows.map((row) => [row, mean(runs.map(({ losses }) => losses.get(row)!))]));
}

function parametersOf({ model }: TrialRun): number {
  return Object.values(model.weights()).reduce((sum, { data }) => sum + data.length, 0);
}
