import type { Random } from './random.ts';

/** Length of a cycle of control, of measurement and of the model [s]. */
export const CYCLE = 0.01;
/** Largest force on the cart [N], and how far it can go from the middle of its rail [m]. */
export const FORCE = 6;
export const RAIL = 0.4;

const SUBSTEPS = 5;
const GRAVITY = 9.81;
const CART = 0.5; // kg
const POLE = 0.1; // kg
const HALF = 0.15; // m, half of the pole
const RAIL_FRICTION = 0.4; // N s/m
const PIVOT_FRICTION = 0.0005; // N m s
const BUMPER = 2000; // N/m
const DAMPER = 20; // N s/m

/** Position of the cart [m], its speed, angle of the pole from upright [rad], its speed. */
export type Motion = [x: number, v: number, angle: number, spin: number];

/**
 * A pole that swings freely on a cart, which is all that is pushed. SIMULATED: the equations of Barto, Sutton & Anderson (1983)
 * as corrected by Florian (2007), with viscous friction, and a spring at each end of the rail; Runge-Kutta of order 4.
 */
export class CartPole {
  readonly motion: Motion;

  constructor(motion: Motion) {
    this.motion = [...motion];
  }

  /** Runs for a cycle under a force on the cart [N], bounded. */
  run(force: number): void {
    const h = CYCLE / SUBSTEPS;
    const bounded = Math.max(-FORCE, Math.min(FORCE, force));
    for (let i = 0; i < SUBSTEPS; i++) {
      const s = this.motion;
      const a = slope(s, bounded);
      const b = slope(ahead(s, a, h / 2), bounded);
      const c = slope(ahead(s, b, h / 2), bounded);
      const d = slope(ahead(s, c, h), bounded);
      for (let j = 0; j < 4; j++) s[j]! += (h / 6) * (a[j]! + 2 * b[j]! + 2 * c[j]! + d[j]!);
    }
  }

  /** The measurements: noisy positions, no speeds. */
  measure(random: Random): [x: number, cos: number, sin: number] {
    const angle = this.motion[2] + 0.006 * random.normal();
    return [this.motion[0] + 0.001 * random.normal(), Math.cos(angle), Math.sin(angle)];
  }
}

function ahead(s: Motion, d: Motion, h: number): Motion {
  return [s[0] + h * d[0], s[1] + h * d[1], s[2] + h * d[2], s[3] + h * d[3]];
}

function slope([x, v, angle, spin]: Motion, force: number): Motion {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const beyond = Math.abs(x) > RAIL ? x - Math.sign(x) * RAIL : 0;
  const rail = -RAIL_FRICTION * v - (beyond === 0 ? 0 : BUMPER * beyond + DAMPER * v);
  const push = (force + rail + POLE * HALF * spin * spin * sin) / (CART + POLE);
  const turn = (-PIVOT_FRICTION * spin) / (POLE * HALF);
  const spinning = (GRAVITY * sin - cos * push + turn) / (HALF * (4 / 3 - (POLE * cos * cos) / (CART + POLE)));
  return [v, push - (POLE * HALF * spinning * cos) / (CART + POLE), spin, spinning];
}
