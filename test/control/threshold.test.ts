import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ThresholdDecision, threshold, type ThresholdOptions } from '../../lib/control/policies/threshold.ts';
import { Forecast } from '../../lib/model/forecast.ts';
import { NONE_SKIPPED } from '../../lib/model/skipped.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES, THROWING } from '../support/hostile-values.ts';

const MINUTE = 60_000;

/** A forecast of `celsius`, a step a minute, with the mean and a quantile 0.9 that lies 5 above it. */
function forecastOf(mean: number[], ready = true, interval: number | null = MINUTE): Forecast {
  const shape = { targets: ['celsius'], horizon: mean.length, levels: [0.9], interval };
  return new Forecast(shape, [...mean, ...mean.map((value) => value + 5)], 1000, ready, NONE_SKIPPED);
}

const decisions = (options: ThresholdOptions, ...means: number[][]) => {
  const take = threshold(options).start();
  return means.map((mean) => take(forecastOf(mean)));
};
const switches = (options: ThresholdOptions, ...means: number[][]) => decisions(options, ...means).map(({ on }) => on);

describe('threshold', () => {
  test('counts whole steps within a time though the interval is rounded', () => {
    for (const hz of [3, 30, 60, 70, 120]) {
      for (let steps = 1; steps <= hz; steps++) {
        const rising = Array.from({ length: hz }, (_, step) => step + 1);
        const take = threshold({ above: 0, within: (1000 * steps) / hz }).start();
        expect(take(forecastOf(rising, true, 1000 / hz)).value, `${steps} of ${hz}`).toBe(steps);
      }
    }
  });

  test('is on from the first forecast above it until all are back under the release', () => {
    expect(switches({ above: 90, release: 85 }, [80], [90], [90.1], [86], [85], [88])).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  test('without a release switches off at the threshold itself', () => {
    expect(switches({ above: 90 }, [91], [90])).toEqual([true, false]);
  });

  test('reports what it saw, and when the threshold is passed', () => {
    const take = threshold({ above: 90 }).start();
    const seen = [
      [88, 91, 95, 89],
      [88, 89, 90, 90],
    ].map((mean) => forecastOf(mean));
    const decided = seen.map((forecast) => take(forecast));
    for (const [k, { forecast }] of decided.entries()) expect(forecast).toBe(seen[k]);
    expect(decided).toMatchObject([
      { on: true, changed: true, value: 95, stepsAhead: 2, at: 1000 },
      { on: false, changed: true, value: 90, stepsAhead: undefined, at: 1000 },
    ]);
  });

  test('looks no further than `within`', () => {
    const mean = [80, 80, 91];
    expect(switches({ above: 90, within: '2m' }, mean)).toEqual([false]);
    expect(switches({ above: 90, within: '2.9m' }, mean)).toEqual([false]);
    expect(switches({ above: 90, within: '3m' }, mean)).toEqual([true]);
  });

  test('decides by a quantile', () => {
    expect(switches({ above: 90 }, [86])).toEqual([false]);
    expect(switches({ above: 90, quantile: 0.9 }, [86])).toEqual([true]);
  });

  test('below is above, mirrored', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 })), (means) => {
        const up = decisions({ above: 4, release: 1 }, ...means);
        const down = decisions({ below: -4, release: -1 }, ...means.map((mean) => mean.map((value) => 0 - value)));
        const told = ({ on, changed, value, stepsAhead }: ThresholdDecision) => ({ on, changed, value, stepsAhead });
        expect(down.map((decision) => told({ ...decision, value: 0 - decision.value }))).toEqual(up.map(told));
      }),
    );
  });

  test('changes only by its definition: on above, off at the release or under it', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 2 })), (means) => {
        let before = false;
        for (const [k, { on, changed, value }] of decisions({ above: 4, release: 1 }, ...means).entries()) {
          expect(value).toBe(Math.max(...means[k]!));
          expect(changed).toBe(on !== before);
          if (value > 4) expect(on).toBe(true);
          else if (value <= 1) expect(on).toBe(false);
          else expect(on).toBe(before);
          before = on;
        }
      }),
    );
  });

  test('changes nothing while a forecast is not ready', () => {
    const take = threshold({ above: 90 }).start();
    expect(take(forecastOf([99], false)).on).toBe(false);
    expect(take(forecastOf([99])).on).toBe(true);
    expect(take(forecastOf([10], false))).toMatchObject({ on: true, changed: false, held: true });
  });

  test.each([Number.NaN, Infinity, -Infinity])('nor when %s is in the forecast, and says so', (wrong) => {
    for (const options of [{ above: 90 }, { below: 90 }]) {
      const take = threshold(options).start();
      const [low, high] = [forecastOf([10, 10]), forecastOf([99, 99])];
      const on = options.above === undefined ? low : high;
      expect(take(forecastOf([99, wrong, 10]))).toMatchObject({ on: false, changed: false, held: true });
      expect(take(on)).toMatchObject({ on: true, changed: true, held: false });
      expect(take(forecastOf([wrong, 10]))).toMatchObject({ on: true, changed: false, held: true });
      expect(take(on === low ? high : low)).toMatchObject({ on: false, held: false });
    }
  });

  test('each start has a fresh memory', () => {
    const policy = threshold({ above: 90, release: 80 });
    expect(policy.start()(forecastOf([91])).on).toBe(true);
    expect(policy.start()(forecastOf([85])).on).toBe(false);
  });

  test('refuses meaningless options', () => {
    const refused = (options: unknown, message: RegExp) =>
      expect(() => threshold(options as ThresholdOptions)).toThrow(gatecastError('invalid-argument', message));
    refused({}, /one of above and below/);
    refused({ above: 1, below: 2 }, /one of above and below/);
    refused({ above: 90, release: 91 }, /at most 90.*release.*91/);
    refused({ below: 10, release: 9 }, /at least 10.*release.*9/);
    refused({ above: Number.NaN }, /above.*NaN/);
    refused({ abov: 1 }, /Did you mean above/);
    refused({ above: 1, within: 'soon' }, /within/);
    for (const [name, make] of HOSTILE_VALUES) {
      if (!THROWING.has(name)) refused(make(), /./);
    }
  });

  test('refuses a forecast that lacks what it asks for', () => {
    const refused = (options: ThresholdOptions, forecast: unknown, message: RegExp) =>
      expect(() => threshold(options).start()(forecast as Forecast)).toThrow(
        gatecastError('invalid-argument', message),
      );
    refused({ above: 1, target: 'kelvin' }, forecastOf([1]), /a target.*kelvin.*celsius/);
    refused({ above: 1, quantile: 0.5 }, forecastOf([1]), /one of 0\.9 .*quantile.*0\.5/);
    refused({ above: 1, within: '30s' }, forecastOf([1]), /60000 to 60000 ms.*within/);
    refused({ above: 1, within: '2m' }, forecastOf([1]), /60000 to 60000 ms.*within/);
    refused({ above: 1, within: '1m' }, forecastOf([1], true, null), /knows its interval.*within/);
    for (const [name, make] of HOSTILE_VALUES) {
      if (!THROWING.has(name)) refused({ above: 1 }, make(), /a forecast/);
    }
    const two = new Forecast({ targets: ['a', 'b'], horizon: 1, levels: [] }, [1, 2], undefined, true, NONE_SKIPPED);
    refused({ above: 1 }, two, /a target/);
    expect(threshold({ above: 1, target: 'b' }).start()(two).value).toBe(2);
  });
});
