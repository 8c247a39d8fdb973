export type CellName = 'gru' | 'lstm';
export type Precision = 'f32' | 'bf16' | 'int8';

/** One result; `--json` prints each on a line of its own. The native executable prints the same. */
export interface Result {
  trial: string;
  cell: CellName | null;
  sizes: { inputs?: number; hidden?: number; layers?: number; steps?: number };
  precision: string;
  batch: number;
  threads: number;
  isa: string;
  ours: number;
  rival: number | null;
  rivalName: string | null;
  unit: string;
  /** Above 1 where ours is better: rival / ours of times, ours / rival of rates. */
  ratio: number | null;
  /** What the machine allows, measured in the same run: the least time, or the highest rate. */
  floor: number | null;
  /** ours / floor: at least 1 for times, at most 1 for rates */
  floorRatio: number | null;
  /** Of ours: median absolute deviation of the rounds, in % of the median. */
  spread: number;
  /** Largest distance from the float64 reference, of ours and of the rival; null for values that are not numbers. */
  error?: number | null;
  rivalError?: number | null;
  /** Of single steps, in ns. */
  p50?: number;
  p99?: number;
  p999?: number;
  max?: number;
  /** What is switched on, of a trial that has a choice. */
  variant?: string;
  /** Of a stream: bytes of the heap that a sample takes, and collections in a million samples. */
  sampleBytes?: number;
  collections?: number;
  /** Of a fleet: bytes of a stream's snapshot; resident bytes a key beyond that; how much more at the end of the run [%]. */
  stateBytes?: number;
  keyBytes?: number;
  growth?: number;
  /** Million time steps a second, where `unit` is GFLOP/s. */
  millionSteps?: number;
  /** Of a read ceiling: the bytes, and the ns of one pass over them in alternating direction. */
  bytes?: number;
  floorNs?: number;
}

/** Same cell, sizes, precision, batch and threads: what two rows must share to be compared. */
export function shapeKey(result: Pick<Result, 'cell' | 'sizes' | 'precision' | 'batch' | 'threads'>): string {
  const { cell, sizes, precision, batch, threads } = result;
  return [cell, sizes.inputs, sizes.hidden, sizes.steps, precision, batch, threads].join(' ');
}
