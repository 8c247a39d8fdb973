import { describe, expect, it } from 'vitest';
import { sensors } from '../../lib/adapters/sensors.ts';
import { runExample } from './run-example.ts';

describe('examples/sensor-stream.ts', () => {
  it('reads, learns, forecasts every sensor with an interval around it, and ends by itself', async () => {
    const { lines } = await runExample('sensor-stream.ts', '30');
    const { names } = sensors();
    expect(lines[0]).toBe(`reading ${names.join(', ')}`);
    expect(lines[1]).toMatch(/^learning from 200 readings$/);
    const rows = lines.slice(3).filter((line) => line !== '');
    expect(rows.length).toBeGreaterThanOrEqual(2 * names.length);
    for (const [i, row] of rows.entries()) {
      const [, name, ...numbers] = /^(\S+) +(\S+) +(\S+) to +(\S+)$/.exec(row)!;
      expect(name).toBe(names[i % names.length]);
      const [mean, lower, upper] = numbers.map(Number);
      expect(lower).toBeLessThanOrEqual(mean!);
      expect(mean).toBeLessThanOrEqual(upper!);
    }
  });
});
