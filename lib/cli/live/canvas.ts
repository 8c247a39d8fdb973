import { type Ink, paint, type Shade } from './paint.ts';

/** The bits of a braille character, by row and column of its 4 x 2 dots. */
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/**
 * A picture in characters: braille dots, 2 x 4 to a cell, over shaded cells. Dots count from the left and from the top.
 * A cell has one ink; the last to draw there wins.
 */
export class Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly #bits: Uint8Array;
  readonly #inks: Ink[];
  readonly #shades: Shade[];

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#bits = new Uint8Array(columns * rows);
    this.#inks = Array.from({ length: columns * rows }, () => 'none');
    this.#shades = Array.from({ length: columns * rows }, () => 'none');
  }

  get width(): number {
    return this.columns * 2;
  }

  get height(): number {
    return this.rows * 4;
  }

  dot(x: number, y: number, ink: Ink): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const cell = (y >> 2) * this.columns + (x >> 1);
    this.#bits[cell]! |= dots[(y & 3) as 0 | 1 | 2 | 3][(x & 1) as 0 | 1];
    this.#inks[cell] = ink;
  }

  line(x0: number, y0: number, x1: number, y1: number, ink: Ink): void {
    const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
    for (let i = 0; i <= steps; i++) {
      this.dot(Math.round(x0 + ((x1 - x0) * i) / steps), Math.round(y0 + ((y1 - y0) * i) / steps), ink);
    }
  }

  /** Shades the cells of one column from row `top` to row `bottom`, both included. */
  shade(column: number, top: number, bottom: number, shade: Shade): void {
    for (let row = Math.max(0, top); row <= Math.min(this.rows - 1, bottom); row++) {
      this.#shades[row * this.columns + column] = shade;
    }
  }

  /**
   * One string per row. Without colour, the band is drawn as '░' where there are no dots, and the past band is left
   * out.
   */
  lines(colour: boolean): string[] {
    return Array.from({ length: this.rows }, (_, row) => {
      let line = '';
      let run = '';
      let last = -1;
      const flush = () => {
        if (last >= 0) line += paint(run, this.#inks[last]!, colour, this.#shades[last]);
        run = '';
      };
      for (let cell = row * this.columns; cell < (row + 1) * this.columns; cell++) {
        if (last >= 0 && (this.#inks[cell] !== this.#inks[last] || this.#shades[cell] !== this.#shades[last])) flush();
        run += this.#character(cell, colour);
        last = cell;
      }
      flush();
      return line;
    });
  }

  #character(cell: number, colour: boolean): string {
    const bits = this.#bits[cell]!;
    if (bits !== 0) return String.fromCharCode(0x2800 + bits);
    return !colour && this.#shades[cell] === 'band' ? '░' : ' ';
  }
}
