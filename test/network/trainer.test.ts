import { describe, expect, it } from 'vitest';
import { RecurrentNetwork } from '../../lib/network/recurrent-network.ts';
import { Trainer, type TrainerOptions } from '../../lib/network/trainer.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { type Golden, goldens, layersOf, number, sizesOf, tensor, weights } from '../support/goldens.ts';
import { largestDifference, randomTensor } from '../support/tensors.ts';

/** The numbers of "0,2"; none of "". */
function list(golden: Golden, key: string): number[] {
  return golden.metadata[key] === '' ? [] : golden.metadata[key]!.split(',').map(Number);
}

function optionsOf(golden: Golden): TrainerOptions {
  return {
    network: {
      ...sizesOf(golden),
      cell: golden.metadata['cell'] as 'gru' | 'lstm',
      linearBeforeReset: true,
      projSize: number(golden, 'projSize'),
      headSize: number(golden, 'headSize'),
      ...layersOf(golden),
    },
    dropout: 0,
    window: number(golden, 'window'),
    warmup: number(golden, 'warmup'),
    horizon: number(golden, 'horizon'),
    freeSteps: 0,
    feedForward: false,
    carries: golden.metadata['carries'] === '1',
    targets: list(golden, 'targets'),
    anchor: number(golden, 'anchor') === 1,
    loss: golden.metadata['loss'] as TrainerOptions['loss'],
    levels: list(golden, 'levels'),
    batchSize: number(golden, 'batchSize'),
    weightDecay: number(golden, 'weightDecay'),
    clipNorm: number(golden, 'clipNorm'),
    seed: 1,
    threads: 1,
  };
}

describe.each(goldens('training'))('$name', (golden) => {
  const starts = Int32Array.from(tensor(golden, 'starts').data);
  const rate = number(golden, 'learningRate');
  const { batchSize, carries } = optionsOf(golden);
  const trainer = () => new Trainer(tensor(golden, 'rows').data, optionsOf(golden), weights(golden, 'initial.'));

  it('learns what AdamW of PyTorch learns, batch by batch', async () => {
    const learning = trainer();
    for (let step = 0; step < number(golden, 'steps'); step++) {
      const batch = starts.slice(step * batchSize, (step + 1) * batchSize);
      // An evaluation begins without states, and leaves none.
      const loss = carries ? undefined : (await learning.evaluate(batch)).loss;
      const result = await learning.run(batch, rate);
      expect(result).toMatchObject({ ...(loss !== undefined && { loss }), windows: batchSize, cancelled: false });
      expect(Math.abs(result.loss / tensor(golden, 'losses').data[step]! - 1)).toBeLessThan(1e-5);
      expect(Math.abs(result.gradientNorm / tensor(golden, 'norms').data[step]! - 1)).toBeLessThan(1e-4);
    }
    const final = weights(golden, 'final.');
    for (const [name, { data }] of Object.entries(learning.stateDict())) {
      expect(largestDifference(data, final[name]!.data), name).toBeLessThanOrEqual(1e-5);
    }
  });

  it('learns the same bits from all batches in one call, whose results are means', async () => {
    const [one, many] = [trainer(), trainer()];
    const whole = await one.run(starts, rate);
    let loss = 0;
    for (let k = 0; k < starts.length; k += batchSize)
      loss += (await many.run(starts.slice(k, k + batchSize), rate)).loss;
    expect(one.stateDict()).toEqual(many.stateDict());
    expect(whole.windows).toBe(starts.length);
    // Windows that go on from others have more losses, so batches count unequally.
    if (!carries) expect(whole.loss).toBeCloseTo(loss / number(golden, 'steps'), 10);
  });
});

async function evaluateAlone(trainer: Trainer, start: number): Promise<number> {
  return (await trainer.evaluate(Int32Array.of(start))).loss;
}

describe('a Trainer', () => {
  const options = { ...optionsOf(goldens('training')[0]!), batchSize: 1 };
  const network = new RecurrentNetwork(options.network, { seed: 1 });
  const rows = randomTensor([200, options.network.inputSize], 1).data;

  it('is busy while a call runs, ends it after its batch when cancelled, and can go on', async () => {
    const trainer = new Trainer(rows, options, network.stateDict());
    const running = trainer.run(new Int32Array(100_000), 0.01);
    expect(() => trainer.evaluate(Int32Array.of(0))).toThrow(gatecastError('busy'));
    expect(() => trainer.stateDict()).toThrow(gatecastError('busy'));
    trainer.cancel();
    const { cancelled, windows } = await running;
    expect(cancelled).toBe(true);
    expect(windows).toBeLessThan(100_000);
    expect(await trainer.evaluate(Int32Array.of(0))).toMatchObject({ windows: 1, cancelled: false });
  });

  it('takes the weights it gives', async () => {
    const trainer = new Trainer(rows, options, network.stateDict());
    expect(trainer.stateDict()).toEqual(network.stateDict());
    await trainer.run(Int32Array.of(0, 1, 2), 0.01);
    expect(trainer.stateDict()).not.toEqual(network.stateDict());
    trainer.loadStateDict(network.stateDict());
    expect(trainer.stateDict()).toEqual(network.stateDict());
  });

  it('leaves frozen parameters as they are, and learns the others as if they alone had gradients', async () => {
    const free = { ...options, clipNorm: 0, weightDecay: 0.1 };
    const frozen = ['weight_hh_l0', 'head.bias'];
    const [one, all] = [{ ...free, frozen }, free].map((each) => new Trainer(rows, each, network.stateDict()));
    const [some, whole] = [await one!.run(Int32Array.of(0), 0.01), await all!.run(Int32Array.of(0), 0.01)];
    const [before, left, right] = [network.stateDict(), one!.stateDict(), all!.stateDict()];
    for (const name of Object.keys(before)) {
      expect(left[name], name).toEqual(frozen.includes(name) ? before[name] : right[name]);
      expect(right[name], name).not.toEqual(before[name]);
    }
    // After the first step of Adam, the mean is a tenth of the gradient.
    const { mean } = all!.optimiser();
    const normOf = (names: string[]) => 10 * Math.hypot(...names.flatMap((name) => [...mean[name]!.data]));
    expect(whole.gradientNorm).toBeCloseTo(normOf(Object.keys(mean)), 5);
    expect(some.gradientNorm).toBeCloseTo(normOf(Object.keys(mean).filter((name) => !frozen.includes(name))), 5);
  });

  it('spares some parameters the decay, which is the learning rate times itself times the weight', async () => {
    const decayed = { ...options, weightDecay: 0.5 };
    const step = async (own: object) => {
      const trainer = new Trainer(rows, { ...decayed, ...own }, network.stateDict());
      await trainer.run(Int32Array.of(0), 0.01);
      return trainer.stateDict();
    };
    const [with_, without] = [await step({}), await step({ undecayed: ['bias_ih_l0'] })];
    for (const [name, { data }] of Object.entries(network.stateDict())) {
      const pull = Float32Array.from(data, (value) => (name === 'bias_ih_l0' ? 0.01 * 0.5 * value : 0));
      const apart = pull.map((_, i) => without[name]!.data[i]! - with_[name]!.data[i]!);
      expect(largestDifference(apart, pull), name).toBeLessThan(1e-7);
    }
  });

  it('goes on from its weights and the state of its optimiser with the same bits', async () => {
    const dropped = { ...optionsOf(goldens('training')[0]!), batchSize: 2, dropout: 0.3 };
    const spec = { ...dropped.network, numLayers: 2 };
    const start = new RecurrentNetwork(spec, { seed: 2 }).stateDict();
    const make = () => new Trainer(rows, { ...dropped, network: spec }, start);
    const [whole, first, second] = [make(), make(), make()];
    const windows = Int32Array.from({ length: 12 }, (_, i) => 3 * i);
    await whole.run(windows, 0.01);
    await first.run(windows.subarray(0, 6), 0.01);
    expect(first.optimiser().steps).toBe(3);
    second.loadStateDict(first.stateDict());
    second.loadOptimiser(first.optimiser());
    expect(second.optimiser()).toEqual(first.optimiser());
    await second.run(windows.subarray(6), 0.01);
    expect(second.stateDict()).toEqual(whole.stateDict());
    expect(second.optimiser()).toEqual(whole.optimiser());
    for (const wrong of [
      { steps: -1 },
      { steps: 0.5 },
      { random: -1n },
      { random: 2 },
      { mean: {} },
      { square: start },
    ]) {
      expect(() => second.loadOptimiser({ ...first.optimiser(), ...wrong } as never)).toThrow(
        gatecastError(/^invalid-/),
      );
    }
    expect(second.optimiser()).toEqual(whole.optimiser());
  });

  it('carries states from call to call until it evaluates, and takes those of another trainer', async () => {
    const spec = { ...options, batchSize: 2, carries: true };
    const { window } = spec;
    const make = (carries = true) => new Trainer(rows, { ...spec, carries }, network.stateDict());
    const [whole, first, second] = [make(), make(), make()];
    const chain = Int32Array.from([0, 60, window, 60 + window, 2 * window, 60 + 2 * window]);
    await whole.run(chain, 0.01);
    await first.run(chain.subarray(0, 4), 0.01);
    const { carried } = first.optimiser();
    expect(carried.ends).toEqual(Int32Array.of(2 * window, 60 + 2 * window));
    expect(carried.ages).toEqual(Int32Array.of(2 * window, 2 * window));
    second.loadStateDict(first.stateDict());
    second.loadOptimiser(first.optimiser());
    for (const wrong of [
      { ...carried, ends: [1, 2] },
      { ...carried, ages: Int32Array.of(1) },
      { ...carried, ages: Int32Array.of(1, -1) },
      { ...carried, h: carried.h.map(() => Number.NaN) },
      { ...carried, c: new Float32Array(1) },
      null,
    ]) {
      expect(() => second.loadOptimiser({ ...first.optimiser(), carried: wrong } as never)).toThrow(
        gatecastError(/^invalid-/),
      );
    }
    expect(() => make(false).loadOptimiser(first.optimiser())).toThrow(gatecastError('invalid-argument', /ends/));
    await second.run(chain.subarray(4), 0.01);
    expect(second.stateDict()).toEqual(whole.stateDict());
    expect(second.optimiser()).toEqual(whole.optimiser());
    await first.evaluate(chain);
    expect(first.optimiser().carried.ends.length).toBe(0);
    // A batch of one chain ends before each window that goes on from the one before.
    const one = Int32Array.from([0, window, 2 * window]);
    expect((await make().run(one, 0.01)).windows).toBe(3);
    for (const wrong of [{ bidirectional: true }, { attention: 3 }]) {
      const changed = { ...spec, warmup: window - 1, network: { ...spec.network, ...wrong } };
      const start = new RecurrentNetwork(changed.network, { seed: 1 }).stateDict();
      expect(() => new Trainer(rows, changed, start)).toThrow(gatecastError('invalid-argument', /carried states in/));
    }
  });

  it('refuses parts that are not its own, and to freeze everything', () => {
    for (const wrong of [{ frozen: ['weight'] }, { undecayed: ['x'] }, { frozen: Object.keys(network.stateDict()) }]) {
      expect(() => new Trainer(rows, { ...options, ...wrong }, network.stateDict())).toThrow(
        gatecastError('invalid-argument', /frozen/),
      );
    }
  });

  it('learns the same bits with any number of threads, also with dropout and changed layers', async () => {
    const starts = Int32Array.from({ length: 60 }, (_, k) => (37 * k) % 150);
    const network = { ...options.network, numLayers: 2, layerNorm: true, residual: true };
    const deep = { ...options, dropout: 0.3, batchSize: 30, network };
    const initial = new RecurrentNetwork(deep.network, { seed: 1 }).stateDict();
    const learned = async (threads: number, seed = 1) => {
      const trainer = new Trainer(rows, { ...deep, threads, seed }, initial);
      const result = await trainer.run(starts, 0.01);
      return { result, weights: trainer.stateDict() };
    };
    const alone = await learned(1);
    for (const threads of [2, 3, 7]) expect(await learned(threads)).toEqual(alone);
    expect((await learned(1, 2)).weights).not.toEqual(alone.weights);
  });

  it('gives missing true values no loss, and batches a weight by how many they know', async () => {
    const { window, warmup, horizon, targets } = options;
    const whole = new Trainer(rows, options, network.stateDict());
    const losses = [await evaluateAlone(whole, 0), await evaluateAlone(whole, 100)];
    // In the second window, only the true values of its last row are known: one in `horizon` of its last step.
    const missing = new Uint8Array(200 * targets.length);
    missing.fill(1, (100 + warmup + 1) * targets.length, (100 + window + horizon - 1) * targets.length);
    const masked = new Trainer(rows, options, network.stateDict(), { missing, begins: undefined });
    const [first, second] = [await evaluateAlone(masked, 0), await evaluateAlone(masked, 100)];
    expect(first).toBe(losses[0]);
    expect(second).not.toBe(losses[1]);
    const share = 1 / ((window - warmup) * horizon);
    const { loss } = await masked.evaluate(Int32Array.of(0, 100));
    expect(loss).toBeCloseTo((first + share * second) / (1 + share), 12);
    missing.fill(1);
    const none = new Trainer(rows, options, network.stateDict(), { missing, begins: undefined });
    expect(await none.run(Int32Array.of(0, 100), 0.01)).toMatchObject({ loss: 0, windows: 2 });
    expect(none.stateDict()).toEqual(network.stateDict());
  });

  it('starts a window before the table if a series begins in it, and refuses other marks', async () => {
    const trainer = (marks: object) =>
      new Trainer(rows, options, network.stateDict(), { missing: undefined, begins: undefined, ...marks });
    expect(await evaluateAlone(trainer({ begins: Int32Array.of(0) }), -2)).toBeGreaterThan(0);
    for (const marks of [
      { missing: new Uint8Array(3) },
      { missing: [1] },
      { begins: Int32Array.of(5, 2) },
      { begins: Int32Array.of(-1, 2) },
      { begins: Int32Array.of(-(2 ** 31)) },
      { begins: [0] },
      { scaled: new Float32Array(4) },
      { scaled: new Float64Array(0) },
    ]) {
      expect(() => trainer(marks)).toThrow(gatecastError(/^invalid-(argument|shape)$/, /missing|begins|scaled/));
    }
  });

  it('refuses windows that leave the table and use after dispose', async () => {
    const trainer = new Trainer(rows, options, network.stateDict());
    const last = 200 - options.window - options.horizon;
    expect(await trainer.evaluate(Int32Array.of(last))).toMatchObject({ windows: 1 });
    for (const start of [last + 1, -1, 2 ** 31 - 1]) {
      expect(() => trainer.evaluate(Int32Array.of(start))).toThrow(gatecastError('invalid-argument', /row/));
    }
    trainer.dispose();
    expect(() => trainer.evaluate(Int32Array.of(0))).toThrow(gatecastError('disposed'));
  });
});
