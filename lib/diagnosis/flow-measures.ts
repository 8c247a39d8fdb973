import { type CellName, cells, type GateName } from '../network/cells.ts';
import type { ProbeResult } from '../network/native.ts';
import { elementCount } from '../base/tensor.ts';

/**
 * How gradients flow back through a model: means over windows, each with the loss of the forecast after its last step.
 * Lag 0 is this step, lag k the k-th before it. Lists by lag have a number for each lag. A window begins in the zero
 * state, so the states of its first steps, at the largest lags, are still small. Norms are Euclidean, of gradients in
 * units of the loss on the network's scale.
 *
 * A step of a segment model reads a segment of rows, and each target of a window is a window of its own. Its lag 0 is
 * the decoding of all segments of the horizon: states and gates are means over them, gradients their sums.
 */
export interface FlowMeasures {
  /** The kind of network: 'recurrent' reads rows, 'segment' segments of rows, 'esrnn' smoothed rows. */
  readonly kind: 'recurrent' | 'segment' | 'esrnn';
  readonly cell: CellName;
  /** How many windows were measured. */
  readonly windows: number;
  /** Steps of a window. */
  readonly lags: number;
  /** Rows from one lag to the next: those of a segment, else 1. */
  readonly rowsPerLag: number;
  /** The mean loss. */
  readonly loss: number;
  /**
   * The head that the gradients come through: the model's own, or one of chance in place of a head of zeros, which a
   * training leaves that found nothing better than its start.
   */
  readonly head: 'own' | 'random';
  /** The first reads the inputs. A network that also reads its window backwards has two of each. */
  readonly layers: readonly LayerFlow[];
  readonly inputs: readonly InputFlow[];
  readonly parameters: readonly ParameterFlow[];
}

export interface LayerFlow {
  /** 'layer 0' and so on; 'layer 0 backwards' goes from the newest step to the oldest. */
  readonly name: string;
  /** By lag: the gradient with respect to the layer's output h, by every way to the loss. */
  readonly gradient: readonly number[];
  /** By lag: h. */
  readonly state: readonly number[];
  /** By lag: the change of h from the step before. */
  readonly change: readonly number[];
  /** Of the cell state c of an LSTM, by lag. */
  readonly memory?: { readonly gradient: readonly number[]; readonly state: readonly number[] };
  readonly gates: readonly GateFlow[];
  /**
   * For each value of h its standard deviation over the windows, after all inputs. Near 0, the unit says the same
   * always.
   */
  readonly deviations: readonly number[];
}

/** A gate of a layer, over all its units. Values lie between 0 and 1, those of the candidate between -1 and 1. */
export interface GateFlow {
  readonly name: GateName;
  /** The mean value. */
  readonly mean: number;
  /** Share of values below 0.05; of the candidate below -0.95. */
  readonly low: number;
  /** Share of values above 0.95. */
  readonly high: number;
  /** Shares of values in 20 ranges of equal width, from the lowest value to the highest. */
  readonly histogram: readonly number[];
  /** By lag: the gradient before the activation. */
  readonly gradient: readonly number[];
  /** By lag: the share of values that are `low` or `high`. */
  readonly saturated: readonly number[];
}

/**
 * An input of the model. 'lags' are earlier values of the targets, 'calendar' is what is made of the time. Of a model
 * that forecasts each target on its own, 'target' is its value and 'embedding' says which it is. Of each target an
 * esrnn model reads what is left of its last values, the seasons to come and the spread.
 */
export interface InputFlow {
  readonly name: string;
  /** By lag: the gradient; of a category, over all its words. */
  readonly gradient: readonly number[];
  /** The gradient of the weights that read it; 0 for an input that stays at the mean of the training rows. */
  readonly weights: number;
}

/** A matrix or bias of the network, by PyTorch's name. */
export interface ParameterFlow {
  readonly name: string;
  /** The gradient of the mean loss. */
  readonly gradient: number;
  /** The same for the part of each gate; left out where the rows belong to no gates. */
  readonly gates?: Readonly<Partial<Record<GateName, number>>>;
}

/** The gradient by lag that carries what is learned: that of c, which has one way more than h, or that of h. */
export function carried({ memory, gradient }: LayerFlow): readonly number[] {
  return memory?.gradient ?? gradient;
}

/** What the numbers of a probe are of. */
export interface FlowForm extends Pick<FlowMeasures, 'kind' | 'cell' | 'lags' | 'rowsPerLag'> {
  readonly layers: readonly string[];
  /** Values of h of a layer. */
  readonly outputs: number;
  /** What the network reads, in order: a name, and its first number. */
  readonly inputs: readonly (readonly [name: string, from: number])[];
  /** The weights of the network, of which the first matrix reads the inputs. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/** What is measured of a layer and of a gate, as in native/core/train/flow.h. */
const STATES = 5;
const GATES = 4;

/** The numbers of a probe by name. */
export function measuresOf(form: FlowForm, probed: ProbeResult): Omit<FlowMeasures, 'head'> {
  const { kind, cell, lags, rowsPerLag, layers, inputs } = form;
  const width = readingOf(form).columns;
  return {
    kind,
    cell,
    windows: probed.windows,
    lags,
    rowsPerLag,
    loss: probed.loss,
    layers: layers.map((name, place) => ({ name, ...layerOf(form, place, probed) })),
    inputs: inputs.map(([name, from], i) => {
      const columns = Array.from({ length: (inputs[i + 1]?.[1] ?? width) - from }, (_, k) => from + k);
      return { name, ...inputOf(form, columns, probed) };
    }),
    parameters: parametersOf(form, probed.parameters),
  };
}

/** The shape of the matrix that reads the inputs. */
function readingOf({ shapes }: FlowForm): { rows: number; columns: number } {
  const [[, [rows = 0, columns = 0] = []] = []] = shapes;
  return { rows, columns };
}

function layerOf(
  { cell, layers, lags, outputs }: FlowForm,
  layer: number,
  probed: ProbeResult,
): Omit<LayerFlow, 'name'> {
  const { gates: names, hasC } = cells[cell];
  const part = (list: Float64Array, size: number, place: number) => [
    ...list.subarray(place * size, (place + 1) * size),
  ];
  const [gradient, state, change, memoryGradient, memory] = Array.from({ length: STATES }, (_, measure) =>
    part(probed.states, lags, layer * STATES + measure),
  ) as [number[], number[], number[], number[], number[]];
  const bins = probed.bins.length / (layers.length * names.length);
  return {
    gradient,
    state,
    change,
    ...(hasC && { memory: { gradient: memoryGradient, state: memory } }),
    gates: names.map((name, g): GateFlow => {
      const gate = layer * names.length + g;
      const [before, activation, low, high] = Array.from({ length: GATES }, (_, measure) =>
        part(probed.gates, lags, gate * GATES + measure),
      ) as [number[], number[], number[], number[]];
      return {
        name,
        mean: mean(activation),
        low: mean(low),
        high: mean(high),
        histogram: part(probed.bins, bins, gate),
        gradient: before,
        saturated: low.map((share, lag) => share + high[lag]!),
      };
    }),
    deviations: part(probed.deviations, outputs, layer),
  };
}

/** Of these numbers that the network reads. */
function inputOf(
  form: FlowForm,
  columns: readonly number[],
  { inputs, parameters }: ProbeResult,
): Omit<InputFlow, 'name'> {
  const { lags } = form;
  const reading = readingOf(form);
  const rows = Array.from({ length: reading.rows }, (_, row) => row * reading.columns);
  return {
    gradient: Array.from({ length: lags }, (_, lag) => norm(columns.map((column) => inputs[column * lags + lag]!))),
    weights: norm(columns.flatMap((column) => rows.map((at) => parameters[at + column]!))),
  };
}

function parametersOf({ cell, shapes }: FlowForm, gradients: Float64Array): ParameterFlow[] {
  const { gates } = cells[cell];
  let at = 0;
  return [...shapes].map(([name, shape]) => {
    const own = gradients.subarray(at, at + elementCount(shape));
    at += own.length;
    const size = own.length / gates.length;
    const parts = gates.map((gate, g) => [gate, norm(own.subarray(g * size, (g + 1) * size))] as const);
    const gated = /^(weight|bias)_[ih]h_/.test(name);
    return { name, gradient: norm(own), ...(gated && { gates: Object.fromEntries(parts) }) };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function norm(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
