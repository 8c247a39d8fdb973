import { Subject } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { SentAction } from '../../lib/control/actions-under-way.ts';
import { controlLoop } from '../../lib/control/loop/control-loop.ts';
import type { ControlContext } from '../../lib/control/control-cycle.ts';
import { decide } from '../../lib/control/loop/decide.ts';
import type { Observation } from '../../lib/control/observation.ts';
import type { MppiOptions, PlannerOptions } from '../../lib/control/planning/planner-options.ts';
import {
  cem,
  icem,
  mppi,
  type PlanDecision,
  type PlannerPolicy,
  randomShooting,
} from '../../lib/control/planning/planners.ts';
import { systemClock } from '../../lib/control/clock.ts';
import { Rollout } from '../../lib/control/planning/rollout.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { Description } from '../../lib/model/description.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';
import { VirtualClock } from '../../lib/control/virtual-clock.ts';

const plant = {
  inputs: ['force', 'angle', 'torque', 'speed'].map((name) => ({ name })),
  targets: ['speed', 'angle'],
  interval: 100,
  horizon: 1,
  loss: 'mse',
  levels: [],
} satisfies Parameters<typeof describeModel>[0];
const model = makeModel(plant);
/** The same plant by other weights. */
function sibling(scale: number, changes: Partial<Description> = {}): Forecaster {
  const parts = partsFor(describeModel({ ...plant, ...(changes as object) }));
  for (const { data } of Object.values(parts.weights)) data.forEach((value, k) => (data[k] = value * scale));
  return Forecaster.from(parts);
}

const limits = { force: { min: 5, max: 15, maxRate: 20 }, torque: { min: -10, max: 60, maxAcceleration: 500 } };
const options = {
  samples: 40,
  horizon: 6,
  seed: 5,
  limits,
  cost: {
    track: { speed: { weight: 1, reference: 42, terminal: 3 } },
    actions: { torque: { weight: 0.01, change: 0.1 } },
  },
} satisfies PlannerOptions;
const methods = { mppi, cem, icem, randomShooting };
const measured = (t: number) => [40 + Math.sin(t), 20 + Math.cos(t)]; // speed, angle
const decideFor = (policy: PlannerPolicy, steps: number) => {
  const take = policy.start();
  return Array.from({ length: steps }, (_, t) => take(measured(t)));
};

describe.each(Object.entries(methods))('%s', (_, method) => {
  test('decides inside the limits, and predicts the outputs and the cost of its plan', () => {
    const decisions = decideFor(method(model, options), 5);
    const state = model.createState({ onInvalid: 'error' });
    const rollout = new Rollout(model, { samples: 1, horizon: 6 });
    let before: number[] = [];
    for (const [t, { action, plan, predicted, cost, iterations }] of decisions.entries()) {
      expect(iterations).toBeGreaterThan(0);
      expect([action.length, plan.length, predicted.length]).toEqual([2, 12, 12]);
      expect([...action]).toEqual([...plan.subarray(0, 2)]);
      expect([...predicted]).toEqual([...rollout.run(state, measured(t), Float32Array.from(plan))]);
      let expected = 3 * (predicted[10]! - 42) ** 2;
      let torque = before[1];
      for (let k = 0; k < 6; k++) {
        expected += (predicted[2 * k]! - 42) ** 2 + 0.01 * plan[2 * k + 1]! ** 2;
        if (torque !== undefined) expected += 0.1 * (plan[2 * k + 1]! - torque) ** 2;
        torque = plan[2 * k + 1];
      }
      expect(cost! / expected).toBeCloseTo(1, 5);
      const forces = [...before.slice(0, 1), ...plan.filter((__, k) => k % 2 === 0)];
      for (const [k, force] of forces.entries()) {
        expect(force).toBeGreaterThanOrEqual(5);
        expect(force).toBeLessThanOrEqual(15);
        if (k > 0) expect(Math.abs(force - forces[k - 1]!)).toBeLessThanOrEqual(2 + 1e-9); // 20 a second, in 0.1 s
      }
      before = [...action];
      const [speed, angle] = measured(t);
      state.step([action[0]!, angle!, action[1]!, speed!]);
    }
  });

  test('gives the same plans for the same seed, with each start and any threads', () => {
    const plans = (of: PlannerPolicy) => decideFor(of, 4);
    const policy = method(model, options);
    const first = plans(policy);
    expect(plans(policy)).toEqual(first);
    expect(plans(method(model, { ...options, threads: 3 }))).toEqual(first);
    expect(plans(method(model, { ...options, seed: 6 }))).not.toEqual(first);
  });
});

describe('a planner', () => {
  test('of an ensemble predicts the mean of its models, and risk avoids where they differ', () => {
    const others = [sibling(1.2), sibling(0.8)];
    const ensemble = [model, ...others];
    const [decision] = decideFor(mppi(ensemble, { ...options, iterations: 3 }), 1);
    const actions = Float32Array.from(decision!.plan);
    const told = ensemble.map((each) => [
      ...new Rollout(each, { samples: 1, horizon: 6 }).run(each.createState(), measured(0), actions),
    ]);
    const spreadOf = ({ plan }: PlanDecision, output: number) => {
      const runs = ensemble.map((each) =>
        new Rollout(each, { samples: 1, horizon: 6 }).run(each.createState(), measured(0), Float32Array.from(plan)),
      );
      let sum = 0;
      for (let k = output; k < 12; k += 2) {
        const mean = (runs[0]![k]! + runs[1]![k]! + runs[2]![k]!) / 3;
        for (const run of runs) sum += (run[k]! - mean) ** 2 / 3;
      }
      return sum;
    };
    decision!.predicted.forEach((value, k) => {
      expect(value).toBeCloseTo((told[0]![k]! + told[1]![k]! + told[2]![k]!) / 3, 4);
    });
    const risk = { speed: 100 };
    const [bold, careful, calm] = [{ ...options.cost }, { ...options.cost, risk }, { risk }].map(
      (cost) => decideFor(mppi(ensemble, { ...options, samples: 200, iterations: 10, cost }), 1)[0]!,
    );
    expect(spreadOf(careful!, 0)).toBeLessThan(0.9 * spreadOf(bold!, 0));
    expect(calm!.cost! / spreadOf(calm!, 0)).toBeCloseTo(100, 2);
  });

  test('follows a reference that varies, asked for once before each plan', () => {
    let asked = 0;
    const wanted = () => {
      asked++;
      return Float64Array.from({ length: 6 }, (_, t) => 7 + t);
    };
    const policy = cem(model, {
      ...options,
      limits: { force: { min: 5, max: 15 }, torque: { min: 0, max: 1 } },
      samples: 300,
      iterations: 20,
      cost: { actions: { force: { weight: 1, reference: wanted } } },
    });
    const decisions = decideFor(policy, 3);
    expect(asked).toBe(3);
    for (const { plan } of decisions) {
      for (let t = 0; t < 6; t++) expect(plan[2 * t]).toBeCloseTo(7 + t, 0);
    }
  });

  test('keeps to soft limits', () => {
    const force = (soft: MppiOptions['cost']) => {
      const [decision] = decideFor(icem(model, { ...options, iterations: 6, cost: soft }), 1);
      return Math.max(...decision!.predicted.filter((_, k) => k % 2 === 0));
    };
    const free = force({ track: { speed: { weight: 1, reference: 60 } } });
    const soft = { speed: { max: free - 1, weight: 1e4 } };
    expect(force({ track: { speed: { weight: 1, reference: 60 } }, soft })).toBeLessThan(free - 0.9);
  });

  test('asks a function for the costs of all plans at once', () => {
    const seen: number[][] = [];
    const policy = randomShooting(model, {
      ...options,
      limits: { force: { min: 5, max: 15 }, torque: { min: 0, max: 1 } },
      iterations: 2,
      cost: ({ actions, outputs, steps }, costs) => {
        seen.push([actions.length, outputs.length, steps.length, costs.length]);
        for (let k = 0; k < costs.length; k++) costs[k] = k % 7 === 0 ? Number.NaN : -actions[k * 12]!;
      },
    });
    const take = policy.start();
    const { action, cost } = take(measured(0));
    expect(seen).toEqual([
      [480, 480, 40, 40],
      [480, 480, 40, 40],
    ]);
    expect(action[0]).toBeGreaterThan(14);
    expect(cost).toBeGreaterThan(-15);
    expect(cost).toBeCloseTo(-action[0]!, 5);
  });

  test('passes on an error of a cost function, and goes on at the next observation', () => {
    const error = new Error('thrown');
    let fail = true;
    const policy = mppi(model, {
      ...options,
      cost: (_, costs) => {
        if (fail) throw error;
        costs.fill(1);
      },
    });
    const take = policy.start();
    expect(() => take(measured(0))).toThrow(error);
    fail = false;
    expect(take(measured(1)).iterations).toBe(1);
  });

  test('refuses to plan within its own cost function', () => {
    let inner: unknown;
    const again: { take?: ReturnType<PlannerPolicy['start']> } = {};
    const cost = () => {
      try {
        again.take!(measured(0));
      } catch (error) {
        inner = error;
      }
    };
    again.take = mppi(model, { ...options, cost }).start();
    again.take(measured(0));
    expect(inner).toEqual(gatecastError('busy', /planning/));
  });

  test('does no iteration in no time, and then answers with the rest of the last plan', () => {
    const take = mppi(model, options).start();
    const context = (k: number, deadline: number, sent: readonly SentAction[] = []): ControlContext => {
      const tIn = systemClock.now();
      const times = { seq: k, tIn, deadline: tIn + deadline, tEffect: 1000 + 100 * k };
      return { ...times, lastAction: undefined, underWay: sent, clock: systemClock };
    };
    const first = take({ at: 1000, values: measured(0) }, context(0, 1e6));
    const sent = [{ tEffect: 1000, action: first.action }];
    const next = take({ at: 1100, values: measured(1) }, context(1, -1, sent));
    expect(next.iterations).toBe(0);
    expect([...next.plan]).toEqual([...first.plan.subarray(2), ...first.plan.subarray(10)]);
  });

  test('in a loop with a delay plans from what the plant will be when its action takes effect', () => {
    const clock = new VirtualClock(1e6);
    const decisions: PlanDecision[] = [];
    const policy = mppi(model, { ...options, limits: { force: { min: 5, max: 15 }, torque: { min: -10, max: 60 } } });
    const spied = {
      start() {
        const take = policy.start();
        return (observation: Observation, context: ControlContext) => {
          const decision = take(observation, context);
          decisions.push(decision);
          return decision;
        };
      },
    };
    const [observed, acted]: number[][][] = [[], []];
    const loop = controlLoop({
      hz: 10,
      observe: () => {
        const values = measured(observed!.length);
        observed!.push(values);
        return { at: clock.now(), values };
      },
      inputs: 2,
      decide: spied,
      act: (action) => void acted!.push([...action]),
      start: [10, 0],
      fallback: 'hold',
      stop: 'hold',
      limits: [
        { min: 5, max: 15 },
        { min: -10, max: 60 },
      ],
      delayMs: 200, // two steps
      clock,
    }).subscribe();
    clock.run(1e6 + 1450);
    loop.unsubscribe();
    expect(decisions.length).toBe(15);
    // In effect at step t: the one of the cycle two before, the start action being the first of all; before, what is usual.
    const inEffect = (t: number) => (t < 2 ? [10, 30] : acted![t - 1]!);
    const state = model.createState({ onInvalid: 'error' });
    const stepWith = (of: typeof state, [speed, angle]: number[], [force, torque]: number[]) =>
      [...of.step([force!, angle!, torque!, speed!])!.mean] as number[];
    for (const [t, { plan, predicted }] of decisions.entries()) {
      const fork = state.fork();
      let values = observed![t]!;
      for (let k = 0; k < 2; k++) values = stepWith(fork, values, inEffect(t + k));
      for (let k = 0; k < 6; k++) {
        values = stepWith(fork, values, [...plan.subarray(2 * k, 2 * k + 2)]);
        values.forEach((value, o) => expect(predicted[2 * k + o]! / value).toBeCloseTo(1, 5));
      }
      stepWith(state, observed![t]!, inEffect(t));
    }
  });

  test('is a policy for decide() too', () => {
    const source = new Subject<number[]>();
    const decisions: PlanDecision[] = [];
    source.pipe(decide(mppi(model, options))).subscribe((decision) => decisions.push(decision));
    for (let t = 0; t < 3; t++) source.next(measured(t));
    expect(decisions).toEqual(decideFor(mppi(model, options), 3));
  });
});

describe('a planner refuses', () => {
  const refused = (changes: object, message: RegExp, method: (typeof methods)[keyof typeof methods] = mppi) => {
    expect(() => method(model, { ...options, ...changes })).toThrow(gatecastError('invalid-argument', message));
  };

  test('wrong options, at once', () => {
    refused({ samples: 1 }, /samples/);
    refused({ horizon: 0 }, /horizon/);
    refused({ iterations: 0 }, /iterations/);
    refused({ elites: 3 }, /elites/); // of another method
    refused({ temperature: 0 }, /temperature/);
    refused({ temperature: 1 }, /temperature/, cem);
    refused({ noise: { force: 1 } }, /noise/, randomShooting);
    refused({ elites: 40 }, /fewer than 40 samples for options.elites/, icem);
    refused({ elites: 4, keep: 5 }, /at most 4.* for options.keep/, icem);
    refused({ noise: { forse: 1 } }, /Did you mean force\?/);
    refused({ limits: { force: limits.force } }, /options.limits.torque/);
    refused(
      { limits: { ...limits, force: { min: 1, max: 0 } } },
      /at least min, which is 1 for options.limits.force.max/,
    );
    refused({ limits: { ...limits, force: { min: 0, max: 1, maxJerk: 0 } } }, /options.limits.force.maxJerk/);
    refused({ samples: 2 ** 20, horizon: 10_000 }, /memory for 1048576 plans of 10000 steps/);
    expect(() => mppi(makeModel({ ...plant, interval: null }), options)).toThrow(
      gatecastError('invalid-argument', /the time between two steps.*options.interval/),
    );
  });

  test('costs of unknown names and of wrong values', () => {
    refused({ cost: undefined }, /options.cost/);
    refused({ cost: { trak: {} } }, /Did you mean track\?/);
    refused({ cost: { track: { sped: { weight: 1 } } } }, /Did you mean speed\?/);
    refused({ cost: { track: { force: { weight: 1 } } } }, /only speed, angle/);
    refused({ cost: { track: { speed: { weight: -1 } } } }, /options.cost.track.speed.weight/);
    refused({ cost: { track: { speed: { reference: [1, 2] } } } }, /a list of 6, one for each step, .*speed.reference/);
    refused({ cost: { track: { speed: { reference: [1, 2, 3, 4, 5, Number.NaN] } } } }, /speed.reference\[5\]/);
    refused({ cost: { actions: { speed: { weight: 1 } } } }, /only force, torque/);
    refused({ cost: { soft: { speed: { max: 1 } } } }, /options.cost.soft.speed.weight/);
    refused({ cost: { risk: { speed: Number.NaN } } }, /options.cost.risk.speed/);
    const take = mppi(model, { ...options, cost: { track: { speed: { weight: 1, reference: () => [1] } } } }).start();
    expect(() => take(measured(0))).toThrow(gatecastError('invalid-argument', /speed.reference/));
  });

  test('models that cannot be planned with, or that differ', () => {
    const wrong = (of: unknown, message: RegExp) =>
      expect(() => mppi(of as never, options)).toThrow(gatecastError('invalid-argument', message));
    wrong([], /a Forecaster or a list of 1 to 16/);
    wrong({}, /a Forecaster or a list/);
    wrong(makeModel({ ...plant, horizon: 2 }), /the horizon of the forecaster/);
    wrong([model, makeModel({ ...plant, targets: ['angle', 'speed'] })], /models of the same inputs and targets/);
  });

  test('observations that the model cannot take, with nothing changed', () => {
    const [used, unused] = [mppi(model, options).start(), mppi(model, options).start()];
    for (const wrong of [[1], [1, Number.NaN], undefined, {}, { at: 0 }, [1e300, 0]]) {
      expect(() => used(wrong as never)).toThrow(gatecastError('invalid-sample', /an observation/));
    }
    expect(used(measured(0))).toEqual(unused(measured(0)));
  });
});

test('types', () => {
  expectTypeOf(mppi(model, options).start()(measured(0)).plan).toEqualTypeOf<Float64Array>();
  // @ts-expect-error an option of another method
  void (() => mppi(model, { ...options, elites: 3 }));
  // @ts-expect-error random plans have no noise
  void (() => randomShooting(model, { ...options, noise: {} }));
});
