import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axis } from '../../../lib/cli/live/axis.ts';
import { Canvas } from '../../../lib/cli/live/canvas.ts';
import { type ChartData, chart } from '../../../lib/cli/live/chart.ts';
import { count, percent, short } from '../../../lib/cli/live/numbers.ts';
import { fit, paint } from '../../../lib/cli/live/paint.ts';
import { sparkline } from '../../../lib/cli/live/sparkline.ts';

const labels: [string, string, string] = ['-4 s', 'now', '+2 s'];

describe('Canvas', () => {
  it('puts dots where Unicode has them', () => {
    const canvas = new Canvas(1, 1);
    const bits = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];
    let drawn = 0;
    for (const [i, bit] of bits.entries()) {
      canvas.dot(i % 2, i >> 1, 'history');
      drawn |= bit;
      expect(canvas.lines(false)).toEqual([String.fromCodePoint(0x2800 + drawn)]);
    }
  });

  it('draws a line through both of its ends and without holes', () => {
    const canvas = new Canvas(2, 1);
    canvas.line(0, 0, 3, 3, 'history');
    expect(canvas.lines(false)).toEqual(['⠑⢄']);
  });

  it('shades cells, in colour under the dots and without colour around them, and ignores what is outside', () => {
    const canvas = new Canvas(3, 2);
    canvas.shade(1, -5, 0, 'band');
    canvas.dot(2, 0, 'forecast');
    canvas.dot(99, 0, 'forecast');
    canvas.dot(-1, 0, 'forecast');
    canvas.shade(2, 0, 9, 'band');
    expect(canvas.lines(false)).toEqual([' ⠁░', '  ░']);
    expect(canvas.lines(true)[0]).toBe(' \x1b[38;5;214;48;5;24m⠁\x1b[0m\x1b[48;5;24m \x1b[0m');
  });
});

describe('axis', () => {
  it('has round bounds around all values', () => {
    expect(axis(3, 97, 5)).toEqual({ low: 0, high: 100, step: 20 });
    expect(axis(0.12, 0.31, 4)).toMatchObject({ step: 0.05 });
    expect(axis(-5, 5, 4)).toMatchObject({ low: -5, high: 5, step: 5 });
  });

  it('holds for any values, also ones that do not move', () => {
    const numbers = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(numbers, numbers, fc.integer({ min: 1, max: 20 }), (a, b, ticks) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const { low, high, step } = axis(min, max, ticks);
        const slack = 1e-6 * (Math.abs(min) + Math.abs(max) + step);
        expect(step).toBeGreaterThan(0);
        expect(low).toBeLessThanOrEqual(min + slack);
        expect(high).toBeGreaterThanOrEqual(max - slack);
        expect(high).toBeGreaterThan(low);
        expect((high - low) / step).toBeLessThanOrEqual(ticks + 2.5);
      }),
    );
  });
});

describe('chart', () => {
  const data: ChartData = {
    history: [0, 0, 0, 0],
    forecast: { mean: [10, 10], lower: [5, 5], upper: [10, 10] },
    behind: 4,
    ahead: 2,
    labels,
  };

  it('draws history, forecast and band at their places', () => {
    const lines = chart(data, { width: 8 + 12, height: 6 }, false);
    expect(lines[0]).toMatch(/^ {5}10 {7,}[\u2800-\u28ff]+$/);
    expect(lines[4]).toMatch(/^ {6}0 [\u2800-\u28ff]+ *$/);
    expect(lines.slice(1, 3).every((line) => line.includes('░'))).toBe(true);
    expect(lines[3]).not.toContain('░');
  });

  it('has exactly the size asked for, whatever the values', () => {
    const value = fc.oneof(fc.double({ noNaN: false, min: -1e9, max: 1e9 }), fc.constant(Number.NaN), fc.constant(3));
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 80 }),
        fc.array(value, { minLength: 5, maxLength: 5 }),
        fc.integer({ min: 20, max: 150 }),
        fc.integer({ min: 4, max: 30 }),
        fc.boolean(),
        (history, mean, width, height, colour) => {
          const forecast = { mean, lower: mean.map((v) => v - 1), upper: mean.map((v) => v + 2) };
          const past = { lower: history.map((v) => v - 1), upper: history.map((v) => v + 1) };
          const lines = chart({ history, past, forecast, behind: 60, ahead: 5, labels }, { width, height }, colour);
          expect(lines).toHaveLength(height);
          for (const line of lines) {
            expect(Array.from(stripVTControlCharacters(line))).toHaveLength(width);
            if (!colour) expect(line).toBe(stripVTControlCharacters(line));
          }
        },
      ),
    );
  });

  it('writes what the ends and the newest value are', () => {
    expect(chart(data, { width: 48, height: 6 }, false).at(-1)).toMatch(/^ {8}-4 s +now +\+2 s$/);
  });
});

describe('short texts', () => {
  it.each([
    [0, '0'],
    [-0.0012345, '-0.0012'],
    [0.00001234, '1e-5'],
    [-4.5e-300, '-5e-300'],
    [1.234, '1.23'],
    [9.996, '10.0'],
    [-45.67, '-45.7'],
    [99.96, '100'],
    [12_345.6, '12346'],
    [123_456, '123k'],
    [1.5e9, '1500M'],
    [Number.NaN, '-'],
  ])('%f is short', (value, text) => expect(short(value)).toBe(text));

  it('writes shares and counts', () => {
    expect([0.214, -0.001, undefined, -0.5].map((share) => percent(share, { sign: true }))).toEqual([
      '+21%',
      '0%',
      '-',
      '-50%',
    ]);
    expect(count(1234567)).toBe('1,234,567');
  });

  it('draws a sparkline of the newest values, missing ones blank', () => {
    expect(sparkline([9, 0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([5, Number.NaN, 5], 4)).toBe(' ▁ ▁');
    expect(sparkline([], 3)).toBe('   ');
  });

  it('cuts and fills painted text by what is seen of it', () => {
    expect(fit(`${paint('abc', 'good', true)}def`, 4)).toBe('\x1b[38;5;41mabc\x1b[0md');
    expect(fit('ab', 4)).toBe('ab  ');
    expect(paint('abc', 'good', false)).toBe('abc');
  });
});
