import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluateDynamics } from '../../lib/batch/evaluate-dynamics.ts';
import { sliceRows, type Table } from '../../lib/data/table.ts';
import { Rollout } from '../../lib/control/planning/rollout.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { createRandom } from '../../lib/base/random.ts';
import { resolveDynamics } from '../../lib/train/dynamics-options.ts';
import { planDynamics } from '../../lib/train/dynamics-plan.ts';
import type { DynamicsOptions, DynamicsProgress } from '../../lib/train/dynamics-options.ts';
import { trainDynamics } from '../../lib/train/train-dynamics.ts';
import { gatecastError } from '../support/gatecast-error.ts';

/** A pendulum with friction, pushed at random: its angle, with noise, and the torque. SIMULATED. */
function pendulum(rows: number, seed: number, noise = 0.02, torques = 0.5): Table {
  const random = createRandom(seed);
  let [angle, speed, torque] = [random() - 0.5, 0, 0];
  const angles = new Float64Array(rows);
  const pushes = new Float64Array(rows);
  for (let t = 0; t < rows; t++) {
    if (random() < 0.1) torque = torques * (2 * random() - 1);
    angles[t] = angle + noise * (random() + random() + random() - 1.5);
    pushes[t] = torque;
    for (let k = 0; k < 4; k++) {
      speed += 0.025 * (2 * torque - 4 * Math.sin(angle) - 0.3 * speed);
      angle += 0.025 * speed;
    }
  }
  return { names: ['angle', 'torque'], columns: [angles, pushes], units: ['rad', undefined] };
}

const log = [1, 2, 3, 4, 5, 6].map((seed) => pendulum(300, seed));
const small: DynamicsOptions = {
  inputs: 'torque',
  outputs: 'angle',
  hidden: 12,
  lookback: 12,
  steps: 12,
  epochs: 12,
  learningRate: 0.01,
};
const weights = (model: Forecaster) => Object.values(model.weights()).map(({ data }) => [...data]);

const rmse = async (models: readonly Forecaster[], runs: Table | Table[], steps: number) =>
  (await evaluateDynamics(models, runs, { steps })).outputs[0]!;

describe('what is learned', () => {
  test('beats holding and continuing, and training on its own forecasts keeps it from drifting', async () => {
    const [forced, free] = await Promise.all([trainDynamics(log, { ...small, steps: 1 }), trainDynamics(log, small)]);
    const fresh = [pendulum(400, 70), pendulum(400, 71)];
    const [drifting, steady] = [await rmse(forced.models, fresh, 20), await rmse(free.models, fresh, 20)];
    expect(steady.model[19]).toBeLessThan(0.5 * drifting.model[19]!);
    for (const step of [5, 20]) {
      expect(steady.model[step - 1]).toBeLessThan(0.5 * steady.hold[step - 1]!);
      expect(steady.model[step - 1]).toBeLessThan(0.5 * steady.velocity[step - 1]!);
    }
  });

  test('has the validation loss of roll-outs by hand: lookback samples from the zero state, then its own forecasts', async () => {
    const { models } = await trainDynamics(log, { ...small, epochs: 2, layers: 2, cell: 'lstm' });
    const model = models[0]!;
    const steps = 12;
    const run = log[4]!; // of six runs, the last is for the test, the one before for validation
    const [angle, torque] = run.columns as [Float64Array, Float64Array];
    const rollout = new Rollout(model, { samples: 1, horizon: steps });
    let sum = 0;
    let count = 0;
    for (let last = 300 - 1 - steps; last >= 11; last -= steps) {
      const state = model.createState();
      for (let t = last - 11; t < last; t++) state.step([angle[t]!, torque[t]!]);
      const told = rollout.run(state, [angle[last]!], Float32Array.from(torque.subarray(last, last + steps)));
      told.forEach((value, h) => {
        sum += ((value - angle[last + 1 + h]!) / model.scaler.std[0]!) ** 2;
        count += 1;
      });
    }
    expect(model.description.training.validationLoss / (sum / count)).toBeCloseTo(1, 4);
  });

  test('is a forecaster that can be saved, loaded and rolled out like any other', async () => {
    const { models } = await trainDynamics(log, { ...small, epochs: 1 });
    const [model] = models as [Forecaster];
    expect(model.description).toMatchObject({
      inputs: [{ name: 'angle', unit: 'rad' }, { name: 'torque' }],
      targets: ['angle'],
      horizon: 1,
      lookback: 12,
      memory: 'carried',
      anchor: 'last',
    });
    const folder = await mkdtemp(join(tmpdir(), 'gatecast-dynamics-'));
    try {
      await model.save(join(folder, 'plant.gatecast'));
      const loaded = await Forecaster.load(join(folder, 'plant.gatecast'));
      const told = [model, loaded].map((each) => {
        const rollout = new Rollout(each, { samples: 2, horizon: 3 });
        return [...rollout.run(each.createState(), [0.1], Float32Array.of(0, 0, 0, 1, 1, 1))];
      });
      expect(told[1]).toEqual(told[0]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("with memory 'none' is a network without memory: a single sample predicts the next", async () => {
    const { models } = await trainDynamics(log, { ...small, memory: 'none', lookback: 1, epochs: 2, layers: 2 });
    const model = models[0]!;
    expect(model.description).toMatchObject({ memory: 'window', lookback: 1, warmup: 1 });
    const [fresh, warm] = [model.createState(), model.createState()];
    for (let t = 0; t < 5; t++) warm.step([Math.sin(t), 0.3]);
    expect(warm.step([0.2, 0.1])!.mean).toEqual(fresh.step([0.2, 0.1])!.mean);
    const rollout = new Rollout(model, { samples: 1, horizon: 2 });
    const [first, second] = rollout.run(warm, [0.2], Float32Array.of(0.25, -0.5));
    const next = fresh.step([0.2, 0.25])!.mean[0]!;
    expect([first, second]).toEqual([next, fresh.step([next, -0.5])!.mean[0]!].map(Math.fround));
  });
});

describe('members', () => {
  test('differ more for states further from those in training', async () => {
    const { models, report } = await trainDynamics(log, { ...small, members: 3 });
    expect(models.map(({ description }) => description.training.seed)).toEqual([1, 2, 3]);
    expect(report.outputs[0]!.spread.every((spread) => spread > 0)).toBe(true);
    const far = pendulum(400, 80, 0.02, 3); // pushed six times as hard: it turns over, which it never did
    const [near, beyond] = [await rmse(models, pendulum(400, 80), 10), await rmse(models, far, 10)];
    expect(beyond.spread[9]).toBeGreaterThan(3 * near.spread[9]!);
  });

  test('the same seed gives the same bits; another seed or another member gives others', async () => {
    const short = { ...small, epochs: 2, members: 2 };
    const [one, two] = [await trainDynamics(log, short), await trainDynamics(log, short)];
    expect(two.models.map(weights)).toEqual(one.models.map(weights));
    expect(two.report).toEqual(one.report);
    expect(weights(one.models[1]!)).not.toEqual(weights(one.models[0]!));
    const other = await trainDynamics(log, { ...short, seed: 9 });
    expect(weights(other.models[0]!)).not.toEqual(weights(one.models[0]!));
  });
});

describe('the log', () => {
  const plan = (runs: Table[], options: Partial<DynamicsOptions> = {}, given?: Table[]) =>
    planDynamics(runs, given, resolveDynamics({ ...small, ...options }));

  test('of five runs or more is held out in whole runs, of fewer in the last rows of each', () => {
    const whole = plan(log);
    expect(whole.test.map((run) => run.columns[0])).toEqual([log[5]!.columns[0]]);
    expect(whole.plan.series.map(({ training, validation }) => [training, validation])).toEqual([
      ...[0, 300, 600, 900].map((from) => [
        { from, to: from + 300 },
        { from: from + 300, to: from + 300 },
      ]),
      [
        { from: 1200, to: 1200 },
        { from: 1200, to: 1500 },
      ],
    ]);
    const ends = plan(log.slice(0, 2));
    expect(ends.test.map((run) => [...run.columns[0]!])).toEqual(
      [0, 1].map((run) => [...log[run]!.columns[0]!.subarray(255)]),
    );
    expect(ends.plan.series.map(({ training, validation }) => [training, validation])).toEqual([
      [
        { from: 0, to: 204 },
        { from: 204, to: 255 },
      ],
      [
        { from: 300, to: 504 },
        { from: 504, to: 555 },
      ],
    ]);
  });

  test('with given test runs, all others are for training or validation', () => {
    const { plan: all, test: tested } = plan(log, {}, [log[0]!]);
    expect(all.series).toHaveLength(6);
    expect(all.series[5]!.validation).toEqual({ from: 1500, to: 1800 });
    expect(tested).toHaveLength(1);
  });

  test('has no window across runs: with runs too short for a window, it is refused', async () => {
    const short = Array.from({ length: 30 }, (_, seed) => pendulum(24, seed));
    await expect(trainDynamics(short, { ...small, epochs: 1, lookback: 13 })).rejects.toThrow(
      gatecastError(
        'invalid-data',
        /^Expected 25 consecutive rows .* for options.lookback 13 and 12 steps but found none\.$/,
      ),
    );
    await expect(trainDynamics([...short, log[0]!], { ...small, epochs: 1, lookback: 13 })).rejects.toThrow(
      gatecastError('invalid-data'), // the rows left for training are too short, too
    );
  });

  test('takes rows by name, and tests on the given runs', async () => {
    const rows = (table: Table) =>
      Array.from(table.columns[0]!, (angle, t) => ({ at: 100 * t, angle, torque: table.columns[1]![t]! }));
    const options = { ...small, epochs: 1, test: rows(log[5]!) };
    const { models, report } = await trainDynamics(log.slice(0, 5).map(rows), options);
    expect(models[0]!.description.interval).toBe(100);
    expect(report).toEqual(await evaluateDynamics(models, log[5]!, { steps: 12 }));
  });

  test('has a default lookback no longer than short runs allow', async () => {
    const { models } = await trainDynamics(
      log.map((run) => sliceRows(run, 0, 40)),
      {
        inputs: 'torque',
        outputs: 'angle',
        hidden: 4,
        epochs: 1,
        steps: 10,
      },
    );
    expect(models[0]!.description.lookback).toBe(16);
  });
});

describe('the work', () => {
  test('reports each pass, and ends with the reason if it is aborted', async () => {
    const told: DynamicsProgress[] = [];
    const control = new AbortController();
    const reason = new Error('enough');
    const onEpoch = (progress: DynamicsProgress) => {
      told.push(progress);
      if (progress.member === 0 && progress.epoch === 2) control.abort(reason);
    };
    const options = { ...small, epochs: 1000, patience: 1000, members: 2, signal: control.signal, onEpoch };
    await expect(trainDynamics(log, options)).rejects.toBe(reason);
    expect(told.filter(({ member }) => member === 0).map(({ epoch }) => epoch)).toEqual(expect.arrayContaining([0, 1]));
    await expect(trainDynamics(log, options)).rejects.toBe(reason); // aborted before
  });

  test('of all members ends if one fails', async () => {
    const onEpoch = ({ member, epoch }: DynamicsProgress) => {
      if (member === 1 && epoch === 1) throw new Error('of the caller');
    };
    const options = { ...small, epochs: 100_000, patience: 100_000, members: 2, onEpoch };
    await expect(trainDynamics(log, options)).rejects.toThrow('of the caller');
  });
});

describe('refused are', () => {
  const refused = async (options: unknown, message: RegExp) => {
    const call = Reflect.apply(trainDynamics, undefined, [log, options]);
    await expect(call).rejects.toThrow(gatecastError('invalid-argument', message));
  };

  test('options that are wrong or do not fit together', async () => {
    await refused({ outputs: 'angle' }, /options.inputs/);
    await refused({ ...small, outputs: [] }, /options.outputs/);
    await refused({ ...small, inputs: ['angle'] }, /^Expected names that are not outputs for options.inputs/);
    await refused({ ...small, step: 3 }, /Did you mean steps/);
    await refused({ ...small, steps: 0 }, /options.steps/);
    await refused({ ...small, memory: 'window' }, /options.memory/);
    await refused({ ...small, memory: 'none' }, /^Expected 1 without memory for options.lookback but received 12/);
    await refused({ ...small, loss: 'quantile' }, /options.loss/);
    await refused({ ...small, signal: {} }, /an AbortSignal/);
    await refused({ ...small, onEpoch: 1 }, /a function/);
  });

  test('a log without the columns, and test runs too short to roll out, before learning begins', async () => {
    const onEpoch = () => expect.unreachable();
    await expect(trainDynamics(log, { ...small, inputs: 'torqe', onEpoch })).rejects.toThrow(
      gatecastError('invalid-data', /Did you mean "torque"\?/),
    );
    await expect(trainDynamics(log, { ...small, test: sliceRows(log[0]!, 0, 28), onEpoch })).rejects.toThrow(
      gatecastError('invalid-data', /^Expected 29 consecutive rows without missing values to roll 12 steps out/),
    );
  });
});
