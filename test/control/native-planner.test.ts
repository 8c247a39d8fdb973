import { expect, test } from 'vitest';
import { systemClock } from '../../lib/control/clock.ts';
import type { NativeCycle } from '../../lib/control/native-loop/native-cycle.ts';
import { nativeLoop } from '../../lib/control/native-loop/native-loop.ts';
import { icem, mppi } from '../../lib/control/planning/planners.ts';
import type { PlannerOptions } from '../../lib/control/planning/planner-options.ts';
import { SharedRing } from '../../lib/control/native-loop/shared-ring.ts';
import { native } from '../../lib/network/native.ts';
import { toNative } from '../../lib/network/native-controller.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';

const model = makeModel({
  inputs: ['force', 'speed', 'angle'].map((name) => ({ name })),
  targets: ['speed', 'angle'],
  interval: 20,
  horizon: 1,
  loss: 'mse',
  levels: [],
});
const limits = { min: 5, max: 15 };
const options = {
  samples: 30,
  horizon: 5,
  limits: { force: limits },
  cost: { track: { speed: { weight: 1, reference: [21, 22, 23, 24, 25] } } },
} satisfies PlannerOptions;
const measured = Float64Array.of(20, 30);

test('the controller of a native loop plans what the policy plans', () => {
  for (const policy of [mppi(model, options), icem([model, model], options)]) {
    const controller = policy[toNative]();
    expect([controller.observations, controller.actions]).toEqual([2, 1]);
    const handle = controller.create();
    const references = Float64Array.of(21, 22, 23, 24, 25);
    const [plan, predicted, result] = [new Float64Array(5), new Float64Array(10), new Float64Array(5)];
    const times = Float64Array.of(0, 0, 1e9);
    expect(native.decidePlan(handle, measured, times, new Float64Array(), references, plan, predicted, result)).toBe(
      true,
    );
    const decision = policy.start()(measured);
    expect([plan, predicted, [...result]]).toEqual([
      decision.plan,
      decision.predicted,
      [decision.iterations, decision.cost, 0, 0, decision.effectiveSamples],
    ]);
    native.release(handle);
  }
});

test('a native loop plans while the event loop is blocked', async () => {
  const observations = new SharedRing({ width: 2 });
  const loop = nativeLoop({
    hz: 50,
    controller: mppi(model, { ...options, threads: 2 }),
    observations,
    actions: new SharedRing({ width: 1 }),
    inputs: 2,
    limits: [limits],
    fallback: [7],
    maxAgeMs: 60_000,
  });
  observations.push({ at: systemClock.now(), values: measured });
  const cycles = await new Promise<NativeCycle[]>((resolve, reject) => {
    const all: NativeCycle[] = [];
    const subscription = loop.subscribe({
      next: (cycle) => {
        if (all.push(cycle) < 8) return;
        subscription.unsubscribe();
        resolve(all);
      },
      error: reject,
    });
    const until = systemClock.now() + 100;
    while (systemClock.now() < until);
  });
  const planned = cycles.filter(({ source }) => source === 'model');
  expect(planned.length).toBeGreaterThan(0);
  for (const { iterations, action } of planned) {
    expect(iterations).toBeLessThanOrEqual(1);
    expect(action[0]).toBeGreaterThanOrEqual(5);
    expect(action[0]).toBeLessThanOrEqual(15);
  }
  expect(planned.some(({ iterations }) => iterations === 1)).toBe(true);
});

test('a planner that asks JavaScript does not run natively', () => {
  const refused = gatecastError('invalid-argument', /a cost without functions/);
  const asked = { track: { speed: { weight: 1, reference: () => 1 } } };
  expect(() => mppi(model, { ...options, cost: asked })[toNative]()).toThrow(refused);
  expect(() => mppi(model, { ...options, cost: (_, costs) => costs.fill(0) })[toNative]()).toThrow(refused);
});
