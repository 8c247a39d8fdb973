import type { ControlCycle } from '../../lib/control/control-cycle.ts';
import { controlLoop } from '../../lib/control/loop/control-loop.ts';
import type { ControlLoopOptions } from '../../lib/control/loop/loop-options.ts';
import { VirtualClock } from '../../lib/control/virtual-clock.ts';

/** A loop of 100 Hz in virtual time, of one input and one action, which follows the input. */
export function setUp(options: Partial<ControlLoopOptions> = {}, clock = new VirtualClock()) {
  const acted: number[] = [];
  const cycles: ControlCycle[] = [];
  const ends: unknown[] = [];
  const loop = controlLoop({
    hz: 100,
    observe: () => ({ at: clock.now(), values: [0.5] }),
    inputs: [{ min: -10, max: 10 }],
    decide: ({ values }) => values,
    act: ([value]) => void acted.push(value!),
    limits: [{ min: -1, max: 1 }],
    fallback: [-0.25],
    stop: 'hold',
    clock,
    ...options,
  });
  const subscribe = () =>
    loop.subscribe({
      next: (cycle) => cycles.push(cycle),
      error: (error) => ends.push(error),
      complete: () => ends.push('complete'),
    });
  return { clock, acted, cycles, ends, loop, subscribe };
}

/** The cycles of the first `ms` of a loop. */
export function cyclesOf(options: Partial<ControlLoopOptions>, ms: number, clock?: VirtualClock): ControlCycle[] {
  const { clock: time, cycles, subscribe } = setUp(options, clock);
  const subscription = subscribe();
  time.run(time.now() + ms);
  subscription.unsubscribe();
  return cycles;
}
