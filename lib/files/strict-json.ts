const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * `JSON.parse` for untrusted text: nesting deeper than `maxDepth` and repeated keys in an object are `SyntaxError`s, as
 * broken JSON is. Both are looked for before anything is built, so memory stays proportional to the text. A key such as
 * `__proto__` becomes an ordinary own property.
 */
export function parseStrictJson(text: string, maxDepth: number): unknown {
  const open: Set<string>[] = []; // the keys seen so far in each object or array around position i
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '{' || char === '[') {
      if (open.push(new Set()) > maxDepth) throw new SyntaxError(`nested deeper than ${maxDepth} levels`);
    } else if (char === '}' || char === ']') {
      open.pop();
    } else if (char === '"') {
      const end = endOfString(text, i);
      if (isKey(text, end)) {
        const key = JSON.parse(text.slice(i, end)) as string;
        const keys = open.at(-1);
        if (keys?.has(key)) throw new SyntaxError(`the key ${JSON.stringify(key.slice(0, 60))} occurs twice`);
        keys?.add(key);
      }
      i = end - 1;
    }
  }
  return JSON.parse(text);
}

/** The position after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i + 1;
}

function isKey(text: string, from: number): boolean {
  let i = from;
  while (i < text.length && text.charCodeAt(i) <= 0x20) i++;
  return text.charCodeAt(i) === COLON;
}
