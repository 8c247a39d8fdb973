import { axis } from './axis.ts';
import { Canvas } from './canvas.ts';
import { short } from './numbers.ts';
import { paint } from './paint.ts';

/** Central values and an interval around them, one for each step. */
export interface Band {
  mean: ArrayLike<number>;
  lower: ArrayLike<number>;
  upper: ArrayLike<number>;
}

export interface ChartData {
  /** Oldest value first, newest last; NaN where a sample is missing. */
  history: ArrayLike<number>;
  /** The interval that was forecast for each value of `history`, one horizon earlier; NaN where there was none. */
  past?: { lower: ArrayLike<number>; upper: ArrayLike<number> };
  /** The forecast, first step first. */
  forecast?: Band;
  /** How many steps the chart has room for: behind (including the newest) and ahead. */
  behind: number;
  ahead: number;
  /** Labels under the left end, under the newest value and under the right end. */
  labels: [string, string, string];
}

const labelWidth = 8;

/**
 * Draws history, forecast and interval over time as `height` lines of `width` columns: the plot, and a line of labels
 * below.
 */
export function chart(
  data: ChartData,
  { width, height }: { width: number; height: number },
  colour: boolean,
): string[] {
  const canvas = new Canvas(Math.max(4, width - labelWidth), Math.max(2, height - 1));
  const { low, high, step } = axis(...extent(data), Math.max(2, Math.floor(canvas.rows / 2)));
  const x = (at: number) => Math.round(((at + data.behind - 1) / (data.behind - 1 + data.ahead)) * (canvas.width - 1));
  const y = (value: number) => Math.round(((high - value) / (high - low)) * (canvas.height - 1));

  const { history, past, forecast } = data;
  const age = (i: number) => i - (history.length - 1);
  if (past) shade(canvas, 'past', history.length, (i) => x(age(i)), past, y);
  if (forecast) shade(canvas, 'band', forecast.mean.length, (i) => x(i + 1), forecast, y);
  trace(canvas, 'history', history, (i) => x(age(i)), y);
  if (forecast) trace(canvas, 'forecast', forecast.mean, (i) => x(i + 1), y);

  const ticks = new Map<number, string>();
  for (let value = high; value > low - step / 2; value -= step) ticks.set(y(value) >> 2, tick(value, step));
  const plot = canvas.lines(colour).map((line, row) => {
    const label = (ticks.get(row) ?? '').padStart(labelWidth - 1);
    return `${paint(label, 'faint', colour)} ${line}`;
  });
  return [...plot, paint(labelLine(data.labels, canvas.columns, x(0) >> 1), 'faint', colour)];
}

/** The range of the history and the present forecast; past intervals far outside are cut off. */
function extent({ history, forecast }: ChartData): [number, number] {
  const { mean, lower, upper } = forecast ?? { mean: [], lower: [], upper: [] };
  const values = [history, mean, lower, upper].flatMap((list) => Array.from(list)).filter(Number.isFinite);
  return values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)];
}

function shade(
  canvas: Canvas,
  kind: 'band' | 'past',
  length: number,
  x: (i: number) => number,
  { lower, upper }: { lower: ArrayLike<number>; upper: ArrayLike<number> },
  y: (value: number) => number,
): void {
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(lower[i]!) || !Number.isFinite(upper[i]!)) continue;
    // Up to the next step, so that a wide chart has no gaps.
    const end = i + 1 < length ? Math.max(x(i), x(i + 1) - 1) : x(i);
    for (let column = x(i) >> 1; column <= end >> 1; column++) {
      if (column >= 0) canvas.shade(column, y(upper[i]!) >> 2, y(lower[i]!) >> 2, kind);
    }
  }
}

function trace(
  canvas: Canvas,
  ink: 'history' | 'forecast',
  values: ArrayLike<number>,
  x: (i: number) => number,
  y: (value: number) => number,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    const before = values[i - 1] ?? Number.NaN;
    const from = Number.isFinite(before) ? i - 1 : i;
    canvas.line(x(from), y(values[from]!), x(i), y(value), ink);
  }
}

function labelLine([left, now, right]: [string, string, string], columns: number, nowColumn: number): string {
  const line = Array.from({ length: columns }, () => ' ');
  const write = (text: string, at: number) => {
    const start = Math.max(0, Math.min(columns - text.length, at));
    for (const [i, character] of Array.from(text).entries()) line[start + i] = character;
  };
  write(left, 0);
  write(right, columns);
  write(now, Math.min(nowColumn - (now.length >> 1), columns - right.length - 1 - now.length));
  return ' '.repeat(labelWidth) + line.join('');
}

/** A value of the axis with the decimals of its step, as far as there is room. */
function tick(value: number, step: number): string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const text = (Math.round(value / step) * step + 0).toFixed(Math.min(decimals, 20));
  return text.length < labelWidth ? text : short(value);
}
