import { misfit } from '../base/errors.ts';
import { DAY, daysSince1970, fullYear, isDay, monthOf } from './calendar.ts';

/** What each letter after `%` stands for, as a regular expression. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  y: '(?<y>\\d\\d)',
  m: '(?<m>\\d{1,2})',
  b: '(?<b>[\\p{L}]+)\\.?',
  B: '(?<b>[\\p{L}]+)',
  d: '(?<d>\\d{1,2})',
  e: ' ?(?<d>\\d{1,2})',
  H: '(?<H>\\d{1,2})',
  I: '(?<I>\\d{1,2})',
  M: '(?<M>\\d{1,2})',
  S: '(?<S>\\d{1,2})',
  f: '(?<f>\\d{1,9})',
  p: '(?<p>[AaPp]\\.?[Mm]\\.?)',
  z: '(?<z>[Zz]|[-+]\\d\\d:?(?:\\d\\d)?)',
  a: '\\p{L}+\\.?',
  A: '\\p{L}+',
  '%': '%',
};

/** Short forms. */
const LONG: Readonly<Record<string, string>> = { F: '%Y-%m-%d', T: '%H:%M:%S', R: '%H:%M' };

/** Reads times by a format of `strptime`, such as `%d.%m.%Y %H:%M:%S`. Its fields are those of `TimeScan`. */
export class TimePattern {
  date: 'day' | 'numbers' | 'none' = 'none';
  clock = 0;
  clocked = false;
  offset = Number.NaN;
  readonly zone = '';
  readonly dots = false;
  #day = 0;
  readonly #pattern: RegExp;

  /** Throws `invalid-argument` for a format with an unknown directive or without a date or time of day. */
  constructor(format: string) {
    this.#pattern = compile(format);
  }

  scan(text: string): boolean {
    const found = this.#pattern.exec(text.trim())?.groups;
    if (!found) return false;
    const { Y, y, m, b, d, H, I, M, S, f, p, z } = found;
    this.date = Y !== undefined || y !== undefined ? 'day' : 'none';
    if (this.date === 'day') {
      const year = Y === undefined ? fullYear(Number(y)) : Number(Y);
      const month = b === undefined ? Number(m ?? 1) : monthOf(b.toLowerCase());
      if (!isDay(year, month, Number(d ?? 1))) return false;
      this.#day = daysSince1970(year, month, Number(d ?? 1));
    }
    const afternoon = p !== undefined && /^p/i.test(p);
    const hour = I === undefined ? Number(H ?? 0) : (Number(I) % 12) + (afternoon ? 12 : 0);
    const [minute, second] = [Number(M ?? 0), Number(S ?? 0)];
    if (hour > 23 || minute > 59 || second > 60 || Number(I ?? 1) > 12) return false;
    this.clocked = H !== undefined || I !== undefined;
    this.clock = (hour * 3600 + minute * 60 + second + Number(`0.${f ?? 0}`)) * 1000;
    this.offset = z === undefined ? Number.NaN : offsetOf(z);
    return true;
  }

  days(): number {
    return this.date === 'day' ? this.#day : 0;
  }

  local(): number {
    return this.days() * DAY + this.clock;
  }
}

function compile(format: string): RegExp {
  const long = format.replaceAll(/%([FTR])/g, (_, letter: string) => LONG[letter]!);
  const used = new Set<string>();
  let source = '';
  for (const [part, letter] of long.matchAll(/%(.)|%$|\s+|[^%\s]+/gs)) {
    if (letter === undefined && part !== '%') {
      source += /^\s/.test(part) ? '\\s+' : part.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
      continue;
    }
    const directive = letter === undefined ? undefined : DIRECTIVES[letter];
    const field = letter === 'B' ? 'b' : letter === 'e' ? 'd' : (letter ?? '');
    if (directive === undefined || (used.has(field) && !'aA%'.includes(field))) throw unknown(format);
    used.add(field);
    source += directive;
  }
  if (!['Y', 'y', 'H', 'I'].some((field) => used.has(field))) throw unknown(format);
  return new RegExp(`^${source}$`, 'iu');
}

function unknown(format: string): Error {
  return misfit("a format such as '%d.%m.%Y %H:%M:%S'", 'the time format', format);
}

function offsetOf(text: string): number {
  if (/^z/i.test(text)) return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(3).replace(':', ''));
  return (text.startsWith('-') ? -minutes : minutes) * 60_000;
}
