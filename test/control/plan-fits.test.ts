import { take } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../lib/control/clock.ts';
import type { ControlCycle } from '../../lib/control/control-cycle.ts';
import { controlLoop } from '../../lib/control/loop/control-loop.ts';
import type { NativeCycle } from '../../lib/control/native-loop/native-cycle.ts';
import { nativeLoop } from '../../lib/control/native-loop/native-loop.ts';
import type { CostFunction, PlannerOptions } from '../../lib/control/planning/planner-options.ts';
import { cem, icem, mppi, randomShooting } from '../../lib/control/planning/planners.ts';
import { SharedRing } from '../../lib/control/native-loop/shared-ring.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

const plant = {
  inputs: ['force', 'speed'].map((name) => ({ name })),
  targets: ['speed'],
  interval: 100,
  horizon: 1,
  loss: 'mse',
  levels: [],
} satisfies Parameters<typeof describeModel>[0];
const model = makeModel(plant);
const options = {
  samples: 40,
  horizon: 6,
  seed: 5,
  limits: { force: { min: -5, max: 15 } },
  cost: { track: { speed: { weight: 1, reference: 42 } } },
} satisfies PlannerOptions;
const methods = { mppi, cem, icem, randomShooting };
const cost =
  (value: number): CostFunction =>
  (_, costs) =>
    costs.fill(value);
/** More than fits into any of these deadlines. */
const large = { samples: 2 ** 15, horizon: 100 };

let warnings: string[];
beforeEach(() => {
  warnings = [];
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)));
});
afterEach(() => vi.restoreAllMocks());

describe.each(Object.entries(methods))('%s', (name, method) => {
  test('without time holds the previous action, says why, and warns once', () => {
    const decide = method(model, { ...options, deadlineMs: 0 }).start();
    expect(warnings).toEqual([expect.stringMatching(/^0 iterations of 40 samples fit in 0 ms; /)]);
    for (let t = 0; t < 5; t++) {
      const { held, iterations, action, cost: told, notice, predicted } = decide([40]);
      expect({ held, iterations, action: [...action], told }).toEqual({
        held: true,
        iterations: 0,
        action: [0],
        told: undefined,
      });
      expect(notice).toMatch(/^0 iterations of 40 samples fit in 0 ms; take fewer steps than 6, or a smaller model\.$/);
      expect(predicted.every(Number.isFinite)).toBe(true);
    }
    expect(warnings).toHaveLength(1);
  });

  test('answers from the plans that it could judge by the deadline', () => {
    const decide = method(model, { ...options, ...large, deadlineMs: 5 }).start();
    expect(warnings).toEqual([expect.stringMatching(/ iterations of 32768 samples fit in 5 ms; /)]);
    const decisions = Array.from({ length: 10 }, () => decide([40]));
    expect(decisions.some(({ iterations }) => iterations > 0)).toBe(true);
    for (const { iterations, notice } of decisions) {
      expect(iterations).toBeLessThan(1);
      expect(notice).toMatch(/ iterations of 32768 samples fit in 5 ms; /);
    }
    expect(warnings).toHaveLength(1);
  });

  test('has no plan if its plans cannot be told apart, whatever it was asked for', () => {
    const decide = (changes: object, of = model) => {
      const run = method(of, { ...options, ...changes }).start();
      return Array.from({ length: 3 }, () => run([40])).at(-1)!;
    };
    for (const value of [Number.NaN, Infinity, -Infinity, 1e300]) {
      expect(decide({ cost: cost(value) })).toMatchObject({
        held: true,
        notice: expect.stringContaining('below 1e30'),
      });
    }
    const unset: CostFunction = () => undefined;
    expect(decide({ cost: unset })).toMatchObject({ held: true, notice: expect.stringContaining('below 1e30') });
    const huge = { track: { speed: { weight: 1e100, reference: 1e100 } } };
    expect(decide({ cost: huge })).toMatchObject({ held: true, notice: expect.stringContaining('below 1e30') });
    const fixed = { limits: { force: { min: 3, max: 3 } } };
    expect(decide(fixed)).toMatchObject({ held: true, notice: expect.stringContaining('are the same') });
    const still = { limits: { force: { min: -5, max: 15, maxRate: 0 } } };
    if (name !== 'randomShooting') {
      // The first step is free, as nothing was sent before.
      expect(decide({ ...still, noise: { force: 1e-300 } })).toMatchObject({ held: true });
    }
    const parts = partsFor(describeModel({ ...plant, anchor: 'last' }));
    parts.weights['head.bias']!.data.fill(1e6);
    const wild = Forecaster.from({ ...parts, scaler: new Scaler(['force', 'speed'], [10, 20], [0.5, 1e37]) });
    for (const models of [[wild], [model, wild]]) {
      const run = method(models, options).start();
      for (let t = 0; t < 3; t++) expect(run([40])).toMatchObject({ held: true, iterations: 0 });
    }
    expect(warnings.some((text) => text.includes('diverges'))).toBe(true);
    // A cost that is the same for all is a cost: any plan is as good as another.
    expect(decide({ cost: cost(3) })).toMatchObject({ held: false, notice: undefined });
  });

  test('continues a plan three times while nothing new is learned', () => {
    let value = 1;
    const run = method(model, {
      ...options,
      cost: (_, costs) => costs.forEach((__, k) => (costs[k] = value * k)),
    }).start();
    expect(run([40])).toMatchObject({ held: false, notice: undefined });
    value = Number.NaN;
    const held = Array.from({ length: 5 }, () => run([40]).held);
    expect(held).toEqual([false, false, false, true, true]);
    value = 1;
    expect(run([40])).toMatchObject({ held: false, notice: undefined });
  });
});

test('with adapt, there are as many samples as there is time for', () => {
  const plans = (changes: object) => {
    const run = cem(model, { ...options, iterations: 3, ...changes }).start();
    return Array.from({ length: 5 }, () => run([40]).plan);
  };
  expect(plans({ adapt: 'samples', deadlineMs: 1e6 })).toEqual(plans({}));
  const none = cem(model, { ...options, adapt: 'samples', deadlineMs: 0 }).start();
  expect(none([40])).toMatchObject({ held: true });
});

test('reports of how many plans the answer is the mean', () => {
  const of = (temperature: number) => mppi(model, { ...options, temperature }).start()([40]).effectiveSamples;
  expect(of(1e-9)).toBeCloseTo(1, 5);
  expect(of(1e12)).toBeCloseTo(40, 5);
  expect(icem(model, options).start()([40]).effectiveSamples).toBe(1);
  expect(cem(model, { ...options, elites: 7 }).start()([40]).effectiveSamples).toBe(7);
});

test('a cost that no plan can raise is refused', () => {
  const refused = gatecastError('invalid-argument', /^Expected at least one weight above 0 .* for options\.cost/);
  const risk = { risk: { speed: 1 } };
  const speeds = [{ weight: 0 }, { reference: 3 }, { weight: -0, terminal: 0 }];
  const costs = [
    {},
    { soft: { speed: { weight: 0, min: 1 } } },
    { actions: { force: { weight: 0, change: 0 } } },
    risk,
  ];
  for (const none of [...costs, ...speeds.map((speed) => ({ track: { speed } }))]) {
    for (const method of Object.values(methods)) {
      expect(() => method(model, { ...options, cost: none })).toThrow(refused);
    }
  }
  const some = [{ track: { speed: { terminal: 1 } } }, { actions: { force: { change: 1e-9 } } }];
  for (const cost of [...some, { soft: { speed: { weight: 1 } } }]) {
    expect(mppi(model, { ...options, cost }).start()([40]).held).toBe(false);
  }
  expect(mppi([model, model], { ...options, cost: risk }).start()([40]).held).toBe(false);
});

test('noise that moves no action is refused', () => {
  const refused = gatecastError('invalid-argument', /without noise all plans are equal, for options\.noise/);
  for (const method of [mppi, cem, icem]) {
    expect(() => method(model, { ...options, noise: { force: 0 } })).toThrow(refused);
  }
  expect(() => mppi(model, { ...options, adapt: 'horizon' as never })).toThrow(
    gatecastError('invalid-argument', /adapt/),
  );
});

const loop = { hz: 50, inputs: 1, limits: [{ min: -5, max: 15 }], fallback: [7], degradeAfter: 3 };

test('a control loop uses its fallback if there is no plan behind an action', async () => {
  const cycles: ControlCycle[] = [];
  const decide = mppi(model, { ...options, cost: cost(Number.NaN) });
  const observe = () => ({ at: systemClock.now(), values: [40] });
  await controlLoop({ ...loop, observe, decide, act: () => undefined })
    .pipe(take(6))
    .forEach((cycle) => void cycles.push(cycle));
  const undecided = cycles.filter(({ reason }) => reason === 'undecided');
  expect(undecided.length).toBeGreaterThan(2);
  for (const { source, action, iterations, notice } of undecided) {
    expect({ source, action: [...action], iterations }).toEqual({ source: 'fallback', action: [7], iterations: 0 });
    expect(notice).toMatch(/below 1e30/);
  }
  expect(cycles.at(-1)!.status).toBe('degraded');
});

test.each([
  ['more samples than fit', { ...large, deadlineMs: 0 }, / iterations of 32768 samples fit in 0 ms/],
  ['no way to move', { limits: { force: { min: 3, max: 3 } } }, undefined],
])('a native loop of a planner with %s uses its fallback', async (_, changes, warned) => {
  const observations = new SharedRing({ width: 1 });
  const actions = new SharedRing({ width: 1 });
  const controller = mppi(model, { ...options, ...changes });
  observations.push({ at: systemClock.now(), values: [40] });
  const cycles: NativeCycle[] = [];
  await nativeLoop({ ...loop, controller, observations, actions, maxAgeMs: 60_000 })
    .pipe(take(5))
    .forEach((cycle) => void cycles.push(cycle));
  const decided = cycles.filter(({ reason }) => reason !== 'late');
  expect(decided.length).toBeGreaterThan(0);
  for (const { source, reason, action, iterations } of decided) {
    expect({ source, reason, action: [...action], iterations }).toEqual({
      source: 'fallback',
      reason: 'undecided',
      action: [7],
      iterations: 0,
    });
  }
  expect(warnings).toEqual(warned === undefined ? [] : [expect.stringMatching(warned)]);
});
