import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Lesson, Plant, StateDict } from '../gatecast.ts';
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

/** PyTorch's own setting does not reach every library. */
function threadsOf(count: number): NodeJS.ProcessEnv {
  return { ...process.env, OMP_NUM_THREADS: `${count}`, OPENBLAS_NUM_THREADS: `${count}` };
}

/**
 * The first Python whose PyTorch multiplies matrices with a library made for it; undefined, after a loud message, if
 * there is none.
 */
export function findTorch(): Torch | undefined {
  let slow: string | undefined;
  for (const python of ['python3', '/usr/bin/python3']) {
    const { status, stdout } = spawnSync(python, [scriptAt('blas.py')], { encoding: 'utf8', env: threadsOf(1) });
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

/** A script in a process of its own that has answered what it was asked. */
interface Asked {
  /** The values that were asked for, in 32 and in 64 bits. */
  readonly told: number[];
  readonly exact: number[];
  /** Does its work `count` times. */
  run(count: number): Promise<void>;
  close(): void;
}

export interface TorchPlanner extends Asked {
  readonly name: string;
}

/** MPPI of the same plant, on one thread of a process of its own; see mppi.py. `told` is what the plan leads to. */
export async function torchPlanner(
  { python, name }: Torch,
  plant: Plant,
  samples: number,
  steps: number,
  plan: Float64Array,
): Promise<TorchPlanner> {
  const { cell, inputs, hidden, outputs } = plant;
  const sizes = { cell, inputs, hidden, outputs, samples, steps };
  return { name, ...(await ask(python, 'mppi.py', 1, { ...sizes, weights: encoded(plant.weights), plan: [...plan] })) };
}

export interface TorchTrainer extends Asked {
  readonly name: string;
  readonly threads: number;
}

/** Training on the same lesson; see training.py. `told` are the loss and the norm of the gradient of the first step. */
export async function torchTrainer({ python, name }: Torch, lesson: Lesson, threads: number): Promise<TorchTrainer> {
  const { weights, x, truth, ...sizes } = lesson;
  const asked = { ...sizes, threads, weights: encoded(weights), x: base64(x), truth: base64(truth) };
  return { name, threads, ...(await ask(python, 'training.py', threads, asked)) };
}

async function ask(python: string, name: string, threads: number, asked: object): Promise<Asked> {
  const script = scriptAt(name);
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'], env: threadsOf(threads) });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const talk = async (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${script} has ended.`);
    return value;
  };
  const { told, exact } = JSON.parse(await talk(JSON.stringify(asked))) as Pick<Asked, 'told' | 'exact'>;
  return { told, exact, run: async (count) => void (await talk(String(count))), close: () => child.stdin.end() };
}

function base64({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function encoded(weights: StateDict): Record<string, string> {
  return Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, base64(data)]));
}

function scriptAt(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
