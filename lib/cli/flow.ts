import { GatecastError, printable } from '../base/errors.ts';
import type { Series } from '../data/series.ts';
import type { LayerFlow } from '../diagnosis/flow-measures.ts';
import { type GradientFlow, gradientFlow } from '../diagnosis/gradient-flow.ts';
import type { TrainedModel } from '../model/trained-model.ts';

const NAMES = 22;
const COLUMN = 11;
/** Most inputs that are shown. */
const INPUTS = 20;

/** How gradients flow back through a model; undefined if the rows are too few to say. */
export async function flowOf(model: TrainedModel, series: Series): Promise<GradientFlow | undefined> {
  try {
    return await gradientFlow(model, series);
  } catch (error) {
    if (error instanceof GatecastError && error.code === 'invalid-data') return undefined;
    throw error;
  }
}

/** The sentences of a flow, and for each layer its norms by lag and its gates, as lines. */
export function flowReport(model: string, file: string, flow: GradientFlow): string {
  const { sentences, layers, inputs, lags, kind, rowsPerLag, windows, parameters } = flow;
  const shown = shownLags(lags);
  const each = kind === 'segment' ? `${lags - 1} segments of ${rowsPerLag} rows` : `${lags} steps`;
  const lines = [
    `${model} on ${windows} windows of ${file}, of ${each} each`,
    ...sentences,
    ...layers.flatMap((layer) => ['', ...describeLayer(layer, `${layer.name}, lag`, shown)]),
    '',
    line('input, lag', shown.map(String)),
    ...inputs.slice(0, INPUTS).map(({ name, gradient }) => byLag(name, gradient, shown)),
    ...(inputs.length > INPUTS ? [`and ${inputs.length - INPUTS} more inputs, with --json`] : []),
    '',
    line('gradient of', ['norm']),
    ...parameters.map(({ name, gradient }) => line(name, [numeral(gradient)])),
  ];
  return lines.map((text) => `${printable(text).trimEnd()}\n`).join('');
}

function describeLayer({ gradient, state, change, memory, gates }: LayerFlow, title: string, lags: readonly number[]) {
  return [
    line(title, lags.map(String)),
    byLag('gradient of h', gradient, lags),
    ...(memory ? [byLag('gradient of c', memory.gradient, lags)] : []),
    byLag('norm of h', state, lags),
    ...(memory ? [byLag('norm of c', memory.state, lags)] : []),
    byLag('change of h', change, lags),
    ...gates.map((gate) => byLag(`gradient of ${gate.name}`, gate.gradient, lags)),
    line('gate', ['mean', 'low end', 'high end']),
    ...gates.map(({ name, mean, low, high }) => line(name, [mean.toFixed(2), percent(low), percent(high)])),
  ];
}

/** 0, 1, 2, 4 and so on, and the last. */
function shownLags(lags: number): number[] {
  const shown = [0];
  for (let lag = 1; lag < lags - 1; lag *= 2) shown.push(lag);
  return [...shown, lags - 1];
}

function byLag(name: string, values: readonly number[], lags: readonly number[]): string {
  return line(
    name,
    lags.map((lag) => numeral(values[lag]!)),
  );
}

function line(name: string, cells: readonly string[]): string {
  const short = name.length < NAMES ? name : `${name.slice(0, NAMES - 4)}...`;
  return short.padEnd(NAMES) + cells.map((cell) => cell.padStart(COLUMN)).join('');
}

function numeral(value: number): string {
  return value !== 0 && (value < 0.001 || value >= 1e6) ? value.toExponential(1) : value.toPrecision(3);
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
