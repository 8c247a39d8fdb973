/** What is to become of a key: its new snapshot, or undefined for none. */
export type Changes = ReadonlyMap<string, Uint8Array | undefined>;

/** Where flushed snapshots are. `BufferedStore` makes a `Store` of it, and is the only one to call it. */
export interface Backing {
  readonly size: number;
  /** JSON, as last written. */
  readonly meta: string | undefined;
  has(key: string): boolean;
  /** In an array and a buffer of the caller's own. */
  read(key: string): Uint8Array | undefined;
  keys(): Iterable<string>;
  /**
   * Takes changes and meta in one piece; they are durable on return. Each change differs from what is there: none
   * deletes a key that has no snapshot.
   */
  write(changes: Changes, meta: string | undefined): void;
  close(): void;
}
