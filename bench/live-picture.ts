// Draws the screen of `npm start` after some time on this machine as the picture of the README:
//   npx tsx bench/live-picture.ts [docs/images/live.svg] [seconds]
import { writeFileSync } from 'node:fs';
import { lastValueFrom, takeUntil, timer } from 'rxjs';
import { frame } from '../lib/cli/live/view.ts';
import { aboutOf } from '../lib/live/about.ts';
import { liveSession } from '../lib/live/session.ts';
import { machineSource } from '../lib/live/sources.ts';

/** Of a character, in pixels, and of the window around the text. */
const [WIDTH, HEIGHT, LEFT, TOP] = [8.4, 17, 14, 42];
const size = { width: 100, height: 30 };

interface Piece {
  readonly text: string;
  readonly column: number;
  readonly ink: string;
  readonly shade: string | undefined;
  readonly bold: boolean;
}

/** The colours of a terminal by their numbers among 256. */
const colours: Readonly<Record<string, string>> = {
  39: '#00afff',
  214: '#ffaf00',
  245: '#8a8a8a',
  41: '#00d75f',
  203: '#ff5f5f',
  24: '#005f87',
  238: '#444444',
};

/** The pieces of a painted line, each in one colour. */
function pieces(line: string): Piece[] {
  const found: Piece[] = [];
  let [ink, shade, bold, column] = ['#d4d4d4', undefined as string | undefined, false, 0];
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    if (!part.startsWith('\x1b')) {
      found.push({ text: part, column, ink, shade, bold });
      column += Array.from(part).length;
      continue;
    }
    const codes = part.slice(2, -1);
    ink = colours[/38;5;(\d+)/.exec(codes)?.[1] ?? ''] ?? '#d4d4d4';
    shade = colours[/48;5;(\d+)/.exec(codes)?.[1] ?? ''];
    bold = /^1($|;)/.test(codes);
  }
  return found;
}

/** Paths by colour: fonts differ in how they draw these characters, and some lack them. */
class Paths {
  readonly #parts = new Map<string, string[]>();

  add(kind: string, path: string): void {
    this.#parts.set(kind, [...(this.#parts.get(kind) ?? []), path]);
  }

  elements(): string[] {
    return [...this.#parts].map(([kind, parts]) => `<path ${kind} d="${parts.join('')}"/>`);
  }
}

const fixed = (value: number): string => value.toFixed(1);
const box = (x: number, y: number, width: number, height: number): string =>
  `M${fixed(x)} ${fixed(y)}h${fixed(width)}v${fixed(height)}h${fixed(-width)}z`;

/** The dots of a braille character from top left, as bits; then eighths of a cell. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];
const EIGHTHS = '▁▂▃▄▅▆▇█';

function draw(lines: readonly string[]): string {
  const [shades, marks, texts] = [new Paths(), new Paths(), [] as string[]];
  lines.forEach((line, row) => {
    const top = TOP + HEIGHT * row;
    for (const { text, column, ink, shade, bold } of pieces(line)) {
      const left = LEFT + WIDTH * column;
      const characters = Array.from(text);
      if (shade !== undefined) shades.add(`fill="${shade}"`, box(left, top, WIDTH * characters.length, HEIGHT + 0.1));
      characters.forEach((character, k) => {
        const x = left + WIDTH * k;
        const bits = character.codePointAt(0)! - 0x2800;
        const eighths = EIGHTHS.indexOf(character) + 1;
        if (eighths > 0) {
          const height = (HEIGHT - 2.4) * (eighths / 8);
          marks.add(`fill="${ink}"`, box(x, top + HEIGHT - 1.2 - height, WIDTH - 0.8, height));
        } else if (bits > 0 && bits < 256) {
          DOTS.forEach((side, across) =>
            side.forEach((bit, down) => {
              if ((bits & bit) === 0) return;
              const dot = `M${fixed(x + WIDTH * (0.25 + across / 2))} ${fixed(top + HEIGHT * (0.125 + down / 4))}h0`;
              marks.add(`stroke="${ink}" stroke-width="3" stroke-linecap="round"`, dot);
            }),
          );
        }
      });
      const plain = text.replace(/[\u2800-\u28ff▁-█]/g, ' ');
      for (const { 0: word, index } of plain.matchAll(/\S+(?: \S+)*/g)) {
        const before = Array.from(plain.slice(0, index)).length;
        const length = WIDTH * Array.from(word).length;
        const [x, y] = [left + WIDTH * before, top + 12.9];
        const weight = bold ? ' font-weight="bold"' : '';
        const escaped = word.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
        texts.push(
          `<text x="${fixed(x)}" y="${fixed(y)}" textLength="${fixed(length)}" fill="${ink}"${weight}>${escaped}</text>`,
        );
      }
    }
  });
  const [width, height] = [2 * LEFT + WIDTH * size.width, TOP + HEIGHT * lines.length + LEFT];
  const fonts = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="${fonts}" font-size="13" xml:space="preserve">`,
    '<title>gatecast live in a terminal</title>',
    `<rect width="${width}" height="${height}" rx="8" fill="#1b1d21"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (fill, k) => `<circle cx="${20 + 18 * k}" cy="16" r="5.5" fill="${fill}"/>`,
    ),
    ...shades.elements(),
    ...marks.elements(),
    ...texts,
    '</svg>\n',
  ].join('\n');
}

const [path = 'docs/images/live.svg', seconds = '100'] = process.argv.slice(2);
const source = machineSource({});
const snapshot = await lastValueFrom(liveSession(source).pipe(takeUntil(timer(1000 * Number(seconds)))));
writeFileSync(path, draw(frame(aboutOf(source), snapshot, 0, size, true)));
