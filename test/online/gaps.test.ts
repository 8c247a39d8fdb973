import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GapFiller, type GapModel, type GapOptions } from '../../lib/online/time/gaps.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const model: GapModel = {
  names: ['pressure', 'temperature', 'flow'],
  mean: [3, 20, 100],
  targets: ['flow', 'temperature'],
  interval: 1000,
};
const NAN = Number.NaN;

/** A filler with its own row, at an offset other than 0. */
function newFiller(options?: GapOptions, changes: Partial<GapModel> = {}) {
  const filler = new GapFiller({ ...model, ...changes }, options);
  const at = 2;
  const row = new Float64Array(at + filler.size);
  filler.reset(row, at);
  return {
    complete: (values: number[], forecast?: number[]): number[] => {
      const filled = Float64Array.from(values);
      const count = filler.complete(row, at, filled, forecast);
      expect(count).toBe(
        values.filter((value, i) => !Number.isFinite(value) && !(changes.names ?? model.names)[i]!.endsWith('_missing'))
          .length,
      );
      return [...filled];
    },
    ages: () => model.names.map((_, i) => filler.age(row, at, i)),
  };
}

test('hold gives the last value, and the mean of the training before the first', () => {
  const { complete, ages } = newFiller();
  expect(ages()).toEqual([Infinity, Infinity, Infinity]);
  expect(complete([NAN, 21, NAN])).toEqual([3, 21, 100]);
  expect(complete([4, Number.POSITIVE_INFINITY, NAN])).toEqual([4, 21, 100]);
  expect(complete([NAN, NAN, NAN])).toEqual([4, 21, 100]);
  expect(ages()).toEqual([1, 2, Infinity]);
  expect(complete([5, 22, 90])).toEqual([5, 22, 90]);
  expect(ages()).toEqual([0, 0, 0]);
});

test('decay halves the way to the mean in each half-life', () => {
  const halfLife = 2000;
  const { complete } = newFiller({ fill: { pressure: 'decay' }, decayTime: halfLife / Math.LN2 });
  complete([11, 21, 90]);
  const pressures = [1, 2, 3, 4, 5, 6].map(() => complete([NAN, NAN, NAN])[0]!);
  // 8 above the mean of 3; two samples of a second to each half-life
  for (const [i, above] of [8 / Math.SQRT2, 4, 4 / Math.SQRT2, 2, 2 / Math.SQRT2, 1].entries()) {
    expect(pressures[i]! - 3).toBeCloseTo(above, 12);
  }
  expect(complete([NAN, NAN, NAN])[1]).toBe(21); // the others hold
});

test('decay takes its time in text, and else ten samples', () => {
  const steps = (filler: ReturnType<typeof newFiller>, count: number) => {
    filler.complete([4, 21, 90]);
    return Array.from({ length: count }, () => filler.complete([NAN, NAN, NAN])[0]! - 3).at(-1);
  };
  expect(steps(newFiller({ fill: 'decay', decayTime: '5s' }), 5)).toBeCloseTo(1 / Math.E, 12);
  expect(steps(newFiller({ fill: 'decay' }, { interval: null }), 10)).toBeCloseTo(1 / Math.E, 12);
  expect(newFiller({ fill: 'decay' }).complete([NAN, NAN, NAN])).toEqual([3, 20, 100]);
});

test('impute takes the forecast of a target, and holds if there was none', () => {
  const { complete } = newFiller({ fill: 'impute' });
  complete([4, 21, 90]);
  expect(complete([NAN, NAN, NAN], [91, 22])).toEqual([4, 22, 91]);
  expect(complete([NAN, NAN, 80], [91, 22])).toEqual([4, 22, 80]);
  expect(complete([NAN, NAN, NAN], [NAN, 22])).toEqual([4, 22, 80]);
  expect(complete([NAN, NAN, NAN])).toEqual([4, 21, 80]);
});

describe('mask', () => {
  const masked = { names: ['flow_average', 'flow', 'flow_missing'], mean: [3, 100, 0.1], targets: ['flow'] };

  test('marks it for the model in the mask input, whatever the sample had there', () => {
    const { complete } = newFiller({ fill: { flow: 'mask' } }, masked);
    expect(complete([4, NAN, NAN])).toEqual([4, 100, 1]);
    expect(complete([4, 90, 1])).toEqual([4, 90, 0]);
    expect(complete([NAN, NAN, 0])).toEqual([4, 90, 1]);
    expect(complete([5, 91, NAN])).toEqual([5, 91, 0]);
  });

  test('needs that input', () => {
    const refused = gatecastError('invalid-argument', /"flow_average_missing"/);
    expect(() => new GapFiller({ ...model, ...masked }, { fill: 'mask' })).toThrow(refused);
    const both = { names: ['flow_missing', 'flow'], mean: [0.1, 100], targets: ['flow'] };
    expect(newFiller({ fill: 'mask' }, both).complete([NAN, NAN])).toEqual([1, 100]);
  });

  test('and how long it has been missing, up to a thousand samples', () => {
    const told = { names: ['flow', 'flow_missing', 'flow_elapsed'], mean: [100, 0.1, 0.3], targets: ['flow'] };
    const filler = new GapFiller({ ...model, ...told }, { fill: 'elapsed' });
    const row = new Float64Array(filler.size);
    filler.reset(row, 0);
    const tell = (flow: number) => {
      const values = Float64Array.of(flow, NAN, NAN);
      filler.complete(row, 0, values, undefined);
      return [...values];
    };
    expect(tell(NAN)).toEqual([100, 1, Math.log(1001)]);
    expect(tell(90)).toEqual([90, 0, 0]);
    expect([tell(NAN), tell(NAN)]).toEqual([
      [90, 1, Math.log(2)],
      [90, 1, Math.log(3)],
    ]);
    expect(filler.silence(row, 0)).toBe(2);
    for (let i = 0; i < 2000; i++) tell(NAN);
    expect(tell(NAN)[2]).toBe(Math.log(1001));
    expect(() => new GapFiller({ ...model, ...masked }, { fill: { flow: 'elapsed' } })).toThrow(/"flow_elapsed"/);
  });

  test('is written as the model was trained, whatever the stream puts in', () => {
    const own = { ...masked, gap: { flow: 'mask' } as const };
    expect(newFiller({ fill: { flow: 'decay' } }, own).complete([4, NAN, NAN])).toEqual([4, 100, 1]);
    expect(newFiller({}, own).complete([4, NAN, NAN])).toEqual([4, 100, 1]);
  });

  test('leaves an input of such a name alone if it is not a mask', () => {
    const filler = new GapFiller({ ...model, ...masked }, { fill: 'hold' });
    const row = new Float64Array(filler.size);
    filler.reset(row, 0);
    const values = Float64Array.of(4, 90, 7);
    expect(filler.complete(row, 0, values, undefined)).toBe(0);
    expect([...values]).toEqual([4, 90, 7]);
  });
});

test('whatever comes, numbers go out, and a copy of the row goes on alike', () => {
  const filler = new GapFiller(model, { fill: { pressure: 'decay', temperature: 'impute' } });
  const sample = fc.array(fc.double(), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.tuple(sample, fc.option(sample)), { minLength: 1, maxLength: 40 }), (samples) => {
      const run = (row: Float64Array, some: typeof samples) =>
        some.map(([values, forecast]) => {
          const out = Float64Array.from(values);
          filler.complete(row, 0, out, forecast?.slice(0, 2));
          values.forEach((value, i) =>
            expect(out[i]).toSatisfy((x: number) =>
              Number.isFinite(value) ? Object.is(x, value) : Number.isFinite(x),
            ),
          );
          return out;
        });
      const row = new Float64Array(filler.size);
      filler.reset(row, 0);
      run(row, samples);
      const copy = row.slice();
      expect(run(copy, samples)).toEqual(run(row, samples));
      expect(copy).toEqual(row);
      expect(row).not.toContain(NAN);
    }),
  );
});

test.each([
  [{ fill: 'forget' }, /'hold' or 'decay'/],
  [{ fill: { pressure: 'forget' } }, /options\.gap\.pressure/],
  [{ fill: { presure: 'hold' } }, /Did you mean "pressure"/],
  [{ fill: ['hold'] }, /policies by name/],
  [{ decayTime: 0 }, /more than 0/],
  [{ decayTime: 'long' }, /decayTime/],
  [{ policy: 'hold' }, /policy/],
])('options %j are refused', (options, message) => {
  expect(() => new GapFiller(model, options as GapOptions)).toThrow(gatecastError('invalid-argument', message));
});

test('a decay time is refused if the interval is not known', () => {
  const refused = gatecastError('invalid-argument', /a model with an interval/);
  expect(() => new GapFiller({ ...model, interval: null }, { decayTime: '1m' })).toThrow(refused);
});
