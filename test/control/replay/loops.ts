import type { ControlCycle } from '../../../lib/control/control-cycle.ts';
import type { Observation } from '../../../lib/control/observation.ts';
import type { ControlLoopOptions } from '../../../lib/control/loop/loop-options.ts';
import { type RecordLoopOptions, recordLoop } from '../../../lib/control/replay/record-loop.ts';
import { VirtualClock } from '../../../lib/control/virtual-clock.ts';

/** Numbers in [0, 1), the same for the same seed (Park & Miller). */
export function numbers(seed: number): () => number {
  let state = seed + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** A proportional controller that remembers: two of them started alike decide alike. */
export const follow = {
  start() {
    let sum = 0;
    return ({ values }: Observation<Float64Array>) => {
      sum += values[0]!;
      return { action: [-values[0]! - 1.5 * values[1]! - 1e-4 * sum], iterations: 3 };
    };
  },
};

/** Settings of a loop at 100 Hz over position and speed of a cart. */
export const settings = {
  hz: 100,
  inputs: [
    { min: -10, max: 10 },
    { min: -20, max: 20 },
  ],
  limits: [{ min: -1, max: 1, maxRate: 20 }],
  fallback: [0],
};
export const names = { inputs: ['position', 'speed'], actions: ['force'] };

/** Records so many ms of a cart under `follow`, in which some cycles take too long; returns the cycles. */
export function recordCart(
  file: string,
  ms: number,
  options: Partial<ControlLoopOptions> = {},
  recording: RecordLoopOptions = { names },
): ControlCycle[] {
  const clock = new VirtualClock(1.8e12);
  const cycles: ControlCycle[] = [];
  const random = numbers(1);
  const decide = follow.start();
  const cart = { x: 1, v: 0, force: 0 };
  const loop = recordLoop(
    file,
    {
      ...settings,
      observe: () => {
        cart.v += 0.01 * cart.force;
        cart.x += 0.01 * cart.v;
        return { at: clock.now() - random(), values: [cart.x, cart.v] };
      },
      decide: (observation) => {
        clock.spend(random() < 0.02 ? 25 * random() : random());
        return decide(observation);
      },
      act: ([force]) => {
        clock.spend(0.1 * random());
        cart.force = force!;
      },
      clock,
      ...options,
    },
    recording,
  ).subscribe((cycle) => cycles.push(cycle));
  clock.run(clock.now() + ms);
  loop.unsubscribe();
  return cycles;
}
