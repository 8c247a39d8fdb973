import { types } from 'node:util';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GatecastError } from '../base/errors.ts';
import { packageRoot } from '../base/package-root.ts';
import type { NativePlannerOptions } from './attached-planner.ts';
import type { DenseHead, PolicyForm } from './attached-policy.ts';
import type { Dynamics } from './attached-rollout.ts';
import { checkWhole } from './check-addon.ts';
import { howToBuild } from './how-to-build.ts';
import type { NetworkSpec } from './network-spec.ts';
import type { Precision } from './options.ts';
import type { SegmentSpec } from './segment-spec.ts';
import type { NativeSegmentTrainerOptions } from './segment-trainer.ts';
import type { NativeTrainerOptions } from './trainer.ts';

/** A network, state, roll-out, controller, loop or trainer inside the addon. Using a released handle throws. */
export type Handle = number;

/** The key of a network's handle. */
export const nativeHandle: unique symbol = Symbol('native handle');

/** A network as the classes that use its native side take it. */
export interface NativeNetwork {
  readonly spec: NetworkSpec;
  readonly [nativeHandle]: Handle;
}

/**
 * What a call on a trainer did. The means are over `windows`, the number of windows done before it ended or was
 * cancelled; in that of the loss, a batch counts by how many of its true values are known.
 */
export interface RunResult {
  loss: number;
  gradientNorm: number;
  windows: number;
  cancelled: boolean;
}

/**
 * The states in which the windows of a batch ended, for those of the next batch that go on from there; all empty if
 * there are none.
 */
export interface CarriedStates {
  /** The row after each window. */
  readonly ends: Int32Array;
  /** Steps of each since the zero state. */
  readonly ages: Int32Array;
  /** [cells][windows][units of the state] */
  readonly h: Float32Array;
  /** [cells][windows][hidden], empty if the cell has no c. */
  readonly c: Float32Array;
}

/** What a probe measures, as FlowMeans in native/core/train/flow.h says. */
export interface ProbeResult extends RunResult {
  /** [cells][gradient of h, h, change of h, gradient of c, c][lags] */
  readonly states: Float64Array;
  /** [cells][gates][gradient, activation, low, high][lags] */
  readonly gates: Float64Array;
  /** [cells][gates][bins] */
  readonly bins: Float64Array;
  /** [cells][R] */
  readonly deviations: Float64Array;
  /** [inputs][lags] */
  readonly inputs: Float64Array;
  readonly parameters: Float64Array;
}

/** The rules of a native loop; see LoopRules in native/core/control/loop-rules.h. All are Float64Arrays, times in s. */
export interface NativeRules {
  /** period, deadline, maxAge, delay, degradeAfter, recoverAfter */
  readonly numbers: Float64Array;
  /** [inputs][min, max] */
  readonly inputs: Float64Array;
  /** [actions][min, max, maxRate]; a maxRate below 0 means no limit. */
  readonly limits: Float64Array;
  readonly fallback: Float64Array | undefined;
  readonly start: Float64Array | undefined;
  readonly stop: Float64Array | undefined;
}

/** The addon's exports. Arrays are [rows][columns] as named; every function throws GatecastError. */
interface Native {
  configure(errorClass: typeof GatecastError, isa: string | undefined): void;
  isa(): string;
  isas(): string[];
  release(handle: Handle): void;

  createNetwork(spec: NetworkSpec, precision: Precision, threads: number): Handle;
  initialiseParameters(network: Handle, seed: number): void;
  getParameters(network: Handle, out: Float32Array): void;
  setParameters(network: Handle, values: Float32Array): void;
  forward(
    network: Handle,
    steps: number,
    batch: number,
    batchFirst: boolean,
    input: Float32Array,
    h0: Float32Array | undefined,
    c0: Float32Array | undefined,
    output: Float32Array,
    hn: Float32Array,
    cn: Float32Array | undefined,
  ): void;
  vectorJacobian(
    network: Handle,
    steps: number,
    batch: number,
    batchFirst: boolean,
    input: Float32Array,
    h0: Float32Array | undefined,
    c0: Float32Array | undefined,
    dOutput: Float32Array,
    dHn: Float32Array | undefined,
    dCn: Float32Array | undefined,
    dParameters: Float32Array,
    dInput: Float32Array,
    dH0: Float32Array,
    dC0: Float32Array | undefined,
  ): void;

  createStates(network: Handle, slots: number, numbers: Int32Array, input: Float32Array, output: Float32Array): Handle;
  step(states: Handle): void;
  stepBatch(states: Handle, count: number): void;
  runWindows(states: Handle, first: number, count: number, lengths: Int32Array, windows: Float32Array): void;
  resetState(states: Handle, slot: number): void;
  readState(states: Handle, slot: number, out: Float32Array): void;
  writeState(states: Handle, slot: number, values: Float32Array): void;
  copyState(to: Handle, toSlot: number, from: Handle, fromSlot: number): void;

  createRollout(network: Handle, dynamics: Dynamics, samples: number, horizon: number, threads: number): Handle;
  runRollout(
    rollout: Handle,
    states: Handle,
    slot: number,
    measured: Float64Array,
    actions: Float32Array,
    outputs: Float32Array,
    steps: Int32Array,
  ): void;

  createPlanner(networks: readonly Handle[], dynamics: readonly Dynamics[], options: NativePlannerOptions): Handle;
  decidePlan(
    planner: Handle,
    values: Float64Array,
    times: Float64Array,
    sent: Float64Array,
    references: Float64Array,
    plan: Float64Array,
    predicted: Float64Array,
    result: Float64Array,
  ): boolean;
  fittingSamples(planner: Handle, seconds: number): number;

  createLinearController(gain: Float64Array, reference: Float64Array): Handle;
  /**
   * [kp, ki, kd, setpoint, dt, tau, min, max, maxRate, feedForward, stuckAfter, initial]; see
   * native/core/control/pid-controller.h.
   */
  createPidController(numbers: Float64Array, observations: number, measure: number): Handle;
  /** Whether two arrays on SharedArrayBuffers share the same memory, even through different buffer objects. */
  isSameMemory(a: Int32Array, b: Int32Array): boolean;

  createLoop(
    controller: Handle,
    rules: NativeRules,
    observations: Int32Array,
    actions: Int32Array,
    records: Int32Array,
    affinity: number,
    priority: number,
  ): Handle;
  stopLoop(loop: Handle): void;
  takeTally(loop: Handle, numbers: Float64Array): boolean;
  steadyNow(): number;

  createPolicy(network: Handle, head: DenseHead, form: PolicyForm): Handle;
  decide(controller: Handle, at: number, values: Float64Array, action: Float64Array): boolean;

  createSegments(spec: SegmentSpec, threads: number): Handle;
  getSegmentParameters(segments: Handle, out: Float32Array): void;
  setSegmentParameters(segments: Handle, values: Float32Array): void;
  runSegments(
    segments: Handle,
    count: number,
    windows: Float32Array,
    outputs: Float32Array,
    scales: Float32Array,
    mapped: Float32Array,
  ): void;

  createTrainer(
    options: NativeTrainerOptions,
    rows: Float32Array,
    parameters: Float32Array,
    missing?: Uint8Array,
    begins?: Int32Array,
    scaled?: Float32Array,
  ): Handle;
  createSegmentTrainer(
    options: NativeSegmentTrainerOptions,
    rows: Float32Array,
    parameters: Float32Array,
    missing?: Uint8Array,
  ): Handle;
  learn(trainer: Handle, starts: Int32Array, learningRate: number): Promise<RunResult>;
  evaluate(trainer: Handle, starts: Int32Array): Promise<RunResult>;
  probe(trainer: Handle, starts: Int32Array): Promise<ProbeResult>;
  cancel(trainer: Handle): void;
  getTrainerParameters(trainer: Handle, out: Float32Array): void;
  setTrainerParameters(trainer: Handle, values: Float32Array): void;
  /** Counters: steps, and the upper and the lower half of the state of the generator. */
  getOptimiser(trainer: Handle, mean: Float32Array, square: Float32Array, counters: Float64Array): void;
  setOptimiser(trainer: Handle, mean: Float32Array, square: Float32Array, counters: Float64Array): void;
  getCarried(trainer: Handle): CarriedStates;
  setCarried(trainer: Handle, ends: Int32Array, ages: Int32Array, h: Float32Array, c: Float32Array): void;
}

/** Where the addon is loaded from: the local build, or the file that GATECAST_BINARY names. */
export const addonPath: string = process.env['GATECAST_BINARY']
  ? resolve(process.env['GATECAST_BINARY'])
  : fileURLToPath(new URL('build/Release/gatecast.node', packageRoot));

function load(): Native {
  let addon: Partial<Native>;
  try {
    checkWhole(addonPath);
    addon = createRequire(import.meta.url)(addonPath) as Partial<Native>;
    if (typeof addon.configure !== 'function') throw new Error('it is the addon of another package');
  } catch (cause) {
    const reason = types.isNativeError(cause) ? cause.message.split('\n')[0] : String(cause);
    throw new GatecastError(
      'addon-missing',
      `Expected the native addon at ${addonPath} but could not load it (${reason}); ${howToBuild(addonPath)}.`,
      { cause },
    );
  }
  addon.configure(GatecastError, process.env['GATECAST_ISA'] || undefined);
  return addon as Native;
}

/**
 * The addon. It is loaded when one of its functions is first used, so that everything in pure JavaScript works without
 * it. From then on this variable is the addon itself, and calls have no overhead. Throws `addon-missing` or
 * `isa-unavailable` until it could be loaded.
 */
export let native: Native = new Proxy({} as Native, {
  get(_, name) {
    native = load();
    return native[name as keyof Native];
  },
});

const registry = new FinalizationRegistry<Handle>((handle) => native.release(handle));

/** Releases the handle when its owner is garbage-collected, in case nobody calls `dispose`. */
export function releaseWith(owner: object, handle: Handle): void {
  registry.register(owner, handle, owner);
}

/** Takes the handle away from its owner: it is not released when the owner is garbage-collected. */
export function handOver(owner: object, handle: Handle): Handle {
  registry.unregister(owner);
  return handle;
}

/** Releases the handle now. A second call does nothing. */
export function releaseNow(owner: object, handle: Handle): void {
  registry.unregister(owner);
  native.release(handle);
}
