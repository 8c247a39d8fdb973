import type { CellName } from '../network/cells.ts';
import { type NetworkSpec, parameterCount } from '../network/network-spec.ts';
import { hasOption, type ModelName } from '../train/models/names.ts';
import { resolveOptions, type TrainOptions } from '../train/options.ts';
import type { CompareModelsOptions } from './options.ts';

/** A model to be compared. */
export interface Candidate {
  readonly name: string;
  readonly kind: ModelName;
  readonly cell: CellName;
  /** Units of each layer. */
  readonly hidden: number;
}

/** The LSTMs beside a GRU are at most two. */
const RIVALS = 2;

/** One candidate of each kind, with its default size and cell; the first with a GRU if it has rivals. */
export function candidatesOf(kinds: readonly ModelName[], train: CompareModelsOptions['train']): Candidate[] {
  return kinds.map((kind, place): Candidate => {
    const defaults = resolveOptions({ targets: 'y', horizon: 1, model: kind as 'recurrent' });
    const { hidden = defaults.hidden } = train;
    const contests = place === 0 && hasRivals(kind);
    const cell = contests ? 'gru' : defaults.cell;
    return { name: `${contests ? cell : kind}(${hidden})`, kind, cell, hidden };
  });
}

/** How many candidates there are of a kind, at most. */
export function countOf(kind: ModelName, place: number): number {
  return place === 0 && hasRivals(kind) ? 1 + RIVALS : 1;
}

/** Whether a kind is compared with both cells: those whose state is carried from row to row. */
export function hasRivals(kind: ModelName): boolean {
  return kind === 'recurrent' || kind === 'deepar';
}

/** The candidates beside a GRU: an LSTM with as many units, and one with as many parameters as near as can be. */
export function rivalsOf({ kind }: Pick<Candidate, 'kind'>, gru: NetworkSpec): Candidate[] {
  const wanted = parameterCount(gru);
  const miss = (hiddenSize: number) => Math.abs(parameterCount({ ...gru, cell: 'lstm', hiddenSize }) - wanted);
  let hidden = gru.hiddenSize;
  while (hidden > 1 && miss(hidden - 1) <= miss(hidden)) hidden -= 1;
  const lstm = (units: number): Candidate => ({ name: `lstm(${units})`, kind, cell: 'lstm', hidden: units });
  return hidden === gru.hiddenSize ? [lstm(hidden)] : [lstm(hidden), lstm(gru.hiddenSize)];
}

/** The options of a training that a kind of model has. */
export function optionsOfKind(kind: ModelName, train: CompareModelsOptions['train']): TrainOptions {
  const own = Object.entries(train).filter(([name]) => hasOption(kind, name));
  return { ...(Object.fromEntries(own) as Omit<TrainOptions, 'model'>), model: kind as 'recurrent' };
}
