/** What a hostile getter or trap throws; a function may let it pass, for it is the caller's own error. */
export class HostileError extends Error {}

function refuse(): never {
  throw new HostileError('a hostile value was looked into');
}

function detached(): Float32Array {
  const array = new Float32Array(3);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

/** A view whose buffer has shrunk below it. */
function outOfBounds(): Float32Array {
  const buffer = new ArrayBuffer(64, { maxByteLength: 128 });
  const array = new Float32Array(buffer, 32, 3);
  buffer.resize(16);
  return array;
}

/** A view that follows the length of its buffer, which is as long as this now. */
function tracking(length: number): Float32Array {
  const buffer = new ArrayBuffer(12, { maxByteLength: 64 });
  const array = new Float32Array(buffer);
  buffer.resize(4 * length);
  return array;
}

/** The same on memory that other threads share, which can only grow. */
function growing(): Float32Array<SharedArrayBuffer> {
  // TypeScript's library does not know that shared memory can grow.
  const buffer = Reflect.construct(SharedArrayBuffer, [4, { maxByteLength: 64 }]) as SharedArrayBuffer & {
    grow(bytes: number): void;
  };
  const array = new Float32Array(buffer);
  buffer.grow(12);
  return array;
}

function cyclicObject(): object {
  const object: Record<string, unknown> = {};
  object['a'] = object;
  return object;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function cyclic(): unknown[] {
  const array: unknown[] = [];
  array.push(array);
  return array;
}

const throwingTraps: ProxyHandler<object> = {
  get: refuse,
  has: refuse,
  ownKeys: refuse,
  getOwnPropertyDescriptor: refuse,
};

const TYPED_ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

/**
 * JavaScript values of every type, each with a name and made anew at each call, for handing to functions that did not
 * ask for them.
 */
export const HOSTILE_VALUES: ReadonlyMap<string, () => unknown> = new Map<string, () => unknown>([
  ['undefined', () => undefined],
  ['null', () => null],
  ['true', () => true],
  ['false', () => false],
  ...[
    0,
    -0,
    1,
    -1,
    2,
    0.5,
    1e-320,
    1e300,
    -1e300,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    NaN,
    Infinity,
    -Infinity,
  ].map((value): [string, () => unknown] => [Object.is(value, -0) ? '-0' : String(value), () => value]),
  ['0n', () => 0n],
  ['2n ** 64n', () => 2n ** 64n],
  ['an empty string', () => ''],
  ["'gru'", () => 'gru'],
  ["'__proto__'", () => '__proto__'],
  ['a long string', () => 'x'.repeat(100_000)],
  ['a lone surrogate', () => '\ud800'],
  ['a symbol', () => Symbol('hostile')],
  ['Symbol.iterator', () => Symbol.iterator],
  ['a function', () => () => 1],
  ['a throwing function', () => refuse],
  ['a class', () => class {}],
  ['an async function', () => async () => 1],
  ['[]', () => []],
  ['[1, 2, 3]', () => [1, 2, 3]],
  ["['a']", () => ['a']],
  ['[NaN, Infinity, undefined]', () => [NaN, Infinity, undefined]],
  ['a sparse array', () => new Array(3)],
  ['an array of length 2 ** 32 - 1', () => new Array(2 ** 32 - 1)],
  ['an array that holds itself', cyclic],
  ['an object that holds itself', cyclicObject],
  ['[Symbol(), 1n]', () => [Symbol('hostile'), 1n]],
  ['{}', () => ({})],
  ['an object without prototype', () => Object.create(null)],
  ['a frozen object', () => Object.freeze({ a: 1 })],
  ['{ length: 2 ** 53 }', () => ({ length: 2 ** 53 })],
  ['{ length: -1 }', () => ({ length: -1 })],
  ['a tensor', () => ({ shape: [1, 1, 2], data: new Float32Array(2) })],
  ['an empty tensor', () => ({ shape: [0], data: new Float32Array(0) })],
  ['a tensor of huge shape', () => ({ shape: [2 ** 31, 2 ** 31, 2 ** 31], data: new Float32Array(0) })],
  ['a tensor of infinite shape', () => ({ shape: [Infinity, 0], data: new Float32Array(0) })],
  ['a tensor of doubles', () => ({ shape: [2], data: new Float64Array(2) })],
  ['a tensor of NaN', () => ({ shape: [2], data: new Float32Array([NaN, NaN]) })],
  ['a detached tensor', () => ({ shape: [3], data: detached() })],
  ...TYPED_ARRAYS.flatMap((TypedArray) =>
    [0, 3].map((length): [string, () => unknown] => [
      `a ${TypedArray.name} of length ${length}`,
      () => new TypedArray(length),
    ]),
  ),
  ['a Float32Array of NaN', () => new Float32Array([NaN, NaN, NaN])],
  ['an unaligned view', () => new Float32Array(new ArrayBuffer(64), 4, 3)],
  ['a detached Float32Array', detached],
  ['a Float32Array out of bounds', outOfBounds],
  ['a Float32Array that has shrunk', () => tracking(0)],
  ['a Float32Array that has grown', () => tracking(16)],
  ['a shared Float32Array that has grown', growing],
  ['a shared Float32Array', () => new Float32Array(new SharedArrayBuffer(12))],
  ['an ArrayBuffer', () => new ArrayBuffer(12)],
  ['a SharedArrayBuffer', () => new SharedArrayBuffer(12)],
  ['a DataView', () => new DataView(new ArrayBuffer(12))],
  ['a Buffer', () => Buffer.from([1, 2, 3])],
  ['a Date', () => new Date(0)],
  ['an invalid Date', () => new Date(NaN)],
  ['a RegExp', () => /x/],
  ['a Map', () => new Map([['a', 1]])],
  ['a Set', () => new Set([1])],
  ['a Promise', () => Promise.resolve(1)],
  ['an Error', () => new Error('hostile')],
  ['a boxed number', () => Object(3)],
  ['an object whose conversion throws', () => ({ valueOf: refuse, toString: refuse, [Symbol.toPrimitive]: refuse })],
  [
    'an object whose getters throw',
    () =>
      Object.defineProperties(
        {},
        { shape: { get: refuse, enumerable: true }, length: { get: refuse, enumerable: true } },
      ),
  ],
  ['a proxy whose traps throw', () => new Proxy({}, throwingTraps)],
  ['a proxy of a Float32Array', () => new Proxy(new Float32Array(3), {})],
  ['a proxy of an array', () => new Proxy([1, 2, 3], {})],
  ['a revoked proxy', revoked],
]);

/** Those that throw an error of their own when they are looked into. */
export const THROWING: ReadonlySet<string> = new Set(['a proxy whose traps throw', 'a revoked proxy']);
