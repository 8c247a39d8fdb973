/** What goes into JSON and comes back the same: no NaN, no undefined, no classes. */
export type StoreMeta =
  | null
  | boolean
  | number
  | string
  | readonly StoreMeta[]
  | { readonly [name: string]: StoreMeta };

/**
 * Keeps the snapshots of many streams by key, and one small value, `meta`, that belongs to the same moment.
 *
 * What is put, deleted and set stays in memory until `flush`, which takes all of it to the disk in one piece: whenever
 * the process or the machine stops, the store holds what it held when the last `flush` returned, or, where one was
 * under way, what that one was to bring; never some of each. Whoever opens it again learns from `meta` which.
 *
 * A key is text of 1 to 512 characters, without lone surrogates. A store is for one thread at a time. After `close`,
 * all calls but a second `close` throw `disposed`.
 */
export interface Store {
  /** Keys that have a snapshot. */
  readonly size: number;

  /**
   * What the owner of the streams keeps beside them, such as the offset of the last sample that the snapshots know of:
   * as last set, flushed or not, and undefined before. Setting it copies it. Throws `invalid-argument` for what JSON
   * does not give back as it was, for more than 32 levels and for more than a million characters of it.
   */
  get meta(): StoreMeta | undefined;
  set meta(value: StoreMeta);

  /**
   * The snapshot last put under the key, flushed or not, in an array with a buffer of its own; undefined when there is
   * none. Throws `io`, and `invalid-file` for one that was damaged on the disk.
   */
  get(key: string): Uint8Array | undefined;

  /** Copies a snapshot of up to 64 MiB in under the key, in place of an older one. Throws `invalid-argument`. */
  put(key: string, bytes: Uint8Array): void;

  /** Forgets the snapshot of the key, if there is one. */
  delete(key: string): void;

  /** The keys of this moment, in no order; what is put or deleted later does not change the list. */
  keys(): readonly string[];

  /**
   * Returns when everything up to now is on the disk, all or nothing. Throws `io` when the system refuses; what was to
   * be written then waits in memory for the next `flush`.
   */
  flush(): void;

  /** Flushes and lets go of files and memory, even where flushing throws. May be called twice. */
  close(): void;
}
