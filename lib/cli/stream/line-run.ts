import { enumerate } from '../../data/table.ts';
import type { Line } from '../../adapters/lines.ts';
import { GatecastError } from '../../base/errors.ts';
import type { Sample } from '../../model/sample.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { FIRST_LINES } from './first-lines.ts';
import { LeftOut } from './left-out.ts';
import { isOfLine, type LineStream, type Outcome } from './line-stream.ts';
import type { LineReader } from './samples.ts';
import { say } from '../say.ts';

export interface LineRunOptions {
  readonly onInvalid: 'skip' | 'error';
  /** Whether the offset of each line in its source is stored with the state. */
  readonly keeps: boolean;
  /** Lines are left out up to and including this offset. */
  readonly after: number | undefined;
}

const NOTHING: readonly LiveForecast[] = [];

/** Sends lines through a stream and counts which were used and which were left out. */
export class LineRun {
  readonly #stream: LineStream;
  readonly #read: LineReader;
  readonly #options: LineRunOptions;
  readonly #leftOut = new LeftOut();
  /** The offset up to which the store already holds the lines; -1 after the first line beyond it. */
  #known: number;
  #resumed = 0;
  #lines = 0;
  #used = 0;

  constructor(stream: LineStream, read: LineReader, options: LineRunOptions) {
    this.#stream = stream;
    this.#read = read;
    this.#options = options;
    this.#known = options.after ?? -1;
  }

  /**
   * Returns the forecasts of a line. Throws for a line that is not a sample if that is an error, and for whatever ends
   * the stream.
   */
  take(line: Line): readonly LiveForecast[] {
    const { number } = line;
    let sample: Sample | undefined;
    let outcome: Outcome;
    try {
      sample = this.#read(textOf(line), number);
      if (sample === undefined) return NOTHING;
      if (this.#isKnown(sample, number)) return NOTHING;
      outcome = this.#stream.next(sample, this.#options.keeps ? number : undefined);
    } catch (error) {
      if (!isOfLine(error)) throw error;
      if (this.#isKnown(undefined, number)) return NOTHING;
      outcome = this.#stream.leaveOut(error, undefined, this.#options.keeps ? number : undefined);
    }
    this.#lines++;
    const { forecasts, left, doubts } = outcome;
    if (this.#lines <= FIRST_LINES) this.#checkFirst();
    for (const doubt of doubts ?? []) this.#leftOut.say(doubt, `line ${number} has ${doubt}`);
    if (left) {
      const { kind, error } = left;
      if (kind === 'invalid' && this.#options.onInvalid === 'error') {
        throw new GatecastError(error.code, `Line ${number}: ${error.message}`);
      }
      this.#leftOut.count(kind, number, error);
    } else {
      this.#used++;
    }
    return forecasts;
  }

  /**
   * Prints what was left out, which inputs never had a value, or that there were no samples. Throws `unusable-source`
   * if there were samples but none could be used, unless the run was interrupted.
   */
  sumUp(cut: boolean): void {
    const { summary } = this.#leftOut;
    if (this.#resumed > 0) say(`${count(this.#resumed)} left out because the store already holds them`);
    if (this.#lines === 0 && this.#resumed === 0 && !cut) say('there was no sample on standard input');
    if (this.#lines === 0) return;
    if (this.#used > 0 && this.#stream.unseen.length === this.#stream.inputs && !cut) {
      const what = `${count(this.#lines)} had a value of ${enumerate(this.#stream.unseen)}`;
      throw new GatecastError('unusable-source', `Expected samples on standard input but none of ${what}.`);
    }
    if (this.#used > 0 && this.#stream.unseen.length > 0) {
      say(`no line had a value of ${enumerate(this.#stream.unseen)}, which was filled`);
    }
    if (summary === '') return;
    if (this.#used === 0 && !cut) {
      const what = `Expected a usable sample on standard input but none of ${count(this.#lines)} was usable: ${summary}.`;
      throw new GatecastError('unusable-source', what);
    }
    say(`${this.#used} of ${count(this.#lines)} used, left out: ${summary}`);
  }

  /** A source of which nothing can be used is not left to run until somebody looks. */
  #checkFirst(): void {
    const { firstLines } = this.#stream;
    if (firstLines !== undefined) this.#leftOut.say('first lines', firstLines);
  }

  #isKnown(sample: Sample | undefined, line: number): boolean {
    if (this.#known < 0) return false;
    const own = typeof sample === 'object' && sample !== null && 'offset' in sample ? sample.offset : undefined;
    if ((own ?? line) > this.#known) {
      this.#known = -1;
      return false;
    }
    this.#resumed++;
    return true;
  }
}

function textOf({ text, tooLong }: Line): string {
  if (text !== undefined) return text;
  const what = `at most ${tooLong} bytes (--max-line)`;
  throw new GatecastError('invalid-sample', `Expected ${what} for a line but it is longer.`);
}

function count(lines: number): string {
  return `${lines} line${lines === 1 ? '' : 's'}`;
}
