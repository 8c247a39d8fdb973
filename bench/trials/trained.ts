// What a precision costs a trained model: h and the forecast, over 1,000 steps that follow the rows learned from. Random
// weights would not tell: training makes some of them large, and gates that remember let an error stay.
import { Forecaster, fit } from 'gatecast';
import { GRU, LSTM, type StateDict } from 'gatecast/nn';
import type { Case, Stepper } from '../case.ts';
import { isaName, precisions } from '../gatecast.ts';
import type { CellName, Precision, Result } from '../record.ts';
import { errorOf } from '../reference.ts';

const learned = 6000;
const steps = 1000;

export async function trained(cell: CellName, hidden: number): Promise<Result[]> {
  const columns = series(learned + steps);
  const rows = (from: number, to: number) => ({
    names: ['load', 'temperature'],
    columns: columns.map((column) => column.subarray(from, to)),
  });
  const table = rows(0, learned);
  const model = await fit(table, { targets: ['load', 'temperature'], horizon: 12, cell, hidden, epochs: 30, seed: 1 });
  const weights = model.weights();
  const samples = scaled(model, rows(learned, learned + steps).columns);
  return Promise.all(
    precisions.map(async (precision) => {
      const Network = cell === 'gru' ? GRU : LSTM;
      const network = new Network({ inputSize: 2, hiddenSize: hidden, precision });
      network.loadStateDict(layersOf(weights));
      const state = network.createState();
      const stepper: Stepper = { name: precision, step: (x) => state.step(x), run: () => {} };
      const error = await errorOf(stepper, caseOf(cell, hidden, weights), 1, steps, (t) => samples[t]!);
      return {
        trial: 'trained',
        cell,
        sizes: { inputs: 2, hidden, steps },
        precision,
        batch: 1,
        threads: 1,
        isa: isaName,
        ours: error,
        rival: forecastError(model, precision, rows(learned, learned + steps).columns),
        rivalName: 'the forecast, in deviations of its column',
        unit: 'max abs error of h',
        ratio: null,
        floor: null,
        floorRatio: null,
        spread: 0,
      };
    }),
  );
}

/** Two columns with a daily rhythm, a slower one, and noise that remembers (all of a fixed seed). */
function series(count: number): Float64Array[] {
  let seed = 12345;
  let wandering = 0;
  const uniform = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 31 - 1;
  };
  const load = new Float64Array(count);
  const temperature = new Float64Array(count);
  for (let t = 0; t < count; t++) {
    wandering = 0.95 * wandering + 0.3 * uniform();
    load[t] = 50 + 12 * Math.sin((2 * Math.PI * t) / 48) + 5 * Math.sin((2 * Math.PI * t) / 331) + 3 * wandering;
    temperature[t] = 20 + 0.2 * load[Math.max(0, t - 6)]! + uniform();
  }
  return [load, temperature];
}

/** The rows as the network sees them. */
function scaled(model: Forecaster, columns: readonly Float64Array[]): Float32Array[] {
  const out = new Float32Array(columns.length);
  return Array.from({ length: columns[0]!.length }, (_, row) => {
    model.scaler.scale(
      Float64Array.from(columns, (column) => column[row]!),
      out,
    );
    return out.slice();
  });
}

function layersOf(weights: StateDict): StateDict {
  return Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith('head.')));
}

function caseOf(cell: CellName, hidden: number, weights: StateDict): Case {
  const data = (name: string) => weights[`${name}_l0`]!.data;
  const [weightIh, weightHh] = [data('weight_ih'), data('weight_hh')];
  return { cell, inputs: 2, hidden, weightIh, weightHh, biasIh: data('bias_ih'), biasHh: data('bias_hh') };
}

/** How far a forecaster in this precision is from the same one in f32, at most. */
function forecastError(model: Forecaster, precision: Precision, columns: readonly Float64Array[]): number {
  const rough = Forecaster.fromBytes(model.toBytes(), 'the model', { precision });
  const [a, b] = [model.createState(), rough.createState()];
  const { std } = model.scaler;
  let worst = 0;
  for (let t = 0; t < columns[0]!.length; t++) {
    const sample = columns.map((column) => column[t]!);
    const [wanted, got] = [a.step(sample)!.mean, b.step(sample)!.mean];
    const horizon = wanted.length / std.length;
    for (let k = 0; k < wanted.length; k++) {
      worst = Math.max(worst, Math.abs(wanted[k]! - got[k]!) / std[Math.floor(k / horizon)]!);
    }
  }
  return worst;
}
