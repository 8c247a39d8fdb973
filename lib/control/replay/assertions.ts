import { misfit } from '../../base/errors.ts';
import { milliseconds } from '../../base/duration.ts';
import type { ControlCycle } from '../control-cycle.ts';
import type { LoopDescription } from './loop-description.ts';
import {
  bounds,
  fallbackShare,
  finite,
  flagged,
  type CheckResult,
  type LoopCheck,
  type Moment,
  missShare,
  rate,
  recovery,
  type Sending,
  within,
} from './loop-checks.ts';

/** The result of an assertion. */
export interface Verdict {
  readonly assertion: string;
  readonly holds: boolean;
  /** How often it was checked, and how often it did not hold. */
  readonly checked: number;
  readonly broken: number;
  /** The first time that it did not hold. */
  readonly first: (Moment & { readonly what: string }) | undefined;
}

/** A share of a whole number is rounded. */
const ROUNDING = 1e-12;
const NUMBER = String.raw`([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)`;

/** The kinds of assertion: the form that is shown, its pattern, and its check. */
const ASSERTIONS: readonly {
  readonly form: string;
  readonly words: RegExp;
  readonly check: (loop: LoopDescription, parts: readonly string[]) => LoopCheck;
}[] = [
  { form: 'no action outside bounds', words: /^no action outside bounds$/, check: bounds },
  { form: 'no action outside rate', words: /^no action outside rate$/, check: rate },
  { form: 'no NaN', words: /^no nan$/i, check: finite },
  { form: 'no unflagged miss', words: /^no unflagged miss$/, check: flagged },
  {
    form: 'recovers within N good observations',
    words: /^recovers within (\d{1,9}) good observations?$/,
    check: (_, [count]) => recovery(Number(count)),
  },
  {
    form: 'fallback at most P %',
    words: new RegExp(`^fallback at most ${NUMBER} ?%$`),
    check: (_, [percent]) => fallbackShare(Number(percent)),
  },
  {
    form: 'misses at most P %',
    words: new RegExp(`^misses at most ${NUMBER} ?%$`),
    check: (_, [percent]) => missShare(Number(percent)),
  },
  {
    form: 'NAME within LOW..HIGH [after TIME]',
    words: new RegExp(`^(.+?) within ${NUMBER} ?\\.\\. ?${NUMBER}(?: after (.+))?$`),
    check: (loop, [name, low, high, after]) =>
      within(loop, name!, Number(low), Number(high), after === undefined ? 0 : milliseconds(after, `${name} after`)),
  },
];

/** One assertion during a run. */
export class Assertion {
  readonly #text: string;
  readonly #check: LoopCheck;
  #checked = 0;
  #broken = 0;
  #first: Verdict['first'];

  /** Throws `invalid-argument` for text of none of the forms, and for an assertion that does not apply to the loop. */
  constructor(text: string, loop: LoopDescription) {
    const words = typeof text === 'string' ? text.trim().replaceAll(/\s+/g, ' ') : '';
    for (const { words: pattern, check } of ASSERTIONS) {
      const match = pattern.exec(words);
      if (!match) continue;
      this.#text = words;
      this.#check = check(loop, match.slice(1));
      return;
    }
    const forms = ASSERTIONS.map(({ form }) => `'${form}'`).join(', ');
    throw misfit(`one of ${forms}`, 'an assertion', text);
  }

  /** Takes an action that was sent. */
  sent(action: Float64Array, as: Sending, moment: Moment): void {
    this.#count(this.#check.sent?.(action, as, moment), moment);
  }

  /** Takes the values that the plant gave, before anything was spoiled. */
  observed(values: ArrayLike<number>, moment: Moment): void {
    this.#count(this.#check.observed?.(values, moment), moment);
  }

  /** Takes a finished cycle, after its action was sent. */
  cycle(cycle: Omit<ControlCycle, 'errors' | 'notice'>, origin: number, moment: Moment): void {
    this.#count(this.#check.cycle?.(cycle, origin), moment);
  }

  verdict(): Verdict {
    const { share = 0, mayBeIdle = false } = this.#check;
    return {
      assertion: this.#text,
      // An assertion that was never checked has not been shown to hold.
      holds: this.#broken <= share * this.#checked * (1 + ROUNDING) && (this.#checked > 0 || mayBeIdle),
      checked: this.#checked,
      broken: this.#broken,
      first: this.#first,
    };
  }

  #count(found: CheckResult, moment: Moment): void {
    if (found === undefined) return;
    this.#checked += found.checked ?? 1;
    const { broken = found.what === undefined ? 0 : 1, what } = found;
    this.#broken += broken;
    if (broken > 0) this.#first ??= { ...moment, what: what ?? '' };
  }
}
