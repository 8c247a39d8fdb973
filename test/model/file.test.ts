import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ErrorCode, GatecastError } from '../../lib/base/errors.ts';
import { parseSafetensors } from '../../lib/files/safetensors.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';
import { type Loose, redescribe, rewrite, seal, swapGates } from '../support/model-bytes.ts';
import { makeModel } from '../support/models.ts';

const gru = makeModel().toBytes();
const lstm = makeModel({ network: { cell: 'lstm', projSize: 3 } }).toBytes();
/** With normalised and residual layers. */
const changed = makeModel({ network: { layerNorm: true, residual: true } }).toBytes();
const mse = makeModel({ loss: 'mse' }).toBytes();

const both = makeModel({
  memory: 'window',
  network: { bidirectional: true, attention: 3, layerNorm: true, residual: true },
}).toBytes();

const load = (bytes: Uint8Array) => Forecaster.fromBytes(bytes, 'pump.gatecast');

/** A file whose header text was changed by `change`, with its length and digest to match. */
function reheader(bytes: Uint8Array, change: (header: string) => string): Uint8Array {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = Buffer.from(change(Buffer.from(bytes.subarray(8, 8 + length)).toString()));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(header.length));
  return seal(Buffer.concat([start, header, bytes.subarray(8 + length)]));
}

type Case = [string, Uint8Array, ErrorCode, RegExp];

const gates = { gru: [gru, 3], lstm: [lstm, 4] } as const;
const swapped: Case[] = Object.entries(gates).flatMap(([cell, [bytes, count]]) =>
  [0, 1].flatMap((layer) =>
    Array.from({ length: count - 1 }, (_, gate): Case => {
      const broken = rewrite(bytes, ({ tensors }) => {
        for (const name of ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh']) {
          swapGates(tensors[`network.${name}_l${layer}`]!, count, gate, gate + 1);
        }
      });
      return [
        `${cell}: gates ${gate} and ${gate + 1} of layer ${layer} swapped`,
        broken,
        'golden-mismatch',
        new RegExp(`layer ${layer} of pump`),
      ];
    }),
  ),
);

const names = Object.keys(parseSafetensors(gru, 'x').tensors);
const dropped = names.map((name): Case => {
  const broken = rewrite(gru, ({ tensors }) => {
    delete tensors[name];
  });
  return [`${name} missing`, broken, 'invalid-file', new RegExp(name.replace('network.', ''))];
});
const renamed = names.map((name): Case => {
  const broken = rewrite(gru, ({ tensors }) => {
    tensors[`${name}x`] = tensors[name]!;
    delete tensors[name];
  });
  return [`${name} renamed`, broken, 'invalid-file', new RegExp(name.replace('network.', ''))];
});
const reshaped = names.map((name): Case => {
  const broken = rewrite(gru, ({ tensors }) => {
    tensors[name]!.shape.push(1);
  });
  return [`${name} of another shape`, broken, 'invalid-file', new RegExp(name.replace('network.', ''))];
});
const notFinite = names.flatMap((name) =>
  [NaN, Infinity, -Infinity, 3e38].map((value): Case => {
    const broken = rewrite(gru, ({ tensors }) => {
      tensors[name]!.data[1] = value;
    });
    return [`${name} with ${value}`, broken, 'invalid-file', new RegExp(`${name.replace('network.', '')}\\[1\\]`)];
  }),
);

const described: [string, (description: Loose) => void, RegExp][] = [
  ['nothing', (d) => Object.keys(d).forEach((key) => delete d[key]), /inputs/],
  ['an input too many', (d) => d.inputs.push({ name: 'more' }), /inputSize/],
  ['an input too few', (d) => d.inputs.shift(), /inputSize/],
  ['inputs as text', (d) => (d.inputs = 'pressure'), /inputs/],
  ['a stranger as target', (d) => (d.targets = ['x']), /targets/],
  ['a target too many', (d) => d.targets.push('pressure'), /headSize/],
  ['another horizon', (d) => (d.horizon = 4), /headSize/],
  ['a huge horizon', (d) => (d.horizon = 1e15), /horizon/],
  ['huge horizon and head', (d) => (d.horizon = d.network.headSize = 65_536), /headSize/],
  ['a huge lookback', (d) => (d.lookback = 1e12), /lookback/],
  ['a huge window', (d) => Object.assign(d, { memory: 'window', lookback: 1e7 }), /lookback/],
  ['levels out of order', (d) => (d.levels = d.levels.toReversed()), /levels/],
  ['a level too many', (d) => d.levels.push(0.95), /headSize/],
  ['many levels', (d) => (d.levels = Array.from({ length: 1e5 }, (_, i) => (i + 1) / 1e6)), /levels/],
  ['another loss', (d) => (d.loss = 'mse'), /headSize/],
  ['an unknown loss', (d) => (d.loss = 'huber'), /loss/],
  ['an unknown memory', (d) => (d.memory = 'none'), /memory/],
  ['another cell', (d) => (d.network.cell = 'lstm'), /weight_ih_l0/],
  ['an unknown cell', (d) => (d.network.cell = 'constructor'), /cell/],
  ['a layer more', (d) => (d.network.numLayers = 3), /weight_ih_l2/],
  ['a layer less', (d) => (d.network.numLayers = 1), /_l1/],
  ['huge layers', (d) => (d.network.numLayers = 2 ** 31), /numLayers/],
  ['the most layers', (d) => (d.network.numLayers = 64), /weight_ih_l2/],
  ['a huge hidden size', (d) => (d.network.hiddenSize = 2 ** 31), /hiddenSize/],
  ['the largest hidden size', (d) => (d.network.hiddenSize = 65_536), /weight_ih_l0/],
  ['a hidden size of 6000', (d) => (d.network.hiddenSize = 6000), /weight_ih_l0/],
  ['a negative hidden size', (d) => (d.network.hiddenSize = -5), /hiddenSize/],
  ['half a hidden size', (d) => (d.network.hiddenSize = 2.5), /hiddenSize/],
  ['hidden size as text', (d) => (d.network.hiddenSize = '5'), /hiddenSize/],
  ['a projection', (d) => (d.network.projSize = 3), /projSize/],
  ['no bias', (d) => (d.network.bias = false), /bias_.h_l0/],
  ['two directions', (d) => (d.network.bidirectional = true), /bidirectional/],
  ['an unknown field', (d) => (d.code = 'process.exit()'), /code/],
  ['a network that is null', (d) => (d.network = null), /network/],
  ['a training record that is a list', (d) => (d.training = []), /training/],
];

const metadata: [string, (metadata: Record<string, string>) => void, RegExp][] = [
  [
    'a field with a name of a million letters',
    (m) => (m.description = m.description!.replace('{', `{"${'n'.repeat(1e6)}":1,`)),
    /nnn/,
  ],
  ['no format', (m) => delete m.format, /format/],
  ['another format', (m) => (m.format = 'pt'), /"pt"/],
  ['no version', (m) => delete m.version, /version/],
  ['a future version', (m) => (m.version = '2'), /version 1.*"2".*newer/],
  ['a far future version', (m) => (m.version = '1e99'), /newer/],
  ['a version that is none', (m) => (m.version = 'one'), /version 1/],
  ['no description', (m) => delete m.description, /description/],
  ['a description that is no JSON', (m) => (m.description = '{'), /description/],
  ['a description that is code', (m) => (m.description = '(() => process.exit())()'), /description/],
  ['a description of null', (m) => (m.description = 'null'), /description/],
  ['a deep description', (m) => (m.description = '['.repeat(1e6)), /nested deeper/],
  ['a deep object', (m) => (m.description = '{"a":'.repeat(1e5)), /nested deeper/],
  [
    'a description with a key twice',
    (m) => (m.description = m.description!.replace('{', '{"horizon":3,')),
    /"horizon" occurs twice/,
  ],
  [
    'a description with __proto__',
    (m) => (m.description = m.description!.replace('{', '{"__proto__":{"horizon":9},')),
    /__proto__/,
  ],
  [
    'a description with constructor',
    (m) => (m.description = m.description!.replace('{', '{"constructor":1,')),
    /constructor/,
  ],
  [
    'a network with __proto__',
    (m) => (m.description = m.description!.replace('"network":{', '"network":{"__proto__":null,')),
    /__proto__/,
  ],
  ['no scaler', (m) => delete m.scaler, /scaler/],
  ['a scaler of null', (m) => (m.scaler = 'null'), /scaler/],
  ['a scaler without std', (m) => (m.scaler = '{"mean":[0,0]}'), /scaler.std/],
  ['a scaler of one', (m) => (m.scaler = '{"mean":[0],"std":[1]}'), /scaler/],
  ['a deviation of 0', (m) => (m.scaler = '{"mean":[0,0],"std":[1,0]}'), /deviation of temperature/],
  ['an infinite deviation', (m) => (m.scaler = '{"mean":[0,0],"std":[1,1e999]}'), /scaler.std/],
  ['a mean of text', (m) => (m.scaler = '{"mean":[0,"0"],"std":[1,1]}'), /scaler.mean/],
];

const header: [string, (header: string) => string, RegExp][] = [
  [
    'a tensor with a name of a million letters',
    (h) => h.replace('{', `{"${'n'.repeat(1e6)}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},`),
    /nnn/,
  ],
  [
    'a tensor twice',
    (h) =>
      h.replace(
        '{',
        '{"residuals":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"residuals":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},',
      ),
    /twice/,
  ],
  ['metadata twice', (h) => h.replace('{', '{"__metadata__":{},'), /twice/],
  [
    'a tensor called __proto__',
    (h) => h.replace('{', '{"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},'),
    /__proto__/,
  ],
  [
    'a tensor called network.__proto__',
    (h) => h.replace('{', '{"network.__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},'),
    /__proto__/,
  ],
  ['a lying shape', (h) => h.replace('"shape":[15,2]', '"shape":[15,3]'), /180 bytes/],
  ['a huge shape', (h) => h.replace('"shape":[15,2]', '"shape":[1e15,2]'), /bytes for tensor/],
  ['whole numbers for weights', (h) => h.replace('"F32"', '"I32"'), /"I32"/],
];

const structural: Case[] = [
  ...described.map(
    ([what, change, message]): Case => [`description: ${what}`, redescribe(gru, change), 'invalid-file', message],
  ),
  ...metadata.map(
    ([what, change, message]): Case => [
      `metadata: ${what}`,
      rewrite(gru, (file) => change(file.metadata)),
      'invalid-file',
      message,
    ],
  ),
  ...header.map(([what, change, message]): Case => [`header: ${what}`, reheader(gru, change), 'invalid-file', message]),
  ['residuals missing', rewrite(mse, ({ tensors }) => delete tensors.residuals), 'invalid-file', /residuals/],
  [
    'residuals unasked for',
    rewrite(gru, ({ tensors }) => (tensors.residuals = tensors['golden.input']!)),
    'invalid-file',
    /residuals/,
  ],
  [
    'the other reset form',
    redescribe(gru, (d) => (d.network.linearBeforeReset = false)),
    'golden-mismatch',
    /layer 0 of pump/,
  ],
  [
    'goldens of 2000 steps',
    rewrite(gru, ({ tensors }) => (tensors['golden.input'] = { shape: [2000, 2], data: new Float32Array(4000) })),
    'invalid-file',
    /golden.input/,
  ],
  [
    'goldens of no steps',
    rewrite(gru, ({ tensors }) => (tensors['golden.input'] = { shape: [0, 2], data: new Float32Array(0) })),
    'invalid-file',
    /golden.input/,
  ],
  [
    'another head',
    rewrite(gru, ({ tensors }) => swapGates(tensors['network.head.weight']!, 9, 2, 3)),
    'golden-mismatch',
    /head of pump/,
  ],
  [
    'directions in each other’s place',
    rewrite(both, ({ tensors }) => {
      for (const name of Object.keys(tensors).filter((each) => each.endsWith('_l1'))) {
        [tensors[name], tensors[`${name}_reverse`]] = [tensors[`${name}_reverse`]!, tensors[name]!];
      }
    }),
    'golden-mismatch',
    /layer 1 of pump/,
  ],
  [
    'another attention',
    rewrite(both, ({ tensors }) => tensors['network.attention.weight']!.data.fill(0.5)),
    'golden-mismatch',
    /head of pump/,
  ],
  ['attention farther back', redescribe(both, (d) => (d.network.attention = 4)), 'golden-mismatch', /head of pump/],
  ['attention left out', redescribe(both, (d) => delete d.network.attention), 'invalid-file', /attention/],
  [
    'layers in each other’s place',
    rewrite(makeModel({ network: { inputSize: 2, hiddenSize: 2 } }).toBytes(), ({ tensors }) => {
      for (const name of ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh']) {
        const [a, b] = [`network.${name}_l0`, `network.${name}_l1`];
        [tensors[a], tensors[b]] = [tensors[b]!, tensors[a]!];
      }
    }),
    'golden-mismatch',
    /layer 0 of pump/,
  ],
  [
    'a layer dropped, the description and names made to fit',
    rewrite(makeModel({ network: { numLayers: 3 } }).toBytes(), ({ tensors, metadata }) => {
      metadata.description = metadata.description!.replace('"numLayers":3', '"numLayers":2');
      for (const name of Object.keys(tensors)) {
        if (/(_l|layer)1$/.test(name)) delete tensors[name];
        if (!/(_l|layer)2$/.test(name)) continue;
        tensors[name.replace(/2$/, '1')] = tensors[name]!;
        delete tensors[name];
      }
    }),
    'golden-mismatch',
    /layer 1 of pump/,
  ],
  [
    'a gain of layer 1 changed',
    rewrite(changed, ({ tensors }) => (tensors['network.norm_l1.weight']!.data[2]! += 0.01)),
    'golden-mismatch',
    /layer 1 of pump/,
  ],
  [
    'residual layers no longer',
    redescribe(changed, (d) => delete d.network.residual),
    'golden-mismatch',
    /layer 1 of pump/,
  ],
  ['normalised layers no longer', redescribe(changed, (d) => (d.network.layerNorm = false)), 'invalid-file', /norm_l0/],
];

const truncated = Array.from({ length: 60 }, (_, i): Case => {
  const length = Math.floor((i * gru.length) / 60);
  return [`cut to ${length} bytes`, gru.subarray(0, length), 'invalid-file', /pump.gatecast/];
});

const cases = [...swapped, ...dropped, ...renamed, ...reshaped, ...notFinite, ...structural, ...truncated];

describe('a malformed model file', () => {
  test('comes in at least 200 forms here', () => expect(cases.length).toBeGreaterThanOrEqual(200));

  test.each(cases)('is refused: %s', (_, bytes, code, message) => {
    expect(() => load(bytes)).toThrow(gatecastError(code, message));
  });

  test('is refused wherever one bit is flipped', () => {
    for (let i = 0; i < 3000; i++) {
      const bytes = Uint8Array.from(gru);
      const bit = Math.floor((i * bytes.length * 8) / 3000);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => load(bytes), `bit ${bit}`).toThrow(gatecastError(/^(invalid-file|golden-mismatch)$/));
    }
  });

  test('is refused if bytes are inserted or removed anywhere', () => {
    for (let i = 0; i < 300; i++) {
      const at = Math.floor((i * gru.length) / 300);
      for (const insert of [[], [0], [0, 0, 0, 0, 0]]) {
        const rest = gru.subarray(insert.length === 0 ? at + 1 : at);
        const bytes = Buffer.concat([gru.subarray(0, at), Buffer.from(insert), rest]);
        expect(() => load(bytes), `byte ${at}`).toThrow(gatecastError('invalid-file'));
      }
    }
  });

  test('leaves little behind and never takes much memory meanwhile', () => {
    const peak = () => process.resourceUsage().maxRSS; // KiB
    const before = peak();
    for (let round = 0; round < 5; round++) {
      for (const [, bytes] of cases) expect(() => load(bytes)).toThrow(GatecastError);
    }
    expect(peak() - before).toBeLessThan(100_000);
  });

  test('changes no prototype', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { horizon?: number }).horizon).toBeUndefined();
  });
});

describe('a model file', () => {
  test('is a safetensors file with text in its metadata', () => {
    const { tensors, metadata } = parseSafetensors(gru, 'x');
    expect(Object.keys(metadata).sort()).toEqual(['description', 'format', 'scaler', 'sha256', 'version']);
    expect(metadata).toMatchObject({ format: 'gatecast', version: '1' });
    expect(names).toContain('network.weight_ih_l0');
    expect(tensors['golden.layer1']!.shape).toEqual([16, 5]);
  });

  test('says nothing of what its layers do not do', () => {
    expect(parseSafetensors(gru, 'x').metadata['description']).not.toMatch(/layerNorm|residual/);
    expect(parseSafetensors(changed, 'x').tensors['network.norm_l1.bias']!.shape).toEqual([5]);
    expect(load(changed).toBytes()).toEqual(changed);
  });

  test('may have been written with other spaces, order and padding, as Python does', () => {
    const spaced = reheader(gru, (text) => {
      const { __metadata__, ...tensors } = JSON.parse(text);
      return JSON.stringify({ ...tensors, __metadata__ })
        .replaceAll('":', '": ')
        .replaceAll('\\": ', '\\":');
    });
    expect(load(spaced).toBytes()).toEqual(gru);
  });

  test('holds a scaler to the last bit', () => {
    const model = makeModel();
    const { mean, std } = Forecaster.fromBytes(model.toBytes()).scaler;
    expect([mean, std]).toEqual([model.scaler.mean, model.scaler.std]);
  });

  test('is saved and loaded, twice to the same bytes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatecast-'));
    try {
      const [a, b] = [join(folder, 'a.gatecast'), join(folder, 'b.gatecast')];
      await makeModel().save(a);
      await (await Forecaster.load(a)).save(b);
      expect(Buffer.compare(await readFile(a), await readFile(b))).toBe(0);
      await writeFile(b, 'no model');
      await expect(Forecaster.load(b)).rejects.toThrow(gatecastError('invalid-file', /b\.gatecast/));
      await expect(Forecaster.load(join(folder, 'c'))).rejects.toThrow(gatecastError('io', /c/));
      await expect(makeModel().save(join(folder, 'd', 'e'))).rejects.toThrow(gatecastError('io'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('is not a JavaScript value of another type', async () => {
    for (const [name, make] of HOSTILE_VALUES) {
      if (name === 'a revoked proxy') continue;
      expect(() => Forecaster.fromBytes(make() as never), name).toThrow(gatecastError(/^invalid-(argument|file)$/));
      if (typeof make() === 'string') continue;
      await expect(Forecaster.load(make() as never), name).rejects.toThrow(gatecastError('invalid-argument'));
      await expect(makeModel().save(make() as never), name).rejects.toThrow(gatecastError('invalid-argument'));
    }
  });
});
