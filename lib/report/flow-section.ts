import { carried, type GateFlow } from '../diagnosis/flow-measures.ts';
import type { GradientFlow } from '../diagnosis/gradient-flow.ts';
import type { Chart, Mark } from './chart.ts';
import type { Section } from './page.ts';

/** Most layers whose gates are drawn: the first ones. */
const LAYERS = 2;
/** Colours of a report. */
const COLOURS = 6;

/** How gradients flow back through a model: its sentences, the gradient and the state by lag, and the gates. */
export function flowSection({ sentences, layers, windows, kind, rowsPerLag }: GradientFlow): Section {
  const byLag = (values: readonly number[]) => values.map((value, lag) => [lag, value] as const);
  const lines = (of: (layer: GradientFlow['layers'][number]) => readonly number[]) =>
    layers.map((layer, place): Mark => {
      const points = byLag(of(layer));
      return { kind: points.length > 1 ? 'line' : 'dots', colour: place % COLOURS, name: layer.name, points };
    });
  const segments = kind === 'segment';
  const x = segments ? `lag: segments of ${rowsPerLag} rows before the forecast` : 'lag: steps before the forecast';
  const gates = layers
    .slice(0, LAYERS)
    .flatMap(({ name, gates: own }, place) => own.map((gate): Chart => histogram(gate, name, place)));
  const newest = segments
    ? 'Lag 0 are the steps that decode the segments of the forecast: gradients are their sums, all else their means.'
    : 'Lag 0 is the step that makes the forecast.';
  return {
    heading: 'Gradient flow',
    text: [...sentences, `Means over ${windows} windows, each from the zero state. ${newest}`],
    charts: [
      { title: 'Norm of the gradient of the loss by lag', x, y: 'norm', marks: lines(carried), logarithmic: true },
      { title: 'Norm of the state by lag', x, y: 'norm', marks: lines(({ state }) => state), fromZero: true },
      ...gates,
    ],
  };
}

function histogram({ name, histogram: shares, mean, low, high }: GateFlow, layer: string, place: number): Chart {
  const from = name === 'candidate' ? -1 : 0;
  const width = (1 - from) / shares.length;
  return {
    title: `${titleOf(name)} of ${layer}, ${Math.round(100 * (low + high))}% saturated`,
    x: `value of the gate, on average ${mean.toFixed(2)}`,
    y: 'share of the values',
    marks: [
      {
        kind: 'bars',
        colour: place % COLOURS,
        points: shares.map((share, i) => [from + (i + 0.5) * width, share] as const),
      },
    ],
  };
}

function titleOf(name: GateFlow['name']): string {
  const word = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  return name === 'candidate' ? word : `${word} gate`;
}
