import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Plant } from '../gatecast.ts';
import { loud } from '../say.ts';

/** The first Python that has PyTorch; undefined, said loudly, where there is none. */
export function findTorch(): string | undefined {
  const python = ['python3', '/usr/bin/python3'].find(
    (program) => spawnSync(program, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
  );
  if (python === undefined) loud('SKIPPED: no python3 with torch was found (Debian: python3-torch).');
  return python;
}

export interface TorchPlanner {
  readonly name: string;
  /** What the plan leads to, in 32 and in 64 bits. */
  readonly told: number[];
  readonly exact: number[];
  /** So many decisions. */
  run(count: number): Promise<void>;
  close(): void;
}

/** MPPI of the same plant, on one thread of a process of its own; see mppi.py. */
export async function torchPlanner(
  python: string,
  plant: Plant,
  samples: number,
  steps: number,
  plan: Float64Array,
): Promise<TorchPlanner> {
  const script = fileURLToPath(new URL('mppi.py', import.meta.url));
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${script} has ended.`);
    return value;
  };
  const base64 = ({ buffer, byteOffset, byteLength }: Float32Array) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  const { cell, inputs, hidden, outputs } = plant;
  const weights = Object.fromEntries(Object.entries(plant.weights).map(([name, { data }]) => [name, base64(data)]));
  const asked = { cell, inputs, hidden, outputs, samples, steps, weights, plan: [...plan] };
  const answer = JSON.parse(await ask(JSON.stringify(asked))) as { version: string; told: number[]; exact: number[] };
  return {
    name: `PyTorch ${answer.version.split('+')[0]}`,
    told: answer.told,
    exact: answer.exact,
    run: async (count) => void (await ask(String(count))),
    close: () => child.stdin.end(),
  };
}
