import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { Sample } from '../../lib/model/sample.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { RecurrentNetwork } from '../../lib/network/recurrent-network.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES, HostileError } from '../support/hostile-values.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

const samples = Array.from({ length: 40 }, (_, i) => [10 + Math.sin(i), 20 + 2 * Math.cos(i / 3)]);

const kinds = [
  ['quantile GRU', {}],
  ['quantile GRU without anchor', { anchor: 'none' }],
  ['squared errors', { loss: 'mse', levels: [0.1, 0.9] }],
  ['absolute errors, no levels', { loss: 'mae', levels: [] }],
  ['median between levels', { levels: [0.2, 0.4, 0.7] }],
  ['other reset form', { network: { linearBeforeReset: false } }],
  ['LSTM', { network: { cell: 'lstm' } }],
  ['projected LSTM of 3 layers, no bias', { network: { cell: 'lstm', projSize: 3, numLayers: 3, bias: false } }],
  ['two targets, window', { targets: ['temperature', 'pressure'], memory: 'window', lookback: 4 }],
] as const;

/** All arithmetic around the network once more, in the order of the definitions. */
function plainForecast(model: Forecaster, history: readonly number[][]) {
  const { description, scaler, residuals } = model;
  const { inputs, targets, horizon, levels, loss, anchor, memory, lookback } = description;
  const network = new RecurrentNetwork(description.network);
  network.loadStateDict(model.weights());
  const state = network.createState();
  let output = new Float32Array();
  for (const sample of memory === 'window' ? history.slice(-lookback) : history) {
    output = state.step(sample.map((value, i) => Math.fround((value - scaler.mean[i]!) / scaler.std[i]!))).slice();
  }
  const last = history.at(-1)!;
  return targets.flatMap((target, t) =>
    Array.from({ length: horizon }, (_, h) => {
      const column = inputs.findIndex(({ name }) => name === target);
      const toUnits = (scaled: number) =>
        (anchor === 'last' ? last[column]! : scaler.mean[column]!) + scaled * scaler.std[column]!;
      const row = t * horizon + h;
      const steps = levels.map((_, l) =>
        loss === 'quantile'
          ? output[row * levels.length + l]!
          : output[row]! + residuals!.data[row * levels.length + l]!,
      );
      steps.sort((a, b) => a - b);
      const above = levels.findIndex((level) => level >= 0.5);
      const slope = (0.5 - levels[above - 1]!) / (levels[above]! - levels[above - 1]!);
      const median =
        levels[above] === 0.5 ? steps[above]! : steps[above - 1]! + slope * (steps[above]! - steps[above - 1]!);
      return { mean: toUnits(loss === 'quantile' ? median : output[row]!), quantiles: steps.map(toUnits) };
    }),
  );
}

describe.each(kinds)('a forecaster: %s', (_, changes) => {
  const model = makeModel(changes);

  test('forecasts what plain arithmetic gives', () => {
    const state = model.createState();
    samples.forEach((sample, i) => {
      const forecast = state.step(sample)!;
      plainForecast(model, samples.slice(0, i + 1)).forEach((expected, row) => {
        expect(forecast.mean[row]).toBeCloseTo(expected.mean, 6);
        model.description.levels.forEach((level, l) => {
          expect(forecast.quantiles[level]![row]).toBeCloseTo(expected.quantiles[l]!, 6);
        });
      });
    });
  });

  test('never lets quantiles cross', () => {
    const state = model.createState();
    for (const sample of samples) {
      const all = Object.values(state.step(sample)!.quantiles);
      for (let l = 1; l < all.length; l++) {
        all[l]!.forEach((value, i) => expect(value).toBeGreaterThanOrEqual(all[l - 1]![i]!));
      }
    }
  });

  test('is the same after saving and loading, and saves to the same bytes', () => {
    const bytes = model.toBytes();
    const loaded = Forecaster.fromBytes(bytes);
    expect(loaded.description).toEqual(model.description);
    expect(loaded.weights()).toEqual(model.weights());
    expect(loaded.scaler).toEqual(model.scaler);
    expect(loaded.residuals).toEqual(model.residuals);
    expect(Buffer.compare(loaded.toBytes(), bytes)).toBe(0);
    const [before, after] = [model.createState(), loaded.createState()];
    for (const sample of samples) expect(after.step(sample)).toEqual(before.step(sample));
  });

  test('forks continue independently from where they were made', () => {
    const whole = model.createState();
    const origin = model.createState();
    for (const sample of samples.slice(0, 10)) {
      whole.step(sample);
      origin.step(sample);
    }
    const fork = origin.fork();
    origin.step([0, 0]);
    origin.dispose();
    for (const sample of samples.slice(10)) expect(fork.step(sample)).toEqual(whole.step(sample));
    expect(fork.samples).toBe(samples.length);
  });

  test('a reset state is a new one', () => {
    const used = model.createState();
    for (const sample of samples) used.step(sample);
    used.step([NaN, 1]);
    used.reset();
    expect([used.samples, used.skipped.invalid]).toEqual([0, 0]);
    const fresh = model.createState();
    for (const sample of samples) expect(used.step(sample)).toEqual(fresh.step(sample));
  });

  test('an invalid sample changes only the count', () => {
    const invalid = fc.constantFrom<unknown>([NaN, 1], [1], [1, 2, 3], [1, 1e300], [Infinity, 0], { values: {} });
    fc.assert(
      fc.property(fc.array(invalid, { minLength: 1, maxLength: 5 }), fc.nat(samples.length - 1), (bad, at) => {
        const clean = model.createState();
        const dirty = model.createState();
        samples.forEach((sample, i) => {
          if (i === at) for (const one of bad) expect(dirty.step(one as Sample)).toBeUndefined();
          const skipped = { invalid: i >= at ? bad.length : 0, duplicate: 0, late: 0, unbelieved: 0 };
          expect(dirty.step(sample)).toEqual(Object.assign(clean.step(sample)!, { skipped }));
        });
        expect(dirty.samples).toBe(samples.length);
      }),
      { numRuns: 20 },
    );
  });
});

describe('ForecasterState', () => {
  const model = makeModel();

  test('is ready after `warmup` samples, or `lookback` without it, and forecasts before', () => {
    const ready = (model: Forecaster) => {
      const state = model.createState();
      return samples.slice(0, 6).map((sample) => state.step(sample)?.ready);
    };
    expect(ready(model)).toEqual([false, false, false, false, true, true]);
    expect(ready(makeModel({ warmup: 2 }))).toEqual([false, true, true, true, true, true]);
  });

  test('two states of one forecaster never mix', () => {
    const [a, b, alone] = [model.createState(), model.createState(), model.createState()];
    for (const sample of samples) {
      a.step(sample);
      expect(b.step(sample.toReversed())).toEqual(alone.step(sample.toReversed()));
    }
  });

  test('keeps earlier forecasts as they were', () => {
    const state = model.createState();
    const first = state.step(samples[0]!)!;
    const copy = structuredClone({ mean: first.mean, quantiles: first.quantiles });
    for (const sample of samples) state.step(sample);
    expect({ mean: first.mean, quantiles: first.quantiles }).toEqual(copy);
  });

  test("with memory 'window' forgets the samples that left the window, bit for bit", () => {
    const windowed = makeModel({ memory: 'window', lookback: 7 });
    const long = windowed.createState();
    for (const sample of samples.slice(0, 20)) long.step(sample);
    const short = windowed.createState();
    for (const sample of samples.slice(20)) {
      const a = long.step(sample)!;
      const b = short.step(sample)!;
      if (b.ready) expect(a).toEqual(b);
      else expect(a.mean).not.toEqual(b.mean);
    }
  });

  test.each([
    ['one stream', { network: { cell: 'lstm', numLayers: 2, attention: 3 } }],
    [
      'a stream for each target',
      { targets: ['temperature', 'pressure'], channels: 'independent', network: { inputSize: 1 } },
    ],
  ] as const)('with a window gives the bits of a fresh state stepped through it: %s', (_, options) => {
    const lookback = 7;
    const windowed = makeModel({ ...options, memory: 'window', lookback });
    const carried = makeModel(options);
    const state = windowed.createState();
    samples.forEach((sample, t) => {
      const forecast = state.step(sample)!;
      const fresh = carried.createState();
      let expected: typeof forecast | undefined;
      for (const each of samples.slice(Math.max(0, t - lookback + 1), t + 1)) expected = fresh.step(each)!;
      expect(forecast.mean).toEqual(expected!.mean);
      expect(forecast.quantiles).toEqual(expected!.quantiles);
    });
  });

  test("throws for invalid samples with onInvalid: 'error', and continues", () => {
    const state = model.createState({ onInvalid: 'error' });
    const clean = model.createState();
    expect(() => state.step([1, NaN])).toThrow(gatecastError('invalid-sample', /temperature.*NaN/));
    expect(() => state.step([1])).toThrow(gatecastError('invalid-sample', /2 values/));
    expect(() => state.step([1e300, 1])).toThrow(gatecastError('invalid-sample', /pressure/));
    expect(state.step(samples[0]!)).toEqual(clean.step(samples[0]!));
    expect(state.skipped.invalid).toBe(0);
  });

  test('throws for a value that is not a sample, whatever the option', () => {
    expect(() => model.createState().step('1,2' as never)).toThrow(gatecastError('invalid-argument'));
  });

  test('stays finite whatever finite samples come', () => {
    for (const network of [{}, { cell: 'lstm', projSize: 3 }] as const) {
      const parts = partsFor(describeModel({ network }));
      for (const { data } of Object.values(parts.weights)) data.forEach((w, i) => (data[i] = Math.sign(w) * 1e6));
      const state = Forecaster.from(parts).createState();
      for (const value of [1e24, -1e24, 9e23, 1e10, 0, -1e-300, 1e24]) {
        const forecast = state.step([0.5 * value, value]);
        if (forecast) expect(forecast.mean.every(Number.isFinite)).toBe(true);
      }
      const calm = state.step([10, 20])!;
      expect(calm.mean.every(Number.isFinite)).toBe(true);
    }
  });

  test('refuses wrong options, naming the nearest', () => {
    expect(() => model.createState({ onInvalit: 'skip' } as never)).toThrow(
      gatecastError('invalid-argument', /Did you mean onInvalid/),
    );
    expect(() => model.createState({ onInvalid: 'ignore' } as never)).toThrow(
      gatecastError('invalid-argument', /'skip' or 'error'/),
    );
    expect(() => model.createState(null as never)).toThrow(gatecastError('invalid-argument'));
  });

  test('cannot be used after dispose, which may be called twice', () => {
    const state = model.createState();
    state.dispose();
    state.dispose();
    for (const use of [() => state.step([1, 2]), () => state.reset(), () => state.fork()]) {
      expect(use).toThrow(gatecastError('disposed'));
    }
  });
});

describe('Forecaster', () => {
  test('cannot be changed from outside', () => {
    const parts = partsFor(describeModel());
    const model = Forecaster.from(parts);
    const before = model.createState().step([10, 20]);
    parts.weights['head.bias']!.data.fill(9);
    parts.scaler.std.fill(9);
    model.weights()['head.bias']!.data.fill(9);
    model.scaler.std.fill(9);
    expect(() => ((model.description as { horizon: number }).horizon = 1)).toThrow(TypeError);
    expect(model.createState().step([10, 20])).toEqual(before);
  });

  test('lets its states live on after dispose', () => {
    const model = makeModel();
    const [state, other] = [model.createState(), makeModel().createState()];
    model.dispose();
    model.dispose();
    expect(state.step([1, 2])).toEqual(other.step([1, 2]));
    for (const use of [() => model.createState(), () => model.weights(), () => model.toBytes()]) {
      expect(use).toThrow(gatecastError('disposed'));
    }
  });

  const good = partsFor(describeModel());
  const residuals = { shape: [3, 3], data: new Float32Array(9) };
  const other = (name: string, tensor: unknown) => ({ ...good, weights: { ...good.weights, [name]: tensor } });
  test.each([
    ['no scaler', { ...good, scaler: undefined }, 'invalid-argument', /Scaler/],
    ['a scaler of other names', { ...good, scaler: new Scaler(['a', 'b'], [0, 0], [1, 1]) }, 'invalid-argument', /"a"/],
    ['a short scaler', { ...good, scaler: new Scaler(['pressure'], [0], [1]) }, 'invalid-argument', /2 inputs/],
    ['no weights', { ...good, weights: undefined }, 'invalid-state-dict', /weights|state dict/],
    ['a weight too few', other('head.bias', undefined), 'invalid-shape', /head.bias/],
    [
      'a weight too many',
      other('weight_ih_l2', { shape: [1], data: new Float32Array(1) }),
      'invalid-state-dict',
      /weight_ih_l2/,
    ],
    [
      'another shape',
      other('head.bias', { shape: [3, 3], data: new Float32Array(9) }),
      'invalid-state-dict',
      /head.bias/,
    ],
    [
      'a weight of NaN',
      other('head.bias', { shape: [9], data: new Float32Array(9).fill(NaN) }),
      'invalid-state-dict',
      /head.bias/,
    ],
    [
      'a huge weight',
      other('head.bias', { shape: [9], data: new Float32Array(9).fill(1e7) }),
      'invalid-state-dict',
      /head.bias/,
    ],
    [
      'residuals beside a distribution',
      { ...partsFor(describeModel({ loss: 'gaussian', network: { headSize: 6 } })), residuals },
      'invalid-state-dict',
      /residuals/,
    ],
    [
      'no residuals where levels need them',
      { ...partsFor(describeModel({ loss: 'mse' })), residuals: undefined },
      'invalid-state-dict',
      /residuals/,
    ],
    [
      'residuals of another shape',
      { ...partsFor(describeModel({ loss: 'mse' })), residuals: { ...residuals, shape: [9, 1] } },
      'invalid-state-dict',
      /residuals/,
    ],
  ] as const)('refuses %s', (_, parts, code, message) => {
    expect(() => Forecaster.from(parts as never)).toThrow(gatecastError(code, message));
  });

  test('answers any value as parts with an error that has a code', () => {
    for (const [name, make] of HOSTILE_VALUES) {
      const broken = Object.keys(good).map((key) => ({ ...good, [key]: make() }));
      for (const parts of [make(), ...broken]) {
        try {
          Forecaster.from(parts as never);
          expect.unreachable(name);
        } catch (error) {
          if (error instanceof HostileError || /revoked/.test(String(error))) continue;
          expect(error, name).toEqual(gatecastError(/^invalid-/));
        }
      }
    }
  });
});

describe('a forecaster in low precision', () => {
  const model = makeModel({ network: { hiddenSize: 24 } });
  const bytes = model.toBytes();

  test.each([
    ['bf16', 0.2],
    ['int8', 0.3],
  ] as const)('%s forecasts nearly the same, and is saved as it was loaded', (precision, tolerance) => {
    const rough = Forecaster.fromBytes(bytes, 'x', { precision });
    const [a, b] = [model.createState(), rough.createState()];
    const { mean, std, names } = model.scaler;
    let worst = 0;
    for (let t = 0; t < 200; t++) {
      const sample = Array.from(mean, (value, i) => value + std[i]! * Math.sin(t / (i + 2)));
      const [wanted, got] = [a.step(sample)!.mean, b.step(sample)!.mean];
      const scale = std[names.indexOf(model.description.targets[0]!)]!;
      for (const [k, value] of wanted.entries()) worst = Math.max(worst, Math.abs(value - got[k]!) / scale);
    }
    expect(worst).toBeGreaterThan(1e-6);
    expect(worst).toBeLessThan(tolerance);
    expect(rough.toBytes()).toEqual(bytes);
  });

  test('refuses an unknown precision', () => {
    expect(() => Forecaster.fromBytes(bytes, 'x', { precision: 'f64' as never })).toThrow(
      gatecastError('invalid-argument', /precision/),
    );
  });
});
