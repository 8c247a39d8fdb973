import { types } from 'node:util';
import { GatecastError, misfit } from '../base/errors.ts';
import type { StoreMeta } from './store.ts';
import { isArray, reading } from '../base/values.ts';

const MAX_KEY_LENGTH = 512;
const MAX_SNAPSHOT_BYTES = 2 ** 26;
const MAX_META_LENGTH = 1_000_000;
const MAX_META_DEPTH = 32;

const LONE_SURROGATE = /\p{Surrogate}/u;

export function checkFolder(dir: unknown): string {
  if (typeof dir === 'string' && dir !== '' && !dir.includes('\0')) return dir;
  throw misfit('a path', 'the folder of a store', dir);
}

export function checkKey(key: unknown): string {
  // a lone surrogate has no UTF-8, and two keys must not become one
  if (typeof key === 'string' && key !== '' && key.length <= MAX_KEY_LENGTH && !LONE_SURROGATE.test(key)) return key;
  throw misfit(`text of 1 to ${MAX_KEY_LENGTH} characters`, 'a key', key);
}

/** A copy of the snapshot, so that the caller may go on using the array. */
export function copySnapshot(bytes: unknown): Uint8Array {
  if (!types.isUint8Array(bytes)) {
    throw misfit('a Uint8Array', 'a snapshot', bytes);
  }
  if (bytes.length > MAX_SNAPSHOT_BYTES) {
    throw misfit(`at most ${MAX_SNAPSHOT_BYTES} bytes`, 'a snapshot', bytes.length);
  }
  try {
    return new Uint8Array(bytes);
  } catch {
    // the array's memory was transferred away or has shrunk below it
    throw misfit('a Uint8Array that has its memory', 'a snapshot', bytes);
  }
}

/** Formats a meta value as JSON. */
export function formatMeta(meta: unknown): string {
  const json = reading('meta', () => {
    checkMeta(meta, 'meta', 1);
    return JSON.stringify(meta);
  });
  if (json.length <= MAX_META_LENGTH) return json;
  throw misfit(`at most ${MAX_META_LENGTH} characters of JSON`, 'meta', json.length);
}

function checkMeta(value: unknown, name: string, depth: number): asserts value is StoreMeta {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return;
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return;
  if (depth > MAX_META_DEPTH) {
    throw new GatecastError('invalid-argument', `Expected at most ${MAX_META_DEPTH} levels in meta.`);
  }
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) checkMeta(value[i], `${name}[${i}]`, depth + 1);
  } else if (isPlain(value)) {
    for (const [key, item] of Object.entries(value)) checkMeta(item, `${name}.${key.slice(0, 60)}`, depth + 1);
  } else {
    throw misfit('a value that JSON can hold', name, value);
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // the prototype of plain objects, in whichever realm they were made, has no prototype itself
  return (prototype === null || Object.getPrototypeOf(prototype) === null) && !('toJSON' in value);
}
