/** The new snapshot of each changed key; undefined deletes the key. */
export type Changes = ReadonlyMap<string, Uint8Array | undefined>;

/** Where flushed snapshots are kept. `BufferedStore` makes a `Store` of it and is its only caller. */
export interface Backing {
  readonly size: number;
  /** JSON, as last written. */
  readonly meta: string | undefined;
  has(key: string): boolean;
  /** In a new array with a buffer of its own. */
  read(key: string): Uint8Array | undefined;
  keys(): Iterable<string>;
  /**
   * Writes changes and meta together; they are durable on return. Each change differs from what is stored: no change
   * deletes a key that has no snapshot.
   */
  write(changes: Changes, meta: string | undefined): void;
  close(): void;
}
