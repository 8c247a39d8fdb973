// One step of many live streams of one network from JavaScript, in a process of its own for each shape.
import { randomInputs, type Stepper } from '../case.ts';
import { createCase, isaName, ourStreams, precisions } from '../gatecast.ts';
import { measure } from '../measure.ts';
import type { CellName, Result } from '../record.ts';
import { errorOf } from '../reference.ts';
import { loadOnnxRuntime, onnxStepper } from '../rivals/onnx.ts';

export async function streams(
  cell: CellName,
  batch: number,
  inputs: number,
  hidden: number,
  quick: boolean,
): Promise<Result[]> {
  const net = createCase(cell, inputs, hidden);
  const ours = precisions.map((precision) => ({ precision, stepper: ourStreams(net, precision, batch) }));
  const runtime = await loadOnnxRuntime();
  const rival = runtime === undefined ? undefined : await onnxStepper(runtime, net, batch);
  const everybody = [...ours.map(({ stepper }) => stepper), ...(rival === undefined ? [] : [rival])];
  const errors = new Map<Stepper, number>();
  for (const stepper of everybody) errors.set(stepper, await errorOf(stepper, net, batch, 20));

  const x = randomInputs(batch, inputs);
  const contenders = everybody.map((stepper) => ({
    name: stepper.name,
    run: (count: number) => stepper.run(x, count),
  }));
  const timings = await measure(contenders, quick);
  const rivalNs = rival === undefined ? null : timings.at(-1)!.ns;
  return ours.map(({ precision, stepper }, k) => ({
    trial: 'streams',
    cell,
    sizes: { inputs, hidden },
    precision,
    batch,
    threads: 1,
    isa: isaName,
    ours: timings[k]!.ns,
    rival: rivalNs,
    rivalName: rival?.name ?? null,
    unit: 'ns',
    ratio: rivalNs === null ? null : rivalNs / timings[k]!.ns,
    floor: null,
    floorRatio: null,
    spread: timings[k]!.spread,
    error: errors.get(stepper)!,
    ...(rival === undefined ? {} : { rivalError: errors.get(rival)! }),
  }));
}
