import { type Handle, native, type NativeRules } from './native.ts';
import type { NativeController } from './native-controller.ts';

/** What to ask of the system for a thread; see Placement in native/core/control/loop.h. */
export interface Placement {
  /** -1 for any core. */
  readonly core: number;
  /** 0 for an ordinary priority. */
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
   * Starts the loop. Throws `invalid-argument` for arguments that do not fit together, `busy` for rings that another
   * loop uses, and `io` if the system gives no thread.
   */
  constructor(controller: NativeController, rules: NativeRules, rings: LoopRings, { core, priority }: Placement) {
    const handle = controller.create(rules.numbers[1]);
    try {
      const { observations, actions, records } = rings;
      const words = [observations, actions, records].map((buffer) => new Int32Array(buffer));
      const [observed, given, recorded] = words as [Int32Array, Int32Array, Int32Array];
      this.#handle = native.createLoop(handle, rules, observed, given, recorded, core, priority);
    } catch (error) {
      native.release(handle); // does nothing if the loop has taken it over
      throw error;
    }
  }

  /**
   * Writes the sums over the cycles since the previous call; see Tally in native/core/control/tally.h. False if there
   * is nothing yet.
   */
  takeTally(numbers: Float64Array): boolean {
    return native.takeTally(this.#handle, numbers);
  }

  /**
   * Gives the stop action and returns when the thread has ended. After that, two calls of `takeTally` return the rest.
   */
  stop(): void {
    native.stopLoop(this.#handle);
  }

  dispose(): void {
    native.release(this.#handle);
  }
}
