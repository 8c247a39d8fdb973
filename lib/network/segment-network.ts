import type { StateDict } from '../base/tensor.ts';
import { type Handle, native, releaseNow, releaseWith } from './native.ts';
import { type SegmentSpec, segmentParameterCount, segmentShapes, windowOf } from './segment-spec.ts';
import { fromStateDict, toStateDict } from './state-dict.ts';

/** Arrays for the windows that are forecast in one call. */
export interface SegmentArrays {
  /** [count][channels][window]. */
  readonly windows: Float32Array;
  /** [count][channels][horizon][outputs]. */
  readonly outputs: Float32Array;
  /** The centre and the spread of the scale of the outputs, [count][channels][2]. */
  readonly scales: Float32Array;
  /** What the linear map gives on this scale, [count][channels][horizon]; empty without one. */
  readonly mapped: Float32Array;
}

/** A segment network with its weights, which are zero at first. */
export class SegmentNetwork {
  readonly spec: Readonly<SegmentSpec>;
  readonly #shapes: Map<string, number[]>;
  readonly #handle: Handle;

  /** `threads`: 1 to 64 that share the windows of a call. Throws `invalid-argument`. */
  constructor(spec: SegmentSpec, threads = 1) {
    this.#handle = native.createSegments(spec, threads);
    this.spec = Object.freeze({ ...spec });
    this.#shapes = segmentShapes(spec);
    releaseWith(this, this.#handle);
  }

  /** A copy of all weights. */
  stateDict(): StateDict {
    const flat = new Float32Array(segmentParameterCount(this.spec));
    native.getSegmentParameters(this.#handle, flat);
    return toStateDict(this.#shapes, flat);
  }

  /** Replaces all weights. Throws `invalid-state-dict` or `invalid-shape`, naming the tensor, and changes nothing. */
  loadStateDict(dict: StateDict): void {
    native.setSegmentParameters(this.#handle, fromStateDict(this.#shapes, dict));
  }

  /** Arrays for `count` windows. */
  arrays(count: number): SegmentArrays {
    const { channels, horizon, outputs, linear } = this.spec;
    const rows = count * channels;
    return {
      windows: new Float32Array(rows * windowOf(this.spec)),
      outputs: new Float32Array(rows * horizon * outputs),
      scales: new Float32Array(rows * 2),
      mapped: new Float32Array(linear > 0 ? rows * horizon : 0),
    };
  }

  /** Forecasts the first `count` windows. Their number changes no bit of a forecast. */
  run(count: number, { windows, outputs, scales, mapped }: SegmentArrays): void {
    const { channels, horizon, linear } = this.spec;
    const rows = count * channels;
    native.runSegments(
      this.#handle,
      count,
      windows.subarray(0, rows * windowOf(this.spec)),
      outputs.subarray(0, rows * horizon * this.spec.outputs),
      scales.subarray(0, rows * 2),
      mapped.subarray(0, linear > 0 ? rows * horizon : 0),
    );
  }

  /** Frees the native memory now. */
  dispose(): void {
    releaseNow(this, this.#handle);
  }
}
