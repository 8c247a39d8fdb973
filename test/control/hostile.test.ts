import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as gatecast from '../support/every-name.ts';
import { HOSTILE_VALUES, THROWING } from '../support/hostile-values.ts';

// What throws when it is looked into, and what is of no known type, is answered with a sentence of Gatecast's, not with
// an error of the language. Values of other kinds are tried in test/house/hostile/.

const mine = () => {
  throw new RangeError('mine');
};
const throwing = (name: string) => Object.defineProperty({}, name, { get: mine, enumerable: true });
const revoked = <T extends object>(target: T): T => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};

const values = new Map<string, () => unknown>([
  ...[...HOSTILE_VALUES].filter(([name]) => THROWING.has(name) || /symbol|0n|getters/.test(name)),
  ['a revoked array', () => revoked([])],
  ['a list of a symbol', () => [Symbol('x')]],
  ['a list of a bigint', () => [1n]],
  ['a list of a revoked proxy', () => [revoked({})]],
  ['a list that throws', () => new Proxy([1], { get: (list, key) => (key === '0' ? mine() : Reflect.get(list, key)) })],
  ['an object of no known prototype', () => new Proxy({}, { getPrototypeOf: mine })],
  ...['at', 'values', 'start', 'now', 'subscribe', 'observe', 'then'].map((name): [string, () => unknown] => [
    `an object whose ${name} throws`,
    () => throwing(name),
  ]),
]);

const limits = [{ min: -1, max: 1 }];
const file = join(tmpdir(), `gatecast-hostile-${process.pid}.rec`);
const loop = () => ({
  hz: 100,
  observe: () => ({ at: 0, values: [1] }),
  inputs: [{ min: -1, max: 1 }],
  decide: () => [0],
  act: () => undefined,
  limits,
  fallback: [0],
  start: [0],
  stop: [0],
  clock: new gatecast.VirtualClock(),
  metrics: undefined,
  maxPending: 1,
  onLateFailure: () => undefined,
});
const bare = { hz: 100, inputs: [{ min: -1, max: 1 }], limits, fallback: [0], start: [0], stop: [0] };
const setup = { ...bare, names: { inputs: ['a'] } };
const plant = () => ({ observe: () => [0], act: () => undefined });
const trial = { controller: () => [0], fallback: [0], assert: ['no NaN'], faults: ['nan'], rate: 0.5, seed: 1 };
const gains = { kp: 1, setpoint: 1, interval: 1, limits: limits[0], measure: 0, feedForward: 1, initial: 0 };
const rings = () => ({
  observations: new gatecast.SharedRing({ width: 1 }),
  actions: new gatecast.SharedRing({ width: 1 }),
});

/** What takes an object, which it is handed, with one of its properties, or itself, replaced. */
const calls: Record<string, [object, (given: never) => unknown]> = {
  controlLoop: [loop(), (options) => gatecast.controlLoop(options)],
  nativeLoop: [
    { hz: 100, controller: gatecast.lqr({ gain: [[1]] }), ...rings(), inputs: 1, limits, fallback: [0], stop: [0] },
    (options) => gatecast.nativeLoop(options),
  ],
  SharedRing: [{ width: 1, capacity: 1 }, (options) => new gatecast.SharedRing(options)],
  'SharedRing#push': [{ at: 0, values: [1] }, (row) => rings().actions.push(row)],
  pid: [gains, (options) => gatecast.pid(options)],
  'pid, of an observation': [{ at: 0, values: [1] }, (input) => gatecast.pid(gains as never).start()(input)],
  lqr: [{ gain: [[1]], reference: [0], limits, interval: 1 }, (options) => gatecast.lqr(options)],
  'lqr, of an observation': [{ at: 0, values: [1] }, (input) => gatecast.lqr({ gain: [[1]] }).start()(input)],
  threshold: [{ above: 1, release: 1, within: 1, target: 'a' }, (options) => gatecast.threshold(options)],
  'threshold, of a forecast': [{}, (forecast) => gatecast.threshold({ above: 1 }).start()(forecast)],
  decide: [{ start: () => () => 0 }, (policy) => gatecast.decide(policy)],
  recordLoop: [loop(), (options) => gatecast.recordLoop(file, options)],
  'recordLoop, how': [{ names: {}, flush: '1s' }, (how) => gatecast.recordLoop(file, loop(), how)],
  readLoop: [{}, (path) => gatecast.readLoop(path).next()],
  replayLoop: [trial, (options) => gatecast.replayLoop(file, options)],
  'replayLoop, of a file': [{}, (path) => gatecast.replayLoop(path)],
  simulateLoop: [setup, (given) => gatecast.simulateLoop(given, { controller: () => [0], plant, duration: 50 })],
  'simulateLoop, how': [{ ...trial, plant, duration: 50 }, (how) => gatecast.simulateLoop(bare, how)],
  'simulateLoop, on a plant': [
    plant(),
    (given) => gatecast.simulateLoop(bare, { controller: () => [0], plant: () => given, duration: 50 }),
  ],
};

async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

afterAll(() => rmSync(file, { force: true }));

test.each(Object.entries(calls))('%s', async (_, [right, call]) => {
  const wrong: string[] = [];
  for (const [name, make] of values) {
    const places: [string, unknown][] = [['it', make()]];
    for (const key of Object.keys(right)) places.push([key, { ...right, [key]: make() }]);
    for (const [place, given] of places) {
      const error = await errorOf(() => call(given as never));
      if (error !== undefined && !(error instanceof gatecast.GatecastError))
        wrong.push(`${place} ${name}: ${error as Error}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('a loop goes on with whatever its functions give', async () => {
  const given = (name: string, value: () => unknown) => {
    const options = { ...loop(), start: undefined, stop: 'hold' as const, maxPending: 1000, [name]: value };
    let cycles = 0;
    const subscription = gatecast.controlLoop(options).subscribe(() => cycles++);
    options.clock.run(45);
    subscription.unsubscribe();
    return cycles;
  };
  for (const [name, value] of values) {
    for (const key of ['observe', 'decide', 'act']) expect(given(key, value), `${key} ${name}`).toBe(5);
    expect(
      given('observe', () => ({ at: 0, values: value() })),
      name,
    ).toBe(5);
    expect(
      given('decide', () => ({ action: value(), iterations: value(), held: value() })),
      name,
    ).toBe(5);
  }
});
