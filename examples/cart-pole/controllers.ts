import { type Forecaster } from 'gatecast';
import { type Clock, type ControlCycle, controlLoop, type ControlLoopOptions, mppi, pid } from 'gatecast/control';
import { recordLoop } from 'gatecast/replay';
import type { Observable } from 'rxjs';
import { CYCLE, FORCE, RAIL } from './cart-pole.ts';
import { type Rig, SECOND } from './rig.ts';

export type Controller = ControlLoopOptions['decide'];

const interval = 1000 * CYCLE;
const limits = { min: -FORCE, max: FORCE };
const anything = { min: -2, max: 2 };

/** Plans with a model of the cart-pole. With `compensate` from where that will be, without from where it was two cycles ago. */
export function planning(model: Forecaster, { seed = 0, compensate = true } = {}): Controller {
  return mppi(model, {
    samples: 256,
    horizon: 64,
    cost: {
      // (cos - 1)^2 + sin^2 is the square of the way from the tip of the pole to where it is wanted.
      track: { cos: { weight: 1, reference: 1 }, sin: { weight: 1 }, x: { weight: 6 } },
      soft: { x: { weight: 200, min: -0.8 * RAIL, max: 0.8 * RAIL } },
      actions: { force: { weight: 0.002, change: 0.02 } },
    },
    limits: { force: limits },
    noise: { force: FORCE / 2 },
    colour: 2,
    interval,
    seed,
    compensate,
  });
}

/** Two PIDs: one leans the pole towards the middle of the rail, one brings it there. They do not know how to swing it up. */
export function balancing(): Controller {
  return {
    start() {
      const lean = { min: -0.15, max: 0.15 };
      const place = pid({ kp: 0.15, kd: 0.15, smoothing: '50ms', setpoint: 0, interval, limits: lean }).start();
      let wanted = 0;
      const setpoint = () => wanted;
      const angle = pid({ kp: -30, ki: -10, kd: -3, smoothing: '10ms', setpoint, interval, limits }).start();
      return ({ values: [x, cos, sin] }) => {
        wanted = place(x!).action;
        return [angle(Math.atan2(sin!, cos!)).action];
      };
    },
  };
}

/**
 * The loop of live runs and of trials alike: it lets the cart roll where it has nothing to go by, and at the end. With a `file`
 * it is recorded there, for `gatecast replay`.
 */
export function loopOf(rig: Rig, decide: Controller, clock: Clock, file?: string): Observable<ControlCycle> {
  const options: ControlLoopOptions = {
    hz: SECOND,
    observe: () => rig.observe(clock.now()),
    inputs: [anything, anything, anything],
    decide,
    act: ([force]) => rig.act(force!),
    limits: [limits],
    maxAgeMs: 6 * interval,
    fallback: [0],
    clock,
  };
  if (file === undefined) return controlLoop(options);
  return recordLoop(file, options, { names: { inputs: ['x', 'cos', 'sin'], actions: ['force'] } });
}
