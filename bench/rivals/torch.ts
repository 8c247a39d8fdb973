import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Plant } from '../gatecast.ts';
import { loud, say } from '../say.ts';

/** A Python with PyTorch, and the name of that PyTorch. */
export interface Torch {
  readonly python: string;
  /** "PyTorch 1.13.0, libopenblasp-r0.3.21.so" */
  readonly name: string;
}

interface Blas {
  readonly version: string;
  readonly blas: string;
  /** Speed of a matrix product with that library, on one thread. */
  readonly gflops: number;
}

/** One thread: PyTorch's own setting does not reach every library. */
const alone = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };

/**
 * The first Python whose PyTorch multiplies matrices with a library made for it; undefined, after a loud message, if
 * there is none.
 */
export function findTorch(): Torch | undefined {
  let slow: string | undefined;
  for (const python of ['python3', '/usr/bin/python3']) {
    const { status, stdout } = spawnSync(python, [scriptAt('blas.py')], { encoding: 'utf8', env: alone });
    if (status !== 0) continue;
    const { version, blas, gflops } = JSON.parse(stdout) as Blas;
    const name = `PyTorch ${version}, ${blas}`;
    say(`${name}: ${gflops.toFixed(1)} GFLOP/s on one thread`);
    if (blas !== 'the reference BLAS') return { python, name };
    slow = name;
  }
  if (slow === undefined) loud('SKIPPED: no python3 with torch was found (Debian: python3-torch).');
  else loud(`SKIPPED: ${slow}, is not a rival: its library is not made for speed (Debian: libopenblas0-pthread).`);
  return undefined;
}

export interface TorchPlanner {
  readonly name: string;
  /** The predicted outputs of the plan, in 32 and in 64 bits. */
  readonly told: number[];
  readonly exact: number[];
  /** Makes `count` decisions. */
  run(count: number): Promise<void>;
  close(): void;
}

/** MPPI of the same plant, on one thread of a process of its own; see mppi.py. */
export async function torchPlanner(
  { python, name }: Torch,
  plant: Plant,
  samples: number,
  steps: number,
  plan: Float64Array,
): Promise<TorchPlanner> {
  const script = scriptAt('mppi.py');
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'], env: alone });
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
  const answer = JSON.parse(await ask(JSON.stringify(asked))) as { told: number[]; exact: number[] };
  return {
    name,
    told: answer.told,
    exact: answer.exact,
    run: async (count) => void (await ask(String(count))),
    close: () => child.stdin.end(),
  };
}

function scriptAt(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
