/** A value that survives JSON unchanged: no NaN, no undefined, no classes. */
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
 * What is put, deleted and set stays in memory until `flush`, which writes all of it to the disk as one. Whenever the
 * process or the machine stops, the store holds what it held when the last `flush` returned or, if one was under way,
 * what that one was about to write; never a mixture. After reopening, `meta` tells which.
 *
 * A key is text of 1 to 512 characters, without lone surrogates. A store belongs to one thread at a time. After
 * `close`, all calls but a second `close` throw `disposed`.
 */
export interface Store {
  /** How many keys have a snapshot. */
  readonly size: number;

  /**
   * What the owner of the streams keeps beside them, such as the offset of the last sample that the snapshots include.
   * Returns what was last set, flushed or not; undefined before. Setting copies the value. Throws `invalid-argument`
   * for a value that JSON would change, for more than 32 levels and for more than a million characters.
   */
  get meta(): StoreMeta | undefined;
  set meta(value: StoreMeta);

  /**
   * The snapshot last put under the key, flushed or not, in an array with a buffer of its own; undefined if there is
   * none. Throws `io`, and `invalid-file` if it was damaged on the disk.
   */
  get(key: string): Uint8Array | undefined;

  /** Copies a snapshot of up to 64 MiB in under the key, replacing an older one. Throws `invalid-argument`. */
  put(key: string, bytes: Uint8Array): void;

  /** Deletes the snapshot of the key, if there is one. */
  delete(key: string): void;

  /** The present keys, in no particular order; later changes do not affect the list. */
  keys(): readonly string[];

  /**
   * Writes all changes to the disk, all or nothing, and returns when they are durable. Throws `io` if the system
   * refuses; the changes then wait in memory for the next `flush`.
   */
  flush(): void;

  /** Flushes, then closes files and frees memory, even if flushing throws. May be called twice. */
  close(): void;
}
