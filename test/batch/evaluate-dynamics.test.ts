import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../../lib/adapters/csv.ts';
import { DynamicsReport } from '../../lib/batch/dynamics-report.ts';
import { evaluateDynamics } from '../../lib/batch/evaluate-dynamics.ts';
import { Rollout } from '../../lib/control/planning/rollout.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

type Changes = Parameters<typeof describeModel>[0];

const plant = (position: string, force: string, changes: Changes = {}): Changes => ({
  inputs: [{ name: position, unit: 'm' }, { name: force }],
  targets: [position],
  horizon: 1,
  loss: 'mse',
  levels: [],
  lookback: 1,
  ...changes,
});

/** A model with all weights zero: it predicts no change, which is to hold the last value. */
function still(position: string, force: string): Forecaster {
  const parts = partsFor(describeModel(plant(position, force)));
  for (const { data } of Object.values(parts.weights)) data.fill(0);
  return Forecaster.from(parts);
}

const squares = (count: number) => Float64Array.from({ length: count }, (_, t) => t * t);
const run = (position: Float64Array) => ({
  names: ['force', 'position'],
  columns: [new Float64Array(position.length), position],
});

describe('the baselines', () => {
  test('have the errors worked out by hand for t * t', async () => {
    // Row t, h ahead: hold is off by 2 t h + h * h; the slope over s rows is 2 t - s, so it is off by h * s + h * h.
    const { rollouts, outputs } = await evaluateDynamics(still('position', 'force'), run(squares(12)), {
      steps: 3,
      slope: 2,
    });
    const [{ hold, velocity, spread, unit }] = outputs as [(typeof outputs)[0]];
    expect(rollouts).toBe(7); // rows 2 to 8
    const rows = [2, 3, 4, 5, 6, 7, 8];
    [1, 2, 3].forEach((h, i) => {
      const squared = rows.map((t) => (2 * t * h + h * h) ** 2);
      expect(hold[i]).toBeCloseTo(Math.sqrt(squared.reduce((a, b) => a + b) / 7), 10);
      expect(velocity[i]).toBeCloseTo(2 * h + h * h, 10);
    });
    expect({ spread, unit }).toEqual({ spread: [0, 0, 0], unit: 'm' });
  });

  test('take the best slope at each step', async () => {
    // A straight line with a zigzag of 0.5. With an even slope the velocity is right, so only the zigzag remains: 1 at
    // odd steps.
    const zigzag = Float64Array.from({ length: 60 }, (_, t) => 3 * t + 0.5 * (-1) ** t);
    const { outputs } = await evaluateDynamics(still('position', 'force'), run(zigzag), { steps: 4 });
    [1, 0, 1, 0].forEach((error, h) => expect(outputs[0]!.velocity[h]).toBeCloseTo(error, 10));
    const one = await evaluateDynamics(still('position', 'force'), run(zigzag), { steps: 4, slope: 1 });
    [2, 2, 4, 4].forEach((error, h) => expect(one.outputs[0]!.velocity[h]).toBeCloseTo(error, 10));
  });

  test('a model that predicts no change is as good as holding the last value', async () => {
    const { outputs } = await evaluateDynamics(still('position', 'force'), run(squares(40)), { steps: 5 });
    outputs[0]!.model.forEach((error, i) => expect(error / outputs[0]!.hold[i]!).toBeCloseTo(1, 6));
  });
});

const file = fileURLToPath(new URL('../../../shared/data/emps/emps_validation.csv', import.meta.url));
const here = existsSync(file);
if (!here) console.warn(`SKIPPED: the EMPS test needs ${file}`);

test.skipIf(!here).each([
  [1, 8.822e-5, 2.464e-6],
  [10, 8.822e-4, 4.33e-5],
  [50, 4.405e-3, 5.491e-4],
  [100, 8.779e-3, 1.733e-3],
  [500, 4.259e-2, 1.732e-2],
])('the baselines %i ms ahead are the check values of the EMPS data', async (steps, hold, velocity) => {
  const { names, columns } = await readCsv(file);
  const table = { names: ['qm', 'vir'], columns: ['qm', 'vir'].map((name) => columns[names.indexOf(name)]!) };
  const every = Math.ceil(steps / 20); // fewer rows are enough if each takes many steps
  const { outputs } = await evaluateDynamics(still('qm', 'vir'), table, { steps, slope: 10, every });
  expect(outputs[0]!.hold.at(-1)! / hold).toBeCloseTo(1, every > 1 ? 2 : 3);
  expect(outputs[0]!.velocity.at(-1)! / velocity).toBeCloseTo(1, every > 1 ? 2 : 3);
});

describe('roll-outs', () => {
  const model = makeModel(plant('position', 'force'));
  const wave = (rows: number, phase: number) => ({
    names: ['position', 'force'],
    columns: [3, 5].map((period) => Float64Array.from({ length: rows }, (_, t) => 10 + Math.sin(phase + t / period))),
  });

  test('are those of Rollout from a state that has taken the run so far', async () => {
    const [steps, log] = [4, wave(26, 0)];
    const { rollouts, outputs } = await evaluateDynamics(model, log, { steps, slope: 1 });
    const rollout = new Rollout(model, { samples: 1, horizon: steps });
    const state = model.createState();
    const [position, force] = log.columns as [Float64Array, Float64Array];
    const sums = [0, 0, 0, 0];
    let count = 0;
    for (let t = 0; t + steps < 26; t++) {
      if (t >= 1) {
        const told = rollout.run(state, [position[t]!], Float32Array.from(force.subarray(t, t + steps)));
        told.forEach((value, h) => (sums[h]! += (value - position[t + 1 + h]!) ** 2));
        count += 1;
      }
      state.step([position[t]!, force[t]!]);
    }
    expect(rollouts).toBe(count);
    sums.forEach((sum, h) => expect(outputs[0]!.model[h]).toBeCloseTo(Math.sqrt(sum / count), 10));
  });

  test('of several runs count alike, and none begins at a missing row', async () => {
    const holed = wave(40, 2);
    holed.columns[1]![20] = Number.NaN;
    const options = { steps: 3, slope: 1 };
    expect((await evaluateDynamics(model, wave(26, 0), options)).rollouts).toBe(22);
    expect((await evaluateDynamics(model, holed, options)).rollouts).toBe(16 + 15);
    expect((await evaluateDynamics(model, [wave(26, 0), holed], options)).rollouts).toBe(53);
    expect((await evaluateDynamics(model, [wave(26, 0), holed], { ...options, every: 5 })).rollouts).toBe(5 + 7);
    const wild = wave(26, 0);
    wild.columns[0]![12] = 1e300;
    expect((await evaluateDynamics(model, wild, options)).rollouts).toBe(8 + 9);
  });

  test('of several models are judged by their mean and by their spread', async () => {
    const other = makeModel(plant('position', 'force', { anchor: 'none' }));
    const log = wave(8, 0); // one roll-out
    const of = async (models: Forecaster | Forecaster[]) =>
      (await evaluateDynamics(models, log, { steps: 1, slope: 6 })).outputs[0]!;
    const [one, two, both] = [await of(model), await of(other), await of([model, other])];
    const [a, b] = [one.model[0]!, two.model[0]!];
    // Errors without their signs: the models are either on the same side of the truth or on both.
    const [same, opposite] = [(a + b) / 2, Math.abs(a - b) / 2];
    const apart = Math.abs(both.model[0]! - same) < 1e-9 ? opposite : same;
    expect(both.spread[0]).toBeCloseTo(apart, 9);
    expect(one.spread).toEqual([0]);
  });
});

test('a report as text names every output and shows the steps 1, 2, 5, 10 ... and the last', () => {
  const errors = (factor: number) => Array.from({ length: 12 }, (_, h) => factor * (h + 1));
  const output = { hold: errors(2), velocity: errors(3), spread: errors(0) };
  const report = new DynamicsReport(321, 12, [
    { output: 'angle', unit: 'rad', model: errors(0.1), ...output },
    { output: 'x', model: errors(1), ...output, spread: errors(0.5) },
  ]);
  expect(`${report}`).toBe(
    [
      'Root mean squared errors of 321 roll-outs:',
      'steps ahead                 1       2       5     10     12',
      'angle [rad]: model     0.1000  0.2000  0.5000  1.000  1.200',
      '             hold       2.000   4.000   10.00  20.00  24.00',
      '             velocity   3.000   6.000   15.00  30.00  36.00',
      'x: model                1.000   2.000   5.000  10.00  12.00',
      '   hold                 2.000   4.000   10.00  20.00  24.00',
      '   velocity             3.000   6.000   15.00  30.00  36.00',
      '   spread of models    0.5000   1.000   2.500  5.000  6.000',
    ].join('\n'),
  );
});

describe('refused are', () => {
  const model = makeModel(plant('position', 'force'));
  const log = run(squares(40));
  const refused = async (code: 'invalid-argument' | 'invalid-data', message: RegExp, ...call: unknown[]) => {
    await expect(Reflect.apply(evaluateDynamics, undefined, call)).rejects.toThrow(gatecastError(code, message));
  };

  test('models that cannot be rolled out, or not together', async () => {
    await refused('invalid-argument', /^Expected a Forecaster for models/, undefined, log, { steps: 1 });
    await refused('invalid-argument', /^Expected a list of 1 to 64 for models/, [], log, { steps: 1 });
    await refused('invalid-argument', /^Expected 1 for the horizon/, makeModel(), log, { steps: 1 });
    const other = makeModel(plant('force', 'position'));
    await refused('invalid-argument', /^Expected models with the same inputs/, [model, other], log, { steps: 1 });
  });

  test('wrong options, and runs without one row to start from', async () => {
    await refused('invalid-argument', /options.steps/, model, log, {});
    await refused('invalid-argument', /Did you mean steps/, model, log, { step: 1 });
    await refused('invalid-data', /^Expected 57 consecutive rows without missing values/, model, log, { steps: 40 });
    await refused('invalid-data', /"position"/, model, [{ positon: 1, force: 2 }], { steps: 1 });
  });
});
