import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GatecastError } from '../base/errors.ts';
import { BESIDE } from '../files/replace-file.ts';
import { attempt } from './attempt.ts';
import type { Backing, Changes } from './backing.ts';
import { type Manifest, readManifest, writeManifest } from './manifest.ts';
import { planMerge } from './merge-plan.ts';
import type { OwnFolder } from './open-folder.ts';
import { formatRecord, Segment, type SegmentRecord } from './segment.ts';
import { type Place, writeSegment, type WrittenSegment } from './write-segment.ts';

const MANIFEST = 'manifest';
const SEGMENT = '.segment';

/**
 * Snapshots in segments, which never change once written, and a manifest that lists those that count. A flush writes a
 * segment, then a manifest that names it; it takes effect when the new manifest replaces the old one.
 */
export class SegmentLog implements Backing {
  readonly #folder: OwnFolder;
  readonly #index = new Map<string, Place>();
  #segments: readonly Segment[] = [];
  #meta: string | undefined;
  /** Counts the segments of failed flushes too: the manifest on the disk may name them nevertheless. */
  #lastNumber = 0;

  /** `close` releases the folder. */
  constructor(folder: OwnFolder) {
    this.#folder = folder;
    try {
      this.#load(readManifest(this.#path(MANIFEST)) ?? this.#begin());
      this.#sweep();
    } catch (error) {
      this.#segments.forEach((segment) => segment.close());
      throw error;
    }
  }

  get size(): number {
    return this.#index.size;
  }

  get meta(): string | undefined {
    return this.#meta;
  }

  has(key: string): boolean {
    return this.#index.has(key);
  }

  keys(): Iterable<string> {
    return this.#index.keys();
  }

  read(key: string): Uint8Array | undefined {
    const place = this.#index.get(key);
    return place && attempt(`read ${place.segment.path}`, () => place.segment.snapshot(place.offset, place.size));
  }

  write(changes: Changes, meta: string | undefined): void {
    attempt(`write to the store in ${this.#folder.path}`, () => {
      this.#folder.lock.check();
      if (changes.size > 0) this.#writeChanges(changes, meta);
      else writeManifest(this.#path(MANIFEST), { segments: this.#segments, meta });
    });
    this.#meta = meta;
  }

  close(): void {
    this.#segments.forEach((segment) => segment.close());
    this.#folder.lock.release();
  }

  #writeChanges(changes: Changes, meta: string | undefined): void {
    const { kept, merged, sources } = planMerge(this.#segments, changes, (key) => this.#index.get(key));
    const number = ++this.#lastNumber;
    const records = this.#survivors(sources, changes, kept.length > 0);
    let written: WrittenSegment | undefined;
    try {
      written = writeSegment(this.#path(segmentName(number)), number, records);
      this.#folder.lock.check(); // writing may have taken longer than the lock lasts
      writeManifest(this.#path(MANIFEST), { segments: [...kept, written.segment], meta });
    } catch (error) {
      written?.segment.close();
      if (!isBusy(error)) this.#withdraw(number); // a new owner may have a segment of this number
      throw error;
    }
    // memory is unchanged up to here, so a failed flush can be repeated
    for (const key of changes.keys()) this.#forget(key);
    for (const [key, place] of written.places) this.#place(key, place);
    this.#segments = [...kept, written.segment];
    merged.forEach((segment) => segment.close());
    this.#sweep();
  }

  /**
   * The live records of these segments, then the changes. `marks`: whether to keep the marks of deleted keys, which
   * matter while older segments are kept.
   */
  *#survivors(
    sources: readonly Segment[],
    changes: Changes,
    marks: boolean,
  ): Generator<Pick<SegmentRecord, 'key' | 'deleted' | 'bytes'>> {
    for (const segment of sources) {
      for (const record of segment.records()) {
        if (changes.has(record.key)) continue;
        if (record.deleted ? marks : this.#index.get(record.key)?.segment === segment) yield record;
      }
    }
    for (const [key, snapshot] of changes) {
      if (snapshot || marks) yield { key, deleted: !snapshot, bytes: formatRecord(key, snapshot) };
    }
  }

  /** Removes the segment of a failed flush, unless the manifest names it, as it does if only the last sync failed. */
  #withdraw(number: number): void {
    try {
      const named = readManifest(this.#path(MANIFEST))?.segments.some((segment) => segment.number === number);
      if (!named) rmSync(this.#path(segmentName(number)), { force: true });
    } catch {} // left to the next sweep
  }

  #load({ segments, meta }: Manifest): void {
    this.#meta = meta;
    for (const { number, bytes } of segments) {
      const segment = new Segment(this.#path(segmentName(number)), number, bytes);
      this.#segments = [...this.#segments, segment];
      this.#lastNumber = Math.max(this.#lastNumber, number);
      for (const { key, deleted, offset, bytes } of segment.records()) {
        this.#forget(key);
        if (!deleted) this.#place(key, { segment, offset, size: bytes.length });
      }
    }
  }

  /** Creates the manifest of a new store at once: from then on, segments without a manifest are a damaged store. */
  #begin(): Manifest {
    const segment = readdirSync(this.#folder.path).find((name) => name.endsWith(SEGMENT));
    const path = this.#path(MANIFEST);
    if (segment !== undefined) {
      throw new GatecastError('invalid-file', `Expected ${path} beside ${segment} but it is missing.`);
    }
    const manifest = { segments: [], meta: undefined };
    writeManifest(path, manifest);
    return manifest;
  }

  /**
   * Removes merged segments and what killed processes have left behind. What cannot be removed is left to the next
   * sweep.
   */
  #sweep(): void {
    const named = new Set(this.#segments.map(({ number }) => segmentName(number)));
    for (const name of readdirSync(this.#folder.path)) {
      if (!name.endsWith(BESIDE) && !(name.endsWith(SEGMENT) && !named.has(name))) continue;
      try {
        rmSync(this.#path(name), { force: true });
      } catch {}
    }
  }

  #place(key: string, place: Place): void {
    this.#forget(key);
    this.#index.set(key, place);
    place.segment.living += place.size;
  }

  #forget(key: string): void {
    const old = this.#index.get(key);
    if (!old) return;
    old.segment.living -= old.size;
    this.#index.delete(key);
  }

  #path(name: string): string {
    return join(this.#folder.path, name);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof GatecastError && error.code === 'busy';
}

function segmentName(number: number): string {
  return `${String(number).padStart(10, '0')}${SEGMENT}`;
}
