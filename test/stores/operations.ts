import type { Store } from '../../lib/stores/store.ts';

/** Operation number n of an endless stream of them, the same in every process: what is put under a key, or undefined. */
export function operation(n: number): { key: string; bytes: Uint8Array | undefined } {
  const chance = scramble(n);
  const key = `stream ${scramble(n + 1_000_000_007) % 40}`;
  if (chance % 10 === 0) return { key, bytes: undefined };
  return { key, bytes: new Uint8Array((chance >>> 4) % (chance % 10 === 1 ? 3000 : 300)).fill(n) };
}

/** Does operation n on a store, or on the map that it should be equal to. */
export function operate(target: Store | Map<string, Uint8Array>, n: number): void {
  const { key, bytes } = operation(n);
  if (!bytes) target.delete(key);
  else if (target instanceof Map) target.set(key, bytes);
  else target.put(key, bytes);
}

export function content(store: Store): Map<string, Uint8Array | undefined> {
  return new Map(store.keys().map((key) => [key, store.get(key)]));
}

/** Whole numbers below 2^32 that look as if by chance. */
function scramble(n: number): number {
  let x = Math.imul(n ^ (n >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  return (x ^ (x >>> 16)) >>> 0;
}
