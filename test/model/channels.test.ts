import { describe, expect, test } from 'vitest';
import { rolling } from '../../lib/batch/rolling.ts';
import { parseDescription } from '../../lib/model/description.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { Channels } from '../../lib/model/channels.ts';
import { makeStates } from '../../lib/model/model.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

const names = ['a', 'b', 'c'];
const HOUR = 3_600_000;
const samples = Array.from({ length: 40 }, (_, i) => ({
  at: i * HOUR,
  values: names.map((_, k) => 10 * (k + 1) + Math.sin(i / (k + 2)) + (i === 20 ? k : 0)),
}));

type Changes = NonNullable<Parameters<typeof describeModel>[0]>;

/** A model of all targets, and a model of each alone: with the same weights, and the scale and the course of its own. */
function together(channels: Exclude<Channels, 'joint'>, changes: Changes): [Forecaster, Forecaster[]] {
  const inputs = names.map((name) => ({ name }));
  const parts = partsFor(describeModel({ inputs, targets: names, channels, interval: HOUR, ...changes }));
  const { scaler, course, residuals } = parts;
  const { channels: _, ...shared } = parts.description;
  const alone = names.map((name, t) => {
    const which = { name: 'which', words: names, shares: names.map(() => 1 / 3) };
    const own = channels === 'embedded' ? [{ name }, which] : [{ name }];
    const scale = shared.scale && { ...shared.scale, inputs: [name] };
    const bounds = shared.bounds && [shared.bounds[t]!];
    const phases = course?.shape[1] ?? 0;
    const rows = shared.horizon;
    return Forecaster.from({
      ...parts,
      description: { ...shared, inputs: own, targets: [name], ...(scale && { scale }), ...(bounds && { bounds }) },
      scaler: new Scaler(
        own.map((input) => input.name),
        [scaler.mean[t]!, 0].slice(0, own.length),
        [scaler.std[t]!, 1].slice(0, own.length),
      ),
      course: course && { shape: [1, phases], data: course.data.slice(t * phases, (t + 1) * phases) },
      residuals: residuals && {
        shape: [rows, residuals.shape[1]!],
        data: residuals.data.slice(t * rows * residuals.shape[1]!, (t + 1) * rows * residuals.shape[1]!),
      },
    });
  });
  return [Forecaster.from(parts), alone];
}

const calendar = { zone: 'UTC', parts: ['hour'] } as const; // six inputs
const cases: [string, Exclude<Channels, 'joint'>, Changes][] = [
  ['a GRU', 'independent', {}],
  ['an LSTM with embeddings', 'embedded', { network: { cell: 'lstm', projSize: 3 } }],
  ['with a scale', 'independent', { anchor: 'none', scale: { samples: 12, inputs: names } }],
  [
    'with a scale, a calendar and a cycle',
    'embedded',
    {
      calendar,
      network: { inputSize: 10 },
      scale: { samples: 12, inputs: names },
      cycle: { period: 24 * HOUR, phases: 24, zone: 'UTC' },
    },
  ],
  ['with a window', 'embedded', { memory: 'window', calendar, network: { inputSize: 10 } }],
  ['with points and bounds', 'independent', { loss: 'mse', bounds: [{}, { max: 20.2 }, { min: 29.9 }] }],
  ['with a distribution', 'independent', { loss: 'gaussian', levels: [], network: { headSize: 6 } }],
];

describe.each(cases)('a model of targets on their own: %s', (_, channels, changes) => {
  const [all, alone] = together(channels, changes);

  test('forecasts each as a model of it alone does, to the bit', () => {
    const state = all.createState();
    const states = alone.map((model) => model.createState());
    for (const { at, values } of samples) {
      const said = state.step({ at, values })!;
      const { horizon, levels } = all.description;
      for (const [t, one] of states.entries()) {
        const own = one.step({ at, values: channels === 'embedded' ? [values[t]!, names[t]!] : [values[t]!] })!;
        expect(said.mean.slice(t * horizon, (t + 1) * horizon)).toEqual(own.mean);
        for (const level of levels) {
          expect(said.quantiles[level]!.slice(t * horizon, (t + 1) * horizon)).toEqual(own.quantiles[level]);
        }
      }
    }
  });

  test('is the same after it was saved, in a table and in a batch of streams', () => {
    const read = Forecaster.fromBytes(all.toBytes());
    expect(read.fingerprint).toBe(all.fingerprint);
    expect(read.description).toEqual(all.description);
    const state = read.createState();
    const said = samples.map((one) => [...state.step(one)!.numbers]);
    const table = {
      names,
      columns: names.map((_, k) => Float64Array.from(samples, ({ values }) => values[k]!)),
      at: Float64Array.from(samples, ({ at }) => at),
    };
    expect([...rolling(all, table)].map(({ forecast }) => [...forecast.numbers])).toEqual(said);
  });
});

test('embeddings tell the targets apart, and are part of the fingerprint', () => {
  const inputs = names.map((name) => ({ name }));
  const parts = partsFor(describeModel({ inputs, targets: names, channels: 'embedded', anchor: 'none' }));
  const alike = new Scaler(names, [0, 0, 0], [1, 1, 1]);
  const said = Forecaster.from({ ...parts, scaler: alike })
    .createState()
    .step([1, 1, 1])!.mean;
  expect(said.slice(0, 3)).not.toEqual(said.slice(3, 6));
  const plain = partsFor(describeModel({ inputs, targets: names, channels: 'independent', anchor: 'none' }));
  const same = Forecaster.from({ ...plain, scaler: alike })
    .createState()
    .step([1, 1, 1])!.mean;
  expect(same.slice(0, 3)).toEqual(same.slice(3, 6));
  const one = { inputs: [{ name: 'a' }], targets: ['a'] };
  expect(makeModel({ ...one, channels: 'independent' }).fingerprint).not.toBe(makeModel(one).fingerprint);
});

test.each<Changes>([{}, { network: { cell: 'lstm', projSize: 2, numLayers: 3 } }])(
  'the hidden vectors of its streams are watched and adapted: %o',
  (changes) => {
    const [all] = together('independent', changes);
    const options = { watch: true, adapt: { window: 50, patience: 1 }, history: 2 } as const;
    const [state, other] = [new StreamState(all, options), new StreamState(all, options)];
    for (const one of samples) expect(state.step(one)!.trust!.state).toBe('ok');
    for (const one of samples.slice(0, 20)) other.step(one);
    const snapshot = other.snapshot();
    const restored = new StreamState(all, options);
    restored.restore(snapshot);
    for (const one of samples.slice(20)) restored.step(one);
    expect(restored.equals(state)).toBe(true);
    const [units, cells] = changes.network ? [3 * 2, 3 * 5] : [2 * 5, 0];
    expect(all[makeStates](1).vectorSize).toBe(3 * (units + cells));
  },
);

test('bytes with a number that is not finite change nothing', () => {
  const [all] = together('independent', {});
  const states = all[makeStates](2);
  const answer = new Float64Array(4 * 9);
  for (const { values } of samples) states.stepNow(1, Number.NaN, Float64Array.from(values), answer);
  const bytes = new Uint8Array(states.byteSize);
  states.writeBytes(1, bytes);
  const broken = bytes.slice();
  new DataView(broken.buffer).setFloat32(broken.length - 4, Number.NaN, true); // of the last target
  expect(() => states.readBytes(1, broken)).toThrow(gatecastError('invalid-argument', /finite/));
  const after = new Uint8Array(states.byteSize);
  states.writeBytes(1, after);
  expect(after).toEqual(bytes);
  states.dispose();
});

test.each([
  [{ targets: ['a', 'b'] }, /^Expected only the targets with channels 'independent' for description.inputs/],
  [{ channels: 'joint' as never }, /^Expected 'independent' or 'embedded' for description.channels/],
  [{ network: { inputSize: 3 } }, /^Expected 1 for description.network.inputSize but received 3/],
  [{ network: { headSize: 27 } }, /^Expected 9 for description.network.headSize but received 27/],
  [{ channels: 'embedded' as const, network: { inputSize: 1 } }, /^Expected 4 for description.network.inputSize/],
  [{ horizon: 10_000, network: { headSize: 30_000 } }, /^Expected at most 65536 outputs/],
])('a description that does not fit together is refused: %o', (changes, message) => {
  const inputs = names.map((name) => ({ name }));
  const description = describeModel({ inputs, targets: names, channels: 'independent', ...changes });
  expect(() => parseDescription(description)).toThrow(gatecastError('invalid-argument', message));
});
