import { describe, expect, it } from 'vitest';
import { type Isa, isa, isas } from '../../lib/nn.ts';
import { runChild } from '../support/child.ts';

const ALL: Isa[] = ['avx512', 'avx2', 'neon', 'scalar'];

function tell(forced: string) {
  const { lines, errors } = runChild('network/children/tell-isa.ts', [], { GATECAST_ISA: forced });
  expect(errors).toBe('');
  return JSON.parse(lines.at(-1)!);
}

describe('isas', () => {
  it('lists what this machine can run, best first, scalar last', () => {
    const list = isas();
    expect(list.at(-1)).toBe('scalar');
    expect(list).toEqual(ALL.filter((name) => list.includes(name)));
  });

  it('begins with the one that runs unless another is forced', () => {
    expect(isa()).toBe(process.env['GATECAST_ISA'] || isas()[0]);
    expect(tell('').isa).toBe(isas()[0]);
  });
});

describe('GATECAST_ISA', () => {
  it.each(isas())('%s runs when forced, as its rounding shows', (name) => {
    const { isa: ran, isas: list, answer, fused } = tell(name);
    expect(ran).toBe(name);
    expect(list).toEqual(isas());
    expect(fused).not.toBe(0);
    if (name !== 'scalar') expect(answer).toBe(fused);
    // Elsewhere compilers may fuse the plain C++ of the scalar kernels too.
    else if (process.arch === 'x64') expect(answer).toBe(0);
  });

  it.each([...ALL.filter((name) => !isas().includes(name)), 'avx', 'AVX2', 'scalar ', 'x'.repeat(500)])(
    '%s is refused where this machine has no such kernels',
    (name) => {
      const { code, message } = tell(name);
      expect(code).toBe('isa-unavailable');
      expect(message).toContain(name);
      for (const known of isas()) expect(message).toContain(known);
    },
  );
});
