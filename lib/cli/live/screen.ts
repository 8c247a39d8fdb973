import { fromEvent, mergeMap, type Observable, share } from 'rxjs';
import type { Size } from './view.ts';

const escape = '\x1b[';
const enter = `${escape}?1049h${escape}?25l${escape}2J`;
const leave = `${escape}?25h${escape}?1049l`;

/** What a key asks for. */
export type Wish = 'next' | 'previous' | 'end';

const wishes: Record<string, Wish> = {
  '\t': 'next',
  [`${escape}B`]: 'next',
  [`${escape}C`]: 'next',
  '\x1bOB': 'next',
  '\x1bOC': 'next',
  [`${escape}Z`]: 'previous',
  [`${escape}A`]: 'previous',
  [`${escape}D`]: 'previous',
  '\x1bOA': 'previous',
  '\x1bOD': 'previous',
  q: 'end',
  '\x03': 'end',
};

/** What the keys in a chunk of terminal input ask for, in order; other keys are ignored. */
export function parseWishes(input: string): Wish[] {
  const keys = Object.keys(wishes);
  const found: Wish[] = [];
  for (let at = 0; at < input.length; ) {
    const key = keys.find((each) => input.startsWith(each, at));
    if (key) found.push(wishes[key]!);
    at += key?.length ?? 1;
  }
  return found;
}

/** The terminal's second screen, without a cursor, with keys read one by one. `close()` restores everything. */
export class Screen {
  readonly colour: boolean;
  readonly wishes: Observable<Wish>;
  readonly resized: Observable<unknown>;
  readonly #input: NodeJS.ReadStream;
  readonly #output: NodeJS.WriteStream;
  #open = true;
  #drawn: Size = { width: 0, height: 0 };

  constructor(input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
    this.#input = input;
    this.#output = output;
    this.colour = output.hasColors(256);
    this.wishes = fromEvent(input, 'data').pipe(
      mergeMap((chunk) => parseWishes(String(chunk))),
      share(),
    );
    this.resized = fromEvent(output, 'resize');
    input.setRawMode(true).resume();
    output.write(enter);
    process.once('exit', this.close);
  }

  get size(): Size {
    return { width: this.#output.columns, height: this.#output.rows };
  }

  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const { width, height } = this.size;
    const clear = width === this.#drawn.width && height === this.#drawn.height ? '' : `${escape}2J`;
    this.#drawn = { width, height };
    // Terminals that know these two marks show nothing between them, so a frame appears whole.
    this.#output.write(`${escape}?2026h${clear}${escape}H${lines.join('\r\n')}${escape}?2026l`);
  }

  readonly close = (): void => {
    if (!this.#open) return;
    this.#open = false;
    process.off('exit', this.close);
    this.#input.setRawMode(false).pause();
    this.#output.write(leave);
  };
}
