import { AttachedRollout } from '../network/attached-rollout.ts';
import { GatecastError, misfit } from '../base/errors.ts';
import { dynamicsOf } from '../model/dynamics.ts';
import { Forecaster } from '../model/forecaster.ts';
import { stateModel } from '../model/forecaster-states.ts';
import { statesOf } from '../model/model-state.ts';
import { MAX_SCALED_VALUE } from '../model/magnitudes.ts';
import { list, object, whole } from '../base/schema.ts';
import { createBreath } from '../base/breath.ts';
import { DynamicsReport, type OutputErrors } from './dynamics-report.ts';
import { type Log, readRuns } from '../data/runs.ts';
import { selectColumns, type Table } from '../data/table.ts';
import { isA, isArray } from '../base/values.ts';

export interface EvaluateDynamicsOptions {
  /** Steps of each roll-out, 1 to 4096. */
  steps: number;
  /** Rows between the starts of roll-outs; default as many as give about 4096 roll-outs. */
  every?: number;
  /** Rows over which the baseline's velocity is measured; default 1, 2, 4, 8 or 16, whichever is best at each step. */
  slope?: number;
}

/** Most models, as `trainDynamics` makes. */
const MAX_MODELS = 64;
const SLOPES = [1, 2, 4, 8, 16];
const ROLLOUTS = 4096;
const checkOptions = object<EvaluateDynamicsOptions>(
  { steps: whole(1, 4096), every: whole(1, Number.MAX_SAFE_INTEGER), slope: whole(1, 1e6) },
  ['every', 'slope'],
);

/**
 * Rolls models of a plant out from rows of logged runs, with the logged actions, and reports their errors beside those
 * of two forecasts that need no model. The models take each run from its first row on. Roll-outs start where the models
 * are ready and no row that a forecast needs is missing.
 *
 * Rejects with `invalid-argument` for models that cannot be rolled out and for wrong options; `invalid-data` for a
 * value that is not a log and for runs in which no roll-out can start.
 */
export async function evaluateDynamics(
  models: Forecaster | readonly Forecaster[],
  log: Log,
  options: EvaluateDynamicsOptions,
): Promise<DynamicsReport> {
  const { steps, every, slope } = checkOptions(options, 'options');
  const members = checkModels(models);
  const { inputs, targets } = members[0]!.description;
  const names = inputs.map(({ name }) => name);
  const slopes = slope === undefined ? SLOPES : [slope];
  const runs = (await readRuns(log, names)).map((run) => selectColumns(run, names));
  const lookback = Math.max(...members.map(({ description }) => description.lookback));
  const starts = findStarts(runs, { lookback, steps, slopes, models: members });
  const stride = every ?? Math.max(1, Math.floor(starts.reduce((sum, { length }) => sum + length, 0) / ROLLOUTS));

  const columns = targets.map((target) => names.indexOf(target));
  const sums = columns.map(() => new Errors(steps, slopes.length));
  let rollouts = 0;
  for (const [index, run] of runs.entries()) {
    const chosen = starts[index]!.filter((_, k) => k % stride === 0);
    for await (const { row, predicted } of rollOut(members, run, chosen, steps)) {
      rollouts += 1;
      for (const [o, sum] of sums.entries()) sum.add(run.columns[columns[o]!]!, row, predicted, o, slopes);
    }
  }
  const outputs = targets.map((output, o): OutputErrors => {
    const { unit } = inputs[columns[o]!]!;
    return { output, ...(unit !== undefined && { unit }), ...sums[o]!.means(rollouts) };
  });
  return new DynamicsReport(rollouts, steps, outputs);
}

/** The rows that a roll-out needs before its start and after it. */
interface Needs {
  lookback: number;
  steps: number;
  slopes?: readonly number[];
  models?: readonly Forecaster[];
}

/**
 * The rows of each run from which a roll-out can start: no value that it needs is missing or out of the models' range.
 * Throws `invalid-data` if there is none.
 */
export function findStarts(
  runs: readonly Table[],
  { lookback, steps, slopes = SLOPES, models = [] }: Needs,
): number[][] {
  const before = Math.max(lookback - 1, slopes.at(-1)!);
  const scalers = models.map(({ scaler }) => scaler);
  const fits = (value: number, input: number) =>
    Number.isFinite(Math.fround(value)) &&
    scalers.every(({ mean, std }) => Math.abs(value - mean[input]!) <= MAX_SCALED_VALUE * std[input]!);
  const starts = runs.map(({ columns }) => {
    const found: number[] = [];
    const rows = columns[0]!.length;
    for (let row = 0, complete = 0; row < rows; row++) {
      complete = columns.every((column, input) => fits(column[row]!, input)) ? complete + 1 : 0;
      if (complete > before + steps) found.push(row - steps);
    }
    return found;
  });
  if (starts.some(({ length }) => length > 0)) return starts;
  throw new GatecastError(
    'invalid-data',
    `Expected ${before + 1 + steps} consecutive rows without missing values to roll ${steps} steps out but found none.`,
  );
}

interface Prediction {
  row: number;
  /** The predicted outputs of each model, [steps][outputs]. */
  predicted: readonly Float32Array[];
}

/** Takes all models through a run side by side and rolls each out from every row in `starts`. */
async function* rollOut(
  models: readonly Forecaster[],
  run: Table,
  starts: readonly number[],
  steps: number,
): AsyncGenerator<Prediction> {
  const members = models.map((model) => new Member(model, run, steps));
  const breathe = createBreath();
  try {
    for (let row = 0, next = 0; next < starts.length; row++) {
      if (row === starts[next]) {
        yield { row, predicted: members.map((member) => member.rollOut(row)) };
        next += 1;
      }
      for (const member of members) member.take(row);
      await breathe();
    }
  } finally {
    for (const member of members) member.dispose();
  }
}

/** One model and its state within a run. */
class Member {
  readonly #run: Table;
  readonly #state;
  readonly #rollout;
  readonly #outputs: Int32Array;
  readonly #actions: readonly Float64Array[];
  readonly #measured: Float64Array;
  readonly #plan: Float32Array;
  readonly #sample: Float64Array;

  constructor(model: Forecaster, run: Table, steps: number) {
    const { actions, dynamics } = dynamicsOf(model[stateModel]);
    this.#run = run;
    this.#outputs = dynamics.outputs;
    this.#actions = actions.map((name) => run.columns[run.names.indexOf(name)]!);
    this.#measured = new Float64Array(this.#outputs.length);
    this.#plan = new Float32Array(steps * actions.length);
    this.#sample = new Float64Array(run.columns.length);
    this.#state = model.createState({ onInvalid: 'skip' });
    this.#rollout = new AttachedRollout(model[stateModel].network, dynamics, 1, steps, 1);
  }

  /**
   * The predicted outputs after each step, [steps][outputs], with the actions of rows `row`, `row` + 1 and so on. Every
   * call returns the same array.
   */
  rollOut(row: number): Float32Array {
    const count = this.#actions.length;
    for (let k = 0; k < this.#plan.length; k++) this.#plan[k] = this.#actions[k % count]![row + Math.floor(k / count)]!;
    for (let o = 0; o < this.#measured.length; o++) this.#measured[o] = this.#run.columns[this.#outputs[o]!]![row]!;
    this.#rollout.run(this.#state[statesOf].attached, 0, this.#measured, this.#plan);
    return this.#rollout.outputs;
  }

  take(row: number): void {
    for (let i = 0; i < this.#sample.length; i++) this.#sample[i] = this.#run.columns[i]![row]!;
    this.#state.step(this.#sample);
  }

  dispose(): void {
    this.#state.dispose();
    this.#rollout.dispose();
  }
}

/** Sums of squares for one output, by step. */
class Errors {
  readonly #model: Float64Array;
  readonly #hold: Float64Array;
  readonly #spread: Float64Array;
  readonly #velocities: Float64Array[];

  constructor(steps: number, slopes: number) {
    this.#model = new Float64Array(steps);
    this.#hold = new Float64Array(steps);
    this.#spread = new Float64Array(steps);
    this.#velocities = Array.from({ length: slopes }, () => new Float64Array(steps));
  }

  add(
    truth: Float64Array,
    row: number,
    predicted: readonly Float32Array[],
    output: number,
    slopes: readonly number[],
  ): void {
    const steps = this.#model.length;
    const width = predicted[0]!.length / steps;
    const last = truth[row]!;
    for (let h = 0; h < steps; h++) {
      const value = truth[row + 1 + h]!;
      let mean = 0;
      for (const each of predicted) mean += each[h * width + output]! / predicted.length;
      for (const each of predicted) this.#spread[h]! += (each[h * width + output]! - mean) ** 2 / predicted.length;
      this.#model[h]! += (mean - value) ** 2;
      this.#hold[h]! += (last - value) ** 2;
      slopes.forEach((slope, s) => {
        const velocity = (last - truth[row - slope]!) / slope;
        this.#velocities[s]![h]! += (last + (h + 1) * velocity - value) ** 2;
      });
    }
  }

  means(count: number): Omit<OutputErrors, 'output' | 'unit'> {
    const root = (sums: Float64Array) => Array.from(sums, (sum) => Math.sqrt(sum / count));
    const velocity = this.#hold.map((_, h) => Math.min(...this.#velocities.map((sums) => sums[h]!)));
    return {
      model: root(this.#model),
      hold: root(this.#hold),
      velocity: root(velocity),
      spread: root(this.#spread),
    };
  }
}

const checkList = list<Forecaster>(
  (value, name) => {
    if (isA(value, Forecaster)) return value;
    throw misfit('a Forecaster', name, value);
  },
  1,
  MAX_MODELS,
);

/** One or more forecasters with the same inputs and targets. */
function checkModels(models: Forecaster | readonly Forecaster[]): readonly Forecaster[] {
  const checked = checkList(isArray(models) ? models : [models], 'models');
  const namesOf = ({ description }: Forecaster) =>
    JSON.stringify([description.inputs.map(({ name }) => name), description.targets]);
  for (const model of checked) {
    dynamicsOf(model[stateModel]);
    if (namesOf(model) === namesOf(checked[0]!)) continue;
    throw new GatecastError('invalid-argument', 'Expected models with the same inputs and targets, in the same order.');
  }
  return checked;
}
