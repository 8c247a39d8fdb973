import { GatecastError } from '../base/errors.ts';
import type { Backing } from './backing.ts';
import { checkKey, copySnapshot, formatMeta } from './checks.ts';
import type { Store, StoreMeta } from './store.ts';

/** A store over a backing: checks what comes in and holds it until the next flush. */
export class BufferedStore implements Store {
  #backing: Backing | undefined;
  /** Changes since the last flush; undefined for a key of the backing that was deleted. */
  readonly #changes = new Map<string, Uint8Array | undefined>();
  #size: number;
  #meta: string | undefined;

  constructor(backing: Backing) {
    this.#backing = backing;
    this.#size = backing.size;
    this.#meta = backing.meta;
  }

  get size(): number {
    this.#usable();
    return this.#size;
  }

  get meta(): StoreMeta | undefined {
    this.#usable();
    return this.#meta === undefined ? undefined : (JSON.parse(this.#meta) as StoreMeta);
  }

  set meta(value: StoreMeta) {
    this.#usable();
    this.#meta = formatMeta(value);
  }

  get(key: string): Uint8Array | undefined {
    const backing = this.#usable();
    checkKey(key);
    return this.#changes.has(key) ? this.#changes.get(key)?.slice() : backing.read(key);
  }

  put(key: string, bytes: Uint8Array): void {
    const backing = this.#usable();
    checkKey(key);
    const copy = copySnapshot(bytes);
    if (!this.#has(backing, key)) this.#size++;
    this.#changes.set(key, copy);
  }

  delete(key: string): void {
    const backing = this.#usable();
    checkKey(key);
    if (!this.#has(backing, key)) return;
    this.#size--;
    if (backing.has(key)) this.#changes.set(key, undefined);
    else this.#changes.delete(key);
  }

  keys(): readonly string[] {
    const backing = this.#usable();
    const keys: string[] = [];
    for (const key of backing.keys()) if (!this.#changes.has(key)) keys.push(key);
    for (const [key, bytes] of this.#changes) if (bytes) keys.push(key);
    return keys;
  }

  flush(): void {
    const backing = this.#usable();
    if (this.#changes.size === 0 && this.#meta === backing.meta) return;
    backing.write(this.#changes, this.#meta);
    this.#changes.clear();
  }

  close(): void {
    const backing = this.#backing;
    if (!backing) return;
    try {
      this.flush();
    } finally {
      this.#backing = undefined;
      this.#changes.clear();
      backing.close();
    }
  }

  #has(backing: Backing, key: string): boolean {
    return this.#changes.has(key) ? this.#changes.get(key) !== undefined : backing.has(key);
  }

  #usable(): Backing {
    if (this.#backing) return this.#backing;
    throw new GatecastError('disposed', 'Expected an open store but received a closed one.');
  }
}
