import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { firstValueFrom, ignoreElements, of, Subject, take, takeUntil, UnsubscriptionError } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ControlCycle } from '../../lib/control/control-cycle.ts';
import { controlLoop } from '../../lib/control/loop/control-loop.ts';
import { decide } from '../../lib/control/loop/decide.ts';
import type { LateFailure } from '../../lib/control/late-failures.ts';
import type { ControlLoopOptions } from '../../lib/control/loop/loop-options.ts';
import { lqr } from '../../lib/control/policies/lqr.ts';
import { pid } from '../../lib/control/policies/pid.ts';
import { mppi } from '../../lib/control/planning/planners.ts';
import { VirtualClock } from '../../lib/control/virtual-clock.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';

// An unhandled rejection fails the run of these tests as it ends a program.

const gone = new Error('the bus is gone');
const fail = () => Promise.reject(gone);

/** A loop of 100 Hz in virtual time, with what is told of it. */
function setUp(options: { [K in keyof ControlLoopOptions]?: unknown } = {}) {
  const clock = new VirtualClock();
  const told: LateFailure[] = [];
  const cycles: ControlCycle[] = [];
  const loop = controlLoop({
    hz: 100,
    observe: () => ({ at: clock.now(), values: [0.5] }),
    inputs: 1,
    decide: ({ values }: { values: ArrayLike<number> }) => values,
    act: () => undefined,
    limits: [{ min: -1, max: 1 }],
    fallback: [-0.25],
    stop: 'hold',
    clock,
    onLateFailure: (failure: LateFailure) => told.push(failure),
    ...options,
  } as ControlLoopOptions);
  const subscribe = () => loop.subscribe({ next: (cycle) => cycles.push(cycle), error: () => undefined });
  return { clock, told, cycles, loop, subscribe };
}

/** Runs cycles, with a turn of the event loop after each. */
async function run(clock: VirtualClock, count: number): Promise<void> {
  for (let k = 0; k < count; k++) {
    clock.run(clock.now() + 10);
    await setImmediate();
  }
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a failure after the loop has ended', () => {
  test('is reported, whatever fails, and ends no program', async () => {
    const cases: [{ [K in keyof ControlLoopOptions]?: unknown }, LateFailure['source'][]][] = [
      [{ act: fail }, ['act']],
      [{ act: fail, stop: [0] }, ['act', 'stop']],
      [{ stop: async () => fail() }, ['stop', 'stop']], // stop returned a value that is not an action, which is a failure of its own
      [{ decide: fail }, ['decide']],
      [{ decide: () => ({ action: fail() }) }, ['decide']],
      [{ observe: fail }, ['observe']],
      [{ observe: () => ({ at: 0, values: fail() }) }, ['observe']],
      [{ observe: () => undefined, fallback: fail }, ['fallback']],
    ];
    for (const [options, sources] of cases) {
      const { clock, told, subscribe } = setUp(options);
      const subscription = subscribe();
      clock.run(5); // the first cycle, and no turn of the event loop after it
      try {
        subscription.unsubscribe();
      } catch {} // a stop that is not an action
      await setImmediate();
      expect(told.map(({ source }) => source).sort()).toEqual(sources);
      expect(told.every(({ error }) => error === gone || error instanceof Error)).toBe(true);
    }
  });

  test('is a warning of the process unless there is a listener, also if it is not an Error, or the listener fails', async () => {
    const thrower = () => {
      throw new Error('listener');
    };
    const cases: [object, RegExp][] = [
      [{ onLateFailure: undefined }, /had ended when stop failed: the bus is gone/],
      [{ onLateFailure: thrower }, /stop failed: the bus is gone/],
      [{ onLateFailure: undefined, act: () => Promise.reject(Symbol('x')) }, /stop failed: a symbol/], // oxlint-disable-line
    ];
    for (const [options, words] of cases) {
      const { subscribe } = setUp({ act: fail, stop: [0], ...options });
      const subscription = subscribe();
      const warned = once(process, 'warning');
      subscription.unsubscribe();
      const [warning] = (await warned) as [Error & { code: string }];
      expect(warning).toMatchObject({ name: 'GatecastWarning', code: 'GATECAST_LATE_FAILURE' });
      expect(warning.message).toMatch(words);
      await setImmediate();
    }
  });

  test('also if it is a stop whose error RxJS operators swallow', () => {
    const act = ([value]: Float64Array) => {
      if (value === 0) throw gone;
    };
    const end = new Subject<void>();
    for (const operator of [take<ControlCycle>(2), takeUntil<ControlCycle>(end)]) {
      const { clock, told, loop } = setUp({ act, stop: [0] });
      loop.pipe(operator).subscribe();
      clock.run(50);
      end.next();
      expect(told).toEqual([{ source: 'stop', error: gone }]);
    }
    // Who leaves by hand within a cycle is told in the same way; outside of one it is thrown too.
    const { clock, told, loop } = setUp({ act, stop: [0] });
    const subscription = loop.subscribe(() => subscription.unsubscribe());
    clock.run(50);
    expect(told).toEqual([{ source: 'stop', error: gone }]);
  });

  test('or a stop that takes more than a second', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let settle = (): void => undefined;
    const act = () => new Promise<void>((resolve) => (settle = resolve));
    const slow = setUp({ act, stop: [0] });
    slow.subscribe().unsubscribe();
    vi.advanceTimersByTime(1000);
    expect(slow.told).toEqual([{ source: 'stop', error: gatecastError('io', /within 1000 ms/) }]);
    const quick = setUp({ act, stop: [0] });
    quick.subscribe().unsubscribe();
    settle();
    await setImmediate();
    vi.advanceTimersByTime(2000);
    expect(quick.told).toEqual([]);
  });
});

describe('actions under way', () => {
  test('are 16 at most: then nothing is sent, which is a fault of the cycle, until one settles', async () => {
    const settles: (() => void)[] = [];
    const act = vi.fn<() => Promise<void>>(() => new Promise((resolve) => settles.push(resolve)));
    const { clock, cycles, subscribe } = setUp({ act, stop: [0] });
    const subscription = subscribe();
    await run(clock, 20);
    expect(act).toHaveBeenCalledTimes(16);
    expect(cycles.slice(0, 16).every(({ reason, source }) => reason === undefined && source === 'model')).toBe(true);
    const stuck = { reason: 'act-pending', source: 'held', action: Float64Array.of(0.5), limited: false };
    expect(cycles.slice(16)).toMatchObject(Array.from({ length: 4 }, () => stuck));
    expect(cycles.at(-1)!.status).toBe('degraded');
    settles[7]!();
    clock.run(clock.now() + 10); // it has settled, and the loop has not been notified yet
    await setImmediate();
    await run(clock, 1);
    expect(cycles.slice(20)).toMatchObject([stuck, { reason: undefined, source: 'model' }]);
    subscription.unsubscribe();
    expect(act).toHaveBeenCalledTimes(18); // the stop action is always sent
  });

  test('are as many as the option says', async () => {
    const { clock, cycles, subscribe } = setUp({ act: () => new Promise(() => undefined), maxPending: 2 });
    const subscription = subscribe();
    await run(clock, 4);
    subscription.unsubscribe();
    expect(cycles.map(({ reason }) => reason)).toEqual([undefined, undefined, 'act-pending', 'act-pending']);
    for (const maxPending of [0, 1.5, '2'])
      expect(() => setUp({ maxPending })).toThrow(gatecastError('invalid-argument', /options.maxPending/));
    expect(() => setUp({ onLateFailure: 1 })).toThrow(gatecastError('invalid-argument', /options.onLateFailure/));
  });

  test.each<[string, () => unknown, string | undefined]>([
    [
      'a getter of then that throws',
      () => ({
        // oxlint-disable-next-line unicorn/no-thenable
        get then() {
          throw gone;
        },
      }),
      'act-threw',
    ],
    [
      'a then that throws',
      () => ({
        // oxlint-disable-next-line unicorn/no-thenable
        then() {
          throw gone;
        },
      }),
      'act-threw',
    ],
    // oxlint-disable-next-line unicorn/no-thenable
    ['a then that settles twice', () => ({ then: (ok: () => void, no: () => void) => [ok(), no(), ok()] }), undefined],
    ['a function with a then', () => Object.assign(() => 0, { then: (ok: () => void) => ok() }), undefined], // oxlint-disable-line
    // oxlint-disable-next-line unicorn/no-thenable
    ['a then that is not a function', () => ({ then: 1 }), undefined],
  ])('may be %s', async (_, act, reason) => {
    const { clock, cycles, subscribe } = setUp({ act, maxPending: 1 });
    const subscription = subscribe();
    await run(clock, 3);
    subscription.unsubscribe();
    expect(cycles[2]!.reason).toBe(reason);
  });
});

test('a function that returns a promise in place of a value is a fault of each cycle, and its rejection is reported in the next', async () => {
  for (const [options, reason, source] of [
    [{ observe: fail }, 'malformed', 'fallback'],
    [{ observe: () => new Promise(() => undefined) }, 'malformed', 'fallback'],
    [{ decide: fail }, 'bad-action', 'fallback'],
    [{ observe: () => undefined, fallback: fail }, 'missing', 'held'],
  ] as const) {
    const { clock, cycles, subscribe } = setUp(options);
    const subscription = subscribe();
    await run(clock, 3);
    subscription.unsubscribe();
    await setImmediate();
    expect(cycles).toMatchObject(Array.from({ length: 3 }, () => ({ reason, source })));
    const rejects = Object.values(options).includes(fail);
    expect(cycles[2]!.errors.includes(gone)).toBe(rejects);
  }
});

/** Functions that others than the loop ask for a value. */
const late = async () => fail();
const limits = { min: -1, max: 1 };
const plant = makeModel({
  inputs: ['force', 'speed'].map((name) => ({ name })),
  targets: ['speed'],
  horizon: 1,
  loss: 'mse',
  levels: [],
});
const costly = { cost: late };
const planning = { samples: 4, horizon: 2, limits: { force: limits } };
const steady = { interval: '10ms', kp: 1, setpoint: 2, measure: 0, limits } as const;

test.each<[string, () => unknown, RegExp]>([
  ['the measurement of a pid', () => pid({ ...steady, measure: late as never }), /value at once for the measurement/],
  ['its setpoint', () => pid({ ...steady, setpoint: late as never }), /value at once for the setpoint of a pid/],
  ['its feedForward', () => pid({ ...steady, feedForward: late as never }), /value at once for the feedForward/],
  ['the states of an lqr', () => lqr({ gain: [[1]], state: late as never }), /value at once for the states/],
  ['its reference', () => lqr({ gain: [[1]], reference: late as never }), /value at once for the reference/],
  ['a cost', () => mppi(plant, { ...planning, ...costly }), /value at once for what options.cost returns/],
  [
    'a reference of a cost',
    () => mppi(plant, { ...planning, cost: { track: { speed: { weight: 1, reference: late as never } } } }),
    /value at once for options.cost.track.speed.reference/,
  ],
])('%s that comes as a promise is a fault of each cycle, and ends no program', async (_, decide, words) => {
  const { clock, cycles, subscribe } = setUp({ decide: decide() });
  const subscription = subscribe();
  await run(clock, 3);
  subscription.unsubscribe();
  await setImmediate();
  expect(cycles).toHaveLength(3);
  for (const { reason, source, errors } of cycles) {
    expect({ reason, source }).toEqual({ reason: 'decide-threw', source: 'fallback' });
    expect(errors).toEqual([gatecastError('invalid-argument', words)]);
  }
});

test('a policy that starts late, or without a function, is refused when a loop begins', async () => {
  for (const [start, words] of [
    [late, /value at once for what start of a policy returns but received a promise/],
    [() => undefined, /a function for what start of a policy returns but received undefined/],
  ] as const) {
    const failures: unknown[] = [];
    const policy = { start } as never;
    const { loop } = setUp({ decide: policy });
    loop.subscribe({ error: (error) => failures.push(error) });
    of(1)
      .pipe(decide(policy))
      .subscribe({ error: (error) => failures.push(error) });
    expect(failures).toEqual(Array(2).fill(gatecastError('invalid-argument', words)));
  }
  const clocks = [
    [{ now: late, wait: () => () => undefined }, /value at once for the time of the clock/],
    [{ now: () => 0, wait: late }, /value at once for what wait of the clock returns/],
    [{ now: () => 0, wait: () => undefined }, /a function for what wait of the clock returns/],
  ] as const;
  for (const [clock, words] of clocks) {
    const failed = firstValueFrom(setUp({ clock }).loop.pipe(ignoreElements()));
    await expect(failed).rejects.toEqual(gatecastError('invalid-argument', words));
  }
  await setImmediate();
});

test('an async listener that fails is reported like one that throws', async () => {
  const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const { subscribe } = setUp({ act: fail, stop: [0], onLateFailure: () => Promise.reject(new Error('listener')) });
  subscribe().unsubscribe();
  await setImmediate();
  expect(warnings.mock.calls.map(([text]) => text)).toEqual([
    'A control loop had ended when stop failed: the bus is gone',
    'A control loop had ended when stop failed: listener',
  ]);
  warnings.mockRestore();
});

test('a promise with its own then settles once: no more actions are pending than the limit', async () => {
  let calls = 0;
  const act = () => {
    if (calls++ % 2 === 0) return new Promise(() => undefined);
    const thrice = (settle: () => void) => [settle(), settle(), settle()];
    return Object.assign(Promise.resolve(), { then: thrice }); // oxlint-disable-line unicorn/no-thenable
  };
  const { clock, cycles, subscribe } = setUp({ act, maxPending: 3, stop: 'hold' });
  const subscription = subscribe();
  await run(clock, 20);
  subscription.unsubscribe();
  expect(calls).toBe(5); // three that never settle, and the two between them
  expect(cycles.at(-1)!.reason).toBe('act-pending');
});

test.each([undefined, null, Symbol('x'), Object.create(null)])('a stop that throws %s is an error', (thrown) => {
  const { told, subscribe } = setUp({
    act: () => {
      throw thrown;
    },
    stop: [0],
  });
  const subscription = subscribe();
  expect(() => subscription.unsubscribe()).toThrow(UnsubscriptionError);
  expect(told.at(-1)).toEqual({ source: 'stop', error: thrown });
});
