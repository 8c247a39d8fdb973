import { type Chart, drawChart } from './chart.ts';
import { escapeHtml } from './escape.ts';

/** A table of a report; all columns but the first are numbers. */
export interface Grid {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Section {
  readonly heading: string;
  readonly text?: readonly string[];
  readonly charts?: readonly Chart[];
  readonly grid?: Grid;
}

/** A report before it is a page. */
export interface Report {
  readonly title: string;
  /** What matters most, before all sections. */
  readonly lead: readonly string[];
  readonly sections: readonly Section[];
}

const STYLE = `
:root { color-scheme: light dark; --back: #fff; --ink: #1b1f24; --faint: #d5dae0; --lead: #f2f5f9;
  --c0: #0b62b8; --c1: #c2410c; --c2: #15803d; --c3: #7e22ce; --c4: #6b7280; --c5: #b45309; }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --ink: #e6e9ec; --faint: #3a4149; --lead: #1e2328;
  --c0: #6cb2f5; --c1: #fb923c; --c2: #4ade80; --c3: #c084fc; --c4: #9ca3af; --c5: #fbbf24; } }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; background: var(--back); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
.lead { background: var(--lead); border-left: 4px solid var(--c0); padding: .5rem 1rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
h1, figcaption { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
figure { margin: 0; max-width: 40rem; } figcaption { font-weight: 600; }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; } svg text { fill: var(--ink); }
.grid { stroke: var(--faint); } .line, .dashed { fill: none; stroke-width: 2; } .dashed { stroke-dasharray: 5 4; }
.band { opacity: .22; stroke: none; } .dots { opacity: .55; }
table { border-collapse: collapse; } th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--faint); }
th, td { text-align: right; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
${[0, 1, 2, 3, 4, 5].map((i) => `.line.c${i}, .dashed.c${i} { stroke: var(--c${i}); } .band.c${i}, .bars.c${i}, .dots.c${i} { fill: var(--c${i}); }`).join('\n')}
`;

/** A report as one HTML file, which loads nothing and runs nothing. */
export function renderPage({ title, lead, sections }: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<div class="lead">
${paragraphs(lead)}
</div>
${sections.map(renderSection).join('\n')}
</main>
</body>
</html>
`;
}

function renderSection({ heading, text = [], charts = [], grid }: Section): string {
  const figures = charts.map(
    (chart) => `<figure>\n<figcaption>${escapeHtml(chart.title)}</figcaption>\n${drawChart(chart)}\n</figure>`,
  );
  const drawn = figures.length > 0 ? `<div class="charts">\n${figures.join('\n')}\n</div>` : '';
  const parts = [`<h2>${escapeHtml(heading)}</h2>`, paragraphs(text), drawn, grid ? renderGrid(grid) : ''];
  return `<section>\n${parts.filter((part) => part !== '').join('\n')}\n</section>`;
}

function renderGrid({ columns, rows }: Grid): string {
  const head = columns.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`);
  return `<div class="scroll"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table></div>`;
}

function paragraphs(sentences: readonly string[]): string {
  return sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('\n');
}
