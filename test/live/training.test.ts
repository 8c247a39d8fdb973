import { describe, expect, it } from 'vitest';
import { machineSource } from '../../lib/live/sources.ts';
import { training } from '../../lib/live/training.ts';

describe('training', () => {
  it('bounds what has limits, and knows the rate', () => {
    const source = machineSource({ hz: 20, horizon: 2 });
    const { targets, min, max, interval, horizon } = training(source);
    expect(targets).toEqual(source.names);
    expect(min).toEqual(Object.fromEntries(source.names.map((name) => [name, 0])));
    expect(max).toMatchObject({ memory: 100, core0: 100 });
    expect(Object.keys(max as object)).toEqual(source.names.filter((_, i) => source.units[i] === '%'));
    expect({ interval, horizon }).toEqual({ interval: 50, horizon: 40 });
  });
});
