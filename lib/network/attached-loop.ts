import { type Handle, native, type NativeRules } from './native.ts';
import type { NativeController } from './native-controller.ts';

/** What the system is asked for a thread; see Placement of native/core/control/loop.h. */
export interface Placement {
  /** -1 for any. */
  readonly core: number;
  /** 0 for none. */
  readonly priority: number;
}

/** The memory of the rings of a loop. */
export interface LoopRings {
  readonly observations: SharedArrayBuffer;
  readonly actions: SharedArrayBuffer;
  readonly records: SharedArrayBuffer;
}

/** A loop in the addon, which runs until it is disposed of. */
export class AttachedLoop {
  readonly #handle: Handle;

  /**
   * Begins. Throws `invalid-argument` for what does not go together, `busy` for rings that another loop has, and `io`
   * where the system has no thread.
   */
  constructor(controller: NativeController, rules: NativeRules, rings: LoopRings, { core, priority }: Placement) {
    const handle = controller.create(rules.numbers[1]);
    try {
      const { observations, actions, records } = rings;
      const words = [observations, actions, records].map((buffer) => new Int32Array(buffer));
      const [observed, given, recorded] = words as [Int32Array, Int32Array, Int32Array];
      this.#handle = native.createLoop(handle, rules, observed, given, recorded, core, priority);
    } catch (error) {
      native.release(handle); // does nothing where the loop has used it up
      throw error;
    }
  }

  /**
   * What cycles add up to since the call before; see Tally of native/core/control/tally.h. False where there is nothing
   * yet.
   */
  takeTally(numbers: Float64Array): boolean {
    return native.takeTally(this.#handle, numbers);
  }

  /**
   * Has the stop action given, and returns when the thread is gone. After it, two calls of `takeTally` give the rest.
   */
  stop(): void {
    native.stopLoop(this.#handle);
  }

  dispose(): void {
    native.release(this.#handle);
  }
}
