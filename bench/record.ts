export type CellName = 'gru' | 'lstm';
export type Precision = 'f32' | 'bf16' | 'int8';

/** One result; `--json` prints each on its own line. The native executable prints the same. */
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
  /** Above 1 if ours is better: rival / ours for times, ours / rival for rates. */
  ratio: number | null;
  /** The machine's limit, measured in the same run: the least time, or the highest rate. */
  floor: number | null;
  /** ours / floor: at least 1 for times, at most 1 for rates */
  floorRatio: number | null;
  /** Of ours: median absolute deviation of the rounds, in % of the median. */
  spread: number;
  /** Largest distance from the float64 reference, for ours and for the rival; null for values that are not numbers. */
  error?: number | null;
  rivalError?: number | null;
  /** Quantiles of single steps, in ns. */
  p50?: number;
  p99?: number;
  p999?: number;
  max?: number;
  /** What is switched on, for a trial that has a choice. */
  variant?: string;
  /** For a stream: bytes of the heap per sample, and garbage collections per million samples. */
  sampleBytes?: number;
  collections?: number;
  /**
   * For a fleet: bytes of a stream's snapshot; further resident bytes per key; growth of the memory by the end of the
   * run [%].
   */
  stateBytes?: number;
  keyBytes?: number;
  growth?: number;
  /** Largest resident memory of the process. */
  peakBytes?: number;
  /** Million time steps per second, if `unit` is GFLOP/s. */
  millionSteps?: number;
  /** For a read ceiling: the bytes, and the ns of one pass over them in alternating direction. */
  bytes?: number;
  floorNs?: number;
}

/** Same cell, sizes, precision, batch and threads: what two rows must share to be compared. */
export function shapeKey(result: Pick<Result, 'cell' | 'sizes' | 'precision' | 'batch' | 'threads'>): string {
  const { cell, sizes, precision, batch, threads } = result;
  return [cell, sizes.inputs, sizes.hidden, sizes.steps, precision, batch, threads].join(' ');
}
