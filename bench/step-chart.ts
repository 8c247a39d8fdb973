import { load } from './rivals/load.ts';
import type { Series } from './series.ts';

type Mark = object;

interface Plot {
  plot(options: object): { outerHTML: string };
  line(data: object[], options: object): Mark;
  dot(data: object[], options: object): Mark;
  gridX(options: object): Mark;
  gridY(options: object): Mark;
}

export interface ChartTools {
  plot: Plot;
  document: unknown;
}

export const chartWidth = 560;
export const chartHeight = 520;

export async function loadChartTools(): Promise<ChartTools | undefined> {
  const plot = await load<Plot>('@observablehq/plot');
  const linkedom = await load<{ parseHTML(html: string): { document: unknown } }>('linkedom');
  if (plot === undefined || linkedom === undefined) return undefined;
  return { plot, document: linkedom.parseHTML('<html><body></body></html>').document };
}

/** One cell's lines on logarithmic axes, as SVG. */
export function stepChart({ plot, document }: ChartTools, series: readonly Series[], range: [number, number]): string {
  const sizes = [...new Set(series.flatMap(({ points }) => points.map(({ hidden }) => hidden)))].toSorted(
    (a, b) => a - b,
  );
  const powers = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7].filter((ns) => ns >= range[0] && ns <= range[1]);
  const at = { x: 'hidden', y: 'ns' };
  // Rivals first, so that ours are drawn over them.
  const ordered = series.toSorted((a, b) => Number(a.kind === 'ours') - Number(b.kind === 'ours'));
  return plot.plot({
    document,
    width: chartWidth,
    height: chartHeight,
    marginLeft: 78,
    marginBottom: 40,
    marginRight: 16,
    style: { fontFamily: 'DejaVu Sans, Verdana, sans-serif', fontSize: '14px', background: 'white' },
    x: { type: 'log', domain: [sizes[0]! * 0.9, sizes.at(-1)! * 1.1], ticks: sizes, tickFormat: String, label: null },
    y: { type: 'log', domain: range, ticks: powers, tickFormat: tick, label: null },
    marks: [
      plot.gridY({ ticks: powers, stroke: '#000', strokeOpacity: 0.13 }),
      plot.gridX({ ticks: sizes, stroke: '#000', strokeOpacity: 0.06 }),
      ...ordered.flatMap((one) => {
        const { points, colour: stroke, kind } = one;
        if (kind === 'floor') return [plot.line(points, { ...at, stroke, strokeWidth: 1.5, strokeDasharray: '2 4' })];
        const strokeWidth = kind === 'ours' ? 3 : 1.6;
        return [
          plot.line(points, { ...at, stroke, strokeWidth }),
          plot.dot(points, { ...at, fill: stroke, r: kind === 'ours' ? 4 : 3 }),
        ];
      }),
    ],
  }).outerHTML;
}

function tick(ns: number): string {
  if (ns >= 1e6) return `${ns / 1e6} ms`;
  if (ns >= 1e3) return `${ns / 1e3} µs`;
  return `${ns} ns`;
}
