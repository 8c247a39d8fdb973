import { UnsubscriptionError } from 'rxjs';
import * as gatecast from '../../support/every-name.ts';
import type { Call, Calls } from './calls.ts';
import {
  plant,
  ring,
  trained,
  rollout,
  forecast,
  metrics,
  through,
  loopOptions,
  recordedLoop,
  recording,
} from './subjects.ts';

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
  iterations: 1,
  deadlineMs: 100,
  interval: '1s',
  seed: 1,
  threads: 1,
  compensate: true,
});
/** A cycle of a loop whose functions give these, and its end. */
function runLoop(...[observed, decided, fallback, stop, acted, now]: unknown[]) {
  let wake = () => {};
  const ends: unknown[] = [];
  const loop = gatecast
    .controlLoop({
      hz: 1,
      observe: () => observed as never,
      inputs: 1,
      decide: () => decided as never,
      act: () => acted,
      fallback: () => fallback as never,
      stop: () => stop as never,
      limits: [{ min: 0, max: 1 }],
      onLateFailure: ({ error }) => ends.push(error),
      clock: {
        now: () => now as number,
        wait: (_, awaken) => {
          wake = awaken;
          return () => undefined;
        },
      },
    })
    .subscribe({ error: (error) => ends.push(error) });
  wake();
  try {
    loop.unsubscribe();
  } catch (error) {
    if (!(error instanceof UnsubscriptionError)) throw error;
    ends.push(...error.errors);
  }
  if (ends.length > 0) throw ends[0];
}
const onePlant = (observed: unknown) => ({ observe: () => observed as never, act: () => undefined });
/** The object with a property in which nothing hostile is put. */
const kept = (object: object, name: string, value: unknown) => Object.defineProperty(object, name, { value });
const trial = () => ({
  assert: ['no action outside bounds', 'input1 within 0..1'],
  faults: ['nan', 'late'],
  rate: 0.1,
  latency: 1,
  jitter: '1ms',
  seed: 1,
  signal: new AbortController().signal,
});

/** Correct arguments of what users can call, and how to call it where that is not by its name. */
export const calls: Calls = {
  controlLoop: {
    open: /^0\.clock$/,
    args: () => [
      {
        hz: 100,
        observe: () => undefined,
        inputs: [{ min: 0, max: 1 }],
        decide: () => [0],
        act: () => undefined,
        fallback: [0],
        limits: [{ min: 0, max: 1, maxRate: 1 }],
        deadlineMs: 5,
        maxAgeMs: 20,
        delayMs: 0,
        start: [0],
        stop: 'hold',
        degradeAfter: 1,
        recoverAfter: 1,
        metrics: metrics(),
        clock: { now: () => 0, wait: () => () => undefined },
      },
    ],
    call: gatecast.controlLoop as Call,
  },
  'controlLoop, of what its functions give': {
    args: () => [{ at: 0, values: [0] }, { action: [0], iterations: 1 }, [0], [0], 1, 0],
    call: runLoop,
  },
  nativeLoop: {
    open: /^0\.controller$/,
    args: () => [
      {
        hz: 100,
        controller: gatecast.lqr({ gain: [[1, 1]] }),
        observations: ring(),
        actions: new gatecast.SharedRing({ width: 1 }),
        inputs: 2,
        limits: [{ min: 0, max: 1, maxRate: 1 }],
        fallback: [0],
        deadlineMs: 5,
        maxAgeMs: 20,
        delayMs: 0,
        start: [0],
        stop: 'hold',
        degradeAfter: 1,
        recoverAfter: 1,
        metrics: metrics(),
        affinity: 0,
        priority: 1,
      },
    ],
    call: (options) => {
      const failures: unknown[] = [];
      const loop$ = gatecast.nativeLoop(options as never);
      loop$.subscribe({ error: (error: unknown) => failures.push(error) }).unsubscribe();
      if (failures.length > 0) throw failures[0];
    },
  },
  SharedRing: {
    args: () => [{ width: 2, capacity: 4 }],
    call: (options) => new gatecast.SharedRing(options as never),
  },
  'SharedRing, of a buffer': {
    args: () => [ring().buffer],
    call: (buffer) => new gatecast.SharedRing(buffer as never),
  },
  'SharedRing#push': { open: /^0$/, args: () => [{ at: 0, values: [1, 2] }], call: (row) => ring().push(row as never) },
  'SharedRing#take': { args: () => [], call: () => ring().take() },
  'SharedRing#takeNewest': { args: () => [], call: () => ring().takeNewest() },
  systemClock: {
    args: () => [gatecast.systemClock.now(), () => undefined],
    call: (until, wake) => gatecast.systemClock.wait(until as number, wake as () => void)(),
  },
  VirtualClock: { args: () => [0], call: (time) => new gatecast.VirtualClock(time as number) },
  'VirtualClock#now': { args: () => [], call: () => new gatecast.VirtualClock().now() },
  'VirtualClock#wait': {
    args: () => [5, () => undefined],
    call: (until, wake) => new gatecast.VirtualClock().wait(until as number, wake as () => void)(),
  },
  'VirtualClock#spend': { args: () => [1], call: (ms) => new gatecast.VirtualClock().spend(ms as number) },
  'VirtualClock#advance': { args: () => [1], call: (time) => new gatecast.VirtualClock().advance(time as number) },
  'VirtualClock#run': { args: () => [1], call: (time) => new gatecast.VirtualClock().run(time as number) },
  'VirtualClock#wake': { args: () => [], call: () => new gatecast.VirtualClock().wake() },
  recordLoop: {
    args: () => ['loop', loopOptions(), { names: { inputs: ['x'], actions: ['u'] }, flush: '1s' }],
    call: (...args) => gatecast.recordLoop(...(args as [never, never])),
  },
  'recordLoop, of what its functions give': {
    args: () => [{ at: 0, values: [0] }, [0]],
    call: (observed, decided) => recordedLoop(observed, decided, recording()),
  },
  readLoop: {
    args: () => ['made-loop.rec'],
    call: async (path) => {
      for await (const entry of gatecast.readLoop(path as string)) void entry;
    },
  },
  replayLoop: {
    args: () => ['made-loop.rec', { ...trial(), compare: true, fallback: [0], controller: () => [0] }],
    call: (...args) => gatecast.replayLoop(...(args as [never, never])),
  },
  'replayLoop, of what its functions give': {
    args: () => [[0], [0]],
    call: (decided, fallback) =>
      gatecast.replayLoop('made-loop.rec', {
        controller: () => decided as never,
        fallback: () => fallback as never,
        faults: ['nan'],
        rate: 1,
      }),
  },
  simulateLoop: {
    args: () => [
      {
        hz: 0.001,
        inputs: [{ min: 0, max: 1 }],
        limits: [{ min: 0, max: 1 }],
        fallback: [0],
        names: { inputs: ['input1'] },
      },
      kept({ ...trial(), duration: 1e6, fallback: 'hold', controller: () => [0] }, 'plant', () => onePlant([0])),
    ],
    call: gatecast.simulateLoop as Call,
  },
  'simulateLoop, of what its functions give': {
    args: () => [onePlant([0]), [0], [0]],
    call: async (made, observed, decided) => {
      const setup = { hz: 100, inputs: 1, limits: [{ min: 0, max: 1 }], fallback: [0] };
      const options = { duration: 50, controller: () => decided as never };
      await gatecast.simulateLoop(setup, { ...options, plant: () => made as never });
      await gatecast.simulateLoop(setup, { ...options, plant: () => onePlant(observed) });
    },
  },
  decide: { open: /^0$/, args: () => [{ start: () => () => 1 }], call: gatecast.decide as Call },
  pid: {
    args: () => [
      {
        kp: 1,
        ki: 1,
        kd: 1,
        setpoint: 1,
        interval: '1s',
        limits: { min: 0, max: 1, maxRate: 1 },
        smoothing: 1,
        stuckAfter: 9,
        initial: 0,
      },
    ],
    call: gatecast.pid as Call,
  },
  lqr: {
    args: () => [{ gain: [[1, 1]], reference: [0, 0], limits: [{ min: 0, max: 1, maxRate: 1 }], interval: '1s' }],
    call: gatecast.lqr as Call,
  },
  'lqr, of states': {
    args: () => [[1, 1]],
    call: (states) => through(gatecast.decide(gatecast.lqr({ gain: [[1, 1]] })), states),
  },
  'lqr, of what its functions give': {
    args: () => [
      [1, 1],
      [0, 0],
    ],
    call: (states, wanted) =>
      through(
        gatecast.decide(
          gatecast.lqr({ gain: [[1, 1]], state: () => states as number[], reference: () => wanted as number[] }),
        ),
        1,
      ),
  },
  'pid, of a value': {
    args: () => [1],
    call: (value) =>
      through(gatecast.decide(gatecast.pid({ setpoint: 1, interval: 1, limits: { min: 0, max: 1 } })), value),
  },
  threshold: {
    args: () => [{ above: 90, release: 85, within: '5m', target: 'temperature', quantile: 0.5 }],
    call: gatecast.threshold as Call,
  },
  'threshold, of a forecast': {
    args: () => [forecast().target('temperature')],
    call: (value) => through(gatecast.decide(gatecast.threshold({ above: 1 })), value),
  },
  policy: { args: () => [trained, { resetAfter: '1s' }], call: gatecast.policy as Call },
  'policy, of an input': {
    args: () => [{ at: 0, values: { angle: 1, rate: 2, start: 0 } }],
    call: (input) => through(gatecast.decide(gatecast.policy(trained)), input),
  },
  'policy, of an input in a control loop': {
    args: () => [{ at: 0, values: [1, 2, 0] }],
    call: (input) => gatecast.policy(trained).start()(input as never, {} as never),
  },
  Rollout: {
    args: () => [plant, { samples: 2, horizon: 3, threads: 2 }],
    call: (...args) => new gatecast.Rollout(...(args as [never, never])),
  },
  'Rollout#run': {
    open: /^1$/,
    args: () => [plant.createState(), { temperature: 20 }, new Float32Array(6)],
    call: (...args) => rollout().run(...(args as [never, never, never])),
  },
  rollout: {
    args: () => [plant.createState(), [1], [[1], [2]]],
    call: (...args) => (gatecast.rollout as Call)(...args),
  },
  mppi: { args: () => [plant, { ...planning(), temperature: 1, colour: 1 }], call: gatecast.mppi as Call },
  cem: {
    args: () => [[plant, plant], { ...planning(), elites: 2, momentum: 0.1, colour: 1 }],
    call: gatecast.cem as Call,
  },
  icem: { args: () => [plant, { ...planning(), elites: 2, keep: 1, momentum: 0.1 }], call: gatecast.icem as Call },
  randomShooting: {
    args: () => {
      const { noise, ...options } = planning();
      return [noise && plant, options];
    },
    call: gatecast.randomShooting as Call,
  },
  'mppi, of an observation': {
    args: () => [
      { at: 0, values: [1] },
      kept({ tEffect: 0, deadline: 1, underWay: [{ tEffect: 0, action: [1] }] }, 'clock', gatecast.systemClock),
    ],
    call: (observation, context) => {
      return gatecast.mppi(plant, planning()).start()(observation as never, context as never);
    },
  },
  'mppi, with a cost function and references that give anything': {
    args: () => [1, 1],
    call: (cost, reference) => {
      const asks = {
        ...planning(),
        cost: { track: { temperature: { weight: 1, reference: () => reference as number } } },
      };
      gatecast.mppi(plant, asks).start()([1]);
      const told = {
        ...planning(),
        cost: (_: unknown, costs: Float64Array) => costs.fill(typeof cost === 'number' ? cost : Number.NaN),
      };
      return gatecast.mppi(plant, told).start()([1]);
    },
  },
  'Rollout#dispose': { args: () => [], call: () => rollout().dispose() },
};
