import type { Backing, Changes } from './backing.ts';
import { BufferedStore } from './buffered-store.ts';
import type { Store } from './store.ts';

/** A store in memory: for tests, and for evicted streams that need not outlive the process. */
export function memoryStore(): Store {
  return new BufferedStore(new Memory());
}

class Memory implements Backing {
  readonly #snapshots = new Map<string, Uint8Array>();
  meta: string | undefined;

  get size(): number {
    return this.#snapshots.size;
  }

  has(key: string): boolean {
    return this.#snapshots.has(key);
  }

  read(key: string): Uint8Array | undefined {
    return this.#snapshots.get(key)?.slice();
  }

  keys(): Iterable<string> {
    return this.#snapshots.keys();
  }

  write(changes: Changes, meta: string | undefined): void {
    for (const [key, bytes] of changes) {
      if (bytes) this.#snapshots.set(key, bytes);
      else this.#snapshots.delete(key);
    }
    this.meta = meta;
  }

  close(): void {
    this.#snapshots.clear();
  }
}
