import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../lib/base/errors.ts';
import { formatSafetensors, parseSafetensors, readSafetensors, writeSafetensors } from '../../lib/files/safetensors.ts';
import type { StateDict } from '../../lib/base/tensor.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';

/** A file put together by hand: the header as written, then the data. */
function file(header: string | object, data: Uint8Array | number = 0, headerLength?: number | bigint): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerLength ?? json.length));
  return Buffer.concat([length, json, typeof data === 'number' ? Buffer.alloc(data) : data]);
}

const tensor = (shape: number[], begin: number, end: number, dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('parseSafetensors', () => {
  test('reads the layout of the specification, byte by byte', () => {
    // written out by hand from the format's description, not by formatSafetensors
    const header =
      '{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   ';
    const { tensors, metadata } = parseSafetensors(file(header, floats(1.5, -2, 0.25)), 'x');
    expect(metadata).toEqual({ format: 'pt' });
    expect(tensors).toEqual({
      a: { shape: [], data: Float32Array.of(1.5) },
      b: { shape: [2, 1], data: Float32Array.of(-2, 0.25) },
    });
  });

  test('reads unaligned bytes from the middle of a buffer and leaves them alone', () => {
    const bytes = file({ a: tensor([2], 0, 8) }, floats(3, 4));
    const around = new Uint8Array(bytes.length + 5).fill(255);
    around.set(bytes, 3);
    const inside = around.subarray(3, 3 + bytes.length);
    expect(parseSafetensors(inside, 'x').tensors.a!.data).toEqual(Float32Array.of(3, 4));
    expect(Buffer.compare(inside, bytes)).toBe(0);
  });

  test('takes empty tensors and an empty file of tensors', () => {
    expect(parseSafetensors(file('{}'), 'x')).toEqual({ tensors: {}, metadata: {}, others: new Map() });
    const header = { a: tensor([0, 3], 4, 4), b: tensor([1], 0, 4), c: tensor([0], 0, 0) };
    expect(parseSafetensors(file(header, 4), 'x').tensors.a).toEqual({ shape: [0, 3], data: new Float32Array(0) });
  });

  test('converts F64, F16 and BF16', () => {
    const doubles = new Uint8Array(Float64Array.of(0.1, 1e300).buffer);
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x03ff, 0x7bff, 0x8000, 0xfc00, 0x7e00, 0x3555);
    const brains = Uint16Array.of(0x3f80, 0xc049, 0x7f80, 0x0001);
    const header = { d: tensor([2], 0, 16, 'F64'), h: tensor([9], 16, 34, 'F16'), b: tensor([4], 34, 42, 'BF16') };
    const data = Buffer.concat([doubles, new Uint8Array(halves.buffer), new Uint8Array(brains.buffer)]);
    const { d, h, b } = parseSafetensors(file(header, data), 'x').tensors;
    expect(d!.data).toEqual(Float32Array.of(0.1, Infinity));
    expect(h!.data).toEqual(
      Float32Array.of(1, -2, 2 ** -24, 1023 * 2 ** -24, 65504, -0, -Infinity, NaN, 0.333251953125),
    );
    expect(b!.data).toEqual(Float32Array.of(1, -3.140625, Infinity, 2 ** -133));
  });

  test('accepts names that mean something to JavaScript', () => {
    const header =
      '{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"toString":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}';
    const { tensors } = parseSafetensors(file(header, floats(1, 2)), 'x');
    expect(Object.keys(tensors)).toEqual(['__proto__', 'toString']);
    expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype);
    expect(Buffer.compare(formatSafetensors(tensors), formatSafetensors({ ...tensors }))).toBe(0);
    expect(Object.keys(parseSafetensors(formatSafetensors(tensors), 'x').tensors)).toEqual(['__proto__', 'toString']);
  });

  const a = tensor([1], 0, 4);
  const entry = JSON.stringify(a);
  const bad: [string, Uint8Array, RegExp][] = [
    ['nothing', new Uint8Array(0), /at least 8 bytes/],
    ['less than a length', new Uint8Array(7), /at least 8 bytes/],
    ['a header past the end', file('{}', 0, 3), /at most 2 bytes/],
    ['a header of 2^64 - 1 bytes', file('{}', 0, 2n ** 64n - 1n), /at most 2 bytes/],
    ['a header of 2^53 bytes', file('{}', 0, 2 ** 53), /at most 2 bytes/],
    ['no header', file(''), /begin with {/],
    ['a space before the header', file(' {}'), /begin with {/],
    ['a byte order mark', file('\ufeff{}'), /begin with {/],
    ['an array', file('[]'), /begin with {/],
    ['bytes that are not UTF-8', Buffer.concat([file('', 0, 5), Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])]), /JSON/],
    ['half a header', file('{"a":'), /JSON/],
    ['text after the header', file('{} {}'), /JSON/],
    ['a key twice', file(`{"a":${entry},"a":${entry}}`, 4), /"a" occurs twice/],
    ['a key twice, once escaped', file(`{"a":${entry},"\\u0061" :${entry}}`, 4), /"a" occurs twice/],
    [
      'a field twice',
      file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"shape":[1]}}', 4),
      /"shape" occurs twice/,
    ],
    ['__proto__ twice', file(`{"__proto__":${entry},"__proto__":${entry}}`, 4), /occurs twice/],
    ['deep JSON', file(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), /deeper/],
    ['deep JSON that is not closed', file(`{"a":${'{"a":'.repeat(100_000)}`), /deeper/],
    ['metadata that is not text', file('{"__metadata__":{"a":1}}'), /metadata/],
    ['metadata that is a list', file('{"__metadata__":["a"]}'), /metadata/],
    ['metadata null', file('{"__metadata__":null}'), /metadata/],
    ['a tensor that is null', file('{"a":null}'), /type of tensor "a"/],
    ['a tensor that is a list', file('{"a":[]}'), /type of tensor "a"/],
    ['another field', file({ a: { ...a, strides: 1 } }, 4), /strides/],
    ['no dtype', file({ a: { ...a, dtype: undefined } }, 4), /type of tensor "a"/],
    ['an unknown dtype', file({ a: { ...a, dtype: 'F33' } }, 4), /type of tensor "a".*"F33"/],
    [
      'too few bytes for whole numbers',
      file({ a: tensor([1], 0, 4, 'I64') }, 4),
      /8 bytes for tensor "a".*I64.*received 4/,
    ],
    ['packed bits that fill no bytes', file({ a: tensor([3], 0, 1, 'F4') }, 1), /1\.5 bytes/],
    ['a dtype from the prototype', file({ a: { ...a, dtype: 'constructor' } }, 4), /type of tensor "a"/],
    ['no shape', file({ a: { ...a, shape: undefined } }, 4), /shape of tensor "a"/],
    ['a shape of text', file({ a: { ...a, shape: ['1'] } }, 4), /shape of tensor "a"/],
    ['a negative shape', file({ a: { ...a, shape: [-1, -1] } }, 4), /shape of tensor "a"/],
    ['a broken shape', file({ a: { ...a, shape: [0.5, 2] } }, 4), /shape of tensor "a"/],
    ['no offsets', file({ a: { ...a, data_offsets: undefined } }, 4), /data_offsets of tensor "a"/],
    ['three offsets', file({ a: { ...a, data_offsets: [0, 4, 4] } }, 4), /data_offsets of tensor "a"/],
    ['a negative offset', file({ a: { ...a, data_offsets: [-4, 0] } }, 4), /data_offsets of tensor "a"/],
    ['offsets backwards', file({ a: { ...a, data_offsets: [4, 0] } }, 4), /4 bytes.*received -4/],
    ['too few bytes for a shape', file({ a: tensor([2], 0, 4) }, 4), /8 bytes.*received 4/],
    ['too many bytes for a shape', file({ a: tensor([1], 0, 8) }, 8), /4 bytes.*received 8/],
    ['a huge shape', file({ a: tensor([2 ** 50, 2 ** 50], 0, 4) }, 4), /bytes for tensor "a"/],
    ['a shape that overflows to 0 in 64 bits', file({ a: tensor([2 ** 32, 2 ** 32], 0, 0) }), /bytes for tensor "a"/],
    ['infinity times nothing', file({ a: tensor([...Array(30).fill(2 ** 52), 0], 0, 0) }), /bytes for tensor "a"/],
    ['a tensor past the end', file({ a: tensor([2], 0, 8) }, 4), /"a" in x to begin at 0 and end by 4/],
    ['a huge tensor past the end', file({ a: tensor([2 ** 40], 0, 2 ** 42) }, 4), /end by 4/],
    ['overlapping tensors', file({ a, b: tensor([1], 2, 6) }, 6), /"b" in x to begin at 4/],
    ['the same bytes twice', file({ a, b: a }, 4), /begin at 4/],
    ['a hole', file({ a, b: tensor([1], 8, 12) }, 12), /"b" in x to begin at 4/],
    ['a hole at the start', file({ a: tensor([1], 4, 8) }, 8), /"a" in x to begin at 0/],
    ['bytes at the end', file({ a }, 5), /4 bytes of tensor data in x but received 5/],
    ['an empty tensor in the middle of another', file({ a, b: tensor([0], 2, 2) }, 4), /begin at 4/],
  ];
  test.each(bad)('refuses %s', (_, bytes, message) => {
    expect(() => parseSafetensors(bytes, 'x')).toThrow(gatecastError('invalid-file', message));
  });

  test('refuses a header over the limit even when it is there', () => {
    const bytes = new Uint8Array(8 + 100_000_001);
    new DataView(bytes.buffer).setBigUint64(0, 100_000_001n, true);
    expect(() => parseSafetensors(bytes, 'x')).toThrow(gatecastError('invalid-file', /at most 100000000 bytes/));
  });

  test('never fails in another way, whatever the bytes', () => {
    const good = file({ __metadata__: { k: 'v' }, a: tensor([2, 2], 0, 16), b: tensor([1], 16, 20) }, 20);
    const change = fc.record({ at: fc.nat(good.length - 1), value: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(good.length), (changes, length) => {
        const bytes = Uint8Array.from(good);
        for (const { at, value } of changes) bytes[at] = value;
        try {
          parseSafetensors(bytes.subarray(0, length), 'x');
        } catch (error) {
          expect(error).toMatchObject({ name: 'GatecastError', code: 'invalid-file' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([...HOSTILE_VALUES])('refuses %s as bytes with a GatecastError', (_, make) => {
    expect(() => parseSafetensors(make() as never, 'x')).toThrow(gatecastError(/^invalid-(argument|file)$/));
  });
});

describe('formatSafetensors', () => {
  const GOOD_TENSORS = new Set(['a tensor', 'an empty tensor', 'a tensor of NaN']);
  const name = fc.string({ maxLength: 12 }).filter((text) => text !== '__metadata__');
  const anyTensor = fc.array(fc.nat(3), { maxLength: 3 }).chain((shape) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return fc.float32Array({ minLength: length, maxLength: length }).map((data) => ({ shape, data }));
  });

  test('reads back exactly what it writes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, anyTensor)), fc.array(fc.tuple(name, fc.string())), (tensors, metadata) => {
        const dict: StateDict = Object.fromEntries(tensors);
        const bytes = formatSafetensors(dict, Object.fromEntries(metadata));
        expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
        const read = parseSafetensors(bytes, 'x');
        expect(read.tensors).toEqual(dict);
        expect(read.metadata).toEqual(Object.fromEntries(metadata));
      }),
    );
  });

  test('gives the same bytes for the same content in another order', () => {
    const a = { shape: [1], data: Float32Array.of(1) };
    const b = { shape: [], data: Float32Array.of(2) };
    expect(formatSafetensors({ a, b }, { x: '1', y: '2' })).toEqual(formatSafetensors({ b, a }, { y: '2', x: '1' }));
  });

  test.each([
    ['a name that is taken', { ['__metadata__']: { shape: [], data: new Float32Array(1) } }, 'invalid-argument'],
    ['data that does not fill its shape', { a: { shape: [2], data: new Float32Array(1) } }, 'invalid-shape'],
    ['data of another type', { a: { shape: [1], data: [1] } }, 'invalid-shape'],
  ])('refuses %s', (_, dict, code) => {
    expect(() => formatSafetensors(dict as never)).toThrow(gatecastError(code as ErrorCode));
  });

  test.each([...HOSTILE_VALUES].filter(([name]) => !GOOD_TENSORS.has(name)))('refuses %s as a tensor', (_, make) => {
    expect(() => formatSafetensors({ a: make() as never })).toThrow(/Expected .* for|hostile|revoked/);
  });

  test('refuses metadata that is not text', () => {
    expect(() => formatSafetensors({}, { a: 1 as never })).toThrow(gatecastError('invalid-argument', /metadata/));
  });
});

describe('writeSafetensors', () => {
  test.each([...HOSTILE_VALUES].filter(([name]) => !/object|^\{|tensor|proxy|trap/.test(name)))(
    'refuses %s as tensors',
    async (_, make) => {
      await expect(writeSafetensors('never', make() as never)).rejects.toThrow(gatecastError('invalid-argument'));
    },
  );
});

describe('files', () => {
  test('writes and reads', async () => {
    const path = join(folder, 'a.safetensors');
    const dict = { w: { shape: [2], data: Float32Array.of(1, 2) } };
    await writeSafetensors(path, dict, { k: 'v' });
    expect(await readSafetensors(path)).toEqual(dict);
    expect(new Uint8Array(await readFile(path))).toEqual(formatSafetensors(dict, { k: 'v' }));
  });

  test('names the file that is wrong', async () => {
    const path = join(folder, 'b.safetensors');
    await writeFile(path, 'no');
    await expect(readSafetensors(path)).rejects.toMatchObject({
      code: 'invalid-file',
      message: expect.stringContaining(path),
    });
  });
});

describe('tensors of other types', () => {
  const header = {
    'bn.num_batches_tracked': tensor([], 0, 8, 'I64'),
    weight: tensor([1], 8, 12),
    mask: tensor([3], 12, 15, 'BOOL'),
    packed: tensor([4], 15, 17, 'F4'),
  };
  const data = Buffer.concat([Buffer.alloc(8), floats(1.5), Buffer.alloc(5)]);

  test('are left out and listed, and the floats beside them are read', async () => {
    const { tensors, others } = parseSafetensors(file(header, data), 'x');
    expect(tensors).toEqual({ weight: { shape: [1], data: Float32Array.of(1.5) } });
    expect(Object.fromEntries(others)).toEqual({ 'bn.num_batches_tracked': 'I64', mask: 'BOOL', packed: 'F4' });
    const path = join(folder, 'checkpoint.safetensors');
    await writeFile(path, file(header, data));
    const notes: string[] = [];
    expect(Object.keys(await readSafetensors(path, { note: (sentence) => notes.push(sentence) }))).toEqual(['weight']);
    expect(notes[0]).toBe('Tensor "bn.num_batches_tracked" is left out: its type is I64.');
    expect(notes).toHaveLength(3);
    expect(Object.keys(await readSafetensors(path))).toEqual(['weight']);
  });

  test('a file without floats is refused, and so are unknown options', async () => {
    const path = join(folder, 'counter.safetensors');
    await writeFile(path, file({ n: tensor([1], 0, 8, 'I64') }, 8));
    await expect(readSafetensors(path)).rejects.toThrow(
      gatecastError('invalid-file', /all have other types, such as I64/),
    );
    for (const options of [null, [], { notes: () => {} }, { note: 5 }]) {
      await expect(readSafetensors(path, options as never)).rejects.toThrow(gatecastError('invalid-argument'));
    }
  });
});

test.each([
  ['a table', 'time,temp\n2024-01-01,20\n', 'CSV'],
  ['an export', Buffer.from('1f8b0800000000000003', 'hex'), 'gzip data'],
  ['a log', '{"at":1,"temp":20}\n', 'JSON'],
  ['a page', '<!doctype html><title>404</title>', 'HTML or XML'],
  ['a recording', 'gatecrec\x01\0\0\0', 'a Gatecast recording'],
  ['a checkpoint of PyTorch', `PK\x03\x04${'\0'.repeat(26)}archive/data.pkl`, 'a PyTorch checkpoint'],
])('says what %s holds', (_, content, kind) => {
  const message = new RegExp(`^Expected a safetensors file but x holds ${kind}\\.$`);
  expect(() => parseSafetensors(Buffer.from(content), 'x')).toThrow(gatecastError('invalid-file', message));
});
