import type { Table } from 'gatecast';
import { CartPole, CYCLE, FORCE } from './cart-pole.ts';
import { Random } from './random.ts';

/**
 * Logs runs of random play, `cycles` each: the cart is pushed at random, on the whole back towards the middle, and half
 * of the time also as a child would that tries to keep the pole up or to swing it higher. Each run starts anywhere.
 * Rows hold the measurements and the force that followed.
 */
export function play(runs: number, cycles: number, seed: number): Table[] {
  const random = new Random(seed);
  return Array.from({ length: runs }, () => {
    const high = random.uniform() < 0.5;
    const angle = high ? 0.3 * random.normal() : random.uniform(-Math.PI, Math.PI);
    const spin = (high ? 1 : 5) * random.normal();
    const plant = new CartPole([random.uniform(-0.3, 0.3), random.uniform(-0.5, 0.5), angle, spin]);
    const trying = random.uniform() < 0.5;
    const size = random.uniform(0.5, 5);
    const kept = Math.exp(-CYCLE / random.uniform(0.03, 0.3));
    let noise = size * random.normal();
    const [xs, cosines, sines, forces] = Array.from({ length: 4 }, () => new Float64Array(cycles));
    for (let t = 0; t < cycles; t++) {
      [xs![t], cosines![t], sines![t]] = plant.measure(random);
      noise = kept * noise + Math.sqrt(1 - kept ** 2) * size * random.normal();
      const wanted = noise + (trying ? attempt(plant, size) : -4 * plant.motion[0]);
      forces![t] = Math.max(-FORCE, Math.min(FORCE, wanted));
      plant.run(forces![t]!);
    }
    return { names: ['x', 'cos', 'sin', 'force'], columns: [xs!, cosines!, sines!, forces!] };
  });
}

/** A crude hand: it holds a pole that is nearly up, and pumps any other. */
function attempt({ motion: [x, v, angle, spin] }: CartPole, size: number): number {
  const lean = Math.atan2(Math.sin(angle), Math.cos(angle));
  if (Math.abs(lean) < 0.5) return 15 * lean + 2 * spin + 2 * x + 2 * v;
  return -4 * x - 0.4 * size * Math.sign(spin * Math.cos(angle));
}
