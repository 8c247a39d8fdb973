import { describe, expect, it } from 'vitest';
import { busySeconds, diskMegabytes, groupCores, networkMegabytes, rates } from '../../lib/adapters/machine.ts';

describe('groupCores', () => {
  it.each([1, 2, 7, 8, 9, 12, 16, 64, 127, 384])('covers %i cores once, in order, in at most 8 groups', (count) => {
    const groups = groupCores(count);
    expect(groups.length).toBeLessThanOrEqual(8);
    expect(groups.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i))).toEqual(
      Array.from({ length: count }, (_, i) => i),
    );
    const sizes = groups.map(({ from, to }) => to - from);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('names single cores and groups', () => {
    expect(groupCores(2).map(({ name }) => name)).toEqual(['core0', 'core1']);
    expect(groupCores(16).map(({ name }) => name)[1]).toBe('core2-3');
  });
});

describe('rates', () => {
  it('are the rise per second over the last second', () => {
    let counter = 0;
    const gauge = rates([{ name: 'n', unit: '' }], () => [counter]);
    const read = (at: number, value: number) => {
      counter = value;
      return gauge.read(at)[0];
    };
    expect(read(0, 100)).toBe(0);
    expect(read(100, 101)).toBeCloseTo(10);
    expect(read(500, 103)).toBeCloseTo(6);
    expect(read(1000, 103)).toBeCloseTo(3);
    // From 100 ms on: (203 - 101) in a second; then everything before 1000 ms is forgotten.
    expect(read(1100, 203)).toBeCloseTo(102);
    expect(read(2000, 203)).toBeCloseTo(100);
    expect(read(2100, 203)).toBe(0);
  });

  it('are 0 for a counter that was set back or cannot be read', () => {
    const counters: (number[] | undefined)[] = [[50], [10], undefined, [10]];
    const gauge = rates([{ name: 'n', unit: '' }], () => counters.shift());
    expect([0, 100, 200, 1300].map((at) => gauge.read(at)[0])).toEqual([0, 0, 0, 0]);
  });
});

describe('Linux counters', () => {
  it('adds the busy kinds of time of each core', () => {
    const text = 'cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 100 10 20 900 50 3 7 40 0 0\ncpu12 1 2 3 4 5 6 7 8 0 0\nintr 5 5\n';
    expect(busySeconds(text)).toEqual([1.4, 0.19]);
  });

  it('adds the real interfaces', () => {
    const text = `Inter-|   Receive                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed
    lo: 999000 1 0 0 0 0 0 0 999000 1 0 0 0 0 0 0
  eth0:5000 9 0 0 0 0 0 0 2000 5 0 0 0 0 0 0
 wlan0: 1500 9 0 0 0 0 0 0 500 5 0 0 0 0 0 0
 veth1: 777000 9 0 0 0 0 0 0 777000 5 0 0 0 0 0 0
`;
    expect(networkMegabytes(text)).toEqual([0.0065, 0.0025]);
    expect(networkMegabytes(text.split('\n').slice(0, 3).join('\n'))).toBeUndefined();
  });

  it('adds the whole disks, in sectors of 512 bytes', () => {
    const text = `   7  0 loop0 1 0 999 0 1 0 999 0 0 0 0
 259  0 nvme0n1 10 0 1000 5 20 0 4000 7 0 12 12
 259  1 nvme0n1p1 10 0 1000 5 20 0 4000 7 0 12 12
   8  0 sda 10 0 500 5 20 0 0 7 0 12 12
   8  1 sda1 10 0 500 5 20 0 0 7 0 12 12
 254  0 dm-0 10 0 500 5 20 0 0 7 0 12 12
`;
    expect(diskMegabytes(text)).toEqual([0.768, 2.048]);
    expect(diskMegabytes('')).toBeUndefined();
  });
});
