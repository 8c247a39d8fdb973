import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rollout, rollout as rollOut } from '../../lib/control/planning/rollout.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { ErrorCode } from '../../lib/base/errors.ts';
import type { ForecasterState } from '../../lib/model/model-state.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

const names = ['force', 'angle', 'torque', 'speed'];
type Changes = Parameters<typeof makeModel>[0];

/** Four inputs; the speed and the angle are predicted from all, the force and the torque are the actions. */
const plant = (changes: Changes = {}): Parameters<typeof describeModel>[0] => ({
  inputs: names.map((name) => ({ name })),
  targets: ['speed', 'angle'],
  horizon: 1,
  loss: 'mse',
  levels: [],
  ...changes,
});
const makePlant = (changes: Changes = {}) => makeModel(plant(changes));

/** A state that has seen some samples near the scaler's means. */
function warm(model: Forecaster): ForecasterState {
  const state = model.createState({ onInvalid: 'error' });
  for (let t = 0; t < 6; t++) state.step([10 + Math.sin(t), 20 + Math.cos(t), 30 - Math.sin(t), 40 + Math.cos(2 * t)]);
  return state;
}

const measured = [41.25, 19.5]; // speed, angle
const someActions = (count: number) => Float32Array.from({ length: count }, (_, k) => 20 + 12 * Math.sin(k * 1.7));

/** What stepping a fork with each action and the forecast before gives. */
function oneByOne(from: ForecasterState, samples: number, horizon: number, actions: Float32Array): number[] {
  const outputs: number[] = [];
  for (let k = 0; k < samples; k++) {
    const state = from.fork();
    let [speed, angle] = measured as [number, number];
    for (let t = 0; t < horizon; t++) {
      const [force, torque] = actions.subarray(2 * (k * horizon + t));
      [speed, angle] = state.step([force!, angle, torque!, speed])!.mean as unknown as [number, number];
      outputs.push(Math.fround(speed), Math.fround(angle));
    }
    state.dispose();
  }
  return outputs;
}

const kinds: [string, Changes][] = [
  ['a GRU that gives the change', { anchor: 'last' }],
  ['a GRU that gives the value', { anchor: 'none' }],
  ['a GRU with the other reset form', { network: { linearBeforeReset: false, hiddenSize: 17 } }],
  ['a network without memory', { memory: 'window', lookback: 1 }],
  ['an LSTM with projection', { network: { cell: 'lstm', hiddenSize: 9, projSize: 4, numLayers: 3 } }],
  ['a model with quantiles beside the mean', { levels: [0.1, 0.9] }],
];

describe.each(kinds)('a roll-out of %s', (_, changes) => {
  const model = makePlant(changes);

  test('gives the bits of a fork that is stepped with its own forecasts, with one thread and with several', () => {
    const [samples, horizon] = [70, 7];
    const state = warm(model);
    const actions = someActions(samples * horizon * 2);
    const expected = oneByOne(state, samples, horizon, actions);
    for (const threads of [1, 3]) {
      const rollout = new Rollout(model, { samples, horizon, threads });
      expect([...rollout.run(state, measured, actions)]).toEqual(expected);
      expect([...rollout.steps]).toEqual(new Array(samples).fill(horizon));
    }
  });

  test('leaves the state as it was', () => {
    const [used, unused] = [warm(model), warm(model)];
    new Rollout(model, { samples: 3, horizon: 5 }).run(used, measured, someActions(30));
    expect(used.samples).toBe(6);
    expect(used.step([11, 21, 29, 39])).toEqual(unused.step([11, 21, 29, 39]));
  });
});

describe('a roll-out', () => {
  const model = makePlant();
  const state = warm(model);

  test('names its actions in the order of the inputs and its outputs in that of the targets', () => {
    const rollout = new Rollout(model, { samples: 1, horizon: 1 });
    expect([rollout.actions, rollout.outputs]).toEqual([
      ['force', 'torque'],
      ['speed', 'angle'],
    ]);
  });

  test('takes what is measured by name too', () => {
    const rollout = new Rollout(model, { samples: 2, horizon: 3 });
    const actions = someActions(12);
    const listed = [...rollout.run(state, measured, actions)];
    expect([...rollout.run(state, { angle: 19.5, speed: 41.25 }, actions)]).toEqual(listed);
  });

  test('a plan has the same outputs whatever its neighbours and its position', () => {
    const horizon = 4;
    const value = fc.float({ min: -100, max: 100, noNaN: true });
    const plans = fc.array(fc.array(value, { minLength: 2 * horizon, maxLength: 2 * horizon }), {
      minLength: 1,
      maxLength: 80,
    });
    const alone = new Rollout(model, { samples: 1, horizon });
    fc.assert(
      fc.property(plans, (all) => {
        const together = new Rollout(model, { samples: all.length, horizon, threads: 2 });
        const outputs = together.run(state, measured, Float32Array.from(all.flat()));
        for (const [k, plan] of all.entries()) {
          const own = alone.run(state, measured, Float32Array.from(plan));
          expect([...outputs.subarray(k * own.length, (k + 1) * own.length)]).toEqual([...own]);
        }
        together.dispose();
      }),
      { numRuns: 25 },
    );
  });

  test('a plan ends where an action is absurd, and the others go on', () => {
    // The deviation of the force is so small that this is beyond what the network takes.
    const parts = partsFor(describeModel(plant()));
    const scaler = new Scaler(names, parts.scaler.mean, [1e-9, ...parts.scaler.std.subarray(1)]);
    const fine = Forecaster.from({ ...parts, scaler });
    const rollout = new Rollout(fine, { samples: 3, horizon: 3 });
    const fresh = fine.createState();
    const actions = new Float32Array(18).fill(10);
    const whole = [...rollout.run(fresh, measured, actions)];
    actions[6] = 3e38; // plan 1, step 0
    actions[16] = 3e38; // plan 2, step 2
    const outputs = [...rollout.run(fresh, measured, actions)];
    expect([...rollout.steps]).toEqual([3, 0, 2]);
    expect(outputs.slice(0, 6)).toEqual(whole.slice(0, 6));
    expect(outputs.slice(6, 12)).toEqual([...measured, ...measured, ...measured]);
    expect(outputs.slice(12)).toEqual([...whole.slice(12, 16), ...whole.slice(14, 16)]);
    actions.fill(10);
    expect([...rollout.run(fresh, measured, actions)]).toEqual(whole);
  });

  test('a plan ends where a forecast leaves what 32 bits can hold', () => {
    const parts = partsFor(describeModel(plant()));
    const scaler = new Scaler(names, parts.scaler.mean, [1, 1e38, 1, 1e38]);
    const huge = Forecaster.from({ ...parts, scaler });
    const horizon = 60;
    const rollout = new Rollout(huge, { samples: 1, horizon });
    const outputs = rollout.run(huge.createState(), measured, someActions(2 * horizon));
    const told = rollout.steps[0]!;
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(horizon);
    expect(outputs.every(Number.isFinite)).toBe(true);
    for (let t = told; t < horizon; t++) {
      expect(outputs.subarray(2 * t, 2 * t + 2)).toEqual(outputs.subarray(2 * told - 2, 2 * told));
    }
  });

  test('goes on when its forecaster is disposed', () => {
    const other = makePlant();
    const rollout = new Rollout(other, { samples: 1, horizon: 2 });
    const from = warm(other);
    const before = [...rollout.run(from, measured, someActions(4))];
    other.dispose();
    expect([...rollout.run(from, measured, someActions(4))]).toEqual(before);
  });
});

describe('rollout', () => {
  const model = makePlant();
  const state = warm(model);

  test('returns what a Rollout does, a list for each plan', () => {
    const actions = someActions(3 * 4 * 2);
    const expected = new Rollout(model, { samples: 3, horizon: 4 }).run(state, measured, actions);
    const plans = [0, 1, 2].map((k) => [...actions.subarray(8 * k, 8 * k + 8)]);
    const outputs = rollOut(state, measured, plans);
    expect(outputs.map((each) => [...each])).toEqual([0, 1, 2].map((k) => [...expected.subarray(8 * k, 8 * k + 8)]));
  });

  test('ends a plan where it cannot be predicted further', () => {
    const parts = partsFor(describeModel(plant()));
    const scaler = new Scaler(names, parts.scaler.mean, [1e-9, ...parts.scaler.std.subarray(1)]);
    const fine = Forecaster.from({ ...parts, scaler });
    const plans = [new Array<number>(6).fill(10), [10, 10, 3e38, 10, 10, 10]];
    expect(rollOut(fine.createState(), measured, plans).map(({ length }) => length)).toEqual([6, 2]);
  });

  test('refuses values that are not a state or a plan', () => {
    const refused = (code: ErrorCode, message: RegExp, ...args: unknown[]) =>
      expect(() => rollOut(...(args as [never, never, never]))).toThrow(gatecastError(code, message));
    refused('invalid-argument', /a ForecasterState for state/, model, measured, [[1, 2]]);
    refused('invalid-argument', /plans/, state, measured, []);
    refused('invalid-argument', /plans\[1\]/, state, measured, [
      [1, 2],
      [1, Number.NaN],
    ]);
    refused('invalid-shape', /a multiple of 2 numbers.* plans\[0\]/, state, measured, [[1, 2, 3]]);
    refused('invalid-shape', /2 numbers.* plans\[1\]/, state, measured, [
      [1, 2],
      [1, 2, 3, 4],
    ]);
    refused('invalid-sample', /speed/, state, [Number.NaN, 1], [[1, 2]]);
  });
});

describe('a roll-out refuses', () => {
  const model = makePlant();
  const state = warm(model);
  const options = { samples: 2, horizon: 3 };
  const rollout = new Rollout(model, options);
  const refused = (call: () => unknown, code: ErrorCode, message: RegExp) => {
    expect(call).toThrow(gatecastError(code, message));
  };

  const misfits: [string, Changes, RegExp][] = [
    ['a longer horizon', { horizon: 2 }, /^Expected 1 for the horizon of the forecaster to roll out but received 2\.$/],
    ['a window', { memory: 'window' }, /^Expected 'carried', or a window of 1, for the memory .* "window"\.$/],
    ['attention', { network: { attention: 2 } }, /^Expected none for the attention .* 2\.$/],
    [
      'both directions',
      { memory: 'window', lookback: 1, network: { bidirectional: true } },
      /^Expected one direction for the network .* "two"\.$/,
    ],
    ['quantiles alone', { loss: 'quantile', levels: [0.5] }, /^Expected 'mse' or 'mae' for the loss .* "quantile"\.$/],
    ['no action', { targets: names }, /^Expected an input that is not a target, .* "force, angle, torque, speed"\.$/],
  ];
  test.each(misfits)('a forecaster with %s', (_, changes, message) => {
    refused(() => new Rollout(makePlant(changes), options), 'invalid-argument', message);
  });

  test('wrong options', () => {
    for (const [wrong, name] of [
      [{ ...options, samples: 0 }, 'samples'],
      [{ ...options, horizon: 1.5 }, 'horizon'],
      [{ ...options, threads: 65 }, 'threads'],
      [{ samples: 2 }, 'horizon'],
      [{ ...options, sample: 1 }, 'sample'],
    ] as const) {
      refused(() => new Rollout(model, wrong as never), 'invalid-argument', new RegExp(name));
    }
    refused(
      () => new Rollout(model, { samples: 2 ** 20, horizon: 2 ** 20 }),
      'invalid-argument',
      /^Expected memory for 1048576 plans of 1048576 steps but there are not .* GiB\.$/,
    );
  });

  test('actions of another number or type, or that are not finite, with nothing changed', () => {
    const before = [...rollout.run(state, measured, someActions(12))];
    const held = rollout.run(state, measured, someActions(12));
    refused(() => rollout.run(state, measured, someActions(11)), 'invalid-shape', /^Expected 12 values for actions/);
    refused(
      () => rollout.run(state, measured, new Float64Array(12) as never),
      'invalid-argument',
      /^Expected a Float32Array for actions/,
    );
    refused(
      () => rollout.run(state, measured, someActions(12).fill(Number.NaN, 5, 6)),
      'invalid-argument',
      /^Expected finite values for actions/,
    );
    expect([...held]).toEqual(before);
  });

  test('measured values that a state would refuse', () => {
    const run = (values: unknown) => () => rollout.run(state, values as never, someActions(12));
    refused(run([1]), 'invalid-sample', /2 values/);
    refused(run([1, Number.NaN]), 'invalid-sample', /angle/);
    refused(run({ speed: 1 }), 'invalid-sample', /angle/);
    refused(run([1e30, 1]), 'invalid-sample', /speed/);
    refused(run('fast'), 'invalid-argument', /sample/);
  });

  test('a state of another forecaster, or a disposed one', () => {
    const other = warm(makePlant());
    refused(() => rollout.run(other, measured, someActions(12)), 'invalid-argument', /of the forecaster/);
    refused(() => rollout.run({} as never, measured, someActions(12)), 'invalid-argument', /a ForecasterState/);
    const gone = warm(model);
    gone.dispose();
    refused(() => rollout.run(gone, measured, someActions(12)), 'disposed', /state/);
    const used = new Rollout(model, options);
    used.dispose();
    used.dispose();
    refused(() => used.run(state, measured, someActions(12)), 'disposed', /roll-out/);
    const model2 = makePlant();
    model2.dispose();
    refused(() => new Rollout(model2, options), 'disposed', /forecaster/);
  });
});
