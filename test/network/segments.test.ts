// Segment networks against PyTorch: test/goldens/make_segments.py.
import { describe, expect, test } from 'vitest';
import { SegmentNetwork } from '../../lib/network/segment-network.ts';
import { initialSegmentWeights, type SegmentSpec, segmentShapes, windowOf } from '../../lib/network/segment-spec.ts';
import { SegmentTrainer, type SegmentTrainerOptions } from '../../lib/network/segment-trainer.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { type Golden, goldens, number, tensor } from '../support/goldens.ts';

function specOf(golden: Golden): SegmentSpec {
  return {
    cell: golden.metadata['cell'] as 'gru',
    segment: number(golden, 'segment'),
    history: number(golden, 'history'),
    horizon: number(golden, 'horizon'),
    hidden: number(golden, 'hidden'),
    channels: number(golden, 'channels'),
    embedChannels: number(golden, 'embed') === 1,
    instance: number(golden, 'instance') === 1,
    outputs: levelsOf(golden).length || 1,
    linear: 0,
  };
}

function levelsOf({ metadata }: Golden): number[] {
  return metadata['levels'] === '' ? [] : metadata['levels']!.split(',').map(Number);
}

const weightsOf = (golden: Golden) =>
  Object.fromEntries(Array.from(segmentShapes(specOf(golden)).keys(), (name) => [name, tensor(golden, name)]));

const plain: Omit<SegmentTrainerOptions, 'network'> = {
  loss: 'mse',
  levels: [],
  dropout: 0,
  batchSize: 64,
  weightDecay: 0,
  undecayed: [],
  clipNorm: 0,
  seed: 1,
  threads: 1,
};

function trainerOf(golden: Golden, change: Partial<SegmentTrainerOptions> = {}): SegmentTrainer {
  const levels = levelsOf(golden);
  return new SegmentTrainer(
    tensor(golden, 'rows').data,
    { ...plain, network: specOf(golden), loss: levels.length > 0 ? 'quantile' : 'mse', levels, ...change },
    weightsOf(golden),
    Uint8Array.from(tensor(golden, 'missing').data),
  );
}

/** The windows of a golden file in an order of channels, and so many more of zeros. */
function runOf(golden: Golden, more = 0, threads = 1) {
  const spec = specOf(golden);
  const network = new SegmentNetwork(spec, threads);
  network.loadStateDict(weightsOf(golden));
  const [rows, starts] = [tensor(golden, 'rows').data, tensor(golden, 'starts').data];
  const arrays = network.arrays(starts.length + more);
  const window = windowOf(spec);
  starts.forEach((start, k) => {
    for (let c = 0; c < spec.channels; c++) {
      for (let i = 0; i < window; i++) {
        arrays.windows[(k * spec.channels + c) * window + i] = rows[(start + i) * spec.channels + c]!;
      }
    }
  });
  network.run(starts.length + more, arrays);
  const count = tensor(golden, 'outputs').data.length;
  return {
    outputs: arrays.outputs.subarray(0, count),
    scales: arrays.scales.subarray(0, 2 * starts.length * spec.channels),
  };
}

function farthest(computed: ArrayLike<number>, golden: Float32Array): number {
  expect(computed.length).toBe(golden.length);
  const largest = golden.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  return golden.reduce((most, value, i) => Math.max(most, Math.abs(value - computed[i]!)), 0) / largest;
}

const all = goldens('segment').map((golden) => [golden.name, golden] as const);

test('there are goldens of both cells, both normalisations, with and without an embedding', () => {
  expect(all).toHaveLength(5);
});

describe.each(all)('%s', (_, golden) => {
  test('forecasts as PyTorch does, on the scale of each window', () => {
    const { outputs, scales } = runOf(golden);
    expect(farthest(outputs, tensor(golden, 'outputs').data)).toBeLessThan(3e-6);
    expect(farthest(scales, tensor(golden, 'scales').data)).toBeLessThan(1e-6);
  });

  test('gives a window the same bits among others and with threads', () => {
    const alone = runOf(golden);
    expect(runOf(golden, 70, 3)).toEqual(alone);
  });

  test('has the loss and the gradients of PyTorch, without missing true values', async () => {
    const trainer = trainerOf(golden);
    const starts = Int32Array.from(tensor(golden, 'starts').data);
    const loss = tensor(golden, 'loss').data[0]!;
    expect((await trainer.evaluate(starts)).loss / loss).toBeCloseTo(1, 5);
    expect((await trainer.run(starts, 1e-3)).loss / loss).toBeCloseTo(1, 5);
    // after one step, Adam's mean of the gradients is a tenth of the first
    for (const [name, { data }] of Object.entries(trainer.optimiser().mean)) {
      const gradient = data.map((value) => 10 * value);
      expect([name, farthest(gradient, tensor(golden, `gradient.${name}`).data) < 2e-5]).toEqual([name, true]);
    }
    trainer.dispose();
  });

  test('learns the same bits with any number of threads, and goes on with them from its state', async () => {
    const starts = Int32Array.from({ length: 200 }, (_one, i) => (7 * i) % 38);
    const learned = async (threads: number, dropout: number) => {
      const trainer = trainerOf(golden, { threads, dropout, batchSize: 40 });
      await trainer.run(starts, 0.01);
      return trainer;
    };
    const [one, three] = [await learned(1, 0.3), await learned(3, 0.3)];
    expect(three.stateDict()).toEqual(one.stateDict());
    expect((await learned(1, 0)).stateDict()).not.toEqual(one.stateDict());
    const other = trainerOf(golden, { dropout: 0.3, batchSize: 40 });
    other.loadStateDict(one.stateDict());
    other.loadOptimiser(one.optimiser());
    await one.run(starts, 0.01);
    await other.run(starts, 0.01);
    expect(other.stateDict()).toEqual(one.stateDict());
  });
});

test.each([
  ['last', false],
  ['instance', true],
])('maps the last values of a window, on the scale %s', (_, instance) => {
  const spec: SegmentSpec = {
    ...specOf(all[0]![1]),
    outputs: 1,
    segment: 5,
    history: 3,
    horizon: 9,
    instance,
    linear: 13,
  };
  const weights = initialSegmentWeights(spec, 7);
  const network = new SegmentNetwork(spec);
  network.loadStateDict(weights);
  const count = 3;
  const arrays = network.arrays(count);
  const length = windowOf(spec);
  arrays.windows.forEach((_value, i) => (arrays.windows[i] = Math.sin(i * i) + i / 50));
  network.run(count, arrays);
  const [matrix, bias] = [weights['linear.weight']!.data, weights['linear.bias']!.data];
  for (let row = 0; row < count * spec.channels; row++) {
    const window = arrays.windows.subarray(row * length, (row + 1) * length);
    const [centre, spread] = arrays.scales.subarray(2 * row, 2 * row + 2) as unknown as [number, number];
    for (let step = 0; step < spec.horizon; step++) {
      let expected = bias[step]!;
      window.slice(-13).forEach((value, i) => (expected += matrix[step * 13 + i]! * ((value - centre) / spread)));
      expect(arrays.mapped[row * spec.horizon + step]).toBeCloseTo(expected, 5);
    }
  }
  network.dispose();
});

test('drops a share of what the head reads, and keeps its mean', async () => {
  const [, golden] = all.find(([name]) => name === 'segment-gru')!;
  const starts = Int32Array.from({ length: 38 }, (_, i) => i);
  const losses: number[] = [];
  for (const dropout of [0, 0.5]) losses.push((await trainerOf(golden, { dropout }).run(starts, 1e-9)).loss);
  expect(losses[1]! / losses[0]!).toBeGreaterThan(1.001); // noise adds to the squared error
  expect(losses[1]! / losses[0]!).toBeLessThan(1.5);
});

test('refuses shapes that do not fit, and windows outside the table', () => {
  const spec = { ...specOf(all[0]![1]), outputs: 1 };
  const refused = gatecastError('invalid-argument', /^Expected /);
  expect(() => new SegmentNetwork({ ...spec, hidden: 17, embedChannels: true })).toThrow(refused);
  expect(() => new SegmentNetwork({ ...spec, segment: 0 })).toThrow(refused);
  expect(() => new SegmentNetwork({ ...spec, linear: windowOf(spec) + 1 })).toThrow(refused);
  expect(() => new SegmentNetwork({ ...spec, hidden: 65_536, history: 1 << 20 })).toThrow(refused);
  expect(() => new SegmentNetwork({ ...spec, cell: 'rnn' as 'gru' })).toThrow(refused);
  const weights = initialSegmentWeights(spec, 1);
  const rows = new Float32Array(3 * 40);
  const network = spec;
  expect(() => new SegmentTrainer(rows, { ...plain, network, loss: 'quantile' }, weights)).toThrow(refused);
  const mapped = { ...spec, linear: 3 };
  const withMap = initialSegmentWeights(mapped, 1);
  expect(() => new SegmentTrainer(rows, { ...plain, network: mapped }, withMap)).toThrow(refused);
  expect(() => new SegmentTrainer(rows.subarray(1), { ...plain, network }, weights)).toThrow(/multiple of the number/);
  const trainer = new SegmentTrainer(rows, { ...plain, network }, weights);
  expect(() => trainer.run(Int32Array.of(-1), 0.1)).toThrow(/inside the table/);
  expect(() => trainer.run(Int32Array.of(19), 0.1)).toThrow(/inside the table/);
});
