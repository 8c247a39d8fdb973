import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fileFrom } from '../../../lib/cli/live/keep-model.ts';
import { jsonLine, plainLines } from '../../../lib/cli/live/lines.ts';
import { jsonOutput, plainOutput } from '../../../lib/cli/live/outputs.ts';
import { parseWishes } from '../../../lib/cli/live/screen.ts';
import { frame, status } from '../../../lib/cli/live/view.ts';
import type { About } from '../../../lib/live/about.ts';
import { Scoreboard } from '../../../lib/live/scoreboard.ts';
import type { Snapshot } from '../../../lib/live/snapshot.ts';

function about(sensors: number): About {
  return {
    title: `${sensors} sensors`,
    targets: Array.from({ length: sensors }, (_, column) => ({ name: `sensor${column}`, unit: '%', column })),
    horizon: 4,
    step: { size: 0.1, unit: 's' },
    level: 0.8,
  };
}

/** Sensor i reads t + i at sample t and is forecast rightly, but for an interval that is open only half the time. */
function snapshot(sensors: number, samples: number, overrides: Partial<Snapshot> = {}): Snapshot {
  const board = new Scoreboard(sensors, 4);
  const band = (t: number) => {
    const mean = Float64Array.from({ length: sensors * 4 }, (_, i) => t + Math.floor(i / 4) + (i % 4) + 1);
    return { mean, lower: mean.map((v) => v - 1), upper: mean.map((v) => v + (t % 2) * 2 - 1) };
  };
  const recent = Array.from({ length: samples }, (_, t) => {
    const values = Float64Array.from({ length: sensors }, (_, i) => t + i);
    return { at: 1e12 + 100 * t, values, expected: board.take(values, band(t)) };
  });
  return {
    phase: 'live',
    fresh: true,
    samples,
    collect: 200,
    leftOut: 0,
    recent,
    forecast: band(samples - 1),
    score: board.read(),
    microseconds: 6.25,
    refits: 2,
    untrained: false,
    ...overrides,
  };
}

const sizes = [
  { width: 80, height: 24 },
  { width: 120, height: 40 },
  { width: 40, height: 10 },
  { width: 200, height: 60 },
];

describe('frame', () => {
  it.each(sizes)('fills %o exactly in every phase', (size) => {
    for (const phase of ['collecting', 'training', 'live'] as const) {
      for (const sensors of [1, 9, 40]) {
        const forecast = phase === 'live' ? {} : { forecast: undefined };
        const learning = phase === 'collecting' ? {} : { learning: { epoch: 3, epochs: 40 } };
        for (const samples of [0, 1, 30]) {
          const shown = snapshot(sensors, samples, { phase, ...forecast, ...learning });
          const lines = frame(about(sensors), shown, sensors - 1, size, true);
          expect(lines).toHaveLength(size.height);
          expect(lines.map((line) => Array.from(stripVTControlCharacters(line)).length)).toEqual(
            lines.map(() => size.width),
          );
        }
      }
    }
  });

  it('says on the screen, in lines and in JSON when the model in use repeats the last value, and only then', () => {
    const said = 'nothing better than the last value learned yet';
    for (const untrained of [true, false]) {
      const shown = snapshot(2, 30, { untrained });
      expect(frame(about(2), shown, 0, { width: 80, height: 24 }, false).join('\n').includes(said)).toBe(untrained);
      expect(plainLines(about(2), shown).includes(said)).toBe(untrained);
      expect(JSON.parse(jsonLine(about(2), shown)).remark).toBe(untrained ? said : undefined);
    }
  });

  it('says on the screen, in lines and in JSON how many samples no forecast answered, if any', () => {
    for (const leftOut of [0, 3]) {
      const shown = snapshot(2, 30, { leftOut });
      const screen = frame(about(2), shown, 0, { width: 80, height: 24 }, false).join('\n');
      expect(screen.includes('30 samples (3 left out)')).toBe(leftOut > 0);
      expect(screen.includes('30 samples, ')).toBe(leftOut === 0);
      expect(plainLines(about(2), shown)[1]!.includes('30 samples (3 left out)')).toBe(leftOut > 0);
      expect(JSON.parse(jsonLine(about(2), shown)).leftOut).toBe(leftOut > 0 ? leftOut : undefined);
    }
  });

  it('shows the chosen sensor, its forecast and its row, and no escape codes without colour', () => {
    const lines = frame(about(9), snapshot(9, 30), 2, { width: 80, height: 24 }, false);
    const text = lines.join('\n');
    expect(text).toBe(stripVTControlCharacters(text));
    // Sensor 2 reads 31 at sample 29, and rises by 1 a sample.
    expect(text).toContain('sensor2: 31.0 % now, 35.0 in 0.4 s (80%: 34.0 to 36.0)');
    const row = lines.find((line) => line.startsWith('▸'));
    expect(row).toMatch(/^▸sensor2 % +▁.*█ +31\.0 +35\.0 +34\.0 to 36\.0 +\+100% +49%/);
    expect(lines.filter((line) => /^[ ▸]sensor\d %/.test(line))).toHaveLength(9);
    expect(text).toContain('░');
    expect(text).toContain('2 refits');
  });

  it('has room for the progress of a refit in 80 columns', () => {
    const shown = snapshot(2, 30, { samples: 12_345, refits: 12, learning: { epoch: 59, epochs: 60 } });
    const foot = frame(about(2), shown, 0, { width: 80, height: 24 }, false).at(-1);
    expect(foot).toMatch(/q: end .* 12,345 samples, 12 refits, learning again: 59 of 60 *$/);
  });

  it('keeps the chosen one of many sensors in sight', () => {
    for (const selected of [0, 20, 39]) {
      const lines = frame(about(40), snapshot(40, 30), selected, { width: 80, height: 24 }, false);
      expect(lines.filter((line) => line.startsWith(`▸sensor${selected} `))).toHaveLength(1);
    }
  });
});

describe('status', () => {
  it('says how far things have come, and then how good the forecasts are', () => {
    expect(status(about(1), snapshot(1, 50, { phase: 'collecting' }), false)).toMatch(/^collecting.*50 of 200$/);
    const training = snapshot(1, 50, { phase: 'training', learning: { epoch: 3, epochs: 40 } });
    expect(status(about(1), training, false)).toMatch(/^learning.*pass 3 of 40$/);
    expect(status(about(2), snapshot(2, 30), false)).toMatch(
      /^skill \+100% over repeat-last \(2 of 2\) {2}80% interval held 49% {2}6 µs a step$/,
    );
    expect(status(about(2), snapshot(2, 1), false)).toMatch(/^skill - .*held - /);
  });
});

describe('jsonLine', () => {
  it('is one line with the time, the forecast of each sensor and the score', () => {
    const line = jsonLine(about(2), snapshot(2, 30));
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({
      at: 1e12 + 2900,
      now: { sensor0: 29, sensor1: 30 },
      mean: { sensor0: [30, 31, 32, 33], sensor1: [31, 32, 33, 34] },
      intervals: {
        80: {
          sensor0: { lower: [29, 30, 31, 32], upper: [31, 32, 33, 34] },
          sensor1: { lower: [30, 31, 32, 33], upper: [32, 33, 34, 35] },
        },
      },
      samples: 30,
      refits: 2,
      microseconds: 6.25,
      skill: 1,
      coverage: expect.closeTo(0.5, 1),
    });
  });

  it('leaves out what there is not', () => {
    const recent = [{ at: undefined, values: Float64Array.of(1) }];
    const shown = snapshot(1, 1, { microseconds: undefined, recent });
    const line = JSON.parse(jsonLine(about(1), shown)) as Record<string, unknown>;
    expect(Object.keys(line)).toEqual(['now', 'mean', 'intervals', 'samples', 'refits']);
  });
});

describe('outputs without a terminal', () => {
  it('plain lines come when the phase changes and every few seconds, without escape codes', () => {
    const lines: string[] = [];
    let now = 0;
    const output = plainOutput(
      about(2),
      (line) => lines.push(line),
      () => now,
    );
    const blocks: number[] = [];
    const show = (at: number, shown: Snapshot) => {
      now = at;
      const before = lines.length;
      output.show(shown);
      blocks.push(lines.length - before);
    };
    show(0, snapshot(2, 1, { phase: 'collecting' }));
    show(1999, snapshot(2, 20, { phase: 'collecting' }));
    show(2000, snapshot(2, 20, { phase: 'collecting' }));
    show(2100, snapshot(2, 20, { phase: 'training', learning: { epoch: 1, epochs: 9 } }));
    show(2200, snapshot(2, 21, { forecast: undefined }));
    show(2300, snapshot(2, 22));
    show(7200, snapshot(2, 23));
    show(7300, snapshot(2, 24));
    expect(blocks).toEqual([1, 0, 1, 1, 0, 5, 0, 5]);
    expect(lines.join('\n')).toBe(stripVTControlCharacters(lines.join('\n')));
    expect(plainLines(about(2), snapshot(2, 30)).at(-1)).toContain('sensor1 %');
  });

  it('JSON goes out for every new forecast and nothing else does; the phases are remarked on apart', () => {
    const [lines, remarks]: [string[], string[]] = [[], []];
    const output = jsonOutput(
      about(1),
      (line) => lines.push(line),
      (line) => remarks.push(line),
    );
    output.show(snapshot(1, 5, { phase: 'collecting', forecast: undefined }));
    output.show(snapshot(1, 6, { phase: 'collecting', forecast: undefined }));
    output.show(snapshot(1, 7, { phase: 'training', forecast: undefined }));
    output.show(snapshot(1, 8));
    output.show(snapshot(1, 8, { fresh: false }));
    output.show(snapshot(1, 9, { forecast: undefined }));
    output.show(snapshot(1, 10));
    expect(lines.map((line) => (JSON.parse(line) as { samples: number }).samples)).toEqual([8, 10]);
    expect(remarks.map((remark) => remark.split(' ')[0])).toEqual(['collecting', 'learning']);
  });
});

describe('answers of a person', () => {
  it('reads keys, several at once and unknown ones too', () => {
    expect(parseWishes('\t\x1b[B\x1b[C\x1bOB')).toEqual(['next', 'next', 'next', 'next']);
    expect(parseWishes('\x1b[Z\x1b[A\x1b[D')).toEqual(['previous', 'previous', 'previous']);
    expect(parseWishes('xq')).toEqual(['end']);
    expect(parseWishes('\x03')).toEqual(['end']);
    expect(parseWishes('\x1b[5~')).toEqual([]);
  });

  it.each([
    ['', undefined],
    [' n ', undefined],
    ['No', undefined],
    ['y', 'live.gatecast'],
    ['pump', 'pump.gatecast'],
    ['models/pump.v2', 'models/pump.v2'],
    ['a.b/pump', 'a.b/pump.gatecast'],
  ])('takes %j for the file %s', (answer, file) => expect(fileFrom(answer)).toBe(file));
});
