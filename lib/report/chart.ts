import { escapeHtml } from './escape.ts';

/** A line, a band between two lines, dots or bars. Points without a finite y are gaps. */
export interface Mark {
  readonly kind: 'line' | 'dashed' | 'dots' | 'bars' | 'band';
  /** Its name in the legend; left out for a mark without an entry. */
  readonly name?: string;
  /** Which colour of the report it has, 0 to 5. */
  readonly colour: number;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** The upper y of each point of a band. */
  readonly upper?: readonly number[];
}

export interface Chart {
  /** What it shows, also for those who cannot see it. */
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly marks: readonly Mark[];
  /** Whether the y axis begins at 0. */
  readonly fromZero?: boolean;
  /** Whether the y axis is logarithmic. Values of 0 and below are then gaps. */
  readonly logarithmic?: boolean;
}

const [WIDTH, HEIGHT] = [640, 300];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 12, 12, 46];
const LEGEND = 20;
/** Between the name of the x axis and the legend. */
const ABOVE_LEGEND = 8;
/** Most points of a mark; of more, every so many are drawn. */
const MOST_POINTS = 600;

/** Draws a chart as inline SVG, whose colours are classes of the report's style. */
export function drawChart({ title, x, y, marks, fromZero = false, logarithmic = false }: Chart): string {
  const drawn = marks.map(thinned);
  const shown = logarithmic ? drawn.map(inPowers) : drawn;
  const all = shown.flatMap(({ points, upper }) =>
    points.flatMap(([px, py], i) => [
      [px, py],
      [px, upper?.[i] ?? py],
    ]),
  );
  const finite = all.filter(([, py]) => Number.isFinite(py)) as [number, number][];
  const bars = shown.some(({ kind }) => kind === 'bars');
  const xs = axis(
    finite.map(([px]) => px),
    LEFT,
    WIDTH - RIGHT,
    bars ? barWidth(shown) / 2 : 0,
  );
  const zero = fromZero || bars ? [0] : [];
  const ys = axis([...finite.map(([, py]) => py), ...zero], HEIGHT - BOTTOM, TOP, 0, zero.length === 0);
  const named = marks.filter(({ name }) => name !== undefined);
  const height = HEIGHT + (named.length > 0 ? ABOVE_LEGEND : 0) + LEGEND * Math.ceil(named.length / 3);
  const grid = ys.ticks.map(
    (at) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(ys.at(at))}" y2="${px(ys.at(at))}"/>` +
      `<text x="${LEFT - 6}" y="${px(ys.at(at) + 4)}" text-anchor="end">${logarithmic ? power(at) : label(at)}</text>`,
  );
  const below = xs.ticks.map(
    (at) => `<text x="${px(xs.at(at))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${label(at)}</text>`,
  );
  const middle = (TOP + HEIGHT - BOTTOM) / 2;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(title)}">`,
    ...grid,
    ...below,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escapeHtml(x)}</text>`,
    `<text transform="translate(14 ${middle}) rotate(-90)" text-anchor="middle">${escapeHtml(y)}</text>`,
    ...shown.map((mark) => drawMark(mark, xs.at, ys.at)),
    ...named.map((mark, i) => drawEntry(mark, i, named.slice(0, i).filter(({ kind }) => kind === 'band').length)),
    '</svg>',
  ].join('\n');
}

type Scale = (value: number) => number;

function drawMark({ kind, colour, points, upper, ...mark }: Mark, x: Scale, y: Scale): string {
  const at = (px_: number, py: number) => `${px(x(px_))},${px(y(py))}`;
  const style = `class="${kind} c${colour}"`;
  if (kind === 'dots') {
    const dots = points.filter(([, py]) => Number.isFinite(py));
    return dots.map(([dx, dy]) => `<circle ${style} cx="${px(x(dx))}" cy="${px(y(dy))}" r="2"/>`).join('');
  }
  if (kind === 'bars') {
    const width = barWidth([{ kind, colour, points, ...mark }]);
    return points
      .map(([bx, by]) => {
        const [from, to] = [x(bx - 0.45 * width), x(bx + 0.45 * width)];
        return `<rect ${style} x="${px(from)}" y="${px(y(by))}" width="${px(to - from)}" height="${px(y(0) - y(by))}"/>`;
      })
      .join('');
  }
  if (kind === 'band') {
    const there = points.map(([bx, by]) => at(bx, by));
    const back = points.map(([bx], i) => at(bx, upper![i]!)).toReversed();
    return `<polygon ${style} points="${[...there, ...back].join(' ')}"/>`;
  }
  return pieces(points)
    .map((piece) => `<polyline ${style} points="${piece.map(([lx, ly]) => at(lx, ly)).join(' ')}"/>`)
    .join('');
}

/** An entry of the legend. A band lies on `below` others, and is as dark as all of them. */
function drawEntry({ name, kind, colour }: Mark, i: number, below: number): string {
  const [x, y] = [LEFT + 190 * (i % 3), HEIGHT + ABOVE_LEGEND + LEGEND * Math.floor(i / 3)];
  const box = `<rect class="${kind === 'dots' ? 'bars' : kind} c${colour}" x="${x}" y="${y - 2}" width="18" height="12"/>`;
  const shape =
    kind === 'line' || kind === 'dashed'
      ? `<line class="${kind} c${colour}" x1="${x}" x2="${x + 18}" y1="${y + 4}" y2="${y + 4}"/>`
      : box.repeat(kind === 'band' ? 1 + below : 1);
  return `${shape}<text x="${x + 24}" y="${y + 8}">${escapeHtml(name!)}</text>`;
}

/** A mark with the logarithms of its y, to base 10. */
function inPowers({ points, upper, ...mark }: Mark): Mark {
  const of = (y: number) => (y > 0 ? Math.log10(y) : Number.NaN);
  return { ...mark, points: points.map(([px_, y]) => [px_, of(y)] as const), ...(upper && { upper: upper.map(of) }) };
}

/** The runs of points with a finite y. */
function pieces(points: Mark['points']): Mark['points'][] {
  const found: (readonly [number, number])[][] = [[]];
  for (const point of points) {
    if (Number.isFinite(point[1])) found.at(-1)!.push(point);
    else found.push([]);
  }
  return found.filter(({ length }) => length > 0);
}

function thinned(mark: Mark): Mark {
  const every = Math.ceil(mark.points.length / MOST_POINTS);
  if (every <= 1) return mark;
  const kept = <T>(list: readonly T[]) => list.filter((_, i) => i % every === 0);
  return { ...mark, points: kept(mark.points), ...(mark.upper && { upper: kept(mark.upper) }) };
}

function barWidth(marks: readonly Mark[]): number {
  const [first, second] = marks.find(({ kind }) => kind === 'bars')!.points;
  return first && second ? second[0] - first[0] : 1;
}

/** A linear axis over values, with ticks at round numbers. */
function axis(values: readonly number[], from: number, to: number, beyond: number, widen = false) {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(low <= high)) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const margin = beyond + (widen ? 0.04 * (high - low) : 0);
  [low, high] = [low - margin, high + margin];
  const size = 10 ** Math.floor(Math.log10((high - low) / 4));
  const step = [1, 2, 5, 10].map((each) => each * size).find((each) => (high - low) / each <= 6)!;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high + 1e-9 * step && ticks.length < 12; i++) ticks.push(i * step);
  return { ticks, at: (value: number) => from + ((value - low) / (high - low)) * (to - from) };
}

/** A coordinate with one decimal. */
function px(value: number): string {
  return String(Math.round(10 * value) / 10);
}

/** 10 to the power of `value`, with two digits. */
function power(value: number): string {
  const number = 10 ** value;
  if (number >= 0.001 && number < 10_000) return String(Number(number.toPrecision(2)));
  return number.toExponential(Number.isInteger(value) ? 0 : 1);
}

function label(value: number): string {
  return Math.abs(value) < 1e-12 ? '0' : String(Number(value.toPrecision(4)));
}
