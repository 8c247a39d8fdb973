import type { CellName } from '../network/cells.ts';
import { type NetworkSpec, parameterCount } from '../network/network-spec.ts';

/** A network to be compared. */
export interface Candidate {
  readonly name: string;
  readonly cell: CellName;
  /** Units of each layer. */
  readonly hidden: number;
}

/** The candidates beside a GRU: an LSTM with as many units, and one with as many parameters as near as can be. */
export function rivalsOf(gru: NetworkSpec): Candidate[] {
  const wanted = parameterCount(gru);
  const miss = (hiddenSize: number) => Math.abs(parameterCount({ ...gru, cell: 'lstm', hiddenSize }) - wanted);
  let hidden = gru.hiddenSize;
  while (hidden > 1 && miss(hidden - 1) <= miss(hidden)) hidden -= 1;
  const size: Candidate = { name: `lstm(${gru.hiddenSize})`, cell: 'lstm', hidden: gru.hiddenSize };
  return hidden === gru.hiddenSize ? [size] : [{ name: `lstm(${hidden})`, cell: 'lstm', hidden }, size];
}

/** The LSTMs are at most two. */
export const CANDIDATES = 3;
