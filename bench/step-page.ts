// The sheet around the charts: title, machine, legend, names of the axes.
import type { Machine } from './machine.ts';
import type { Series } from './series.ts';
import { chartHeight, chartWidth } from './step-chart.ts';

const left = 46;
const top = 168;
const gap = 12;
const legendColumn = 232;
const legendRow = 24;

export function page(charts: { title: string; svg: string }[], series: readonly Series[], machine: Machine): string {
  const width = left + charts.length * (chartWidth + gap);
  const height = top + chartHeight + 46;
  const middle = top + chartHeight / 2;
  const facts = [
    machine.cpu,
    machine.isa,
    ...machine.caches,
    machine.compiler,
    machine.commit,
    machine.date.slice(0, 10),
  ];
  const bodies = charts.map(({ title, svg }, k) => {
    const x = left + k * (chartWidth + gap);
    const nested = svg.replace('<svg', `<svg x="${x}" y="${top}"`);
    const centre = x + 78 + (chartWidth - 94) / 2;
    return [text(centre, top + 4, title, 18, 'bold', 'middle'), nested].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"
  font-family="DejaVu Sans, Verdana, sans-serif">
<rect width="${width}" height="${height}" fill="white"/>
${text(20, 32, 'Time of one step of one stream', 22, 'bold')}
${text(20, 56, facts.filter(Boolean).join('  ·  '), 13)}
${legend(unique(series))}
${bodies.join('\n')}
${text((left + width) / 2, height - 38, 'hidden size (logarithmic); 8 inputs up to 64, 16 above', 15, 'normal', 'middle')}
${text((left + width) / 2, height - 14, 'floor: reading the weights once from the nearest cache that holds them, forward and backward in turn', 13, 'normal', 'middle')}
<g transform="rotate(-90 24 ${middle})">${text(24, middle, 'median time (logarithmic): lower is better', 15, 'normal', 'middle')}</g>
</svg>
`;
}

function legend(series: readonly Series[]): string {
  const perColumn = 3;
  return series
    .map(({ name, colour, kind }, k) => {
      const x = 20 + Math.floor(k / perColumn) * legendColumn;
      const y = 86 + (k % perColumn) * legendRow;
      const dash = kind === 'floor' ? ' stroke-dasharray="2 4"' : '';
      const width = kind === 'ours' ? 3 : 1.6;
      const line = `<line x1="${x}" x2="${x + 30}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="${width}"${dash}/>`;
      const dot = kind === 'floor' ? '' : `<circle cx="${x + 15}" cy="${y}" r="4" fill="${colour}"/>`;
      return line + dot + text(x + 38, y + 5, name, 14);
    })
    .join('\n');
}

function unique(series: readonly Series[]): Series[] {
  const order = { ours: 0, floor: 1, rival: 2 };
  const byName = new Map(series.map((one) => [one.name, one]));
  return [...byName.values()].toSorted((a, b) => order[a.kind] - order[b.kind]);
}

function text(x: number, y: number, content: string, size: number, weight = 'normal', anchor = 'start'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const style = `font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="#222"`;
  return `<text x="${x}" y="${y}" ${style}>${escaped}</text>`;
}
