import { type Command, InvalidArgumentError } from 'commander';
import type { Duration } from '../base/duration.ts';

/** Parsers of option values for commander. Ranges are checked where the values are used. */

export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

export function parseWhole(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

/** A plain number is milliseconds. Units are checked where the duration is used. */
export function duration(text: string): Duration {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, ki: 2 ** 10, mi: 2 ** 20 };

/** Bytes: '65536', '100kB', '1MiB'. */
export function byteCount(text: string): number {
  const [, digits, unit] = /^(\d{1,9})\s*([km]i?|)b?$/i.exec(text.trim()) ?? [];
  const bytes = Number(digits) * (UNITS[(unit ?? '').toLowerCase()] ?? Number.NaN);
  if (bytes >= 1 && bytes <= 2 ** 28) return bytes;
  throw new InvalidArgumentError('Expected 1 byte to 256 MiB, such as 100kB or 1MiB.');
}

/** Words between commas: column names. */
export function names(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

/** Collects every value of an option that may be given more than once. */
export function every(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** How many rows each of the three parts has: '8640,2880,2880'. */
export function split(text: string): { train: number; validation: number; test: number } {
  const match = /^(\d{1,9}),(\d{1,9}),(\d{1,9})$/.exec(text.replaceAll(' ', ''));
  if (!match) throw new InvalidArgumentError('Expected three whole numbers of rows, such as 8640,2880,2880.');
  return { train: Number(match[1]), validation: Number(match[2]), test: Number(match[3]) };
}

/** Parses a bound for all targets, or one for each by name: '0', 'cpu=0,load=0'. The word none gives `none`. */
export function limit(none: number): (text: string) => number | Record<string, number> {
  const value = (text: string) => (text.trim() === 'none' ? none : parseNumber(text));
  return (text) => {
    if (!text.includes('=')) return value(text);
    const limits = text.split(',').map((part) => {
      const at = part.lastIndexOf('=');
      if (at < 0) throw new InvalidArgumentError('Expected a number, or target=number pairs separated by commas.');
      return [part.slice(0, at).trim(), value(part.slice(at + 1))] as const;
    });
    return Object.fromEntries(limits);
  };
}

/** Central intervals in per cent: '80,95'. */
export function levels(text: string): number[] {
  const percents = text.split(',').map(Number);
  if (percents.every((percent) => percent > 0 && percent < 100)) return percents.map((percent) => percent / 100);
  throw new InvalidArgumentError('Expected percentages between 0 and 100, such as 80,95.');
}

/** Refuses to run `command` without these options. Unlike `requiredOption`, it reports misspelt options first. */
export function need(command: Command, ...options: string[]): void {
  command.hook('preAction', () => checkNeeded(command, ...options));
}

/** Ends a command that lacks one of these options. */
export function checkNeeded(command: Command, ...options: string[]): void {
  const missing = options.find((option) => command.getOptionValue(option) === undefined);
  if (missing) command.error(`error: option '--${missing}' is needed`);
}
