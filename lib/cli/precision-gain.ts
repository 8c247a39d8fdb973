import { RecurrentNetwork } from '../network/recurrent-network.ts';
import type { Precision } from '../network/options.ts';
import { fixedNumbers } from './self-check.ts';

/** Speed of a precision relative to f32 on this machine, by kind of work and hidden units. */
export interface PrecisionGain {
  /** One step of one stream. */
  readonly steps: Readonly<Record<number, number>>;
  /** One step of 64 rows, as in batches and in the roll-outs of plans. */
  readonly batches: Readonly<Record<number, number>>;
}

const PRECISIONS = ['f32', 'bf16', 'int8'] as const satisfies readonly Precision[];
const HIDDEN = [64, 256] as const;
const ROWS = { steps: 1, batches: 64 } as const;
const INPUTS = 8;
const ROUNDS = 7;
/** Duration of each round [ms]: all rounds together take less than half a second. */
const ROUND = 4;

/** Smaller gains are within the spread of measurements. */
const LEAST_GAIN = 1.1;

/** Measures GRUs on this machine in interleaved rounds, so that a disturbance affects all precisions alike. */
export function measurePrecisions(): Record<'bf16' | 'int8', PrecisionGain> {
  const gains = {
    bf16: { steps: {} as Record<number, number>, batches: {} as Record<number, number> },
    int8: { steps: {} as Record<number, number>, batches: {} as Record<number, number> },
  };
  for (const work of ['steps', 'batches'] as const) {
    for (const hidden of HIDDEN) {
      const [f32, bf16, int8] = fastest(hidden, ROWS[work]);
      gains.bf16[work][hidden] = f32! / bf16!;
      gains.int8[work][hidden] = f32! / int8!;
    }
  }
  return gains;
}

/** The shortest time of a step at each precision [ms]. */
function fastest(hiddenSize: number, rows: number): number[] {
  const spec = { cell: 'gru', bias: true, bidirectional: false, numLayers: 1 } as const;
  const sizes = { inputSize: INPUTS, hiddenSize, projSize: 0, headSize: 0 };
  const slots = Int32Array.from({ length: rows }, (_, row) => row);
  const input = fixedNumbers(rows * INPUTS, 1);
  const trials = PRECISIONS.map((precision) => {
    const network = new RecurrentNetwork({ ...spec, ...sizes }, { precision, seed: 1 });
    const states = network.createStates(rows);
    const end = () => {
      states.dispose();
      network.dispose();
    };
    return { step: () => states.step(slots, input), end, least: Number.POSITIVE_INFINITY };
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (const trial of trials) trial.least = Math.min(trial.least, timeOf(trial.step));
  }
  for (const { end } of trials) end();
  return trials.map(({ least }) => least);
}

/** Mean time of a call in one round [ms]. */
function timeOf(step: () => void): number {
  const start = performance.now();
  let calls = 0;
  let passed = 0;
  do {
    for (let i = 0; i < 16; i++) step();
    calls += 16;
    passed = performance.now() - start;
  } while (passed < ROUND);
  return passed / calls;
}

/** "gains nothing on this machine", or by how much for what. */
export function describeGain({ steps, batches }: PrecisionGain): string {
  const most = Math.max(...Object.values(steps), ...Object.values(batches));
  const list = (gains: Readonly<Record<number, number>>) =>
    Object.entries(gains)
      .map(([hidden, gain]) => `${gain.toFixed(2)} at ${hidden} units`)
      .join(', ');
  const numbers = `steps ${list(steps)}; batches and plans ${list(batches)}`;
  return most < LEAST_GAIN
    ? `gains nothing on this machine (speed to f32: ${numbers})`
    : `speed to f32: ${numbers}${whereNothing(steps, batches)}`;
}

function whereNothing(steps: PrecisionGain['steps'], batches: PrecisionGain['batches']): string {
  const none = (gains: Readonly<Record<number, number>>) => Math.max(...Object.values(gains)) < LEAST_GAIN;
  if (none(steps)) return '; gains nothing for single streams';
  return none(batches) ? '; gains nothing for batches and plans' : '';
}
