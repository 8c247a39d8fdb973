// Draws the time of a step [ns] against the hidden size, as bench/results/step.svg and step.png.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadChartTools, type ChartTools, stepChart } from './step-chart.ts';
import { load } from './rivals/load.ts';
import { resultsFolder, type SavedRun } from './save.ts';
import { loud } from './say.ts';
import { seriesOf } from './series.ts';
import { page } from './step-page.ts';

interface Resvg {
  Resvg: new (svg: string, options: object) => { render(): { asPng(): Uint8Array } };
}

/** Draws the steps of a run; returns the paths written. */
export async function plotSteps(run: SavedRun): Promise<string[]> {
  const tools = await loadChartTools();
  const cells = (['gru', 'lstm'] as const).map((cell) => ({ cell, series: seriesOf(run.results, cell) }));
  if (tools === undefined) return [];
  if (cells.some(({ series }) => series.length === 0)) {
    loud('NOTHING DRAWN: the plot needs the trials step and step-js of both cells.');
    return [];
  }
  const svg = draw(tools, run, cells);
  mkdirSync(resultsFolder, { recursive: true });
  const svgPath = join(resultsFolder, 'step.svg');
  writeFileSync(svgPath, svg);
  const resvg = await load<Resvg>('@resvg/resvg-js');
  if (resvg === undefined) return [svgPath];
  const pngPath = join(resultsFolder, 'step.png');
  const font = { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' };
  writeFileSync(pngPath, new resvg.Resvg(svg, { fitTo: { mode: 'zoom', value: 2 }, font }).render().asPng());
  return [svgPath, pngPath];
}

function draw(
  tools: ChartTools,
  run: SavedRun,
  cells: { cell: string; series: ReturnType<typeof seriesOf> }[],
): string {
  const all = cells.flatMap(({ series }) => series);
  const times = all.flatMap(({ points }) => points.map(({ ns }) => ns));
  const range: [number, number] = [Math.min(...times) / 1.3, Math.max(...times) * 1.3];
  const charts = cells.map(({ cell, series }) => ({
    title: cell.toUpperCase(),
    svg: stepChart(tools, series, range),
  }));
  return page(charts, all, run.machine);
}
