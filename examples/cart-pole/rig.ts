import type { Observation } from 'gatecast/control';
import { CartPole, CYCLE, type Motion } from './cart-pole.ts';
import type { Random } from './random.ts';

/** Cycles until a measurement arrives. */
const DELAY = 2;
/** Cycles in a second. */
export const SECOND = Math.round(1 / CYCLE);
/** Upright is within 12 degrees. */
export const UPRIGHT = (12 * Math.PI) / 180;

/** A push: at a cycle the pole gets faster by `kick` [rad/s]. */
export interface Push {
  readonly cycle: number;
  readonly kick: number;
}

/** The truth of one cycle. */
export interface Frame {
  readonly motion: Readonly<Motion>;
  /** From then on [N]. */
  force: number;
  /** Of a push [rad/s]; 0 without one. */
  readonly kick: number;
}

/** A cart-pole that goes on as time goes by, with its sensors, its motor and somebody who pushes it. */
export class Rig {
  /** One for each cycle so far. */
  readonly frames: Frame[] = [];
  readonly #plant: CartPole;
  readonly #random: Random;
  readonly #kicks: ReadonlyMap<number, number>;
  readonly #measured: number[][] = [];
  #begun: number | undefined;

  constructor(motion: Motion, random: Random, pushes: readonly Push[] = []) {
    this.#plant = new CartPole(motion);
    this.#random = random;
    this.#kicks = new Map(pushes.map(({ cycle, kick }) => [cycle, kick]));
  }

  /** What has come from the sensors at a time [ms]: the noisy positions of two cycles ago, if there were any. */
  observe(now: number): Observation | undefined {
    this.#begun ??= now;
    const cycle = Math.round((now - this.#begun) / (1000 * CYCLE));
    while (this.frames.length <= cycle) this.#next();
    const values = this.#measured[cycle - DELAY];
    return values && { at: this.#begun + (cycle - DELAY) * 1000 * CYCLE, values };
  }

  /** Sets the force from now on [N]. */
  act(force: number): void {
    const frame = this.frames.at(-1);
    if (frame) frame.force = force;
  }

  #next(): void {
    const force = this.frames.at(-1)?.force ?? 0;
    if (this.frames.length > 0) this.#plant.run(force);
    const kick = this.#kicks.get(this.frames.length) ?? 0;
    this.#plant.motion[3] += kick;
    this.frames.push({ motion: [...this.#plant.motion], force, kick });
    this.#measured.push(this.#plant.measure(this.#random));
  }
}

/** Pushes to either side, one every `every` seconds from `first` on. */
export function pushes(random: Random, first: number, every: number, until: number): Push[] {
  return Array.from({ length: Math.max(0, Math.ceil((until - first) / every)) }, (_, i) => ({
    cycle: Math.round((first + i * every) * SECOND),
    kick: (random.uniform() < 0.5 ? -1 : 1) * random.uniform(1, 2.5),
  }));
}

/** How far the pole is from upright [rad], -pi to pi. */
export function lean({ motion: [, , angle] }: Frame): number {
  return Math.atan2(Math.sin(angle), Math.cos(angle));
}

export function areUpright(frames: readonly Frame[]): boolean {
  return frames.every((frame) => Math.abs(lean(frame)) < UPRIGHT);
}

/** Of the pushes that are 5 s ago: those after which the pole was upright again within 4 s, and stayed so for one. */
export function recoveries(frames: readonly Frame[]): { pushed: number; recovered: number } {
  const from = frames.flatMap(({ kick }, i) => (kick !== 0 && i + 5 * SECOND <= frames.length ? [i + 4 * SECOND] : []));
  const recovered = from.filter((i) => areUpright(frames.slice(i, i + SECOND)));
  return { pushed: from.length, recovered: recovered.length };
}
