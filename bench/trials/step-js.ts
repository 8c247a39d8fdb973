// One step of one stream from JavaScript, which keeps its state. Runs in a process of its own for each cell and size,
// so that the engine compiles all loops for this one size, as in a program with one model.
import { type Case, randomInputs, type Stepper } from '../case.ts';
import { createCase, isaName, OurState, precisions } from '../gatecast.ts';
import { measure } from '../measure.ts';
import type { CellName, Precision, Result } from '../record.ts';
import { errorOf } from '../reference.ts';
import { plainLoops } from '../rivals/loops.ts';
import { loadOnnxRuntime, onnxStepper } from '../rivals/onnx.ts';
import { loadTfjs, tfjsStepper } from '../rivals/tfjs.ts';
import { tunedLoops } from '../rivals/tuned-loops.ts';

export async function stepJs(cell: CellName, inputs: number, hidden: number, quick: boolean): Promise<Result[]> {
  const net = createCase(cell, inputs, hidden);
  const ours = precisions.map((precision) => ({ precision, state: new OurState(net, precision) }));
  const rivals = await rivalsOf(net);
  const errors = new Map<Stepper, number>();
  const everybody = [...ours.map(({ state }) => state), ...rivals];
  for (const stepper of everybody) errors.set(stepper, await errorOf(stepper, net));

  const x = randomInputs(1, inputs);
  const contenders = everybody.map((stepper) => ({
    name: stepper.name,
    run: (count: number) => stepper.run(x, count),
  }));
  const timings = await measure(contenders, quick);
  const timingOf = (stepper: Stepper) => timings[everybody.indexOf(stepper)]!;

  return ours.flatMap(({ precision, state }) => {
    const base = { ...header(net, precision), ours: timingOf(state).ns, spread: timingOf(state).spread };
    const times = quantiles(state.latencies(x, quick ? 10_000 : 200_000));
    return rivals.map((rival) => ({
      ...base,
      rival: timingOf(rival).ns,
      rivalName: rival.name,
      ratio: timingOf(rival).ns / base.ours,
      error: errors.get(state)!,
      rivalError: errors.get(rival)!,
      ...times,
    }));
  });
}

async function rivalsOf(net: Case): Promise<Stepper[]> {
  const rivals = [plainLoops(net), tunedLoops(net)];
  const runtime = await loadOnnxRuntime();
  if (runtime !== undefined) rivals.push(await onnxStepper(runtime, net, 1));
  const tf = await loadTfjs();
  if (tf !== undefined) rivals.push(tfjsStepper(tf, net));
  return rivals;
}

function header({ cell, inputs, hidden }: Case, precision: Precision) {
  const sizes = { inputs, hidden };
  return { trial: 'step-js', cell, sizes, precision, batch: 1, threads: 1, isa: isaName, unit: 'ns', ...noFloor };
}

/** Filled in later from the ceilings of the same run. */
const noFloor = { floor: null, floorRatio: null };

function quantiles(times: Float64Array): Pick<Result, 'p50' | 'p99' | 'p999' | 'max'> {
  const sorted = times.toSorted();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: sorted.at(-1)! };
}
