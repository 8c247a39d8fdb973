import { native } from './native.ts';

/** An instruction set for which Gatecast has kernels. */
export type Isa = 'scalar' | 'avx2' | 'avx512' | 'neon';

/** The instruction set whose kernels run: the best this machine has, or the one GATECAST_ISA forces. */
export function isa(): Isa {
  return native.isa() as Isa;
}

/** The instruction sets this machine can run, best first. */
export function isas(): Isa[] {
  return native.isas() as Isa[];
}
