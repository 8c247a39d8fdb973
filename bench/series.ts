import type { CellName, Precision, Result } from './record.ts';

/** One line of the plot. */
export interface Series {
  name: string;
  colour: string;
  kind: 'ours' | 'floor' | 'rival';
  points: { hidden: number; ns: number }[];
}

const oursColours: Record<Precision, string> = { f32: '#0b3d91', bf16: '#1f8fd6', int8: '#12a594' };
const rivalColours: Record<string, string> = {
  'oneDNN f32': '#e07b00',
  'onnxruntime-node': '#8e3fb0',
  'plain loops': '#555555',
  'tuned loops': '#a3a3a3',
  'tfjs-wasm': '#b5483a',
};

/**
 * The lines of one cell: ours and the floor in each precision, then the rivals, without those that were not measured.
 */
export function seriesOf(results: readonly Result[], cell: CellName): Series[] {
  const steps = results.filter((result) => result.trial === 'step' && result.cell === cell);
  const fromJs = results.filter((result) => result.trial === 'step-js' && result.cell === cell);
  const series: Series[] = [];
  const add = (name: string, colour: string, kind: Series['kind'], rows: readonly Result[], ns: Pick) => {
    const points = pointsOf(rows, ns);
    if (points.length > 0) series.push({ name, colour, kind, points });
  };
  for (const [precision, colour] of Object.entries(oursColours)) {
    const rows = steps.filter((result) => result.precision === precision);
    add(`Gatecast ${precision}`, colour, 'ours', rows, ({ ours }) => ours);
    add(`floor ${precision}`, colour, 'floor', rows, ({ floor }) => floor);
  }
  const f32 = fromJs.filter((result) => result.precision === 'f32');
  add('Gatecast f32 from Node', '#6a8fd8', 'ours', f32, ({ ours }) => ours);
  for (const [name, colour] of Object.entries(rivalColours)) {
    const rows = [...steps, ...f32].filter((result) => result.rivalName === name);
    add(name, colour, 'rival', rows, ({ rival }) => rival);
  }
  return series;
}

type Pick = (result: Result) => number | null;

function pointsOf(rows: readonly Result[], pick: Pick): Series['points'] {
  const byHidden = new Map<number, number>();
  for (const row of rows) {
    const ns = pick(row);
    if (row.sizes.hidden !== undefined && ns !== null) byHidden.set(row.sizes.hidden, ns);
  }
  return [...byHidden].map(([hidden, ns]) => ({ hidden, ns })).toSorted((a, b) => a.hidden - b.hidden);
}
