import type { Text, TextLine } from './text-lines.ts';

/** Lines that show what a text holds, apart from comments; and the most lines and characters that are looked at. */
const HEAD_LINES = 250;
const MOST_LINES = 10_000;
const MOST_CHARACTERS = 2 ** 20;

/** The first lines of a text, as many as are needed to find out how it is written. */
export async function headOf(text: Text): Promise<TextLine[]> {
  const head: TextLine[] = [];
  let lines = 0;
  let characters = 0;
  for await (const some of text.lines()) {
    for (const line of some) {
      head.push(line);
      characters += line.text.length;
      if (!/^\s*(?:#|%|\/\/|$)/.test(line.text)) lines++;
      if (lines >= HEAD_LINES || head.length >= MOST_LINES || (lines > 2 && characters > MOST_CHARACTERS)) return head;
    }
  }
  return head;
}

/** The first line of a text that is not blank; '' if there is none. */
export async function firstLineOf(text: Text): Promise<string> {
  for await (const lines of text.lines()) {
    const first = lines.find((line) => line.text.trim() !== '');
    if (first) return first.text;
  }
  return '';
}
