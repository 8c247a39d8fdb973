import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SensorHealth } from '../../lib/online/sensors/health.ts';
import { flagNames } from '../../lib/online/sensors/health-flags.ts';
import type { HealthOptions } from '../../lib/online/sensors/health-options.ts';
import { createRandom } from '../../lib/base/random.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { anyNumber, keepsItsMemoryInTheRow } from './contract.ts';

const room = { names: ['temperature'], mean: [20], std: [2] };

/** Flags of each reading of a lone sensor, as text. */
function flagsOf(readings: readonly number[], options?: HealthOptions, inputs = room): string[] {
  const health = new SensorHealth(inputs, options);
  const row = new Float64Array(health.size);
  const flags = new Int32Array(1);
  return readings.map((reading) => {
    health.check(row, 0, [reading], flags);
    return flagNames(flags[0]!).join(' ');
  });
}

/** A room about 20 degrees, its readings 0.02 degrees apart on average. */
function temperatures(count: number, seed = 1): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => 20 + Math.sin(i / 50) + 0.06 * (random() - 0.5));
}

/** Flags of readings after 200 good ones. */
function after(readings: readonly number[], options?: HealthOptions): string[] {
  return flagsOf([...temperatures(200), ...readings], options).slice(200);
}

const next = temperatures(400).slice(200);

describe('SensorHealth', () => {
  const two = new SensorHealth(
    { names: ['a', 'b'], mean: [0, 50], std: [1, 20] },
    { limits: { a: { min: -1e250, max: 1e250 } }, stuckAfter: 3, flatlineAfter: 4 },
  );
  const flags = new Int32Array(2);
  keepsItsMemoryInTheRow(two, fc.tuple(anyNumber, anyNumber), (row, at, values) => {
    two.check(row, at, values, flags);
    return [...flags];
  });

  test('finds nothing in good readings', () => {
    expect(flagsOf(temperatures(5000)).filter((names) => names !== '')).toEqual([]);
  });

  test('spike: the reading alone, not those after it', () => {
    expect(after([next[0]!, 30, next[2]!, next[3]!])).toEqual(['', 'spike', '', '']);
  });

  test('a new level is a spike first and believed with the second reading', () => {
    expect(after(next.slice(0, 5).map((value) => value + 11))).toEqual(['spike', '', '', '', '']);
  });

  test('a sensor that has become restless is believed in time', () => {
    const random = createRandom(2);
    const restless = Array.from({ length: 1500 }, (_, i) => (i % 2 === 0 ? 11 : 29) + random());
    const found = after(restless, { policy: { 'unit-jump': 'off' } });
    expect(found.slice(0, 20)).toContain('spike');
    expect(found.slice(1000).filter((names) => names !== '')).toEqual([]);
  });

  test('the fourth far reading in a row is believed, wherever it is', () => {
    const policy = { 'unit-jump': 'off' } as const;
    expect(after([11, 29, 10, 30, 10], { policy })).toEqual(['spike', 'spike', 'spike', '', 'spike']);
  });

  test('after a gap a sensor may be farther away', () => {
    const limits = { temperature: { min: 0, max: 40 } };
    const narrow = { ...room, std: [0.1] };
    const back = [...temperatures(200), ...Array(100).fill(Number.NaN), 21];
    expect(flagsOf(back, { limits }, narrow).at(-1)).toBe('');
    expect(flagsOf([...temperatures(200), 21], { limits }, narrow).at(-1)).toBe('spike');
  });

  test('a sensor that misses every second reading is learned too', () => {
    const readings = temperatures(400).flatMap((value) => [value - 19, Number.NaN]);
    expect(flagsOf([...readings, 0, 1], {}, { ...room, mean: [1], std: [1] }).slice(-2)).toEqual(['dropout', '']);
  });

  test('a sensor that has just begun, at rest, may move', () => {
    expect(flagsOf([1, 1, 1, 0, 2, 1], {}, { ...room, mean: [1], std: [1] })).toEqual(Array(6).fill(''));
  });

  test('dropout: no number, and suddenly the null value', () => {
    expect(after([Number.NaN, next[1]!, Number.POSITIVE_INFINITY])).toEqual(['dropout', '', 'dropout']);
    expect(after([0, 0, next[2]!])).toEqual(['dropout', 'dropout', '']);
    expect(after([-127, next[1]!], { limits: { temperature: { nullValue: -127 } } })[0]).toBe('dropout out-of-range');
    expect(after([0], { limits: { temperature: { nullValue: null } } })).toEqual(['spike']);
    expect(flagsOf([0, 20])).toEqual(['dropout', '']);
  });

  test('a sensor may come to its null value in small steps', () => {
    const falling = Array.from({ length: 400 }, (_, i) => 20 - 0.05 * i);
    expect(falling.at(-1)).toBeCloseTo(0.05);
    const limits = { temperature: { min: -5 } };
    expect(after([...falling, 0, -0.05], { limits }).filter((names) => names !== '')).toEqual([]);
  });

  test('out of range: beyond the limits given, or ten deviations of training', () => {
    expect(after([next[0]!, 21, 22], { limits: { temperature: { max: 21.5 } } })).toEqual(['', '', 'out-of-range']);
    expect(after([-1])[0]).toContain('out-of-range');
    expect(flagsOf([41, 40, 20])).toEqual(['out-of-range', '', 'spike']);
    expect(flagsOf([100, 20, 20.1])).toEqual(['out-of-range', '', '']);
  });

  test('stuck: the twentieth same reading and on, until another comes', () => {
    expect(after([...Array(25).fill(20.5), 20.51])).toEqual([...Array(19).fill(''), ...Array(6).fill('stuck'), '']);
    expect(after(Array(3).fill(20.5), { stuckAfter: 3 })).toEqual(['', '', 'stuck']);
  });

  test('flatline: hardly moving', () => {
    const still = Array.from({ length: 60 }, (_, i) => 20.5 + (i % 2) * 1e-4);
    const found = after(still);
    expect(found.indexOf('flatline')).toBeGreaterThanOrEqual(38);
    expect(found.at(-1)).toBe('flatline');
  });

  test('a machine that rests every night is flagged in the first nights only', () => {
    const day = temperatures(150);
    const nights = Array.from({ length: 30 }, () => flagsOfNight()).flat();
    function flagsOfNight(): number[] {
      return [...day, ...Array(100).fill(day.at(-1)!)];
    }
    const found = flagsOf(nights).map((names) => names !== '');
    expect(found.slice(0, 250)).toContain(true);
    expect(found.slice(-10 * 250)).not.toContain(true);
  });

  test('unit jump: named with the second reading, for as long as it lasts', () => {
    for (const convert of [
      (celsius: number) => 1.8 * celsius + 32,
      (celsius: number) => celsius + 273.15,
      (celsius: number) => 10 * celsius,
    ]) {
      const found = after([...next.slice(0, 100).map(convert), ...next.slice(100, 110)]);
      expect(found[0]).toContain('spike');
      for (const names of found.slice(1, 100)) expect(names).toContain('unit-jump');
      expect(found.slice(100)).toEqual(Array(10).fill(''));
    }
  });

  test('unit jump: also where both units give what the model was trained on', () => {
    const outdoors = { names: ['temperature'], mean: [20], std: [10] };
    const frost = temperatures(300).map((value) => value - 18);
    const found = flagsOf([...frost.slice(0, 200), ...frost.slice(200).map((value) => 1.8 * value + 32)], {}, outdoors);
    expect(found.slice(200)).toEqual(['spike', ...Array(99).fill('unit-jump')]);
  });

  test('a new level that a change of unit would give is believed when it goes on moving as before', () => {
    const found = after(
      next.map((value) => value + 9 * next[0]!),
      { limits: { temperature: { max: 1000 } } },
    );
    expect(found[1]).toBe('unit-jump');
    expect(found.slice(40)).toEqual(Array(160).fill(''));
  });

  test('a process that falls as a change of unit would and climbs back is not followed into an impossible past', () => {
    const machine = { names: ['temperature'], mean: [84], std: [13] };
    const running = Array.from({ length: 200 }, (_, i) => 84 + 2 * Math.sin(i));
    const off = Array.from({ length: 20 }, (_, i) => (running.at(-1)! - 32) / 1.8 + (i % 3));
    const warming = Array.from({ length: 110 }, (_, i) => 30 + i / 2);
    const found = flagsOf([...running, ...off, ...warming], {}, machine);
    expect(found.slice(200, 202)).toEqual(['spike', 'unit-jump']);
    expect(found.slice(-20)).toEqual(Array(20).fill(''));
  });

  test('by policy a reading is dropped, flagged, or not looked at', () => {
    const health = new SensorHealth(room, { policy: { spike: 'flag', stuck: 'drop', dropout: 'off' } });
    const row = new Float64Array(health.size);
    const word = new Int32Array(1);
    const judge = (reading: number): [string[], boolean] => {
      health.check(row, 0, [reading], word);
      return [flagNames(word[0]!), health.drops(word[0]!)];
    };
    for (const reading of temperatures(200)) expect(judge(reading)).toEqual([[], false]);
    expect(judge(30)).toEqual([['spike'], false]);
    expect(judge(Number.NaN)).toEqual([[], false]);
    expect(judge(50)).toEqual([['out-of-range', 'spike'], true]);
    for (let i = 0; i < 19; i++) judge(21);
    expect(judge(21)).toEqual([['stuck'], true]);
  });

  test('does not depend on the unit', () => {
    const random = createRandom(9);
    const readings = temperatures(3000).map((value, i) => {
      if (i % 700 > 650) return 20.25;
      return random() < 0.01 ? value * (10 * random() - 5) : random() < 0.01 ? 0 : value;
    });
    const scaled = { names: ['temperature'], mean: [20 * 1024], std: [2 * 1024] };
    const plain = flagsOf(readings, { policy: { 'unit-jump': 'off' } });
    const found = flagsOf(
      readings.map((value) => value * 1024),
      { policy: { 'unit-jump': 'off' } },
      scaled,
    );
    expect(found).toEqual(plain);
    expect(new Set(plain.flatMap((names) => names.split(' '))).size).toBeGreaterThan(4);
  });

  test('refuses wrong options', () => {
    const make = (options: unknown) => () => new SensorHealth(room, options as HealthOptions);
    expect(make({ limits: { temprature: { min: 1 } } })).toThrow(gatecastError('invalid-argument', /mean temperature/));
    expect(make({ limits: { temperature: { min: 2, max: 1 } } })).toThrow(gatecastError('invalid-argument', /min/));
    expect(make({ policy: { spike: 'ignore' } })).toThrow(gatecastError('invalid-argument', /policy\.spike/));
    expect(make({ policy: { spikes: 'off' } })).toThrow(gatecastError('invalid-argument', /mean spike/));
    expect(make({ stuckAfter: 1 })).toThrow(gatecastError('invalid-argument', /stuckAfter/));
    expect(make({ limits: [] })).toThrow(gatecastError('invalid-argument', /limits/));
    expect(() => new SensorHealth({ ...room, std: [0] })).toThrow(gatecastError('invalid-argument', /deviation/));
  });
});
