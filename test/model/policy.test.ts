import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../lib/base/errors.ts';
import { parseSafetensors } from '../../lib/files/safetensors.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { RecurrentPolicy } from '../../lib/model/recurrent-policy.ts';
import { blocksOf } from '../docs/blocks.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES, THROWING } from '../support/hostile-values.ts';
import { type Loose, redescribe, rewrite, swapGates } from '../support/model-bytes.ts';
import { makeModel } from '../support/models.ts';
import { describePolicy, makePolicy, policyGolden, policyParts } from '../support/policies.ts';

const head = { hidden: [7, 4], activation: 'elu' } as const;
const [gru, lstm] = [policyGolden('gru'), policyGolden('lstm')];
const own = makePolicy({ head, clip: 3, network: { numLayers: 2 } }).toBytes();
const load = (bytes: Uint8Array) => RecurrentPolicy.fromBytes(bytes, 'walk.gatecast');

type Case = [string, Uint8Array, ErrorCode, RegExp];

const described: [string, (description: Loose) => void, ErrorCode, RegExp][] = [
  ['nothing', (d) => Object.keys(d).forEach((key) => delete d[key]), 'invalid-file', /observations/],
  ['an observation too few', (d) => d.observations.pop(), 'invalid-file', /inputSize/],
  ['an observation twice', (d) => (d.observations[1].name = 'height'), 'invalid-file', /different names.*height/],
  [
    'observations in another order',
    (d) => (d.observations = d.observations.toReversed()),
    'golden-mismatch',
    /the head of walk/,
  ],
  ['another mean', (d) => (d.observations[0].mean += 0.1), 'golden-mismatch', /the head of walk.*normaliser/],
  ['a std of 0', (d) => (d.observations[0].std = 0), 'invalid-file', /observations\[0\]\.std/],
  ['variances for deviations', (d) => d.observations.forEach((o: Loose) => (o.std **= 2)), 'golden-mismatch', /head/],
  ['no clip', (d) => delete d.clip, 'golden-mismatch', /the head of walk/],
  ['a clip of -1', (d) => (d.clip = -1), 'invalid-file', /clip/],
  ['no reset', (d) => delete d.reset, 'invalid-file', /golden.input/],
  ['another signal', (d) => (d.reset.when = 'zero'), 'golden-mismatch', /the head of walk/],
  ['an unknown signal', (d) => (d.reset.when = 'always'), 'invalid-file', /'nonzero' or 'zero'/],
  ['a signal without a name', (d) => delete d.reset.signal, 'invalid-file', /signal/],
  ['no interval', (d) => delete d.interval, 'invalid-file', /interval/],
  ['an interval of 0', (d) => (d.interval = 0), 'invalid-file', /interval/],
  ['another squash', (d) => (d.squash = 'none'), 'golden-mismatch', /the action torque of walk/],
  ['an unknown squash', (d) => (d.squash = 'sigmoid'), 'invalid-file', /squash/],
  ['another scale', (d) => (d.actions[1].scale *= 1.01), 'golden-mismatch', /the action thrust of walk/],
  ['another offset', (d) => (d.actions[0].offset += 0.01), 'golden-mismatch', /the action torque of walk/],
  ['a limit', (d) => (d.actions[0].high = 0), 'golden-mismatch', /the action torque of walk/],
  ['a scale of 0', (d) => (d.actions[0].scale = 0), 'invalid-file', /actions\[0\]\.scale/],
  ['low above high', (d) => Object.assign(d.actions[0], { low: 1, high: 0 }), 'invalid-file', /actions\[0\]\.high/],
  ['an action twice', (d) => (d.actions[1].name = 'torque'), 'invalid-file', /different names/],
  ['an action too many', (d) => d.actions.push({ ...d.actions[0], name: 'x' }), 'invalid-file', /headSize/],
  [
    'actions in another order',
    (d) => (d.actions = d.actions.toReversed()),
    'golden-mismatch',
    /the action thrust of walk/,
  ],
  ['the other reset form', (d) => (d.network.linearBeforeReset = false), 'golden-mismatch', /the head of walk/],
  ['another cell', (d) => (d.network.cell = 'lstm'), 'invalid-file', /weight_ih_l0/],
  ['two directions', (d) => (d.network.bidirectional = true), 'invalid-file', /bidirectional/],
  ['attention', (d) => (d.network.attention = 1), 'invalid-file', /none for description.network.attention/],
  ['a head of more layers', (d) => (d.head = { hidden: [2], activation: 'elu' }), 'invalid-file', /head.1.weight/],
  ['a huge head', (d) => (d.head = { hidden: [2, 1e9], activation: 'elu' }), 'invalid-file', /hidden/],
  ['an unknown field', (d) => (d.code = 'process.exit()'), 'invalid-file', /code/],
];

const damaged: Case[] = [
  ...described.map(([what, change, code, message]): Case => [what, redescribe(gru, change), code, message]),
  ...[0, 1].map((layer): Case => {
    const broken = rewrite(gru, ({ tensors }) => {
      for (const name of ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh']) {
        swapGates(tensors[`network.${name}_l${layer}`]!, 3, 0, 1);
      }
    });
    return [`gates of layer ${layer} swapped`, broken, 'golden-mismatch', /the head of walk/];
  }),
  ...Object.keys(parseSafetensors(lstm, 'x').tensors).flatMap((name): Case[] => {
    const message = new RegExp(name.replace('network.', '').replaceAll('.', '\\.'));
    const change = (spoil: Parameters<typeof rewrite>[1]) => rewrite(lstm, spoil);
    return [
      [`no ${name}`, change(({ tensors }) => delete tensors[name]), 'invalid-file', message],
      [`${name} of another shape`, change(({ tensors }) => tensors[name]!.shape.push(1)), 'invalid-file', message],
      [`NaN in ${name}`, change(({ tensors }) => (tensors[name]!.data[1] = Number.NaN)), 'invalid-file', message],
    ];
  }),
  ...['weight_ih_l0', 'weight_hh_l0', 'bias_hh_l0', 'head.weight', 'head.1.weight', 'head.2.bias'].map((name): Case => {
    const broken = rewrite(lstm, ({ tensors }) => {
      const { data } = tensors[`network.${name}`]!;
      const largest = data.reduce((best, value, i) => (Math.abs(value) > Math.abs(data[best]!) ? i : best), 0);
      data[largest] = -data[largest]!;
    });
    return [`a sign flipped in ${name}`, broken, 'golden-mismatch', /the head of walk/];
  }),
  ['another activation', redescribe(lstm, (d) => (d.head.activation = 'relu')), 'golden-mismatch', /the head of walk/],
  ['a later version', rewrite(gru, ({ metadata }) => (metadata.version = '2')), 'invalid-file', /newer Gatecast/],
  ['a version of old', rewrite(gru, ({ metadata }) => (metadata.version = '0')), 'invalid-file', /version 1.*"0"/],
  [
    'a forecaster',
    makeModel().toBytes(),
    'invalid-file',
    /^Expected a Gatecast policy but .* holds a Gatecast model\.$/,
  ],
  ['no goldens', rewrite(gru, ({ tensors }) => delete tensors['golden.action']), 'invalid-file', /golden\.action/],
  ['half a file', gru.subarray(0, gru.length / 2), 'invalid-file', /walk/],
];

describe('the file of a policy', () => {
  test.each(damaged)('is refused with %s', (_, bytes, code, message) => {
    expect(() => load(bytes)).toThrow(gatecastError(code, message));
  });

  test('is refused wherever one bit is flipped', () => {
    for (let i = 0; i < 500; i++) {
      const bytes = Uint8Array.from(own);
      const bit = Math.floor((i * bytes.length * 8) / 500);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => load(bytes), `bit ${bit}`).toThrow(gatecastError(/^(invalid-file|golden-mismatch)$/));
    }
  });

  test('was written by the program of docs/format.md, if it is a golden file', () => {
    const script = readFileSync(new URL('../goldens/make_policies.py', import.meta.url), 'utf8');
    const [program] = blocksOf('docs/format.md').filter(({ code }) => code.includes('gatecast-policy'));
    expect(script).toContain(program!.code.slice(program!.code.indexOf('def save_policy')));
  });

  test('is not the file of a forecaster', () => {
    expect(() => Forecaster.fromBytes(gru)).toThrow(
      gatecastError('invalid-file', /^Expected a Gatecast model but .* holds a Gatecast policy\.$/),
    );
  });

  test('is saved and loaded, twice to the same bytes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatecast-'));
    try {
      const [a, b] = [join(folder, 'a.gatecast'), join(folder, 'b.gatecast')];
      for (const bytes of [own, gru, lstm]) {
        await load(bytes).save(a);
        await (await RecurrentPolicy.load(a)).save(b);
        expect(Buffer.compare(await readFile(a), await readFile(b))).toBe(0);
      }
      await writeFile(b, 'no policy');
      await expect(RecurrentPolicy.load(b)).rejects.toThrow(gatecastError('invalid-file', /b\.gatecast/));
      await expect(RecurrentPolicy.load(join(folder, 'c'))).rejects.toThrow(gatecastError('io', /c/));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('holds all that the goldens can express: a signal among the observations, large means, limits that meet', () => {
    const observations = [
      { name: 'start', mean: 0, std: 1 },
      { name: 'far', mean: -1e30, std: 1e-30 },
      { name: 'near', mean: 1e6, std: 1e-3 },
    ];
    for (const when of ['zero', 'nonzero'] as const) {
      const model = makePolicy({
        observations,
        reset: { signal: 'start', when },
        squash: 'none',
        actions: [
          { name: 'u', scale: 1e-3, offset: 1e6, low: 7, high: 7 },
          { name: 'v', scale: 1e30, offset: 0 },
        ],
      });
      expect(load(model.toBytes()).toBytes()).toEqual(model.toBytes());
    }
  });
});

describe('RecurrentPolicy', () => {
  test('keeps copies of its parts', () => {
    const parts = policyParts(describePolicy({ head }));
    const model = RecurrentPolicy.from(parts);
    const bytes = model.toBytes();
    expect(model.description).toEqual(parts.description);
    expect(model.weights()).toEqual(parts.weights);
    model.weights()['head.bias']!.data.fill(9);
    for (const { data } of Object.values(parts.weights)) data.fill(9);
    (parts.description.actions as Loose).length = 0;
    expect(model.toBytes()).toEqual(bytes);
  });

  test('refuses JavaScript values of other types', async () => {
    for (const [name, make] of HOSTILE_VALUES) {
      if (THROWING.has(name)) continue;
      const wrong = (call: (value: never) => unknown) =>
        expect(() => call(make() as never), name).toThrow(gatecastError(/^invalid-(argument|file|state-dict)$/));
      wrong((parts) => RecurrentPolicy.from(parts));
      wrong((bytes) => RecurrentPolicy.fromBytes(bytes));
      wrong((weights) => RecurrentPolicy.from({ description: describePolicy(), weights }));
      wrong((description) => RecurrentPolicy.from({ description, weights: makePolicy().weights() }));
      if (typeof make() === 'string') continue;
      await expect(RecurrentPolicy.load(make() as never), name).rejects.toThrow(gatecastError('invalid-argument'));
    }
    expect(() => RecurrentPolicy.fromBytes(gru, 5 as never)).toThrow(gatecastError('invalid-argument', /name/));
  });

  test('refuses weights that are missing, strange or too large', () => {
    const { description, weights } = policyParts(describePolicy({ head }));
    const { 'head.2.bias': _, ...fewer } = weights;
    expect(() => RecurrentPolicy.from({ description, weights: fewer })).toThrow(
      gatecastError('invalid-state-dict', /head\.2\.bias/),
    );
    expect(() => RecurrentPolicy.from({ description, weights: { ...weights, extra: weights['head.bias']! } })).toThrow(
      gatecastError('invalid-state-dict', /extra/),
    );
    weights['head.1.weight']!.data[3] = 1e7;
    expect(() => RecurrentPolicy.from({ description, weights })).toThrow(
      gatecastError('invalid-state-dict', /head\.1\.weight\[3\]/),
    );
  });
});
