import { mix } from './mix.ts';

/** As whole numbers below 2^32. */
const MULTIPLIER = 0xd256d193;
const WEYL = 0x9e3779b9;
const ROUNDS = 10;

const float = new Float64Array(1);
const halves = new Uint32Array(float.buffer);

/**
 * Noise that is counted and not drawn from a stream: its numbers are a function of a key and a place, the same on every
 * machine, in whatever order they are asked for. Philox 2x32 with ten rounds (Salmon et al., 2011, "Parallel random
 * numbers: as easy as 1, 2, 3").
 */
export class Noise {
  /** Two independent whole numbers from 0 to 2^32 - 1 of the place asked for last. */
  low = 0;
  high = 0;

  /** `key`, `place` and `step`: whole numbers from 0 to 2^32 - 1. */
  at(key: number, place: number, step: number): void {
    let a = place;
    let b = step;
    for (let round = 0, k = key; round < ROUNDS; round++, k = (k + WEYL) >>> 0) {
      const high = highHalf(MULTIPLIER, a);
      const low = Math.imul(MULTIPLIER, a) >>> 0;
      a = (high ^ k ^ b) >>> 0;
      b = low;
    }
    this.low = a;
    this.high = b;
  }

  /** Two independent numbers, uniform in (0, 1): the first decides how far out a value is drawn. */
  get first(): number {
    return (this.low + 0.5) / 2 ** 32;
  }

  get second(): number {
    return (this.high + 0.5) / 2 ** 32;
  }
}

/** A standard normal number of two independent uniform ones (Box and Muller, 1958). */
export function normalOf(first: number, second: number): number {
  return Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second);
}

/** Adds a number to a hash of 32 bits; the hash of nothing is 0. Each bit of the result depends on each bit of both. */
export function addToHash(hash: number, value: number): number {
  float[0] = value + 0; // -0 is 0
  return mix(mix(hash ^ halves[0]!) + Math.imul(halves[1]! ^ WEYL, MULTIPLIER)) >>> 0;
}

/** The upper 32 bits of a product. */
function highHalf(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  return a1 * b1 + (middle >>> 16) + ((a0 * b1 + (middle & 0xffff)) >>> 16);
}
