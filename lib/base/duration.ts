import { misfit } from './errors.ts';

/** A length of time: milliseconds, or text such as '250ms', '2s', '10m', '1h' or '7d'. */
export type Duration = number | string;

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Converts a duration to milliseconds. Throws `invalid-argument` unless it is a duration >= 0. */
export function milliseconds(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  const match = typeof value === 'string' && value.length <= 32 && /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)$/.exec(value);
  if (match) return Number(match[1]) * MILLISECONDS[match[2]!]!;
  throw misfit("milliseconds or text such as '10m'", name, value);
}
