import { beforeAll, describe, expect, it } from 'vitest';
import { runExample } from './run-example.ts';

describe('examples/control-loop.ts', () => {
  let lines: string[];

  beforeAll(async () => {
    lines = (await runExample('control-loop.ts')).lines;
  });

  function errors(name: string): number[] {
    const line = lines.find((each) => each.startsWith(`${name}: `));
    return Array.from(line!.matchAll(/\d+\.\d+/g), Number);
  }

  it('holds the oven far closer than a thermostat, and gets there sooner', () => {
    const [all, settled] = errors('imagining');
    const [thermostatAll, thermostatSettled] = errors('thermostat');
    expect(settled).toBeLessThan(thermostatSettled! / 3);
    // Sensor noise alone is 0.3.
    expect(settled).toBeLessThan(1.2);
    expect(all).toBeLessThan(thermostatAll!);
  });

  it('says that the plant is simulated', () => {
    expect(lines.join('\n')).toContain('simulated');
  });

  it('gives the same numbers again', async () => {
    expect((await runExample('control-loop.ts')).lines).toEqual(lines);
  });
});
