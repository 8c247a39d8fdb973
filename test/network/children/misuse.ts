// Hands hostile values to everything that the addon exports and to every class of the network room: in place of each
// argument, of each property of an argument, and as one argument too many. Prints each call before it makes it, so that
// the last line of a child that crashed names the call, and a line for each call that threw something else than it may.
import { writeSync } from 'node:fs';
import { SharedRing } from '../../../lib/control/native-loop/shared-ring.ts';
import { GatecastError } from '../../../lib/base/errors.ts';
import type { DenseHead } from '../../../lib/network/attached-policy.ts';
import { GRU } from '../../../lib/network/gru.ts';
import { GRUCell } from '../../../lib/network/gru-cell.ts';
import { isa, isas } from '../../../lib/network/isa.ts';
import { LSTM } from '../../../lib/network/lstm.ts';
import { LSTMCell } from '../../../lib/network/lstm-cell.ts';
import { native } from '../../../lib/network/native.ts';
import { NetworkState } from '../../../lib/network/network-state.ts';
import { NetworkStates } from '../../../lib/network/network-states.ts';
import { RecurrentNetwork } from '../../../lib/network/recurrent-network.ts';
import { segmentParameterCount } from '../../../lib/network/segment-spec.ts';
import { Trainer, type TrainerOptions } from '../../../lib/network/trainer.ts';
import { HOSTILE_VALUES, HostileError } from '../../support/hostile-values.ts';

type Call = (...values: never[]) => unknown;

const CODES = new Set([
  'invalid-argument',
  'invalid-shape',
  'invalid-state-dict',
  'invalid-sample',
  'isa-unavailable',
  'disposed',
  'busy',
]);

const sizes = { inputSize: 2, hiddenSize: 3, numLayers: 1, bias: true, bidirectional: false };
const layers = { layerNorm: true, residual: true };
const spec = { cell: 'lstm' as const, linearBeforeReset: true, ...sizes, projSize: 0, headSize: 1, ...layers };
const trainerOptions: TrainerOptions = {
  network: spec,
  dropout: 0,
  window: 3,
  warmup: 0,
  horizon: 1,
  freeSteps: 1,
  feedForward: false,
  carries: false,
  targets: [0],
  anchor: false,
  loss: 'mse',
  levels: [],
  batchSize: 2,
  weightDecay: 0,
  clipNorm: 1,
  seed: 1,
  threads: 2,
};
const parameterCount = 4 * 3 * (2 + 3 + 2) + 2 * 3 + 4;

const floats = (size: number) => new Float32Array(size);
const shared = (size: number) => new Float32Array(new SharedArrayBuffer(4 * size));
const tensor = (...shape: number[]) => ({ shape, data: floats(shape.reduce((a, b) => a * b, 1)) });
const hidden = (...shape: number[]) => ({ h: tensor(...shape, 3), c: tensor(...shape, 3) });
const clone = <T>(options: T): T => ({ ...options });
const network = () => native.createNetwork(spec, 'f32', 1);
const numbers = (size: number) => new Int32Array(new SharedArrayBuffer(4 * size));
const state = (of = network()) => native.createStates(of, 2, numbers(2), shared(4), shared(2));
const dynamics = () => ({
  outputs: Int32Array.of(1),
  mean: new Float64Array(2),
  deviation: Float64Array.of(1, 2),
  anchor: true,
  limit: 1e24,
  feedForward: false,
});
const rollout = () => native.createRollout(network(), dynamics(), 2, 3, 2);
const controller = () => native.createLinearController(new Float64Array(2), new Float64Array(2));
/** A loop whose next cycle never comes. */
const rules = (inputs = 2) => ({
  numbers: Float64Array.of(1e6, 1, 1, 0, 1, 1),
  inputs: many(2 * inputs),
  limits: Float64Array.of(0, 1, -1),
  fallback: new Float64Array(1),
  start: new Float64Array(1),
  stop: new Float64Array(1),
});
const ring = (width: number) => new Int32Array(new SharedRing({ width, capacity: 2 }).buffer);
const loopArguments = () => [controller(), rules(), ring(2), ring(1), ring(15), 0, 1] as const;
const tally = () => new Float64Array(4 + 4 * 3075);
let living = 0;
/** The same again, unless it was released. */
function loop(): number {
  try {
    native.takeTally(living, tally());
  } catch {
    living = native.createLoop(...loopArguments());
  }
  return living;
}
const form = () => ({
  mean: new Float64Array(2),
  deviation: Float64Array.of(1, 2),
  clip: 5,
  limit: 1e24,
  signal: 2,
  clearedByZero: false,
  resetAfter: 1,
  squash: true,
  scale: Float64Array.of(1, 2),
  offset: new Float64Array(2),
  low: Float64Array.of(-1, -2),
  high: Float64Array.of(1, 2),
});
const head = (): DenseHead => ({ sizes: Int32Array.of(1, 2), activation: 'elu', parameters: floats(4) });
const policy = () => native.createPolicy(network(), head(), form());
const many = (size: number) => new Float64Array(size);
const planning = () => ({
  method: 'mppi' as const,
  samples: 3,
  horizon: 2,
  iterations: 1,
  time: 1,
  seed: 1,
  threads: 1,
  interval: 0.1,
  compensate: true,
  adapt: false,
  deviation: many(1),
  colour: 1,
  temperature: 1,
  elites: 2,
  keep: 1,
  momentum: 0,
  limits: Float64Array.of(-1, 1, 1, 1, 1),
  cost: { track: many(3), soft: many(4), risk: many(2), effort: many(3) },
  references: many(4),
  batch: {
    actions: shared(6),
    outputs: shared(6),
    steps: numbers(3),
    costs: new Float64Array(new SharedArrayBuffer(24)),
    ask: () => undefined,
  },
});
const planner = () => native.createPlanner([network()], [dynamics()], planning());
const trainer = () => native.createTrainer({ ...trainerOptions, parts: [] }, floats(40), floats(parameterCount));
/** As `trainer`, without free steps. */
const proband = () =>
  native.createTrainer({ ...trainerOptions, freeSteps: 0, parts: [] }, floats(40), floats(parameterCount));
const carrying = () =>
  native.createTrainer(
    { ...trainerOptions, freeSteps: 0, carries: true, parts: [] },
    floats(40),
    floats(parameterCount),
  );
const learner = () =>
  new Trainer(floats(40), { ...trainerOptions, freeSteps: 0 }, new RecurrentNetwork(spec, { seed: 1 }).stateDict());

const segmentSpec = {
  cell: 'gru' as const,
  segment: 2,
  history: 3,
  horizon: 3,
  hidden: 4,
  channels: 2,
  embedChannels: true,
  instance: false,
  outputs: 1,
  linear: 0,
};
const segmentOptions = {
  network: segmentSpec,
  loss: 'mse',
  levels: [],
  dropout: 0,
  batchSize: 2,
  weightDecay: 0,
  clipNorm: 1,
  seed: 1,
  threads: 2,
  undecayed: [],
  parts: [],
};
const segmentCount = segmentParameterCount(segmentSpec);
const mappedSpec = { ...segmentSpec, linear: 4 };
const segments = () => native.createSegments(mappedSpec, 1);

/** Correct arguments of everything that is called, made anew for each call. */
const addon: Record<string, () => unknown[]> = {
  configure: () => [GatecastError, undefined],
  isa: () => [],
  isas: () => [],
  release: () => [network()],
  createNetwork: () => [clone(spec), 'int8', 2],
  initialiseParameters: () => [network(), 1],
  getParameters: () => [network(), floats(parameterCount)],
  setParameters: () => [network(), floats(parameterCount)],
  forward: () => [network(), 4, 2, false, floats(16), floats(6), floats(6), floats(24), floats(6), floats(6)],
  // biome-ignore format: one line for what forward takes, one for what is added
  vectorJacobian: () => [
    network(), 4, 2, false, floats(16), floats(6), floats(6), floats(24), floats(6), floats(6),
    floats(parameterCount), floats(16), floats(6), floats(6),
  ],
  createStates: () => [network(), 2, numbers(2), shared(4), shared(2)],
  step: () => [state()],
  stepBatch: () => [state(), 1],
  runWindows: () => [state(), 1, 1, numbers(1).fill(3), floats(3 * spec.inputSize)],
  resetState: () => [state(), 1],
  readState: () => [state(), 1, floats(6)],
  writeState: () => [state(), 1, floats(6)],
  copyState: () => [state(), 0, state(), 1],
  createRollout: () => [network(), dynamics(), 2, 3, 2],
  runRollout: () => [rollout(), state(), 1, new Float64Array(1), floats(6), floats(6), numbers(2)],
  createLinearController: () => [new Float64Array(6), new Float64Array(3)],
  createPidController: () => [many(12).map((value) => value + 1), 2, 1],
  isSameMemory: () => [ring(1), ring(1)],
  createLoop: () => [...loopArguments()],
  stopLoop: () => [loop()],
  takeTally: () => [loop(), tally()],
  steadyNow: () => [],

  createPolicy: () => [network(), head(), form()],
  decide: () => [policy(), 1, new Float64Array(3), new Float64Array(2)],

  createPlanner: () => [[network()], [dynamics()], planning()],
  decidePlan: () => [planner(), many(1), many(3), many(4), many(4), many(2), many(2), many(5)],
  fittingSamples: () => [planner(), 1],
  createTrainer: () => [{ ...trainerOptions, parts: [], network: clone(spec) }, floats(40), floats(parameterCount)],
  learn: () => [trainer(), Int32Array.of(0, 1), 0.01],
  evaluate: () => [trainer(), Int32Array.of(0, 1)],
  probe: () => [proband(), Int32Array.of(0, 1)],
  cancel: () => [trainer()],
  getTrainerParameters: () => [trainer(), floats(parameterCount)],
  setTrainerParameters: () => [trainer(), floats(parameterCount)],
  getOptimiser: () => [trainer(), floats(parameterCount), floats(parameterCount), many(3)],
  createSegments: () => [clone(mappedSpec), 2],
  getSegmentParameters: () => [segments(), floats(segmentParameterCount(mappedSpec))],
  setSegmentParameters: () => [segments(), floats(segmentParameterCount(mappedSpec))],
  runSegments: () => [segments(), 1, floats(12), floats(6), floats(4), floats(6)],
  createSegmentTrainer: () => [
    { ...segmentOptions, network: clone(segmentSpec) },
    floats(40),
    floats(segmentCount),
    new Uint8Array(40),
  ],
  setOptimiser: () => [trainer(), floats(parameterCount), floats(parameterCount), many(3)],
  getCarried: () => [carrying()],
  setCarried: () => [carrying(), Int32Array.of(3, 6), Int32Array.of(3, 3), floats(6), floats(6)],
};

const options = () => ({
  ...sizes,
  batchFirst: false,
  dropout: 0 as const,
  seed: 1,
  precision: 'f32' as const,
  threads: 1,
});
const classes = { GRU, LSTM, GRUCell, LSTMCell, RecurrentNetwork, NetworkState, NetworkStates, Trainer };
const constructors: Record<Exclude<keyof typeof classes, 'NetworkState' | 'NetworkStates'>, () => unknown[]> = {
  GRU: () => [{ ...options(), linearBeforeReset: true }],
  LSTM: () => [{ ...options(), projSize: 0 }],
  GRUCell: () => [{ inputSize: 2, hiddenSize: 3, bias: true, seed: 1, linearBeforeReset: true }],
  LSTMCell: () => [{ inputSize: 2, hiddenSize: 3, bias: true, seed: 1 }],
  RecurrentNetwork: () => [clone(spec), { seed: 1, batchFirst: false, precision: 'bf16', threads: 2 }],
  Trainer: () => [
    floats(40),
    { ...trainerOptions, network: clone(spec) },
    new RecurrentNetwork(spec, { seed: 1 }).stateDict(),
  ],
};
/** Methods by name; `set ` and `get ` before those of properties. Called on each class that has one. */
const methods: Record<string, (owner: unknown) => unknown[]> = {
  stateDict: () => [],
  loadStateDict: (owner) => [(owner as RecurrentNetwork).stateDict()],
  optimiser: () => [],
  loadOptimiser: (owner) => [(owner as Trainer).optimiser()],
  forward: (owner) =>
    owner instanceof GRUCell
      ? [tensor(1, 2), tensor(1, 3)]
      : owner instanceof LSTMCell
        ? [tensor(1, 2), hidden(1)]
        : [tensor(4, 1, 2), hidden(1, 1)],
  advance: () => [tensor(1, 2), hidden(1)],
  backward: () => [tensor(4, 1, 2), { output: tensor(4, 1, 3), hidden: hidden(1, 1) }, hidden(1, 1)],
  createState: () => [],
  dispose: () => [],
  createStates: () => [2],
  step: (owner) => (owner instanceof NetworkStates ? [Int32Array.of(1, 0), floats(4)] : [[1, 2]]),
  reset: (owner) => (owner instanceof NetworkStates ? [1] : []),
  read: () => [1],
  write: () => [1, hidden(1)],
  copy: () => [0, 1],
  fork: () => [],
  copyFrom: () => [(instances.NetworkState() as NetworkState).fork()],
  'get hidden': () => [],
  'set hidden': () => [hidden(1)],
  run: () => [Int32Array.of(0, 1), 0.01],
  evaluate: () => [Int32Array.of(0, 1)],
  probe: () => [Int32Array.of(0, 1)],
  cancel: () => [],
};

const instances: Record<keyof typeof classes, () => object> = {
  GRU: () => new GRU({ ...options() }),
  LSTM: () => new LSTM({ ...options() }),
  GRUCell: () => new GRUCell({ inputSize: 2, hiddenSize: 3 }),
  LSTMCell: () => new LSTMCell({ inputSize: 2, hiddenSize: 3 }),
  RecurrentNetwork: () => new RecurrentNetwork(spec, { seed: 1 }),
  NetworkState: () => new RecurrentNetwork({ ...spec, headSize: 0 }, { seed: 1 }).createState(),
  NetworkStates: () => new RecurrentNetwork({ ...spec, headSize: 0 }, { seed: 1 }).createStates(2),
  Trainer: learner,
};

type Values = ReadonlyMap<string, () => unknown>;

/** The hostile values and objects of the networks. */
const values: Values = new Map<string, () => unknown>([
  ...HOSTILE_VALUES,
  ['a disposed network', () => disposed(new RecurrentNetwork(spec, { seed: 1 }))],
  ['a disposed state', () => disposed(new RecurrentNetwork(spec, { seed: 1 }).createState())],
  ['a network', () => new RecurrentNetwork(spec, { seed: 1 })],
]);

/** These and, for functions that take handles, living, released and foreign ones. Elsewhere they are large numbers. */
const valuesAndHandles: Values = new Map([
  ...values,
  ['the handle of a network', network],
  ['the handle of a state', () => state()],
  ['the handle of a trainer', trainer],
  ['the handle of a roll-out', rollout],
  ['the handle of a controller', controller],
  ['the handle of a loop', loop],
  ['the handle of a policy', policy],
  ['the handle of a planner', planner],
  ['a released handle', () => releasedHandle()],
]);

function releasedHandle(): number {
  const handle = network();
  native.release(handle);
  return handle;
}

function disposed<T extends { dispose(): void }>(object: T): T {
  object.dispose();
  return object;
}

let calls = 0;

async function attempt(name: string, call: () => unknown, mustWork = false): Promise<void> {
  writeSync(1, `CALL ${name}\n`);
  calls++;
  try {
    await call();
  } catch (error) {
    if (mustWork) writeSync(1, `FAILED ${name}: ${String(error).split('\n')[0]}\n`);
    // What the caller's own object throws when it is looked into may pass.
    const own = error instanceof HostileError || (error instanceof TypeError && /revoked/.test(error.message));
    const allowed = own || (error instanceof GatecastError && CODES.has(error.code));
    if (!allowed) writeSync(1, `WRONG ${name}: ${String(error).split('\n')[0]}\n`);
  }
}

/** Places where a hostile value can stand: each argument, one too many, and each property of an object, two deep. */
function places(args: unknown[]): (string | number)[][] {
  const isPlain = (value: unknown) =>
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  const inside = (value: unknown, path: (string | number)[], depth: number): (string | number)[][] =>
    depth > 0 && isPlain(value)
      ? Object.entries(value as object).flatMap(([key, child]) => [
          [...path, key],
          ...inside(child, [...path, key], depth - 1),
        ])
      : [];
  return [...args, undefined].flatMap((value, index) => [[index], ...inside(value, [index], 2)]);
}

function put(args: unknown[], path: (string | number)[], value: unknown): unknown[] {
  let target = args as unknown as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) {
    // Some parts are shared between calls.
    target[key] = clone(target[key]);
    target = target[key] as Record<string | number, unknown>;
  }
  target[path.at(-1)!] = value;
  return args;
}

async function attack(
  name: string,
  correct: () => unknown[],
  call: (args: unknown[]) => unknown,
  values: Values,
): Promise<void> {
  await attempt(`${name}() as it should be`, () => call(correct()), true);
  await attempt(`${name} without arguments`, () => call([]));
  for (const path of places(correct())) {
    for (const [label, make] of values) {
      await attempt(`${name}, ${label} as argument ${path.join('.')}`, () => call(put(correct(), path, make())));
    }
  }
}

native.isa(); // loads the addon
for (const [name, call] of Object.entries(native)) {
  const correct = addon[name];
  if (correct === undefined) writeSync(1, `WRONG native.${name}: it has no correct arguments here\n`);
  else {
    await attack(
      `native.${name}`,
      correct,
      (args) => {
        try {
          const given = (call as Call)(...(args as never[]));
          if (name === 'createLoop') native.release(given as number); // a thread each
          return given;
        } finally {
          if (name === 'configure') native.configure(GatecastError, process.env['GATECAST_ISA'] || undefined);
        }
      },
      valuesAndHandles,
    );
  }
}
try {
  native.createLoop(planner(), rules(1), ring(1), ring(1), ring(15), 0, 1); // the planner asks a function for its costs
  writeSync(1, 'WRONG native.createLoop: it took a controller that calls JavaScript\n');
} catch (error) {
  const refused = error instanceof GatecastError && /does not call JavaScript/.test(error.message);
  if (!refused) writeSync(1, `WRONG native.createLoop: ${String(error)}\n`);
}
for (const call of [isa, isas] as Call[])
  await attack(
    call.name,
    () => [],
    (args) => call(...(args as never[])),
    values,
  );

for (const [name, Class] of Object.entries(classes)) {
  const key = name as keyof typeof classes;
  const Any = Class as unknown as new (...args: unknown[]) => object;
  // States are made by createState() alone: the class is not exported, only its type.
  if (key !== 'NetworkState' && key !== 'NetworkStates')
    await attack(`new ${name}`, constructors[key], (args) => new Any(...args), values);
  for (let prototype = Class.prototype; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype)) {
    for (const [member, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (member === 'constructor') continue;
      const functions: Record<string, (...args: unknown[]) => unknown> = property.value
        ? { [member]: property.value }
        : { [`get ${member}`]: property.get!, [`set ${member}`]: property.set! };
      for (const [method, call] of Object.entries(functions)) {
        const correct = methods[method];
        if (correct === undefined) writeSync(1, `WRONG ${name}.${method}: it has no correct arguments here\n`);
        else {
          const shape = instances[key]();
          await attack(
            `${name}.${method}`,
            () => correct(shape),
            (args) => call.apply(instances[key](), args),
            values,
          );
        }
      }
    }
  }
}
writeSync(1, `DONE ${calls}\n`);
