import { describe, expect, test } from 'vitest';
import * as gatecast from '../support/every-name.ts';
import { GatecastError } from '../../lib/base/errors.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';
import { makeModel } from '../support/models.ts';
import { makePolicy } from '../support/policies.ts';

const plant = makeModel({ horizon: 1, loss: 'mse', levels: [] });
const trained = makePolicy();
const planning = () => ({
  samples: 4,
  horizon: 2,
  cost: {
    track: { temperature: { weight: 1, terminal: 1, reference: [1, 2] } },
    actions: { pressure: { weight: 1, change: 1, reference: 1 } },
    soft: { temperature: { weight: 1, min: 0, max: 1 } },
    risk: { temperature: 1 },
  },
  limits: { pressure: { min: 0, max: 1, maxRate: 1, maxAcceleration: 1, maxJerk: 1 } },
  noise: { pressure: 1 },
  interval: '1s',
  adapt: 'samples',
});
const context = () => ({
  seq: 0,
  tIn: 0,
  deadline: 1e9,
  tEffect: 0,
  lastAction: undefined,
  underWay: [{ tEffect: 0, action: [0.5] }],
  clock: gatecast.systemClock,
});
const observation = () => ({ at: 0, values: [1] });
const rollout = () => new gatecast.Rollout(plant, { samples: 2, horizon: 3 });
const rows = () => Array.from({ length: 4 }, () => ({ temperature: 1, pressure: 2 }));
const learning = () => ({ inputs: 'pressure', outputs: 'temperature', hidden: 2, lookback: 2, steps: 1, epochs: 1 });
const asForecast = () => ({
  at: 0,
  ready: true,
  mean: [1, 2],
  sampleInterval: 1000,
  horizon: 2,
  targets: ['temperature'],
});

/** A call from JavaScript, where no compiler looks at the values. */
type Call = (...given: never[]) => unknown;
const construct =
  (made: unknown) =>
  (...given: unknown[]) =>
    Reflect.construct(made as new () => unknown, given);

/** What a user calls, with correct arguments. */
const calls: Record<string, [Call, () => unknown[]]> = {
  mppi: [gatecast.mppi, () => [plant, planning()]],
  'mppi of a list': [gatecast.mppi, () => [[plant, plant], planning()]],
  cem: [gatecast.cem, () => [plant, planning()]],
  icem: [gatecast.icem, () => [plant, planning()]],
  randomShooting: [
    (model, options) => gatecast.randomShooting(model, options),
    () => [plant, { ...planning(), noise: undefined }],
  ],
  'a plan': [(values) => gatecast.mppi(plant, planning() as never).start()(values), () => [[1]]],
  'a plan in a loop': [
    (given, known) => gatecast.mppi(plant, planning() as never).start()(given, known),
    () => [observation(), context()],
  ],
  'a cost': [
    (reference) =>
      gatecast
        .mppi(plant, {
          ...planning(),
          cost: { track: { temperature: { weight: 1, reference: () => reference } } },
        } as never)
        .start()([1]),
    () => [[1, 2]],
  ],
  Rollout: [construct(gatecast.Rollout), () => [plant, { samples: 2, horizon: 3, threads: 1 }]],
  'Rollout.run': [
    (...given: Parameters<gatecast.Rollout['run']>) => rollout().run(...given),
    () => [plant.createState(), [1], new Float32Array(6)],
  ],
  rollout: [gatecast.rollout, () => [plant.createState(), [1], [[1], [2]]]],
  policy: [gatecast.policy, () => [trained, { resetAfter: '1s' }]],
  'a policy': [
    (input) => gatecast.policy(trained).start()(input),
    () => [Object.fromEntries(trained.description.observations.map(({ name }) => [name, 0]))],
  ],
  'a policy in a loop': [
    (input) => gatecast.policy(trained).start()(input, context() as never),
    () => [{ at: 0, values: trained.description.observations.map(() => 0) }],
  ],
  threshold: [
    (options) => gatecast.threshold(options),
    () => [{ above: 1, release: 0, within: '1s', target: 'temperature' }],
  ],
  'a threshold': [(given) => gatecast.threshold({ above: 1 }).start()(given), () => [asForecast()]],
  trainDynamics: [gatecast.trainDynamics, () => [rows(), learning()]],
  evaluateDynamics: [gatecast.evaluateDynamics, () => [[plant], rows(), { steps: 1 }]],
  'RecurrentPolicy.from': [
    (given) => gatecast.RecurrentPolicy.from(given),
    () => [{ description: trained.description, weights: {} }],
  ],
  'RecurrentPolicy.load': [(path) => gatecast.RecurrentPolicy.load(path), () => ['/nowhere/policy.gatecast']],
};

/** In whatever place: an object each of whose properties throws when it is read. */
const unreadable = (like: unknown) =>
  Object.defineProperties(
    {},
    Object.fromEntries(
      Object.keys(Object(like)).map((key) => [
        key,
        {
          enumerable: true,
          get: () => {
            throw new Error('a getter threw');
          },
        },
      ]),
    ),
  );

/** Values of the caller's that throw, or whose conversion does; each made anew. */
const values: [string, (like: unknown) => unknown][] = [
  ...[...HOSTILE_VALUES].filter(([name]) => /symbol|64n|throw|proxy|detached|null|itself|-1 \}/.test(name)),
  ['an object that cannot be read', unreadable],
];

/** Copies of a value with something else in one place, however deep. */
function* withOneReplaced(value: unknown, other: (like: unknown) => unknown, depth = 0): Generator {
  yield other(value);
  if (depth > 4 || typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  if (Array.isArray(value)) {
    for (let k = 0; k < Math.min(value.length, 2); k++) {
      for (const each of withOneReplaced(value[k], other, depth + 1)) yield value.with(k, each);
    }
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const [key, item] of Object.entries(value)) {
      for (const each of withOneReplaced(item, other, depth + 1)) yield { ...value, [key]: each };
    }
  }
}

describe('what is no value at all', () => {
  test.each(Object.entries(calls))('is answered by %s with a sentence', async (_, [call, correct]) => {
    const wrong = new Set<string>();
    for (const [name, make] of values) {
      for (let place = 0; place < correct().length; place++) {
        for (const given of withOneReplaced(correct()[place], make)) {
          try {
            await call(...(correct().with(place, given) as never[]));
          } catch (error) {
            if (!(error instanceof GatecastError))
              wrong.add(
                `${name} at ${place}: ${String(error)}\n${(error as Error).stack?.split('\n').slice(1, 4).join('\n')}`,
              );
          }
        }
      }
    }
    expect([...wrong].slice(0, 40)).toEqual([]);
  });
});
