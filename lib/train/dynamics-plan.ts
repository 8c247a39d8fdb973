import { expected, GatecastError } from '../base/errors.ts';
import { rowCount, selectColumns, sliceRows, type Table } from '../data/table.ts';
import { draftDescription } from './description.ts';
import type { ResolvedDynamics } from './dynamics-options.ts';
import type { SeriesRows, Plan } from './plan.ts';

/**
 * Measured samples before each roll-out by default. In use, a state is carried for much longer. On a cart-pole of which
 * only the positions were measured, 16 gave roll-outs of 50 steps with three times the error of 64, and 128 none
 * better.
 */
const LOOKBACK = 64;
/** From this many runs on, whole runs are held out. */
const MANY_RUNS = 5;
/**
 * Shares of the runs, or of the rows of each, for the test, and of all of them for validation. The command `train` has
 * the same.
 */
const TEST = 0.15;
const VALIDATION = 0.17;

export interface DynamicsPlan {
  plan: Plan;
  /** Runs, or ends of runs, that are kept out of training. */
  test: Table[];
}

/**
 * Splits the rows into training, validation and test rows. If `test` gives the test runs, all others are for training
 * and validation.
 */
export function planDynamics(
  runs: readonly Table[],
  test: readonly Table[] | undefined,
  options: ResolvedDynamics,
): DynamicsPlan {
  const inputs = [...options.train.inputs];
  const selected = runs.map((run) => selectColumns(run, inputs));
  const share = test ? 0 : TEST;
  const { series, held } = runs.length >= MANY_RUNS ? holdOutRuns(selected, share) : holdOutRows(selected, share);
  const rows = series.reduce((sum, { table }) => sum + rowCount(table), 0);
  const { steps, lookback } = options;
  const lookbacks = lookback === undefined ? halves(LOOKBACK) : [lookback];
  const shapes = lookbacks.map((length) => ({
    window: length - 1 + steps,
    warmup: length - 1,
    horizon: 1,
    freeSteps: steps - 1,
  }));
  const plan = { inputs, series, rows, pieces: false, shapes };
  const description = draftDescription(plan, options.train);
  const category = description.inputs.find(({ words }) => words !== undefined);
  if (category) throw new GatecastError('invalid-data', expected('numbers', category.name, 'words'));
  return {
    plan: { ...plan, description },
    test: test ? test.map((run) => selectColumns(run, inputs)) : held,
  };
}

interface Split {
  series: SeriesRows[];
  held: Table[];
}

/** The last runs are for the test, those before them for validation. */
function holdOutRuns(runs: readonly Table[], share: number): Split {
  const test = share === 0 ? 0 : Math.max(1, Math.round(runs.length * share));
  const validation = Math.max(1, Math.round(runs.length * VALIDATION));
  const learning = runs.slice(0, runs.length - test);
  const train = learning.length - validation;
  return {
    series: layOut(
      learning,
      (rows, run) => (run < train ? rows : 0),
      (rows) => rows,
    ),
    held: runs.slice(train + validation),
  };
}

/** The last rows of each run are for the test, those before them for validation. */
function holdOutRows(runs: readonly Table[], share: number): Split {
  const kept = (rows: number) => rows - Math.floor(rows * share);
  return {
    series: layOut(runs, (rows) => kept(rows) - Math.floor(rows * VALIDATION), kept),
    held: share === 0 ? [] : runs.map((run) => sliceRows(run, kept(rowCount(run)), rowCount(run))),
  };
}

/** In each run, the rows before `train` are for training, those from `train` to `end` for validation. */
function layOut(
  runs: readonly Table[],
  train: (rows: number, run: number) => number,
  end: (rows: number) => number,
): SeriesRows[] {
  let offset = 0;
  return runs.map((table, run) => {
    const rows = rowCount(table);
    const middle = offset + train(rows, run);
    const placed = {
      table,
      offset,
      training: { from: offset, to: middle },
      validation: { from: middle, to: offset + end(rows) },
    };
    offset += rows;
    return placed;
  });
}

function halves(length: number): number[] {
  return length < 1 ? [] : [length, ...halves(Math.floor(length / 2))];
}
