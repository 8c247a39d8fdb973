import { describe, expect, it } from 'vitest';
import { runChild } from '../support/child.ts';

// In a process of its own: a crash or a hang ends that one, and its last line names the call.
const { status, signal, lines, errors } = runChild('network/children/misuse.ts');
const last = lines.at(-1) ?? errors;

describe('JavaScript values of every type, at every function of the addon and of the networks,', () => {
  it('crash nothing and hang nothing', () => {
    expect({ status, signal, last }).toEqual({ status: 0, signal: null, last: expect.stringMatching(/^DONE/) });
  });

  it('were tried in all their places', () => {
    expect(Number(/^DONE (\d+)$/.exec(last)?.[1])).toBeGreaterThan(40_000);
    const named = (text: string) => lines.some((line) => line.startsWith(`CALL ${text}`));
    for (const call of ['native.step,', 'native.learn,', 'new GRU,', 'NetworkState.set hidden,', 'Trainer.run,']) {
      expect(named(call), call).toBe(true);
    }
  });

  it('give a result or a GatecastError with a code', () => {
    expect(lines.filter((line) => line.startsWith('WRONG'))).toEqual([]);
  });

  it('correct values give results', () => {
    expect(lines.filter((line) => line.startsWith('FAILED'))).toEqual([]);
    expect(lines.some((line) => /^CALL native\.forward\(\) as it should be$/.test(line))).toBe(true);
  });
});
