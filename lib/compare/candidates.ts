import { cells, type CellName } from '../network/cells.ts';

/** A network to be compared. */
export interface Candidate {
  readonly name: string;
  readonly cell: CellName;
  /** Units of each layer. */
  readonly hidden: number;
}

/** What decides how many parameters a network has. */
export interface NetworkForm {
  readonly cell: CellName;
  readonly hidden: number;
  readonly layers: number;
  /** Inputs of the first layer, and outputs of the head. */
  readonly inputs: number;
  readonly outputs: number;
  /** Whether the output of each layer is normalised. */
  readonly layerNorm?: boolean | undefined;
}

/**
 * The weights and biases of a stack of cells, with two biases each as in PyTorch, of their normalisations, and of the
 * linear head above.
 */
export function parameterCount({ cell, hidden, layers, inputs, outputs, layerNorm }: NetworkForm): number {
  const { gates } = cells[cell];
  const layer = (width: number) => gates * hidden * (width + hidden + 2);
  const norms = layerNorm ? 2 * layers * hidden : 0;
  return layer(inputs) + (layers - 1) * layer(hidden) + norms + outputs * (hidden + 1);
}

/** The candidates beside a GRU: an LSTM with as many units, and one with as many parameters as near as can be. */
export function rivalsOf(gru: NetworkForm): Candidate[] {
  const wanted = parameterCount(gru);
  const miss = (hidden: number) => Math.abs(parameterCount({ ...gru, cell: 'lstm', hidden }) - wanted);
  let hidden = gru.hidden;
  while (hidden > 1 && miss(hidden - 1) <= miss(hidden)) hidden -= 1;
  const size: Candidate = { name: `lstm(${gru.hidden})`, cell: 'lstm', hidden: gru.hidden };
  return hidden === gru.hidden ? [size] : [{ name: `lstm(${hidden})`, cell: 'lstm', hidden }, size];
}

/** The LSTMs are at most two. */
export const CANDIDATES = 3;
