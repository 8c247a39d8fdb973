import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Skill, type SkillOptions } from '../../lib/online/judging/skill.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const horizon = 3;
const levels = [0.1, 0.5, 0.9];

function start(options: Partial<SkillOptions> = {}) {
  const skill = new Skill({ targets: 1, horizon, levels, ...options });
  const row = new Float64Array(skill.size);
  skill.reset(row, 0);
  return { skill, row };
}

/** Mean, then each level's quantiles, of a model that forecasts `value` for each target, plus or minus 1. */
function say(...values: number[]): Float64Array {
  const steps = (delta: number) => values.flatMap((value) => Array.from({ length: horizon }, () => value + delta));
  return Float64Array.from([0, -1, 0, 1].flatMap(steps));
}

function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (2 * state) / 2 ** 32 - 1;
  };
}

describe('Skill', () => {
  test('errors are exponentially weighted means over the steps, the same for all forecasts', () => {
    const [window, season, smoothing] = [7, 4, 0.3];
    const { skill, row } = start({ window, season, smoothing });
    const random = noise(1);
    const values = Array.from({ length: 60 }, (_, i) => (i % 9 === 5 ? Number.NaN : Math.sin(i) + random()));
    const model = values.map((_, i) => (i % 11 === 7 ? undefined : random()));
    values.forEach((value, now) => {
      skill.observe(row, 0, Float64Array.of(value));
      if (model[now] !== undefined) skill.answer(row, 0, say(model[now]), 0);
    });

    // The same from all values at once: each forecast made at `then` of the value `step` later.
    const known = (now: number) => values.slice(0, now + 1).filter((value) => !Number.isNaN(value));
    const said = {
      model: (then: number) => model[then]!,
      last: (then: number) => known(then).at(-1)!,
      smoothed: (then: number) => known(then).reduce((level, value) => level + smoothing * (value - level)),
      seasonal: (then: number, step: number) => {
        const before = values[then + step - season * Math.ceil(step / season)] ?? Number.NaN;
        return Number.isNaN(before) ? known(then).at(-1)! : before;
      },
    };
    for (const [name, forecast] of Object.entries(said)) {
      const errors = values.flatMap((truth, now) => {
        const steps = [1, 2, 3].filter((step) => now >= step && model[now - step] !== undefined);
        if (Number.isNaN(truth) || steps.length === 0) return [];
        const sum = steps.reduce((total, step) => total + Math.abs(truth - forecast(now - step, step)), 0);
        return [sum / steps.length];
      });
      const mae = errors.reduce((mean, error, i) => mean + (error - mean) / Math.min(i + 1, window), 0);
      expect(skill.mae(row, 0, 0, name as keyof typeof said), name).toBeCloseTo(mae, 12);
    }
    const ratio = skill.mae(row, 0, 0, 'model')! / skill.mae(row, 0, 0, 'last')!;
    expect(skill.skill(row, 0, 0)).toBe(1 - ratio);
  });

  test('there is no skill before a forecast came true, nor where the naive forecast is never wrong', () => {
    const { skill, row } = start();
    expect([skill.skill(row, 0, 0), skill.mae(row, 0, 0, 'model')]).toEqual([undefined, undefined]);
    for (let now = 0; now < 10; now++) {
      skill.observe(row, 0, Float64Array.of(5));
      skill.answer(row, 0, say(6), 0);
    }
    expect([skill.skill(row, 0, 0), skill.mae(row, 0, 0, 'model')]).toEqual([undefined, 1]);
  });

  test('a target whose model stays worse falls back after `patience` samples and returns after as many', () => {
    const patience = 30;
    const { skill, row } = start({ targets: 2, patience, window: 10 });
    const random = noise(2);
    /** Truths are noise around 0, of which the model says `bias` for the first target and 0 for the second. */
    const run = (bias: number) => {
      skill.observe(row, 0, Float64Array.of(random(), random()));
      const block = say(bias, 0);
      skill.answer(row, 0, block, 0);
      return block;
    };
    for (let now = 0; now < 300; now++) expect(run(0)).toEqual(say(0, 0));
    expect(skill.skill(row, 0, 0)).toBeGreaterThan(0);

    let negative = 0;
    while (!skill.fallenBack(row, 0, 0)) {
      const block = run(5);
      negative = skill.skill(row, 0, 0)! < 0 ? negative + 1 : 0;
      if (negative < patience) expect(block).toEqual(say(5, 0));
    }
    expect(negative).toBe(patience);
    const block = run(5);
    const firstTarget = (k: number) => block.subarray(2 * horizon * k, 2 * horizon * k + horizon);
    expect(new Set(firstTarget(0)).size).toBe(1); // the last value, at all steps
    expect(Math.abs(firstTarget(0)[0]!)).toBeLessThan(1);
    expect(block.subarray(horizon, 2 * horizon)).toEqual(say(0, 0).subarray(horizon, 2 * horizon));

    let positive = 0;
    while (skill.fallenBack(row, 0, 0)) {
      run(0);
      positive = skill.skill(row, 0, 0)! > 0 ? positive + 1 : 0;
    }
    expect(positive).toBe(patience);
    expect(run(0)).toEqual(say(0, 0));
  });

  test('waits again after each change', () => {
    const { skill, row } = start({ patience: 4, window: 1 });
    const changes: number[] = [];
    // The last value is wrong by 2/3 on average over the steps, and once, right after the fall, far more than the model;
    // the model by 10, then by 1/2, then by 10. The sample after a change still scores what was said before it.
    for (let now = 0; now < 20; now++) {
      const before = skill.fallenBack(row, 0, 0);
      skill.observe(row, 0, Float64Array.of(now === 5 ? 11 : now % 2));
      skill.answer(row, 0, say(now < 6 || now > 11 ? 11 : 0.5), 0);
      if (skill.fallenBack(row, 0, 0) !== before) changes.push(now);
    }
    // Worse at samples 1 to 4, better at 9 to 12, when all that is scored was said from 6 on, and worse at 13 to 16.
    expect(changes).toEqual([4, 12, 16]);
  });

  test('leaves steps alone whose naive errors it has not seen', () => {
    const { skill, row } = start({ patience: 1, window: 1 });
    for (const truth of [0, 1]) {
      skill.observe(row, 0, Float64Array.of(truth));
      const block = say(9);
      skill.answer(row, 0, block, 0);
      if (truth === 1) expect([...block.subarray(0, horizon)]).toEqual([1, 9, 9]);
    }
  });

  test('the naive answer has quantiles of its own errors, for each step', () => {
    const { skill, row } = start({ patience: 1, window: 1 });
    const random = noise(3);
    const inside = [0, 0, 0];
    const total = 5000;
    const said: Float64Array[] = [];
    let value = 0;
    for (let now = 0; now < total; now++) {
      value += random();
      skill.observe(row, 0, Float64Array.of(value));
      for (let step = 1; step <= horizon && step <= now; step++) {
        const block = said[now - step]!;
        const quantile = (l: number) => block[(1 + l) * horizon + step - 1]!;
        if (value >= quantile(0) && value <= quantile(2)) inside[step - 1]! += 1;
      }
      const block = say(value + 1000); // a model that is always wrong, or the naive answer
      skill.answer(row, 0, block, 0);
      if (now > 2 * horizon) expect(block[0]).toBe(value);
      said.push(block);
    }
    for (const count of inside) expect(Math.abs(count / total - 0.8)).toBeLessThan(0.02);
    // A random walk: the errors of three steps are wider than those of one.
    const width = (step: number) => said.at(-1)![3 * horizon + step - 1]! - said.at(-1)![horizon + step - 1]!;
    expect(width(3)).toBeGreaterThan(1.3 * width(1));
  });

  test('skill is measured against, and falls back to, the naive forecast asked for', () => {
    const { skill, row } = start({ naive: 'seasonal', season: 4, patience: 1 });
    const wave = [0, 10, 20, 10];
    let block = say(0);
    for (let now = 0; now < 100; now++) {
      skill.observe(row, 0, Float64Array.of(wave[now % 4]! + (now % 3) / 10));
      block = say(wave[now % 4]!); // the last value, nearly
      skill.answer(row, 0, block, 0);
    }
    expect(skill.skill(row, 0, 0)).toBeLessThan(-10);
    expect(skill.mae(row, 0, 0, 'seasonal')).toBeLessThan(skill.mae(row, 0, 0, 'last')!);
    // At now = 99 the next values are those of 96, 97 and 98.
    expect([...block.subarray(0, horizon)]).toEqual([0, 10 + 0.1, 20 + 0.2]);
  });

  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  const stretch = (value: fc.Arbitrary<number>) =>
    fc.array(fc.tuple(fc.option(value, { nil: Number.NaN, freq: 8 }), fc.option(value, { nil: undefined, freq: 8 })), {
      maxLength: 50,
    });

  test('a copy of the row goes on to the same bits', () => {
    fc.assert(
      fc.property(stretch(finite), stretch(finite), (before, after) => {
        const { skill, row } = start({ season: 2, patience: 2, window: 3 });
        const run = (row: Float64Array, samples: typeof before) =>
          samples.map(([truth, model]) => {
            skill.observe(row, 0, Float64Array.of(truth));
            const block = say(model ?? 0);
            if (model !== undefined) skill.answer(row, 0, block, 0);
            return block;
          });
        run(row, before);
        const copy = row.slice();
        expect(run(copy, after)).toEqual(run(row, after));
        expect(new Uint8Array(copy.buffer)).toEqual(new Uint8Array(row.buffer));
      }),
    );
  });

  test('whatever finite numbers come, answers and errors are numbers', () => {
    const any = fc.oneof(finite, fc.constantFrom(0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE));
    fc.assert(
      fc.property(stretch(any), (samples) => {
        const { skill, row } = start({ season: 2, patience: 1, window: 3, naive: 'smoothed' });
        for (const [truth, model] of samples) {
          skill.observe(row, 0, Float64Array.of(truth));
          const block = say(model ?? 0);
          if (model !== undefined) skill.answer(row, 0, block, 0);
          expect(block).not.toContain(Number.NaN);
          for (const of of ['model', 'last', 'seasonal', 'smoothed'] as const) {
            expect(skill.mae(row, 0, 0, of) ?? 0).toBeLessThanOrEqual(Number.MAX_VALUE);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('refuses wrong options', () => {
    for (const wrong of [{ naive: 'mean' }, { season: -1 }, { smoothing: 0 }, { patience: 0 }, { levels: [2] }]) {
      expect(() => start(wrong as never)).toThrow(gatecastError('invalid-argument'));
    }
    expect(() => start({ naive: 'seasonal' })).toThrow(gatecastError('invalid-argument', /season/));
  });
});
